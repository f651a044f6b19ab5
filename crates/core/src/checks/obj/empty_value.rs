//! OBJ-06: the key is there, and its value is empty.

use super::refused::{self, Outcome, Story, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Confidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-06",
    slug: "empty-value",
    title: "The key is there, and its value is empty",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::Named), Need::decides(Kind::ConfigMap, Scope::Named)],
    neighbours: &[
        Neighbour { code: "REF-03", decided_by: "whether the key is there without bytes, or is not there at all" },
        Neighbour { code: "SRC-06", decided_by: "whether the source itself holds an empty value" },
        Neighbour { code: "OBJ-08", decided_by: "the length of the value" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("empty_value/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in refused::stories(view) {
        if matches!(story.outcome, Outcome::Empty) {
            out.violated(finding(view, &story));
        }
    }
    refused::elided(view, out);
}

fn finding(view: &View<'_>, story: &Story<'_>) -> Finding {
    let what = report::what(&story.given);
    let headline = format!("{what} is empty; {} goes without it", story.case.victim);
    let change = story.given.object.and_then(|o| view.key_change(o, &story.given.key));
    let at = change.as_ref().and_then(|c| c.when.until);
    let mut finding = report::finding(view, story, &report::subject(story), Confidence::Likely, headline)
        .supported_by([report::of_key(story, &story.given, "is empty", at)])
        .changed(change)
        .trigger(report::trigger(view, story, at))
        .rules_out("REF-03", "the key is there")
        .rules_out("OBJ-08", "there is no value at all")
        .plan(report::plan(view, story, "write the value"));
    if let Some(source) = report::source_of(view, &story.given) {
        finding = finding.unless("SRC-06", &source, "whether the source itself holds an empty value");
    }
    finding
}
