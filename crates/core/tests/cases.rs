//! Runs every check on every case and on the example of every page: bad ones fire, near misses are silent, blind ones are unknown.

mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;

use keytrace_core::card::Role;
use keytrace_core::checks;
use keytrace_core::objects::Id;
use keytrace_core::plan::simulate;
use keytrace_core::view::View;

use support::{cases, checks_dir, folder, name_of, parse, verdicts};

#[test]
fn bad_cases_fire_near_misses_are_silent_and_blind_ones_are_unknown() {
    let mut faults = Vec::new();
    for case in cases() {
        let verdicts = verdicts(&case.snapshot);
        let mut got: Vec<String> = verdicts
            .findings
            .iter()
            .filter(|(code, _)| *code == case.code)
            .map(|(code, f)| {
                let latent = if f.latent { " latent" } else { "" };
                format!("{code} {} {}{latent}", name_of(&f.subject), f.confidence.word())
            })
            .collect();
        let mut want: Vec<String> = case
            .spec
            .expect
            .iter()
            .map(|e| {
                let latent = if e.latent { " latent" } else { "" };
                format!("{} {} {}{latent}", e.code, e.subject, e.confidence)
            })
            .collect();
        got.sort();
        want.sort();
        if got != want {
            faults.push(format!("{}: found {got:?}, expected {want:?}", case.name));
        }
        let stem = case.name.split('/').next_back().unwrap_or_default();
        match stem.split('-').next().unwrap_or_default() {
            "bad" if case.spec.expect.is_empty() => {
                faults.push(format!("{}: a bad case must expect a finding", case.name));
            }
            "ok" if !case.spec.expect.is_empty() => faults.push(format!("{}: a near miss must be silent", case.name)),
            "blind" => {
                let unknown: BTreeSet<&str> = verdicts.unknown.iter().filter_map(|u| u.code).collect();
                for code in case.spec.unknown.iter().filter(|c| !unknown.contains(c.as_str())) {
                    faults.push(format!("{}: {code} must be unknown, unknown are {unknown:?}", case.name));
                }
                if case.spec.unknown.is_empty() && case.spec.expect.is_empty() {
                    faults.push(format!("{}: a blind case names what is unknown or the weaker verdict", case.name));
                }
            }
            "bad" | "ok" => {}
            other => faults.push(format!("{}: a case is bad-, ok- or blind-, not {other}-", case.name)),
        }
        for (code, finding) in &verdicts.findings {
            if *code != case.code && !case.spec.also.iter().any(|a| a == code) {
                faults.push(format!("{}: {code} fires too, on {}", case.name, name_of(&finding.subject)));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn plans_mend_what_they_promise() {
    let mut faults = Vec::new();
    for case in cases() {
        let before = verdicts(&case.snapshot);
        let view = View::new(&case.snapshot);
        for (code, finding) in before.findings.iter().filter(|(c, _)| *c == case.code) {
            let Some(plan) = &finding.plan else { continue };
            let mut victims: Vec<Id> = finding.victims.clone();
            victims.extend(finding.explains.iter().map(|ix| view.symptom(*ix).victim.clone()));
            let after = verdicts(&simulate(&case.snapshot, plan, &victims));
            if after.findings.iter().any(|(c, f)| c == code && f.subject == finding.subject) {
                faults.push(format!("{}: still violated after its own plan", case.name));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_example_of_every_page_fires_its_check() {
    let mut faults = Vec::new();
    for card in checks::all() {
        let example = card.page.split("## Example").nth(1).and_then(|t| t.split("\n## ").next()).unwrap_or_default();
        let Some(yaml) = example.split("```yaml").nth(1).and_then(|t| t.split("```").next()) else {
            faults.push(format!("{}: no yaml block in its Example", card.code));
            continue;
        };
        let verdicts = verdicts(&parse(card.code, card.code, yaml).snapshot);
        let fires = verdicts.findings.iter().any(|(c, _)| *c == card.code)
            || (card.role == Role::Limit && verdicts.unknown.iter().any(|u| u.code == Some(card.code)))
            || card.role == Role::Exonerates;
        if !fires {
            faults.push(format!("{}: its Example does not fire it", card.code));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn folders_registry_and_pages_agree() {
    const HEADINGS: [&str; 9] = [
        "What it means",
        "What you see",
        "How Keytrace knows",
        "Example",
        "How to verify by hand",
        "Fix",
        "Undo",
        "Prevent",
        "Not to be confused with",
    ];
    let mut faults = Vec::new();
    let mut registered: BTreeSet<PathBuf> = BTreeSet::new();
    let mut codes = BTreeSet::new();
    let in_catalogue = |code: &str| checks::rows::ROWS.iter().any(|r| r.code == code);
    for card in checks::all() {
        let dir = folder(card);
        if !codes.insert(card.code) {
            faults.push(format!("{}: two cards", card.code));
        }
        if !in_catalogue(card.code) {
            faults.push(format!("{}: not in the catalogue", card.code));
        }
        if !dir.with_extension("rs").is_file() {
            faults.push(format!("{}: no file {}.rs", card.code, dir.display()));
        }
        let headings: Vec<&str> = card.page.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        if headings != HEADINGS {
            faults.push(format!("{}: its page has the headings {headings:?}", card.code));
        }
        if !card.page.starts_with(&format!("# {}: ", card.code)) {
            faults.push(format!("{0}: its page must begin with `# {0}: `", card.code));
        }
        let cases: Vec<String> = std::fs::read_dir(dir.join("cases"))
            .map(|d| d.filter_map(|f| Some(f.ok()?.file_name().to_string_lossy().into_owned())).collect())
            .unwrap_or_default();
        let exempt = matches!(card.role, Role::Exonerates | Role::Limit | Role::Advice);
        for prefix in ["bad-", "ok-", "blind-"] {
            if !exempt && !cases.iter().any(|c| c.starts_with(prefix)) {
                faults.push(format!("{}: no {prefix}* case", card.code));
            }
        }
        for neighbour in card.neighbours.iter().filter(|n| !in_catalogue(n.code)) {
            faults.push(format!("{}: its neighbour {} does not exist", card.code, neighbour.code));
        }
        registered.insert(dir);
    }
    for family in std::fs::read_dir(checks_dir()).expect("the folder of checks") {
        let family = family.expect("a readable folder").path();
        for entry in std::fs::read_dir(&family).into_iter().flatten() {
            let path = entry.expect("a readable folder").path();
            if path.join("explain.md").is_file() && !registered.contains(&path) {
                faults.push(format!("{}: a folder without a card in the registry", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
