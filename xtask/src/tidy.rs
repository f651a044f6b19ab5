//! `cargo xtask tidy`: rules of the house that no compiler checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Longest hand-written source file, in lines.
const MAX_LINES: usize = 800;
/// Largest tracked file, in bytes.
const MAX_BYTES: u64 = 4_000_000;

pub fn run() -> ExitCode {
    let root = crate::root();
    let mut faults = Vec::new();
    let files = tracked(&root);
    for path in &files {
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let name = path.to_string_lossy();
        if std::fs::metadata(root.join(path)).is_ok_and(|m| m.len() > MAX_BYTES) {
            faults.push(format!("{name}: larger than {MAX_BYTES} bytes"));
        }
        let code = path.extension().is_some_and(|e| e == "rs");
        if code {
            rust(&name, &text, &mut faults);
        }
        // Paths inside containers and words of real messages belong to cases and pages.
        let data = ["/tests/", "/checks/"].iter().any(|part| name.contains(part)) || name.starts_with("scenarios/");
        let made = name.starts_with("docs/reference/") || name.ends_with(".lock");
        if (code || !data) && !made {
            words(&name, &text, &mut faults);
        }
    }
    exposed(&root, &files, &mut faults);
    recorded_names(&root, &files, &mut faults);
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() {
        println!("tidy: {} files", files.len());
        ExitCode::SUCCESS
    } else {
        eprintln!("tidy: {} faults", faults.len());
        ExitCode::FAILURE
    }
}

fn tracked(root: &Path) -> Vec<PathBuf> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output();
    let names = listed.map(|o| o.stdout).unwrap_or_default();
    names
        .split(|b| *b == 0)
        .filter(|n| !n.is_empty())
        .map(|n| PathBuf::from(String::from_utf8_lossy(n).as_ref()))
        .collect()
}

fn rust(name: &str, text: &str, faults: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > MAX_LINES {
        faults.push(format!("{name}: {lines} lines, more than {MAX_LINES}"));
    }
    if !name.ends_with("demo_files.rs") && !text.starts_with("//!") {
        faults.push(format!("{name}: does not open with one `//!` sentence"));
    }
    for (n, line) in text.lines().enumerate() {
        // Written in two halves, so that this file does not find itself.
        for bad in
            [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[ign", "ore"), concat!("FIX", "ME")]
        {
            if line.contains(bad) {
                faults.push(format!("{name}:{}: {bad}", n + 1));
            }
        }
    }
}

/// Paths of machines, which mean nothing to anybody else.
fn words(name: &str, text: &str, faults: &mut Vec<String>) {
    for bad in [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("../sha", "red"), concat!("artif", "actory")] {
        if name != ".ci/run" && text.contains(bad) {
            faults.push(format!("{name}: holds {bad}"));
        }
    }
}

/// Calls of `SecretValue::expose` are few, and each file that makes any is on the reviewed list with their number.
fn exposed(root: &Path, files: &[PathBuf], faults: &mut Vec<String>) {
    let list = std::fs::read_to_string(root.join("xtask/expose.txt")).unwrap_or_default();
    let reviewed: BTreeMap<&str, usize> = list
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| {
            let mut words = l.split_whitespace();
            Some((words.next()?, words.next()?.parse().ok()?))
        })
        .collect();
    let call = concat!(".exp", "ose()");
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "rs")) {
        let name = path.to_string_lossy();
        if name.contains("/tests/") {
            continue;
        }
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        // Unit tests at the end of a file may look at their own values.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let calls: usize =
            code.lines().filter(|l| !l.trim_start().starts_with("//")).map(|l| l.matches(call).count()).sum();
        let allowed = reviewed.get(&*name).copied().unwrap_or_default();
        if calls > allowed {
            faults.push(format!("{name}: {calls} calls of expose(), {allowed} are reviewed in xtask/expose.txt"));
        }
    }
}

/// A name of a recorded incident in the code would mean that a check fits a recording and not a mechanism.
fn recorded_names(root: &Path, files: &[PathBuf], faults: &mut Vec<String>) {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let Ok(recordings) = std::fs::read_dir(root.join("scenarios/recorded")) else { return };
    for recording in recordings.filter_map(Result::ok) {
        let label = std::fs::read_to_string(recording.path().join("label.json")).unwrap_or_default();
        let label: serde_json::Value = serde_json::from_str(&label).unwrap_or_default();
        for victim in label["expect"]["victims"].as_array().into_iter().flatten() {
            let mut parts = victim.as_str().unwrap_or_default().split('/').skip(1);
            // Names of one plain word are also ordinary words of code; those with a dash are names.
            names.extend(parts.by_ref().filter(|p| p.contains('-')).map(str::to_owned));
        }
    }
    for path in files.iter().filter(|p| p.starts_with("crates") && p.extension().is_some_and(|e| e == "rs")) {
        // Tests of a crate read the recordings, and so name what stands in them.
        if path.components().nth(2).is_some_and(|c| c.as_os_str() == "tests") {
            continue;
        }
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        for name in names.iter().filter(|n| text.contains(&format!("\"{n}\""))) {
            faults.push(format!("{}: holds the recorded name {name}", path.display()));
        }
    }
}
