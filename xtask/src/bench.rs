//! Measures the release binary on a generated dump against the speed at which its bytes can be skipped.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::generate_dump;

const USAGE: &str = "usage: cargo xtask bench [--pods N] [--rounds N] [--folder DIR] [--binary FILE] [--check]";

struct Settings {
    pods: usize,
    rounds: usize,
    folder: PathBuf,
    binary: Option<PathBuf>,
    check: bool,
}

/// Prints seconds, shares of the skip-parse and peak memory; with `--check` fails below what must be reached.
pub fn run(args: &[&str]) -> ExitCode {
    let Some(settings) = settings(args) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if cfg!(debug_assertions) {
        // The yardstick must be built as the program is.
        let again = ["run", "--quiet", "--release", "--package", "xtask", "--", "bench"];
        return match Command::new("cargo").args(again).args(args).status() {
            Ok(status) if status.success() => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        };
    }
    match measure(&settings) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn settings(args: &[&str]) -> Option<Settings> {
    let mut settings = Settings {
        pods: 20_000,
        rounds: 5,
        folder: std::env::temp_dir().join("keytrace-bench"),
        binary: None,
        check: false,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--pods" => settings.pods = args.next()?.parse().ok()?,
            "--rounds" => settings.rounds = args.next()?.parse().ok()?,
            "--folder" => settings.folder = args.next()?.into(),
            "--binary" => settings.binary = Some(args.next()?.into()),
            "--check" => settings.check = true,
            _ => return None,
        }
    }
    Some(settings)
}

fn measure(settings: &Settings) -> std::io::Result<bool> {
    let folder = settings.folder.join(format!("{}-pods", settings.pods));
    let done = folder.join("done");
    let dumps = if done.exists() {
        generate_dump::paths(&folder)
    } else {
        println!("generating {} pods into {}", settings.pods, folder.display());
        let dumps = generate_dump::run(&folder, settings.pods)?;
        std::fs::write(&done, "")?;
        dumps
    };
    let binary = match &settings.binary {
        Some(binary) => binary.clone(),
        None => {
            let built = Command::new("cargo").args(["build", "--release", "--package", "keytrace"]).status()?;
            if !built.success() {
                return Err(std::io::Error::other("the release build failed"));
            }
            crate::root().join("target/release/keytrace")
        }
    };
    let mut good = true;
    println!("{:<14} {:>8} {:>8} {:>9} {:>8} {:>8} {:>9}", "", "MB", "S MB/s", "MB/s", "of S", "must", "peak MB");
    for (name, path, cases) in [
        ("compact JSON", &dumps.compact, &[(1, 0.25), (2, 0.45)][..]),
        ("pretty JSON", &dumps.pretty, &[(1, 0.40), (2, 0.40)]),
    ] {
        let bytes = std::fs::read(path)?;
        let size = bytes.len() as f64 / 1e6;
        let skip = size / best(settings.rounds, || Ok(skip(&bytes)))?;
        drop(bytes);
        for (threads, must) in cases {
            let (seconds, peak) = scan(settings, &binary, path, *threads)?;
            let share = size / seconds / skip;
            let memory = size * 0.08 + 48.0;
            good &= share >= *must && peak <= size * 0.2 + 64.0;
            println!(
                "{:<14} {size:>8.1} {skip:>8.0} {:>9.0} {:>7.0} % {:>6.0} % {peak:>5.0} of {memory:.0}",
                format!("{name} x{threads}"),
                size / seconds,
                share * 100.0,
                must * 100.0,
            );
        }
    }
    let size = std::fs::metadata(&dumps.yaml)?.len() as f64 / 1e6;
    let text = std::fs::read_to_string(&dumps.yaml)?;
    let events = size / best(2, || Ok(events(&text)))?;
    drop(text);
    for threads in [1, 2] {
        let (seconds, peak) = scan(settings, &binary, &dumps.yaml, threads)?;
        let share = size / seconds / events;
        good &= share >= 0.60 || threads != 1;
        println!(
            "{:<14} {size:>8.1} {events:>8.0} {:>9.0} {:>7.0} % {:>6.0} % {peak:>5.0} (of saphyr-parser's events)",
            format!("YAML x{threads}"),
            size / seconds,
            share * 100.0,
            60.0,
        );
    }
    Ok(good || !settings.check)
}

/// Seconds of the fastest run.
fn best(rounds: usize, mut run: impl FnMut() -> std::io::Result<f64>) -> std::io::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..rounds.max(1) {
        best = best.min(run()?);
    }
    Ok(best)
}

/// A validating pass over JSON that keeps nothing: the practical ceiling.
fn skip(bytes: &[u8]) -> f64 {
    let start = Instant::now();
    let skipped: Result<serde::de::IgnoredAny, _> = sonic_rs::from_slice(bytes);
    assert!(skipped.is_ok(), "the generated dump is valid");
    start.elapsed().as_secs_f64()
}

/// A pass over YAML that keeps nothing.
fn events(text: &str) -> f64 {
    let start = Instant::now();
    let count = saphyr_parser::Parser::new_from_str(text).take_while(Result::is_ok).count();
    assert!(count > 0, "the generated dump is valid");
    start.elapsed().as_secs_f64()
}

/// Seconds and peak memory in MB of the whole program.
fn scan(settings: &Settings, binary: &Path, dump: &Path, threads: usize) -> std::io::Result<(f64, f64)> {
    let mut peak: f64 = 0.0;
    let cores = if threads == 1 { "0" } else { "0,1" };
    let seconds = best(settings.rounds, || {
        let start = Instant::now();
        let mut child = Command::new("taskset")
            .args(["-c", cores])
            .arg(binary)
            .args(["why", "-A", "--offline", "-o", "json", "--threads", &threads.to_string(), "--from"])
            .arg(dump)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // The peak only grows, so that the last look before the end is close to it.
        let status = format!("/proc/{}/status", child.id());
        let code = loop {
            if let Some(high) = std::fs::read_to_string(&status).ok().as_deref().and_then(high_water) {
                peak = peak.max(high);
            }
            if let Some(code) = child.try_wait()? {
                break code;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        let seconds = start.elapsed().as_secs_f64();
        match code.code() {
            Some(0 | 1 | 3) => Ok(seconds),
            code => Err(std::io::Error::other(format!("the scan ended with {code:?}"))),
        }
    })?;
    Ok((seconds, peak))
}

/// `VmHWM` in MB.
fn high_water(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
