//! `keytrace why`: what is broken, why, since when, what to do.

use keytrace_core::diagnose::{Question, diagnose};
use keytrace_core::report::Report;
use keytrace_core::verdict::Severity;
use keytrace_render::text::Asked;

use super::{print, snapshot, style};
use crate::args::{FailOn, Global, Output, Why};
use crate::exit::{Exit, Failure};
use crate::subject;

pub fn run(why: &Why, global: &Global) -> Result<Exit, Failure> {
    let snapshot = snapshot(&why.input, global)?;
    let subject = why
        .subject
        .as_deref()
        .map(|asked| subject::find(&snapshot, asked, why.input.namespace.as_deref()))
        .transpose()?;
    let question = Question { namespace: why.input.namespace.clone(), subject: subject.clone() };
    let report = diagnose(&snapshot, &question);
    let asked = match (&subject, &why.input.namespace) {
        (Some(id), _) => Asked::Subject(id),
        (None, Some(namespace)) => Asked::Namespace(namespace),
        (None, None) => Asked::Everything,
    };
    print(&rendered(&report, asked, global, why.all));
    let exit = exit(&report, why.fail_on, why.fail_on_latent);
    // The process ends now: to take a large snapshot apart piece by piece would only cost time. It holds no values.
    std::mem::forget(snapshot);
    Ok(exit)
}

pub fn rendered(report: &Report, asked: Asked<'_>, global: &Global, all: bool) -> String {
    match global.output {
        Output::Text => keytrace_render::text::report(report, asked, style(global, all)),
        Output::Json => keytrace_render::to_json(report, !global.compact),
        Output::Yaml => keytrace_render::to_yaml(report),
        Output::Markdown => keytrace_render::markdown::report(report),
    }
}

/// 1 for a live incident at or above the threshold, else 3 where too little was seen, else 0.
pub fn exit(report: &Report, fail_on: FailOn, latent_too: bool) -> Exit {
    let threshold = match fail_on {
        FailOn::Critical => Some(Severity::Critical),
        FailOn::High => Some(Severity::High),
        FailOn::Medium => Some(Severity::Medium),
        FailOn::Low => Some(Severity::Low),
        FailOn::Never => None,
    };
    let hit =
        |i: &keytrace_core::report::Incident| threshold.is_some_and(|t| i.severity <= t) && (!i.latent || latent_too);
    if report.incidents.iter().any(hit) {
        Exit::Incident
    } else if report.is_incomplete() {
        Exit::Incomplete
    } else {
        Exit::Clean
    }
}
