//! The chain of one object, for `keytrace trace`.

use std::fmt::Write as _;

use keytrace_core::objects::Id;
use keytrace_core::trace::Trace;
use keytrace_core::verdict::LinkState;
use serde::Serialize;

use crate::json::v1beta1::Object;
use crate::text::Style;
use crate::words::{object, safe};

pub fn text(trace: &Trace, style: Style) -> String {
    let mut out = String::new();
    let home = &*trace.subject.namespace;
    let _ = writeln!(out, "{}  {}\n", safe(&trace.subject.to_string()), safe(home));
    let mut last = None;
    for link in &trace.links {
        let word = if last == Some(link.link) { "" } else { link.link.word() };
        last = Some(link.link);
        let (mark, colour) = match link.state {
            LinkState::Ok => ("✓", "32"),
            LinkState::Broken => ("✗", "31"),
            LinkState::Unknown => ("?", "2"),
            LinkState::Affected => ("!", "33"),
        };
        let mark = if style.colour { format!("\u{1b}[{colour}m{mark}\u{1b}[0m") } else { mark.to_owned() };
        let _ = writeln!(out, "  {word:<12}{mark} {:<44} {}", object(&link.object, home), safe(&link.note));
    }
    let others: Vec<&Id> = trace.blast_radius.iter().filter(|id| **id != trace.subject).collect();
    if !others.is_empty() {
        let names: Vec<String> = others.iter().map(|id| object(id, home)).collect();
        let _ = writeln!(out, "\n  blast radius: {}", names.join(", "));
    }
    for incident in &trace.report.incidents {
        let _ = writeln!(
            out,
            "\n  {} {}  {}",
            if incident.latent { "!" } else { "✗" },
            incident.cause.card.code,
            safe(&incident.headline)
        );
    }
    out
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    api_version: &'static str,
    kind: &'static str,
    subject: Object,
    as_of: Option<String>,
    links: Vec<WireLink>,
    blast_radius: Vec<Object>,
    incidents: Vec<String>,
}

#[derive(Serialize)]
struct WireLink {
    link: &'static str,
    object: Object,
    state: &'static str,
    note: String,
}

fn wire(trace: &Trace) -> Wire {
    Wire {
        api_version: "keytrace.dev/v1beta1",
        kind: "Trace",
        subject: Object::of(&trace.subject),
        as_of: trace.as_of.map(|t| t.to_string()),
        links: trace
            .links
            .iter()
            .map(|l| WireLink {
                link: l.link.word(),
                object: Object::of(&l.object),
                state: l.state.word(),
                note: l.note.clone(),
            })
            .collect(),
        blast_radius: trace.blast_radius.iter().map(Object::of).collect(),
        incidents: trace.report.incidents.iter().map(|i| i.id.clone()).collect(),
    }
}

pub fn json(trace: &Trace) -> String {
    let mut text = serde_json::to_string_pretty(&wire(trace)).unwrap_or_default();
    text.push('\n');
    text
}

pub fn yaml(trace: &Trace) -> String {
    serde_saphyr::to_string(&wire(trace)).unwrap_or_default()
}
