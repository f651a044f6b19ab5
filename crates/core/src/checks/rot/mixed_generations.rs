//! ROT-11: pods of one workload started on both sides of a change, and its rollout does not go on by itself.

use std::collections::BTreeMap;

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Unseen;
use crate::objects::{Id, Kind, Workload};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::SymptomIx;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::Fate;

pub static CARD: Card = Card {
    code: "ROT-11",
    slug: "mixed-generations",
    title: "A workload is stuck with pods of two generations",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::OwnNamespace),
        Need::decides(Kind::Deployment, Scope::OwnNamespace),
        Need::sharpens(Kind::StatefulSet, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "DEL-01",
            decided_by: "whether the rollout is held by its strategy, or nobody has restarted the pods",
        },
        Neighbour {
            code: "CON-10",
            decided_by: "whether the new pods fail and so hold the rollout, or it is held on purpose",
        },
        Neighbour { code: "REF-04", decided_by: "whether the templates differ, or only the starts of the pods" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("mixed_generations/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found: BTreeMap<Id, Mixed> = BTreeMap::new();
    for case in view.refused_credentials() {
        let Some(key) = case.only_key().filter(|k| k.rewritten) else { continue };
        let (Some(object), Some(old)) = (key.object, key.started_before_change) else { continue };
        // Pods of the same workload on the other side of the change, which are not refused.
        let other = key.users.iter().any(|u| {
            u.workload == case.victim
                && u.started_before_change == Some(!old)
                && matches!(u.fate, Fate::Accepted | Fate::Silent)
        });
        if other && view.workload(&case.victim).is_none() && case.victim.kind != Kind::Pod {
            out.unseen(
                &case.victim,
                format!("{}, which says what holds its rollout", case.victim),
                Unseen::NotCollected,
            );
        }
        let Some((workload, held)) = view.workload(&case.victim).and_then(|w| Some((w, held(view, w)?))) else {
            continue;
        };
        if !other {
            continue;
        }
        let entry = found.entry(case.victim.clone()).or_insert_with(|| Mixed {
            secret: object.id.clone(),
            key: key.key.to_string(),
            change: key.changed.clone(),
            held,
            workload: workload.id.clone(),
            old,
            symptoms: Vec::new(),
        });
        entry.symptoms.push(case.symptom);
    }
    for mixed in found.values() {
        out.violated(finding(view, mixed));
    }
}

struct Mixed {
    workload: Id,
    secret: Id,
    key: String,
    change: Option<Change>,
    held: &'static str,
    /// The refused pods are those with the former value.
    old: bool,
    symptoms: Vec<SymptomIx>,
}

/// What keeps the rollout from going on by itself.
fn held(view: &View<'_>, workload: &Workload) -> Option<&'static str> {
    let differs = || {
        let of_template = workload.current_revision != workload.update_revision;
        of_template || view.pods_of(&workload.id).count() as i64 > workload.updated
    };
    if workload.paused {
        return Some("spec.paused");
    }
    if workload.strategy.kind.as_deref() == Some("OnDelete") {
        return Some("spec.updateStrategy.type is OnDelete");
    }
    (workload.strategy.partition.is_some_and(|p| p > 0) && differs())
        .then_some("spec.updateStrategy.rollingUpdate.partition")
}

fn finding(view: &View<'_>, mixed: &Mixed) -> Finding {
    let id = &mixed.workload;
    let all = view.pods_of(id).filter(|p| !p.is_finished()).count();
    let refused = mixed.symptoms.len();
    let which = if mixed.old { "still hold the former value" } else { "hold the new value and are refused" };
    Finding::new(
        id,
        Confidence::Likely,
        format!("{refused} of {all} pods of {id} {which} of {}, and its rollout is held", mixed.secret),
        Evidence::new(id, mixed.held.split(" is ").next().unwrap_or(mixed.held), mixed.held, "spec"),
    )
    .supported_by([Evidence::new(
        &mixed.secret,
        format!("data.{}", mixed.key),
        "changed between the starts of the pods",
        "managedFields",
    )
    .at(mixed.change.as_ref().and_then(|c| c.when.until))])
    .explains(mixed.symptoms.iter().copied())
    .affects(id)
    .changed(mixed.change.clone())
    .link(Link::Object, &mixed.secret, LinkState::Ok, "renewed")
    .link(Link::Consumption, id, LinkState::Broken, "two generations of one credential")
    .plan(Plan::new(vec![
        Step::on(
            id,
            format!("finish the rollout of {id}, or undo it: one generation only"),
            Effect::Restart { workload: id.clone() },
        )
        .change(mixed.held)
        .command(match id.kind {
            Kind::Deployment => format!("kubectl rollout resume deployment {} -n {}", id.name, id.namespace),
            _ => format!("kubectl delete pod -n {} POD, one after the other", id.namespace),
        })
        .precondition(if mixed.old {
            "the new value is accepted: pods that started after the change are let in"
        } else {
            "know which value the backend accepts before going on"
        })
        .risk(Risk::Review)
        .inverse("kubectl rollout undo, or pause it again")
        .after("all pods started on one side of the change"),
    ]))
}
