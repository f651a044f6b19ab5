//! Judges whole incidents that are written down as readable YAML: which cause heads, how surely, whom it hits and who stays unblamed.
#![allow(clippy::disallowed_methods, reason = "a test may read files")]

#[path = "../../core/tests/support/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::path::Path;

use keytrace_core::diagnose::{Question, diagnose};
use keytrace_core::objects::Id;
use keytrace_core::report::{Incident, Report};
use keytrace_core::verdict::Confidence;
use keytrace_render::text::{self, Asked, Style};
use serde::Deserialize;

use world::{World, documents};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    scenario: Scenario,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What happened, for a reader.
    story: String,
    /// Nothing at all for a healthy cluster.
    expect: Vec<Expected>,
    /// One of these is the cause or one of the next two.
    #[serde(default)]
    top3: Vec<String>,
    #[serde(default)]
    must_not: Vec<String>,
    #[serde(default)]
    healthy: Vec<String>,
    #[serde(flatten)]
    world: World,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    code: Codes,
    /// The strongest that the evidence allows.
    confidence: String,
    #[serde(default)]
    subject: Option<String>,
    victims: BTreeSet<String>,
    #[serde(default)]
    latent: bool,
}

/// One code, or those of which any is right.
#[derive(Deserialize)]
#[serde(untagged)]
enum Codes {
    One(String),
    Any(Vec<String>),
}

impl Codes {
    fn hold(&self, code: &str) -> bool {
        match self {
            Self::One(one) => one == code,
            Self::Any(any) => any.iter().any(|c| c == code),
        }
    }
}

#[derive(Default)]
struct Tally {
    scenarios: usize,
    certain_allowed: usize,
    certain_said: usize,
    faults: Vec<String>,
}

#[test]
fn incidents_come_out_as_their_stories_tell() {
    let only = std::env::var("SCENARIO").ok();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut files: Vec<_> = std::fs::read_dir(root)
        .expect("the folder of scenarios")
        .map(|entry| entry.expect("an entry").path().join("scenario.yaml"))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    let mut tally = Tally::default();
    for file in files {
        let slug =
            file.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if only.as_ref().is_some_and(|only| !slug.contains(only)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a readable scenario");
        judge(&slug, &text, &mut tally);
    }
    assert!(tally.scenarios > 0, "no scenario was judged");
    assert!(
        tally.faults.is_empty(),
        "{} scenarios, certain {} of {}, {} faults:\n{}",
        tally.scenarios,
        tally.certain_said,
        tally.certain_allowed,
        tally.faults.len(),
        tally.faults.join("\n")
    );
    assert!(
        only.is_some() || tally.certain_said * 100 >= tally.certain_allowed * 80,
        "certain was said in {} of the {} incidents that allow it",
        tally.certain_said,
        tally.certain_allowed
    );
}

fn judge(slug: &str, text: &str, tally: &mut Tally) {
    let mut documents = documents(text);
    let header: Header = serde_saphyr::from_str(&documents.remove(0)).unwrap_or_else(|e| panic!("{slug}: {e}"));
    let scenario = header.scenario;
    assert!(!scenario.story.trim().is_empty(), "{slug}: tell the story");
    let report = diagnose(&scenario.world.snapshot(slug, &documents), &Question::default());
    tally.scenarios += 1;
    let mut faults = Vec::new();
    let mut expected_incidents = BTreeSet::new();
    for expected in &scenario.expect {
        match heading(&report, expected) {
            Some(incident) => {
                expected_incidents.insert(incident.id.clone());
                faults.extend(overconfident(incident, expected));
                if expected.confidence == "certain" {
                    tally.certain_allowed += 1;
                    let said = incident.cause.confidence == Confidence::Certain;
                    tally.certain_said += usize::from(said);
                    if !said {
                        println!("{slug}: could be certain: {}", line(incident));
                    }
                }
                let alternatives = incident.alternatives.iter().take(2).map(|a| a.code);
                let named: Vec<&str> = std::iter::once(incident.cause.card.code).chain(alternatives).collect();
                if !scenario.top3.is_empty() && !named.iter().any(|c| scenario.top3.iter().any(|t| t == c)) {
                    faults.push(format!("none of {:?} among {named:?}", scenario.top3));
                }
            }
            None => faults.push(format!(
                "no {}incident of {} with victims {:?}",
                if expected.latent { "latent " } else { "" },
                codes(&expected.code),
                expected.victims
            )),
        }
    }
    for incident in &report.incidents {
        let code = incident.cause.card.code;
        let meant = expected_incidents.contains(&incident.id);
        let vague = code == "CLU-09" || incident.cause.confidence == Confidence::Possible;
        if scenario.must_not.iter().any(|m| m == code) && incident.cause.confidence != Confidence::Possible {
            faults.push(format!("must not say {}", line(incident)));
        }
        if incident.latent {
            continue;
        }
        if !meant && !vague {
            faults.push(format!("says also {}", line(incident)));
        }
        let blamed: Vec<String> = incident.victims.iter().map(name).filter(|v| scenario.healthy.contains(v)).collect();
        if !blamed.is_empty() && code != "CLU-09" {
            faults.push(format!("healthy {blamed:?} blamed by {}", line(incident)));
        }
    }
    faults.extend(unreadable(&report));
    if !faults.is_empty() {
        let said: Vec<String> = report.incidents.iter().map(line).collect();
        tally.faults.push(format!(
            "{slug}:\n    {}\n    it said: {}{}",
            faults.join("\n    "),
            if said.is_empty() { "nothing".to_owned() } else { said.join("; ") },
            if report.unexplained.is_empty() {
                String::new()
            } else {
                format!(
                    "\n    unexplained: {:?}",
                    report.unexplained.iter().map(|(id, w)| (name(id), *w)).collect::<Vec<_>>()
                )
            }
        ));
    }
}

/// The first incident that answers to the expectation: by its code, and by all victims that it must have.
fn heading<'r>(report: &'r Report, expected: &Expected) -> Option<&'r Incident> {
    report.incidents.iter().filter(|i| i.latent == expected.latent && expected.code.hold(i.cause.card.code)).find(|i| {
        let victims: BTreeSet<String> = i.victims.iter().map(name).collect();
        let subject = expected.subject.as_ref().is_none_or(|s| *s == name(&i.cause.subject));
        subject && expected.victims.is_subset(&victims)
    })
}

