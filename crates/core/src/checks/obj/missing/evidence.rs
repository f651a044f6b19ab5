//! Observations about a missing thing: that it was there, that it was deleted, where else it is, what a rollout changed.

use super::{Case, Deletion, Proof, Rollout};
use crate::messages::{ObjectKind, Signal};
use crate::objects::{
    ContainerState, DataObject, EnvSource, Id, Kind, Pod, PodSpec, ProjectedSource, Reference, Str, Via, VolumeSource,
    Workload,
};
use crate::references;
use crate::time::{Interval, Time};
use crate::view::View;

/// Whether a spec needs the object (or the key of it) to start.
pub fn needs(spec: &PodSpec, object: &Id, key: Option<&str>) -> bool {
    references::of(spec).iter().any(|(r, _)| fits(r, object, key))
}

fn fits(reference: &Reference, object: &Id, key: Option<&str>) -> bool {
    !reference.optional
        && !matches!(reference.via, Via::PullSecret { .. })
        && reference.kind == object.kind
        && reference.name == object.name
        && key.is_none_or(|k| reference.key.as_deref() == Some(k))
}

/// Everything that proves that the object (or its key) was there before it was missed, newest last.
pub fn proofs(view: &View<'_>, object: &Id, key: Option<&str>, cases: &[Case<'_, '_>]) -> Vec<Proof> {
    let until = cases.iter().filter_map(|c| c.said?.last).max().or(view.as_of);
    let mut found = Vec::new();
    for pod in pods_in(view, &object.namespace) {
        of_pod(view, pod, object, key, &mut found);
    }
    of_past_pods(view, object, key, &mut found);
    of_mount_warnings(view, object, key, cases, &mut found);
    of_workloads(view, object, key, cases, &mut found);
    found.retain(|p| p.at.is_none_or(|at| until.is_none_or(|until| at <= until)));
    found.sort_by(|a, b| (b.weak, a.at, &a.object, &a.path).cmp(&(a.weak, b.at, &b.object, &b.path)));
    found
}

pub fn pods_in<'a>(view: &View<'a>, namespace: &str) -> &'a [Pod] {
    let pods = &view.snap.pods;
    let from = pods.partition_point(|p| &*p.id.namespace < namespace);
    let to = pods.partition_point(|p| &*p.id.namespace <= namespace);
    &pods[from..to]
}

/// A container that started had all that it needs.
fn of_pod(view: &View<'_>, pod: &Pod, object: &Id, key: Option<&str>, found: &mut Vec<Proof>) {
    let all = view.references(pod);
    let references: Vec<&Reference> = all.iter().map(|(r, _)| r).filter(|r| fits(r, object, key)).collect();
    if references.is_empty() {
        return;
    }
    let whole_pod = references.iter().any(|r| r.container.is_none());
    for (index, status) in pod.statuses.iter().enumerate() {
        let needed = whole_pod || references.iter().any(|r| r.container.as_deref() == Some(&*status.name));
        if !needed {
            continue;
        }
        for (field, state) in [("state", Some(&status.state)), ("lastState", status.last.as_ref())] {
            let started = match state {
                Some(ContainerState::Running { since }) => *since,
                // Without a start it never ran.
                Some(ContainerState::Terminated { started: Some(started), reason, .. })
                    if !matches!(&**reason, "StartError" | "ContainerCannotRun") && started.0 > 0 =>
                {
                    Some(*started)
                }
                _ => continue,
            };
            found.push(Proof {
                object: pod.id.clone(),
                path: format!("status.containerStatuses[{index}].{field}"),
                seen: format!("container {} started, and it cannot start without", status.name),
                at: started,
                source: "status",
                weak: false,
            });
        }
    }
}

