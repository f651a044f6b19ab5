//! DEL-08: a key or an object was removed under running pods: nothing fails yet, the next start will.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::steps;
use crate::coverage::{Basis, Seen};
use crate::messages::{ObjectKind, Signal};
use crate::objects::{ContainerState, DataObject, Event, Id, Kind, Pod, PodSpec, Reference, Via};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::Class;
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

/// The kubelet tries a failed mount again after two minutes and two seconds at the latest
/// (kubernetes/kubernetes, `pkg/volume/util/nestedpendingoperations`).
const RETRY: i64 = 150;

pub static CARD: Card = Card {
    code: "DEL-08",
    slug: "removed-under-running",
    title: "A key or an object was removed under running pods",
    link: Link::Delivery,
    role: Role::Latent,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::OwnNamespace),
        Need::sharpens(Kind::ConfigMap, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-05", decided_by: "whether a pod already fails for want of the key" },
        Neighbour { code: "OBJ-02", decided_by: "whether a pod already fails for want of the object" },
        Neighbour {
            code: "DEL-05",
            decided_by: "whether the text says that it is not there, or that waiting timed out",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("removed_under_running/explain.md"),
    judge,
};

/// What is gone, by object and key.
type Gone = (Id, Option<String>);

struct Loss<'a> {
    pod: &'a Pod,
    path: String,
    event: Option<&'a Event>,
    basis: Option<Basis>,
    /// Latest start of a container that had it.
    had: Option<Time>,
}

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let failing = failing_already(view);
    let mut losses: BTreeMap<Gone, Vec<Loss<'_>>> = BTreeMap::new();
    let mut complete: BTreeMap<(&str, *const PodSpec), bool> = BTreeMap::new();
    for pod in &view.snap.pods {
        if !stands(pod) || (!failing.is_empty() && failing.contains(&view.top_owner(pod))) {
            continue;
        }
        // Pods of one template stand or fall together: most have all that they name, and no warning.
        let warned = view.events_about(&pod.id).any(|e| e.warning && &*e.reason == "FailedMount");
        let spec = (&*pod.id.namespace, std::sync::Arc::as_ptr(&pod.spec));
        if !warned && *complete.entry(spec).or_insert_with(|| has_all(view, pod)) {
            continue;
        }
        for (reference, path) in view.references(pod).iter() {
            if let Some((gone, loss)) = lost(view, pod, reference, path.clone()) {
                losses.entry(gone).or_default().push(loss);
            }
        }
    }
    let mut found = Vec::new();
    for ((object, key), losses) in losses {
        found.push(finding(view, &object, key.as_deref(), &losses));
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

/// Whether nothing that the pod's spec names is known to be gone. Without a warning, only a stated absence counts: see [`lost`].
fn has_all(view: &View<'_>, pod: &Pod) -> bool {
    view.references(pod).iter().all(|(reference, _)| {
        match view.data(&reference.kind, &pod.id.namespace, &reference.name) {
            Seen::Seen(data) => missing_key(data, reference).is_none(),
            Seen::Absent(Basis::Stated) => reference.optional || &*reference.name == "kube-root-ca.crt",
            Seen::Absent(Basis::Presumed) | Seen::Unseen(_) => true,
        }
    })
}

/// Runs, and is not on its way out.
fn stands(pod: &Pod) -> bool {
    &*pod.phase == "Running"
        && pod.meta.deleting.is_none()
        && !pod.mirror
        && pod.statuses.iter().any(|s| matches!(s.state, ContainerState::Running { .. }))
}

/// Workloads that have a pod that waits for an object already: those are live incidents of their own (OBJ-02, OBJ-05).
fn failing_already(view: &View<'_>) -> BTreeSet<Id> {
    let waits = view.symptoms().iter().filter(|s| matches!(s.class, Class::Config | Class::Mount | Class::Start));
    waits.map(|s| s.victim.clone()).collect()
}

fn lost<'a>(view: &View<'a>, pod: &'a Pod, reference: &Reference, path: String) -> Option<(Gone, Loss<'a>)> {
    if reference.optional
        || matches!(reference.via, Via::PullSecret { .. } | Via::CsiPublish { .. } | Via::LegacyVolume { .. })
    {
        return None;
    }
    let object = Id::new(reference.kind.clone(), &pod.id.namespace, &reference.name);
    let had = had(pod, reference)?;
    let event = view.events_about(&pod.id).filter(|e| says_gone(e, reference)).last();
    let fresh = event.is_some_and(|e| view.as_of.zip(e.last).is_none_or(|(now, last)| now.since(last) <= RETRY));
    let (key, basis) = match view.data(&reference.kind, &pod.id.namespace, &reference.name) {
        Seen::Seen(data) => (missing_key(data, reference)?, Some(Basis::Stated)),
        // Every pod mounts this one; a cluster that had lost it would say so in Events.
        Seen::Absent(_) if &*reference.name == "kube-root-ca.crt" && event.is_none() => return None,
        Seen::Absent(Basis::Presumed) if event.is_none() => return None,
        Seen::Absent(basis) => (None, Some(if fresh { Basis::Stated } else { basis })),
        Seen::Unseen(_) => (event?.said.fields.key.as_deref().map(str::to_owned), fresh.then_some(Basis::Stated)),
    };
    Some(((object, key), Loss { pod, path, event, basis, had: Some(had) }))
}

