//! OBJ-17: of several Secrets for one backend account, one holds another password than the rest.

use super::refused::{self, Outcome, Story, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{Id, Kind, Str};
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-17",
    slug: "odd-one-out",
    title: "One of several copies differs from the rest",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::All)],
    neighbours: &[
        Neighbour {
            code: "ROT-01",
            decided_by: "whether one copy differs, or the copies fall in two groups by namespace and time",
        },
        Neighbour { code: "OBJ-08", decided_by: "whether other copies for the same account exist" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("odd_one_out/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in refused::stories(view) {
        if let Outcome::OddOneOut { copies, missed } = &story.outcome {
            out.violated(finding(view, &story, copies, *missed));
        }
    }
    refused::elided(view, out);
}

fn finding(view: &View<'_>, story: &Story<'_>, copies: &[(Id, Str)], missed: bool) -> Finding {
    let what = report::what(&story.given);
    let subject = report::subject(story);
    let headline = format!(
        "{what} differs from {} other copies for the same account, which agree; {} is refused",
        copies.len(),
        story.case.victim
    );
    let change = story.given.object.and_then(|o| view.key_change(o, &story.given.key));
    let at = change.as_ref().and_then(|c| c.when.until);
    let confidence = if missed { Confidence::Possible } else { Confidence::Likely };
    let mut finding = report::finding(view, story, &subject, confidence, headline)
        .supported_by(copies.iter().take(3).map(|(id, key)| {
            Evidence::new(id, format!("data[{key}]"), "holds the password that the other copies hold", "list")
        }))
        .supported_by([report::of_key(story, &story.given, "holds another password", at)])
        .changed(change)
        .trigger(report::trigger(view, story, at))
        .plan(report::plan(view, story, "write the value that the other copies hold"));
    if missed {
        finding =
            finding.unless("ROT-01", &subject, "whether the others were changed by one rotation that missed this one");
    } else {
        finding = finding.rules_out("ROT-01", "the other copies were not changed after this one");
    }
    finding
}