/// Events of pods that are gone (or of an earlier pod of the same name) tell of starts, too.
fn of_past_pods(view: &View<'_>, object: &Id, key: Option<&str>, found: &mut Vec<Proof>) {
    let makers: Vec<&Workload> = workloads_in(view, &object.namespace)
        .filter(|w| {
            matches!(w.id.kind, Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet | Kind::Job)
                && w.template.as_deref().is_some_and(|t| needs(t, object, key))
                && always_needed(view, w, object, key)
        })
        .collect();
    if makers.is_empty() {
        return;
    }
    for event in &view.snap.events {
        if event.about.kind != Kind::Pod || event.about.namespace != object.namespace || &*event.reason != "Started" {
            continue;
        }
        let now = view.pod(&event.about);
        if now.is_some_and(|p| p.meta.uid.is_none() || event.about_uid.is_none() || p.meta.uid == event.about_uid) {
            continue;
        }
        let made_by = |w: &&Workload| {
            event.about.name.strip_prefix(&*w.id.name).and_then(|rest| rest.strip_prefix('-')).is_some_and(|rest| {
                if w.id.kind == Kind::StatefulSet {
                    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())
                } else {
                    !rest.is_empty() && !rest.contains('-')
                }
            })
        };
        let Some(maker) = makers.iter().copied().find(|w| made_by(w)) else { continue };
        let Some(template) = &maker.template else { continue };
        let needed = view.references_of(template).iter().any(|(r, _)| {
            fits(r, object, key)
                && match (&r.container, &event.container) {
                    (Some(wants), Some(started)) => wants == started,
                    _ => true,
                }
        });
        if needed {
            found.push(Proof {
                object: event.about.clone(),
                path: "event Started".to_owned(),
                seen: format!("an earlier pod of {} started, and it cannot start without", maker.id),
                at: event.last,
                source: "event",
                weak: false,
            });
        }
    }
}

/// A StatefulSet's or DaemonSet's earlier pods may have come from an earlier template: then all revisions must agree.
fn always_needed(view: &View<'_>, workload: &Workload, object: &Id, key: Option<&str>) -> bool {
    view.revisions_of(&workload.id).all(|r| r.template.as_deref().is_none_or(|t| needs(t, object, key)))
}

pub fn workloads_in<'a>(view: &View<'a>, namespace: &str) -> impl Iterator<Item = &'a Workload> {
    let namespace = namespace.to_owned();
    view.snap.workloads.iter().filter(move |w| *w.id.namespace == *namespace)
}

/// A kubelet that misses a mounted object on a pod that runs had it before.
fn of_mount_warnings(view: &View<'_>, object: &Id, key: Option<&str>, cases: &[Case<'_, '_>], found: &mut Vec<Proof>) {
    let kind = if object.kind == Kind::Secret { ObjectKind::Secret } else { ObjectKind::ConfigMap };
    for event in &view.snap.events {
        if event.about.kind != Kind::Pod || event.about.namespace != object.namespace || &*event.reason != "FailedMount"
        {
            continue;
        }
        let fields = &event.said.fields;
        let name = if kind == ObjectKind::Secret { fields.secret.as_deref() } else { fields.configmap.as_deref() };
        let said = match key {
            None => event.said.says(Signal::ObjectNotFound(kind)) && name == Some(&*object.name),
            Some(key) => {
                event.said.says(Signal::KeyNotFound(kind))
                    && fields.key.as_deref() == Some(key)
                    && name.is_none_or(|n| n == &*object.name)
            }
        };
        if !said {
            continue;
        }
        let running = view.pod(&event.about).is_some_and(|p| {
            let same = p.meta.uid.is_none() || event.about_uid.is_none() || p.meta.uid == event.about_uid;
            same && needs(&p.spec, object, key)
                && p.statuses.iter().any(|s| match &s.state {
                    ContainerState::Running { since: Some(since) } => event.first.is_some_and(|f| *since <= f),
                    _ => false,
                })
        });
        // An earlier pod of the name: it ran if it got as far as starting.
        let earlier = cases.iter().any(|c| {
            c.pod.id == event.about
                && event.about_uid.is_some()
                && c.pod.meta.uid.is_some()
                && c.pod.meta.uid != event.about_uid
        }) && view
            .events_about(&event.about)
            .any(|e| e.about_uid == event.about_uid && &*e.reason == "Started" && e.last <= event.first);
        if running || earlier {
            found.push(Proof {
                object: event.about.clone(),
                path: "event FailedMount".to_owned(),
                seen: "the kubelet misses it on a pod that had it mounted".to_owned(),
                at: event.first,
                source: "event",
                weak: false,
            });
        }
    }
}

