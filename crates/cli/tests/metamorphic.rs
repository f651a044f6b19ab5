//! Verdicts rest on mechanisms: other names, other times, less evidence, other company and other formats do not turn them.

#[path = "recorded/label.rs"]
mod label;
#[path = "metamorphic/transform.rs"]
mod transform;

use std::path::PathBuf;

use keytrace_collect::{Options, Source};
use keytrace_core::diagnose::{Question, diagnose};
use keytrace_core::report::Report;
use keytrace_core::verdict::Confidence;

use label::{Recording, Score};
use transform::Dump;

fn judge(dump: &Dump, name: &str) -> Report {
    judge_all(&[dump], name)
}

fn judge_all(dumps: &[&Dump], name: &str) -> Report {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("metamorphic-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    let mut sources = Vec::new();
    for (n, dump) in dumps.iter().enumerate() {
        let dir = dir.join(n.to_string());
        dump.write(&dir);
        sources.push(Source::Path(dir));
    }
    let snapshot = keytrace_collect::read(&sources, &Options::new([7; 32])).expect("a readable dump");
    let report = diagnose(&snapshot, &Question::default());
    let _ = std::fs::remove_dir_all(&dir);
    report
}

/// Code, confidence and latency of every incident, worst first: what must not change.
fn verdicts(report: &Report) -> Vec<(&'static str, Confidence, bool, usize)> {
    report.incidents.iter().map(|i| (i.cause.card.code, i.cause.confidence, i.latent, i.victims.len())).collect()
}

/// Recordings of the kinds that carry no operator: the first digit of their number says so.
fn without_operators() -> impl Iterator<Item = Recording> {
    label::all().into_iter().filter(|r| r.id.starts_with(['0', '1']))
}

#[test]
fn other_names_hosts_images_and_times_leave_the_verdict_as_it_is() {
    let mut changed = Vec::new();
    for recording in label::all() {
        let dump = Dump::read(&recording.dir.join("dump"));
        let before = verdicts(&judge(&dump, &format!("same-{}", recording.id)));
        let renamed = dump.renamed().shifted(37 * 86_400 + 4_321);
        let after = verdicts(&judge(&renamed, &format!("renamed-{}", recording.id)));
        if before != after {
            changed.push(format!("{}: {before:?} became {after:?}", recording.id));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[test]
fn less_evidence_weakens_a_verdict_and_never_makes_it_wrong_and_certain() {
    let mut wrong = Vec::new();
    for gone in ["audit", "managedFields", "events", "secrets", "nodes"] {
        for recording in label::all() {
            let dump = Dump::read(&recording.dir.join("dump")).without(gone);
            let report = judge(&dump, &format!("without-{gone}-{}", recording.id));
            let mut score = Score::default();
            score.add(&recording, &report);
            wrong.extend(
                score
                    .never()
                    .into_iter()
                    .filter(|n| n.contains("certain and wrong") || n.contains("false alarm"))
                    .map(|n| format!("without {gone}: {n}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn two_incidents_in_one_dump_are_both_found_with_their_victims_apart() {
    let mut faults = Vec::new();
    let recordings: Vec<Recording> = without_operators().filter(|r| !r.healthy()).collect();
    for (a, b) in recordings.iter().zip(recordings.iter().skip(11)).step_by(2) {
        let (one, other) = (Dump::read(&a.dir.join("dump")), Dump::read(&b.dir.join("dump")));
        // One dump is of one instant: bring both to the same.
        let now = |dump: &Dump, name: &str| judge(dump, &format!("now-{name}")).as_of.map_or(0, |t| t.0);
        let other = other.shifted(now(&one, &a.id) - now(&other, &b.id));
        let report = judge_all(&[&one, &other], &format!("merged-{}-{}", a.id, b.id));
        for (recording, alone) in [(a, &one), (b, &other)] {
            let before = judge(alone, &format!("alone-{}", recording.id));
            for incident in before.incidents.iter().filter(|i| !i.latent) {
                let found = report.incidents.iter().any(|i| {
                    i.cause.card.code == incident.cause.card.code
                        && i.victims == incident.victims
                        && i.cause.subject == incident.cause.subject
                });
                if !found {
                    faults.push(format!("{} with {}: {} is lost", a.id, b.id, incident.id));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn lags_of_minutes_instead_of_seconds_leave_the_root_as_it_is() {
    let mut changed = Vec::new();
    for recording in without_operators() {
        let dump = Dump::read(&recording.dir.join("dump"));
        let roots = |report: &Report| -> Vec<&'static str> {
            report.incidents.iter().filter(|i| !i.latent).map(|i| i.cause.card.code).collect()
        };
        let before = roots(&judge(&dump, &format!("lag1-{}", recording.id)));
        let after = roots(&judge(&dump.stretched(60), &format!("lag60-{}", recording.id)));
        if before != after {
            changed.push(format!("{}: {before:?} became {after:?}", recording.id));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[test]
fn yaml_says_what_json_says() {
    let mut changed = Vec::new();
    for recording in label::all().into_iter().step_by(3) {
        let dump = Dump::read(&recording.dir.join("dump"));
        let before = verdicts(&judge(&dump, &format!("json-{}", recording.id)));
        let after = verdicts(&judge(&dump.in_yaml(), &format!("yaml-{}", recording.id)));
        if before != after {
            changed.push(format!("{}: {before:?} became {after:?}", recording.id));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