/// The key that the reference asks for and the object no longer has. `None` if nothing is missing.
fn missing_key(data: &DataObject, reference: &Reference) -> Option<Option<String>> {
    let key = reference.key.as_ref()?;
    (!data.keys_unseen && data.key(key).is_none()).then(|| Some(key.to_string()))
}

/// When the newest running container started that needed it: then it was there.
fn had(pod: &Pod, reference: &Reference) -> Option<Time> {
    let starts = pod.statuses.iter().filter(|s| reference.container.as_ref().is_none_or(|c| *c == s.name));
    starts.filter_map(|s| s.state.running_since()).max()
}

/// Whether the kubelet says on this running pod that what the reference needs is not there.
fn says_gone(event: &Event, reference: &Reference) -> bool {
    if !event.warning || &*event.reason != "FailedMount" {
        return false;
    }
    let want = if reference.kind == Kind::Secret { ObjectKind::Secret } else { ObjectKind::ConfigMap };
    let fields = &event.said.fields;
    let named = if want == ObjectKind::Secret { &fields.secret } else { &fields.configmap };
    let same_object = named.as_deref().is_none_or(|n| n == &*reference.name);
    event.said.signals.iter().any(|signal| match signal {
        Signal::ObjectNotFound(kind) => *kind == want && named.is_some() && same_object,
        Signal::KeyNotFound(kind) => *kind == want && same_object && fields.key.as_deref() == reference.key.as_deref(),
        _ => false,
    })
}

fn finding(view: &View<'_>, object: &Id, key: Option<&str>, losses: &[Loss<'_>]) -> Finding {
    let what = key.map_or_else(|| object.to_string(), |k| format!("key {k} of {object}"));
    let certain = losses.iter().any(|l| l.basis == Some(Basis::Stated));
    let confidence = if certain { Confidence::Certain } else { Confidence::Likely };
    let data = view.data(&object.kind, &object.namespace, &object.name).seen();
    let said = losses.iter().filter_map(|l| Some((l, l.event?))).max_by_key(|(_, e)| e.last);
    let primary = match said {
        Some((loss, event)) => Evidence::new(
            &loss.pod.id,
            format!("event {}", event.reason),
            format!("the kubelet cannot find {what} for this running pod"),
            "event",
        )
        .at(event.last),
        None => Evidence::new(
            object,
            if key.is_some() { "data" } else { "metadata.name" },
            format!("{what} is not there"),
            "spec",
        ),
    };
    let mut finding = Finding::new(
        object,
        confidence,
        format!("{what} was removed under running pods; they cannot start again"),
        primary,
    )
    .latent()
    .link(Link::Object, object, LinkState::Broken, format!("{what} removed"))
    .rules_out("DEL-05", "the text says that it is not there, not that waiting timed out");
    for loss in losses {
        let workload = view.top_owner(loss.pod);
        if finding.victims.contains(&workload) {
            continue;
        }
        finding = finding
            .victim(&workload)
            .supported_by([
                Evidence::new(&loss.pod.id, loss.path.clone(), "needed at the next start", "spec").at(loss.had)
            ])
            .link(Link::Delivery, &workload, LinkState::Affected, "runs with what it was given");
    }
    finding = finding.changed(removal(view, object, key, losses, data));
    let keys: Vec<String> = key.map(str::to_owned).into_iter().collect();
    let hold = Step::on(object, "pause rollouts, drains and restarts of the victims until it is back", Effect::Wait)
        .change("nothing")
        .precondition("the victims still run")
        .risk(Risk::Safe)
        .inverse("resume")
        .after("no pod is made anew meanwhile");
    let back = steps::restore(object, data.map(|d| &d.meta), &keys);
    finding.plan(Plan::new(vec![hold, back]))
}

/// When it went: the audit log's word, else between the last start that had it and the first complaint; on a running pod
/// the complaint follows within two minutes.
fn removal(
    view: &View<'_>,
    object: &Id,
    key: Option<&str>,
    losses: &[Loss<'_>],
    data: Option<&DataObject>,
) -> Option<Change> {
    let write = view.writes_of(object).rev().find(|w| match key {
        Some(_) if data.is_some() => matches!(&*w.verb, "update" | "patch" | "create"),
        _ => &*w.verb == "delete",
    });
    if let Some(write) = write {
        return Some(Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" });
    }
    let had = losses.iter().filter_map(|l| l.had).max();
    let first = losses.iter().filter_map(|l| l.event?.first).min();
    let after = had.max(first.map(|t| t.plus(-120)));
    let by = data.and_then(|d| view.last_change(&d.id, &d.meta)).and_then(|c| c.by);
    (after.is_some() || first.is_some()).then_some(Change {
        when: Interval::between(after, first.or(view.as_of)),
        by: by.filter(|_| key.is_none()),
        source: if first.is_some() { "events" } else { "status" },
    })
}