/// Conditions and times of workloads that could not be so if their pods had never started.
fn of_workloads(view: &View<'_>, object: &Id, key: Option<&str>, cases: &[Case<'_, '_>], found: &mut Vec<Proof>) {
    let mut seen: Vec<&Id> = Vec::new();
    for case in cases {
        if seen.contains(&&case.victim) {
            continue;
        }
        seen.push(&case.victim);
        let Some(workload) = view.workload(&case.victim) else { continue };
        let all_need =
            view.revisions_of(&case.victim).all(|r| r.template.as_deref().is_some_and(|t| needs(t, object, key)));
        let mut add = |path: &str, seen: &str, at, weak| {
            found.push(Proof {
                object: workload.id.clone(),
                path: path.to_owned(),
                seen: seen.to_owned(),
                at,
                source: "status",
                weak,
            });
        };
        if workload.id.kind == Kind::Deployment && all_need && view.revisions_of(&case.victim).next().is_some() {
            let available = workload.conditions.iter().find(|c| &*c.kind == "Available");
            if let Some(condition) = available
                && condition.status == Some(false)
                && condition.changed.zip(workload.meta.created).is_some_and(|(at, made)| at.since(made) > 5)
            {
                add(
                    "status.conditions[Available]",
                    "it was available before, and its pods cannot start without",
                    condition.changed,
                    false,
                );
            }
            let complete =
                workload.conditions.iter().any(|c| &*c.kind == "Progressing" && &*c.reason == "NewReplicaSetAvailable");
            if complete {
                add(
                    "status.conditions[Progressing]",
                    "its rollout was complete once, and its pods cannot start without",
                    None,
                    false,
                );
            }
        }
        if let Some(at) = workload.last_success
            && workload.id.kind == Kind::CronJob
            && workload.meta.managed.iter().filter(|m| m.owns("spec")).all(|m| m.time < Some(at))
        {
            add(
                "status.lastSuccessfulTime",
                "it ran to its end before, and its pods cannot start without",
                Some(at),
                false,
            );
        }
        let maker = view.revision_of(case.pod).unwrap_or(workload);
        let maker_made = if workload.id.kind == Kind::StatefulSet { workload.meta.created } else { maker.meta.created };
        if workload.id.kind != Kind::CronJob
            && all_need
            && maker_made.zip(case.pod.meta.created).is_some_and(|(made, pod)| pod.since(made) > 600)
        {
            add("metadata.creationTimestamp", "it is older than its failing pod by more than ten minutes", None, true);
        }
    }
}

/// What is known of the deletion of an object that was there.
pub fn deletion<'a>(view: &View<'a>, object: &Id, cases: &[Case<'_, '_>], proof: Vec<Proof>) -> Option<Deletion<'a>> {
    let audit = view
        .audited_deletion(object)
        .filter(|d| !view.writes_of(object).any(|w| w.at > d.at && &*w.verb == "create"))
        .or_else(|| {
            view.audited_collection_deletion(&object.kind, &object.namespace)
                .filter(|_| !proof.is_empty() || view.writes_of(object).next().is_some())
        });
    if let Some(write) = audit {
        let together = view
            .snap
            .audit
            .iter()
            .filter(|w| {
                w.succeeded()
                    && &*w.verb == "delete"
                    && w.subresource.is_none()
                    && w.user == write.user
                    && w.object.namespace == object.namespace
                    && w.object != *object
                    && !matches!(w.object.kind, Kind::Pod | Kind::Event | Kind::Lease)
                    && w.at.since(write.at).abs() <= 10
            })
            .map(|w| w.object.clone())
            .collect();
        return Some(Deletion {
            when: Interval::at(write.at),
            by: Some(write.user.clone()),
            audit: Some(write),
            proof,
            together,
        });
    }
    if proof.is_empty() {
        return None;
    }
    let warned = proof.iter().filter(|p| p.path == "event FailedMount").filter_map(|p| p.at).min();
    let last_start = proof.iter().filter(|p| p.path != "event FailedMount" && !p.weak).filter_map(|p| p.at).max();
    let missed = cases.iter().filter_map(|c| c.said?.first.or(c.pod.meta.created)).min();
    // A kubelet warns within two of its sync periods.
    let after = match warned {
        Some(at) => last_start.max(Some(at.plus(-120))),
        None => last_start,
    };
    let until = [warned, missed].into_iter().flatten().min();
    let when =
        if after > until && until.is_some() { Interval::between(None, until) } else { Interval::between(after, until) };
    Some(Deletion { when, by: None, audit: None, proof, together: Vec::new() })
}

/// Objects of the same kind and name in other namespaces that have the needed keys.
pub fn elsewhere<'a>(view: &View<'a>, object: &Id, keys: &[Str]) -> Vec<&'a DataObject> {
    view.snap
        .data
        .iter()
        .filter(|d| d.id.kind == object.kind && d.id.name == object.name && d.id.namespace != object.namespace)
        .filter(|d| has_keys(d, keys))
        .collect()
}

pub fn has_keys(object: &DataObject, keys: &[Str]) -> bool {
    object.keys_unseen || keys.iter().all(|k| object.key(k).is_some())
}

