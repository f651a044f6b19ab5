//! OBJ-07: the value is the right one, with something around it that a tool added.

use super::refused::{self, Damage, Outcome, Story, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{Id, Kind, Str};
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::Provider;

pub static CARD: Card = Card {
    code: "OBJ-07",
    slug: "encoding-damage",
    title: "The value has a line end, quotes, blanks or base64 around it",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::Named), Need::sharpens(Kind::Secret, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour {
            code: "OBJ-08",
            decided_by: "a login with the value as it is, and with what surrounds it taken away",
        },
        Neighbour {
            code: "CON-07",
            decided_by: "whether the damage is around the value, or the value itself breaks a URL",
        },
        Neighbour { code: "SRC-06", decided_by: "whether the source holds the same damage" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("encoding_damage/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in refused::stories(view) {
        if let Outcome::Damaged { damage, proof } = &story.outcome {
            out.violated(finding(view, &story, *damage, proof.as_ref()));
        }
    }
    refused::elided(view, out);
}

fn finding(view: &View<'_>, story: &Story<'_>, damage: Damage, proof: Option<&(Id, Str)>) -> Finding {
    let what = report::what(&story.given);
    let headline = format!("{what} {}; {} is refused with it", damage.words(), story.case.victim);
    let change = story.given.object.and_then(|o| view.key_change(o, &story.given.key));
    let at = change.as_ref().and_then(|c| c.when.until);
    // Programs often cut a line end off a file that they read.
    let file = matches!(story.given.via, Provider::File { .. } | Provider::SubPath { .. });
    let confidence = if file && proof.is_none() { Confidence::Possible } else { Confidence::Likely };
    let mut finding = report::finding(view, story, &report::subject(story), confidence, headline)
        .supported_by([report::of_key(story, &story.given, damage.words(), at)])
        .supported_by(proof.map(|(id, key)| {
            Evidence::new(id, format!("data[{key}]"), "holds the same for this account, without it", "list")
        }))
        .changed(change)
        .trigger(report::trigger(view, story, at))
        .rules_out("CON-07", "the damage is around the value")
        .plan(report::plan(view, story, "write the value without what surrounds it"));
    if proof.is_none() {
        finding = finding.unless(
            "OBJ-08",
            &report::subject(story),
            "a login with the value after what surrounds it is taken away",
        );
    }
    if let Some(source) = report::source_of(view, &story.given) {
        finding = finding.note(format!("{source} delivers what its source holds: correct it there")).unless(
            "SRC-06",
            &source,
            "whether the source holds the same damage",
        );
    }
    finding
}
