//! Runs every check over a snapshot and makes incidents of the findings.

use std::collections::BTreeSet;

use crate::card::{Card, Role};
use crate::checks;
use crate::incidents;
use crate::objects::{Id, Kind};
use crate::report::{Counts, Report};
use crate::snapshot::Snapshot;
use crate::verdict::{Unknown, Verdicts};
use crate::view::View;

/// What was asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Only incidents that hit this namespace.
    pub namespace: Option<String>,
    /// Only incidents that hit this object, or that it is part of. Failures of other kinds are then reported as CLU-09.
    pub subject: Option<Id>,
}

/// Judges a sealed snapshot. It cannot fail: what could not be judged is in the report. Same snapshot, same report.
pub fn diagnose(snapshot: &Snapshot, question: &Question) -> Report {
    diagnose_with(snapshot, question, checks::all())
}

/// As [`diagnose`], with the given checks only.
pub fn diagnose_with(snapshot: &Snapshot, question: &Question, cards: &[&'static Card]) -> Report {
    let view = View::new(snapshot);
    let verdicts = judge(&view, cards);
    let mut incidents = incidents::form(&view, &verdicts.findings);
    incidents.retain(|i| {
        asked(question, i.victims.iter().chain([&i.cause.subject]).chain(i.chain.iter().map(|c| &c.object)))
    });
    let explained: BTreeSet<usize> = verdicts
        .findings
        .iter()
        .filter(|(code, _)| explains(code))
        .flat_map(|(_, f)| &f.explains)
        .map(|ix| ix.0)
        .collect();
    let unexplained = view
        .symptoms()
        .iter()
        .filter(|s| !explained.contains(&s.ix.0))
        .map(|s| (s.victim.clone(), incidents::class_words(s.class)))
        .filter(|(victim, _)| asked(question, [victim].into_iter()))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    Report {
        as_of: snapshot.as_of,
        as_of_is_lower_bound: snapshot.as_of_is_lower_bound,
        incidents,
        unknown: unknowns(verdicts.unknown, question),
        coverage: snapshot.coverage.clone(),
        wants: Vec::new(),
        counts: counts(snapshot, cards.len()),
        unexplained,
    }
}

/// Runs the given checks and returns their verdicts, before any incident is made of them.
pub fn judge(view: &View<'_>, cards: &[&'static Card]) -> Verdicts {
    let mut verdicts = Verdicts::new();
    for card in cards {
        verdicts.begin(card.code);
        (card.judge)(view, &mut verdicts);
    }
    verdicts
}

/// Whether a check says why something fails, and not why something else is innocent of it.
fn explains(code: &str) -> bool {
    checks::card(code).is_none_or(|card| card.role != Role::Exonerates)
}

fn asked<'i>(question: &Question, mut touched: impl Iterator<Item = &'i Id>) -> bool {
    match (&question.subject, &question.namespace) {
        (None, None) => true,
        (Some(subject), _) => touched.any(|id| id == subject),
        (None, Some(namespace)) => touched.any(|id| &*id.namespace == namespace),
    }
}

/// One line for each (subject, what is missing), under the code that needs it most upstream.
fn unknowns(mut all: Vec<Unknown>, question: &Question) -> Vec<Unknown> {
    all.retain(|u| asked(question, [&u.subject].into_iter()));
    all.sort_by(|a, b| (&a.subject, &a.missing, a.code).cmp(&(&b.subject, &b.missing, b.code)));
    all.dedup_by(|next, kept| next.subject == kept.subject && next.missing == kept.missing);
    all
}

fn counts(snapshot: &Snapshot, checks: usize) -> Counts {
    Counts {
        pods: snapshot.pods.len(),
        workloads: snapshot
            .workloads
            .iter()
            .filter(|w| !matches!(w.id.kind, Kind::ReplicaSet | Kind::ControllerRevision))
            .count(),
        secrets: snapshot.data.iter().filter(|d| d.id.kind == Kind::Secret).count(),
        config_maps: snapshot.data.iter().filter(|d| d.id.kind == Kind::ConfigMap).count(),
        references: 0,
        checks,
    }
}