/// Keys that the cases ask for by name.
pub fn wanted_keys(cases: &[Case<'_, '_>], object: &Id) -> Vec<Str> {
    let mut keys: Vec<Str> = cases
        .iter()
        .flat_map(|c| references::of(&c.pod.spec))
        .filter(|(r, _)| r.kind == object.kind && r.name == object.name)
        .filter_map(|(r, _)| r.key)
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

/// The rollout that brought a reference to the object (or key) into the template that fails.
pub fn rollout<'a>(view: &View<'a>, case: &Case<'_, '_>, object: &Id, key: Option<&str>) -> Option<Rollout<'a>> {
    let mut revision = view.revision_of(case.pod)?;
    let mut older: Vec<&'a Workload> =
        view.revisions_of(&case.victim).filter(|r| r.id != revision.id && r.revision < revision.revision).collect();
    older.sort_by_key(|r| std::cmp::Reverse((r.revision, r.meta.created)));
    for previous in older {
        let template = previous.template.as_deref()?;
        if needs(template, object, key) {
            revision = previous;
            continue;
        }
        let healthy = view
            .pods_of(&case.victim)
            .find(|p| {
                p.is_ready() && p.meta.deleting.is_none() && view.revision_of(p).is_some_and(|r| r.id == previous.id)
            })
            .map(|p| p.id.clone());
        return Some(Rollout { revision, previous, before: counterpart(template, case), healthy });
    }
    None
}

/// What another template names at the place of the failing reference.
fn counterpart(template: &PodSpec, case: &Case<'_, '_>) -> Option<(Str, Option<Str>)> {
    match &case.reference.via {
        Via::Env { variable } => {
            let container = template.containers.iter().find(|c| Some(&c.name) == case.reference.container.as_ref())?;
            container.env.iter().find(|e| e.name == *variable).and_then(|e| match &e.source {
                EnvSource::Key { name, key, .. } => Some((name.clone(), Some(key.clone()))),
                _ => None,
            })
        }
        Via::EnvFrom => {
            let container = template.containers.iter().find(|c| Some(&c.name) == case.reference.container.as_ref())?;
            let now: Vec<&Str> = case
                .pod
                .spec
                .containers
                .iter()
                .filter(|c| c.name == container.name)
                .flat_map(|c| &c.env_from)
                .map(|f| &f.name)
                .collect();
            // The one that is no longer there.
            container
                .env_from
                .iter()
                .find(|f| f.kind == case.reference.kind && !now.contains(&&f.name))
                .map(|f| (f.name.clone(), None))
        }
        Via::Volume { volume }
        | Via::Projected { volume }
        | Via::CsiPublish { volume }
        | Via::LegacyVolume { volume, .. } => {
            let volume = template.volumes.iter().find(|v| v.name == *volume)?;
            match &volume.source {
                VolumeSource::Data { name, items, .. } => {
                    Some((name.clone(), items.first().map(|i| i.key.clone()).filter(|_| case.reference.key.is_some())))
                }
                VolumeSource::Projected { sources, .. } => {
                    let now: Vec<&Str> = case
                        .pod
                        .spec
                        .volumes
                        .iter()
                        .filter(|v| v.name == volume.name)
                        .filter_map(|v| match &v.source {
                            VolumeSource::Projected { sources, .. } => Some(sources),
                            _ => None,
                        })
                        .flatten()
                        .filter_map(|s| match s {
                            ProjectedSource::Data { name, .. } => Some(name),
                            _ => None,
                        })
                        .collect();
                    sources.iter().find_map(|s| match s {
                        ProjectedSource::Data { kind, name, .. }
                            if *kind == case.reference.kind && !now.contains(&name) =>
                        {
                            Some((name.clone(), None))
                        }
                        _ => None,
                    })
                }
                _ => None,
            }
        }
        Via::PullSecret { .. } => None,
    }
}

/// The revision of the failing pod, where it is an old one that a rollback took up again, with the newest revision that
/// it replaced.
pub fn reused<'a>(view: &View<'a>, case: &Case<'_, '_>) -> Option<(&'a Workload, &'a Workload)> {
    let revision = view.revision_of(case.pod)?;
    let newer = view
        .revisions_of(&case.victim)
        .filter(|r| r.id != revision.id && r.meta.created > revision.meta.created && r.revision < revision.revision)
        .max_by_key(|r| (r.meta.created, r.revision))?;
    Some((revision, newer))
}

/// When the template that the failing pod was made from came to be.
pub fn template_made(view: &View<'_>, case: &Case<'_, '_>) -> Option<Time> {
    match view.revision_of(case.pod) {
        Some(revision) => revision.meta.created,
        None => view.workload(&case.victim).map_or(case.pod.meta.created, |w| w.meta.created),
    }
}