fn overconfident(incident: &Incident, expected: &Expected) -> Option<String> {
    let rank = |word: &str| match word {
        "possible" => 0,
        "likely" => 1,
        "certain" => 2,
        other => panic!("confidence {other}"),
    };
    let said = incident.cause.confidence.word();
    (rank(said) > rank(&expected.confidence)).then(|| format!("{} is at most {}", line(incident), expected.confidence))
}

/// Every report can be printed, and names its causes in both forms.
fn unreadable(report: &Report) -> Vec<String> {
    let json = keytrace_render::to_json(report, true);
    let text = text::report(report, Asked::Everything, Style { colour: false, width: 120, all: true });
    let parsed = serde_json::from_str::<serde_json::Value>(&json).is_ok();
    let mut faults: Vec<String> = Vec::new();
    if !parsed {
        faults.push("its report is no JSON".to_owned());
    }
    for incident in &report.incidents {
        let code = incident.cause.card.code;
        if !json.contains(code) || !text.contains(code) {
            faults.push(format!("{code} is not printed"));
        }
    }
    faults
}

fn line(incident: &Incident) -> String {
    let latent = if incident.latent { "latent " } else { "" };
    let victims: Vec<String> = incident.victims.iter().map(name).collect();
    let others: Vec<&str> = incident.alternatives.iter().take(3).map(|a| a.code).collect();
    format!(
        "{latent}{} ({}) on {} hits {victims:?} before {others:?}",
        incident.cause.card.code,
        incident.cause.confidence.word(),
        name(&incident.cause.subject)
    )
}

fn codes(codes: &Codes) -> String {
    match codes {
        Codes::One(one) => one.clone(),
        Codes::Any(any) => any.join(" or "),
    }
}

fn name(id: &Id) -> String {
    format!("{}/{}/{}", id.kind, id.namespace, id.name)
}
