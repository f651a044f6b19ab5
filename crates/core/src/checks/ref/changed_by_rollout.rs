//! REF-04: a rollout changed a reference, and what it names now is not there.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::{self, Outcome, Rollout, Story, report};
use crate::objects::Kind;
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "REF-04",
    slug: "changed-by-rollout",
    title: "A rollout changed the reference",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ReplicaSet, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::OwnNamespace),
        Need::sharpens(Kind::ConfigMap, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "ROT-12", decided_by: "whether the failing revision is new, or an old one taken up again" },
        Neighbour { code: "OBJ-01", decided_by: "whether the new name is right and its object is still to be made" },
        Neighbour { code: "REF-01", decided_by: "whether the new name is a slip for an object that is there" },
        Neighbour { code: "OBJ-02", decided_by: "whether the object was there when the rollout began" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("changed_by_rollout/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        if let Outcome::ByRollout(rollout) = &story.outcome {
            out.violated(finding(view, &story, rollout));
        } else if matches!(story.outcome, Outcome::NeverExisted) {
            report::revisions_unseen(view, &story, out);
        }
    }
    for finding in crate::checks::con::asked::dropped(view) {
        out.violated(finding);
    }
}

fn finding(view: &View<'_>, story: &Story<'_, '_>, rollout: &Rollout<'_>) -> Finding {
    let victim = story.victim();
    let number = rollout.revision.revision.map(|n| format!(" {n}")).unwrap_or_default();
    let before = match &rollout.before {
        Some((name, _)) if *name != story.object.name => format!(" in place of {name}"),
        _ => String::new(),
    };
    let headline = format!("revision{number} of {victim} asks for {}{before}, which does not exist", story.object);
    let change = Change {
        when: Interval::between(rollout.revision.meta.created, rollout.revision.meta.created),
        by: None,
        source: "creationTimestamp",
    };
    let keeps = rollout.healthy.is_some();
    let mut finding = report::finding(story, victim, Confidence::Likely, headline)
        .changed(rollout.revision.meta.created.map(|_| change))
        .supported_by(report::of_rollout(story, rollout))
        .link(Link::Reference, &rollout.revision.id, LinkState::Broken, "brought the reference in")
        .rules_out("ROT-12", "the failing revision is the newest by creation, not an old one taken up again")
        .unless("OBJ-01", &story.object, format!("whether {} is to be made for this rollout", story.object))
        .plan(report::roll_to(
            view,
            victim,
            rollout.previous.revision,
            "go back to the revision whose references exist",
        ));
    if keeps {
        finding = finding.note("pods of the earlier revision still serve");
    }
    finding
}
