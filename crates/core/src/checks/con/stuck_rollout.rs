//! CON-10: a rollout stopped half way at pods whose credential or configuration is not good; the older pods serve on.

use super::steps;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{Id, Kind, Pod};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Symptom, is_app_failure};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Trigger, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CON-10",
    slug: "stuck-rollout",
    title: "A rollout stopped half way at a value that is not good",
    link: Link::Consumption,
    role: Role::Mechanism,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::ReplicaSet, Scope::OwnNamespace),
        Need::decides(Kind::StatefulSet, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-08", decided_by: "a login with the value that the new pods were given" },
        Neighbour {
            code: "REF-04",
            decided_by: "whether the new template names another object or key than the old one",
        },
        Neighbour { code: "CON-11", decided_by: "whether the new image asks for another name or path" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("stuck_rollout/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms() {
        let about_a_value = match symptom.class {
            Class::Config | Class::Mount => true,
            Class::App | Class::Crash => symptom.signal(is_app_failure).is_some(),
            _ => false,
        };
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        if about_a_value && let Some(finding) = half_way(view, symptom, pod) {
            found.push(finding);
        }
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

fn half_way(view: &View<'_>, symptom: &Symptom, pod: &Pod) -> Option<Finding> {
    let workload = &symptom.victim;
    if !matches!(workload.kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::Rollout) {
        return None;
    }
    let own = generation(pod)?;
    // Newest first: a pod of an older generation that fails is not what stopped this rollout.
    let (revision, before) = match steps::revisions(view, pod) {
        Some((own, Some(_))) => (Some(own), true),
        Some((own, None)) => (Some(own), false),
        // The revisions were not seen: the pods' own marks have to do.
        None => (None, view.workload(workload).is_none() || workload.kind == Kind::Deployment),
    };
    let stopped_set = view.workload(workload).is_some_and(|w| {
        w.update_revision.is_some()
            && w.update_revision != w.current_revision
            && w.update_revision.as_deref() == Some(own)
    });
    if !before && !stopped_set {
        return None;
    }
    let older: Vec<&Pod> = view
        .pods_of(workload)
        .filter(|p| generation(p).is_some_and(|g| g != own) && p.is_ready() && p.meta.deleting.is_none())
        .collect();
    let newest = view
        .pods_of(workload)
        .filter(|p| generation(p) != Some(own))
        .all(|p| p.meta.created <= pod.meta.created || p.meta.created.is_none());
    if older.is_empty() || !newest {
        return None;
    }
    let overdue = view.workload(workload).is_some_and(|w| {
        w.conditions.iter().any(|c| &*c.kind == "Progressing" && &*c.reason == "ProgressDeadlineExceeded")
    });
    let seen = if overdue {
        "Progressing is False: ProgressDeadlineExceeded".to_owned()
    } else {
        format!("the pod of the new revision fails; {} of the old one serve on", older.len())
    };
    let path = if overdue { "status.conditions[Progressing]" } else { "metadata.labels[controller-revision-hash]" };
    let path = if workload.kind == Kind::Deployment && !overdue { "metadata.labels[pod-template-hash]" } else { path };
    let on = if overdue { workload } else { &pod.id };
    let mut finding = Finding::new(
        workload,
        if revision.is_some() || stopped_set { Confidence::Likely } else { Confidence::Possible },
        format!("the rollout of {workload} stopped at {}; {} older pods serve on", pod.id, older.len()),
        Evidence::new(on, path, seen, "status").at(pod.meta.created),
    )
    .explains([symptom.ix])
    .link(Link::Consumption, workload, LinkState::Broken, "rollout half way")
    .note("the rollout protects the older pods: do not restart or delete them before the value is good");
    if let Some(revision) = revision {
        let change = steps::template_change(view, workload, revision);
        finding = finding
            .trigger(Some(Trigger {
                object: workload.clone(),
                what: "rollout of a new revision".to_owned(),
                at: change.when.until,
            }))
            .changed(Some(change));
    }
    Some(finding.plan(plan(workload, &pod.id)))
}

/// The generation of a template that a pod was made from.
fn generation(pod: &Pod) -> Option<&str> {
    pod.meta.label("pod-template-hash").or_else(|| pod.meta.label("controller-revision-hash"))
}

fn plan(workload: &Id, pod: &Id) -> Plan {
    let undo = Step::on(
        workload,
        "go back to the revision that serves, or correct the value that the new pods get",
        Effect::EditTemplate { workload: workload.clone() },
    )
    .change("the pod template, or the value at its owner of record")
    .command(format!("kubectl rollout undo {workload} -n {}", workload.namespace))
    .precondition("the older revision's references still exist")
    .risk(Risk::Review)
    .inverse(format!("kubectl rollout undo {workload} -n {}", workload.namespace))
    .after("no pod of the bad revision is made any more");
    let mut steps = vec![undo];
    if workload.kind == Kind::StatefulSet {
        let delete = Step::on(pod, format!("delete only the stuck {pod}"), Effect::Delete { object: pod.clone() })
            .change("the pod; its claims stay")
            .command(format!("kubectl delete {pod} -n {}", pod.namespace))
            .precondition(
                "the template or the value is good: a StatefulSet does not replace a pod that never became ready",
            )
            .risk(Risk::Review)
            .inverse("none: the controller makes the pod anew")
            .after("the controller makes it anew from the corrected revision and goes on");
        steps.push(delete);
    }
    Plan::new(steps)
}
