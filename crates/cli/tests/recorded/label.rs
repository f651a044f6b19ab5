//! Labels of recorded incidents, and how a report is scored against them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use keytrace_core::objects::Id;
use keytrace_core::report::{Incident, Report};
use keytrace_core::verdict::Confidence;

pub struct Recording {
    pub id: String,
    pub dir: PathBuf,
    pub label: serde_json::Value,
}

pub fn all() -> Vec<Recording> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/recorded");
    let mut recordings: Vec<Recording> = std::fs::read_dir(&dir)
        .expect("scenarios/recorded")
        .map(|entry| {
            let dir = entry.expect("an entry").path();
            let text = std::fs::read_to_string(dir.join("label.json")).expect("a label");
            let id = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            Recording { id, dir, label: serde_json::from_str(&text).expect("a label in JSON") }
        })
        .collect();
    recordings.sort_by(|a, b| a.id.cmp(&b.id));
    recordings
}

impl Recording {
    fn names(&self, field: &str) -> BTreeSet<String> {
        let list = self.label["expect"][field].as_array();
        list.into_iter().flatten().filter_map(|v| v.as_str()).map(str::to_owned).collect()
    }

    pub fn healthy(&self) -> bool {
        self.label["family"] == "HEALTHY" || self.names("root").is_empty()
    }
}

/// The figures over many recordings, and one line for each that is not wholly right.
#[derive(Default)]
pub struct Score {
    faulty: usize,
    root: usize,
    top3: usize,
    pub certain_allowed: usize,
    pub certain_said: usize,
    lines: Vec<String>,
    never: Vec<String>,
    families: BTreeMap<String, (usize, usize)>,
}

impl Score {
    pub fn root_percent(&self) -> f64 {
        100.0 * self.root as f64 / self.faulty.max(1) as f64
    }

    pub fn top3_percent(&self) -> f64 {
        100.0 * self.top3 as f64 / self.faulty.max(1) as f64
    }

    /// What must not happen even once: false alarms, forbidden verdicts, healthy workloads blamed, overconfidence, wrong certainty.
    pub fn never(&self) -> Vec<String> {
        self.never.clone()
    }

    pub fn add(&mut self, recording: &Recording, report: &Report) {
        let live: Vec<&Incident> = report.incidents.iter().filter(|i| !i.latent).collect();
        let family = recording.label["family"].as_str().unwrap_or("?").to_owned();
        let right = if recording.healthy() { self.healthy(recording, &live) } else { self.faulty(recording, report) };
        let tally = self.families.entry(family).or_default();
        tally.1 += 1;
        tally.0 += usize::from(right);
        let blamed: BTreeSet<String> = live
            .iter()
            .filter(|i| i.cause.card.code != "CLU-09")
            .flat_map(|i| &i.victims)
            .map(name)
            .filter(|v| recording.names("healthy").contains(v))
            .collect();
        if !blamed.is_empty() {
            self.never.push(format!("{}: healthy workloads named: {blamed:?}", recording.id));
        }
    }

    fn healthy(&mut self, recording: &Recording, live: &[&Incident]) -> bool {
        let alarms: Vec<&str> = live
            .iter()
            .filter(|i| i.cause.card.code != "CLU-09" && i.cause.confidence != Confidence::Possible)
            .map(|i| i.cause.card.code)
            .collect();
        if !alarms.is_empty() {
            self.never.push(format!("{}: false alarm {alarms:?}", recording.id));
        }
        alarms.is_empty()
    }

    fn faulty(&mut self, recording: &Recording, report: &Report) -> bool {
        self.faulty += 1;
        let (roots, victims) = (recording.names("root"), recording.names("victims"));
        let mut mine: Vec<&Incident> = report
            .incidents
            .iter()
            .filter(|i| victims.is_empty() || i.victims.iter().any(|v| victims.contains(&name(v))))
            .collect();
        mine.sort_by_key(|i| i.latent);
        let Some(first) = mine.first() else {
            self.lines.push(format!("{}: missed, want {roots:?}", recording.id));
            return false;
        };
        let mut right = roots.contains(first.cause.card.code);
        for each in recording.label["expect_each"].as_array().into_iter().flatten() {
            let of = |field: &str| -> BTreeSet<String> {
                each[field].as_array().into_iter().flatten().filter_map(|v| v.as_str()).map(str::to_owned).collect()
            };
            let hit = mine.iter().find(|i| i.victims.iter().any(|v| of("victims").contains(&name(v))));
            right &= hit.is_some_and(|i| of("root").contains(i.cause.card.code));
        }
        let alternatives = first.alternatives.iter().take(2).map(|a| a.code.to_owned());
        let top3: BTreeSet<String> = std::iter::once(first.cause.card.code.to_owned()).chain(alternatives).collect();
        let allowed_top3 = recording.names("top3");
        self.root += usize::from(right);
        self.top3 += usize::from(!roots.is_disjoint(&top3) || (right && !allowed_top3.is_disjoint(&top3)));
        if !right {
            self.lines.push(format!(
                "{}: {} ({}) on {}, want {roots:?}, then {:?}",
                recording.id,
                first.cause.card.code,
                first.cause.confidence.word(),
                name(&first.cause.subject),
                first.alternatives.iter().take(2).map(|a| a.code).collect::<Vec<_>>(),
            ));
        }
        self.calibration(recording, first, right);
        let forbidden = recording.names("must_not");
        for incident in mine.iter().filter(|i| i.cause.confidence != Confidence::Possible) {
            if forbidden.contains(incident.cause.card.code) {
                self.never.push(format!("{}: must not say {}", recording.id, incident.cause.card.code));
            }
        }
        let seen: BTreeSet<String> =
            mine.iter().filter(|i| roots.contains(i.cause.card.code)).flat_map(|i| &i.victims).map(name).collect();
        if right && !victims.is_subset(&seen) {
            self.lines.push(format!("{}: victims missed, found {seen:?}", recording.id));
        }
        if recording.label["latent"] == true && !first.latent {
            self.never.push(format!("{}: a latent risk shown as an outage", recording.id));
        }
        right
    }

    fn calibration(&mut self, recording: &Recording, first: &Incident, right: bool) {
        let allowed = match recording.label["expect"]["confidence"].as_str() {
            Some("certain") => Confidence::Certain,
            Some("likely") => Confidence::Likely,
            _ => Confidence::Possible,
        };
        let said = first.cause.confidence;
        if said == Confidence::Certain && !right {
            self.never.push(format!("{}: certain and wrong", recording.id));
        }
        if right && said < allowed {
            self.never.push(format!("{}: says {}, the dump allows {}", recording.id, said.word(), allowed.word()));
        }
        if allowed == Confidence::Certain {
            self.certain_allowed += 1;
            self.certain_said += usize::from(right && said == Confidence::Certain);
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.lines.iter().chain(&self.never) {
            writeln!(f, "{line}")?;
        }
        for (family, (right, all)) in &self.families {
            write!(f, "{family} {right}/{all}  ")?;
        }
        writeln!(
            f,
            "\nroot first {:.1} % of {}, within three {:.1} %, certain said in {} of {}",
            self.root_percent(),
            self.faulty,
            self.top3_percent(),
            self.certain_said,
            self.certain_allowed
        )
    }
}

fn name(id: &Id) -> String {
    format!("{}/{}/{}", id.kind, id.namespace, id.name)
}
