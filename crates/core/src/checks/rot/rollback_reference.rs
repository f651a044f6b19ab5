//! ROT-12: a rollback brought back a reference to something that is gone.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::{self, Deletion, Outcome, Story, report};
use crate::objects::{Kind, Workload};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Trigger, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-12",
    slug: "rollback-reference",
    title: "Rolling back the app rolled back the reference",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ReplicaSet, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::OwnNamespace),
        Need::sharpens(Kind::ConfigMap, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "OBJ-02",
            decided_by: "whether the failing revision is the current one, or an old one taken up again",
        },
        Neighbour { code: "REF-04", decided_by: "whether the failing revision is new, or an old one taken up again" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("rollback_reference/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        if let Outcome::RolledBack { revision, newer, deleted } = &story.outcome {
            out.violated(finding(view, &story, revision, newer, deleted.as_ref()));
        } else if matches!(story.outcome, Outcome::NeverExisted | Outcome::Deleted(_)) {
            report::revisions_unseen(view, &story, out);
        }
    }
}

fn finding(
    view: &View<'_>,
    story: &Story<'_, '_>,
    revision: &Workload,
    newer: &Workload,
    deleted: Option<&Deletion<'_>>,
) -> Finding {
    let victim = story.victim();
    let case = &story.cases[0];
    let headline = format!("{victim} was rolled back to a revision that needs {}, which is gone", story.what());
    let back = story.cases.iter().filter_map(|c| c.pod.meta.created).min();
    let history: Vec<String> = revision.revision_history.iter().map(ToString::to_string).collect();
    let seen = if history.is_empty() {
        "is older than the revision that it replaces".to_owned()
    } else {
        format!("was revision {} before", history.join(", "))
    };
    let serving = view
        .pods_of(victim)
        .find(|p| p.is_ready() && view.revision_of(p).is_some_and(|r| r.id == newer.id))
        .map(|p| Evidence::new(&p.id, "status.conditions[Ready]", "a pod of the newer revision is ready", "status"));
    let mut finding = report::finding(story, victim, Confidence::Likely, headline)
        .changed(back.map(|at| Change {
            when: Interval::between(newer.meta.created, Some(at)),
            by: None,
            source: "creationTimestamp",
        }))
        .trigger(Some(Trigger { object: victim.clone(), what: "rollback to an earlier revision".to_owned(), at: back }))
        .supported_by([
            Evidence::new(
                &revision.id,
                "metadata.annotations[deployment.kubernetes.io/revision-history]",
                seen,
                "metadata",
            )
            .of(&revision.meta)
            .at(revision.meta.created),
            Evidence::new(&newer.id, "spec.template", format!("does not need {}", story.what()), "spec")
                .of(&newer.meta)
                .at(newer.meta.created),
        ])
        .supported_by(serving)
        .link(Link::Rotation, victim, LinkState::Broken, format!("{} names {}", case.path, story.object))
        .affects(&story.object)
        .rules_out("REF-04", "the failing revision is an old one that was taken up again")
        .plan(report::roll_to(
            view,
            victim,
            newer.revision,
            "roll forward to the newer revision, whose references exist",
        ));
    if let Some(deletion) = deleted {
        finding =
            finding.supported_by(report::proofs(&deletion.proof)).supported_by(deletion.audit.map(|w| {
                Evidence::new(&w.object, "audit", format!("{} by {}", w.verb, w.user), "audit").at(Some(w.at))
            }));
    }
    finding.unless("OBJ-02", &story.object, "whether the object was deleted by mistake and the rollback was right")
}
