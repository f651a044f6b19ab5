//! OBJ-02: a Secret or ConfigMap that pods need was there and is gone.

use super::missing::{self, Deletion, Outcome, Story, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-02",
    slug: "deleted",
    title: "The Secret or ConfigMap was deleted",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::sharpens(Kind::Secret, Scope::OwnNamespace),
        Need::sharpens(Kind::ConfigMap, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "SYN-10", decided_by: "whether other objects of one owner vanished with it, or it alone" },
        Neighbour {
            code: "REF-01",
            decided_by: "an earlier container start that needed it, or a nearly equal name with the right keys",
        },
        Neighbour { code: "OBJ-01", decided_by: "an earlier container start that needed it" },
        Neighbour { code: "ROT-12", decided_by: "whether the failing revision is new, or an old one taken up again" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("deleted/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        match &story.outcome {
            Outcome::Deleted(deletion) => out.violated(finding(view, &story, deletion)),
            // The rollback is the cause; that the object is gone is part of it.
            Outcome::RolledBack { deleted: Some(deletion), .. } => {
                let mut finding = finding(view, &story, deletion);
                finding.confidence = Confidence::Possible;
                out.violated(finding);
            }
            _ => {}
        }
    }
}

fn finding(view: &View<'_>, story: &Story<'_, '_>, deletion: &Deletion<'_>) -> Finding {
    let by = deletion.by.as_deref().map(|b| format!(" by {b}")).unwrap_or_default();
    let headline = format!("{} was deleted{by}; {} cannot start without it", story.object, report::victims(story));
    let alone = deletion.together.is_empty();
    let proven = deletion.proof.iter().any(|p| !p.weak);
    let confidence = match deletion.audit {
        Some(write) if alone && &*write.verb == "delete" && story.producer.is_none() => Confidence::Certain,
        Some(_) => Confidence::Likely,
        None if proven => Confidence::Likely,
        None => Confidence::Possible,
    };
    let source = if deletion.audit.is_some() { "audit" } else { "events" };
    let change = Change { when: deletion.when, by: deletion.by.as_deref().map(str::to_owned), source };
    let mut finding =
        report::finding(story, &story.object, confidence, headline)
            .changed((!deletion.when.is_unknown()).then_some(change))
            .trigger(report::trigger(view, story, deletion.when))
            .supported_by(deletion.audit.map(|w| {
                Evidence::new(&w.object, "audit", format!("{} by {}", w.verb, w.user), "audit").at(Some(w.at))
            }))
            .supported_by(report::proofs(&deletion.proof))
            .plan(report::make(view, story, report::needed_keys(story), true));
    if proven || deletion.audit.is_some() {
        finding = finding
            .rules_out(
                "OBJ-01",
                "it was there: a container that cannot start without it started, or its deletion is on record",
            )
            .rules_out("REF-01", "the same reference worked before");
    } else {
        finding =
            finding.unless("OBJ-01", &story.object, "an earlier container start that needed it, or the audit log");
    }
    if !alone {
        let names: Vec<String> = deletion.together.iter().take(5).map(ToString::to_string).collect();
        finding = finding.note(format!("deleted with it within seconds by the same user: {}", names.join(", ")));
    }
    if confidence != Confidence::Certain {
        finding = finding.unless(
            "SYN-10",
            &story.object,
            "whether its owner (an ExternalSecret, a release, an application) was removed or pruned",
        );
    }
    finding
}
