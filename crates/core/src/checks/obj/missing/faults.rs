//! Which references of failing pods name something that is not there.

use std::collections::BTreeMap;

use super::Case;
use crate::coverage::Seen;
use crate::messages::{ObjectKind, Signal};
use crate::objects::{Id, Kind, Pod, Reference, Str, Via, VolumeSource};
use crate::symptoms::{Channel, Class, Statement, Symptom};
use crate::view::View;

/// The object, the key where the object is there without it, and the victim.
pub type Place = (Id, Option<Str>, Id);

/// All cases by what is missing and whom it hits.
pub fn groups<'a, 'v>(view: &'v View<'a>) -> BTreeMap<Place, Vec<Case<'a, 'v>>> {
    let mut groups: BTreeMap<Place, Vec<Case<'a, 'v>>> = BTreeMap::new();
    for symptom in view.symptoms() {
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        for (key, case) in of_symptom(view, symptom, pod) {
            let object = Id {
                kind: case.reference.kind.clone(),
                namespace: pod.id.namespace.clone(),
                name: case.reference.name.clone(),
            };
            groups.entry((object, key, case.victim.clone())).or_default().push(case);
        }
    }
    groups
}

fn of_symptom<'a, 'v>(view: &'v View<'a>, symptom: &'v Symptom, pod: &'a Pod) -> Vec<(Option<Str>, Case<'a, 'v>)> {
    match symptom.class {
        Class::Config | Class::Mount => of_start(view, symptom, pod),
        Class::Crash | Class::App | Class::Start => of_sub_path(view, symptom, pod),
        _ => Vec::new(),
    }
}

fn of_start<'a, 'v>(view: &'v View<'a>, symptom: &'v Symptom, pod: &'a Pod) -> Vec<(Option<Str>, Case<'a, 'v>)> {
    let mut found: Vec<(Option<Str>, Case<'a, 'v>)> = Vec::new();
    let references: Vec<(Reference, String)> = view
        .references(pod)
        .iter()
        .filter(|(r, _)| !r.optional && !matches!(r.via, Via::PullSecret { .. }))
        .filter(|(r, _)| match symptom.class {
            Class::Config => r.container.is_some() && r.container == symptom.container,
            _ => r.container.is_none(),
        })
        .cloned()
        .collect();
    let case = |reference: &Reference, path: &String, said| Case {
        symptom: symptom.ix,
        victim: symptom.victim.clone(),
        pod,
        reference: reference.clone(),
        path: path.clone(),
        said,
    };
    for statement in symptom.said.iter().filter(|s| s.channel != Channel::Log) {
        for (reference, path) in &references {
            let Some(key) = names(statement, reference) else { continue };
            // An event may tell of what has been put right meanwhile, before the pod met the next fault.
            if statement.channel == Channel::Event
                && symptom.said.iter().any(|s| s.channel == Channel::Waiting && s.said.signal.is_some())
                && is_there(view, pod, reference)
            {
                continue;
            }
            let known = found.iter().any(|(k, c)| *k == key && c.reference == *reference);
            if !known {
                found.push((key, case(reference, path, Some(statement))));
            }
        }
    }
    // The kubelet names one fault at a time, and its events expire: the objects tell the rest. What it says of another
    // kind is not overruled by them.
    let speechless = symptom.said.iter().all(|s| s.said.signal.is_none());
    if !found.is_empty() || speechless {
        for (reference, path) in &references {
            if found.iter().any(|(_, c)| c.reference == *reference) {
                continue;
            }
            match view.data(&reference.kind, &pod.id.namespace, &reference.name) {
                Seen::Absent(_) => found.push((None, case(reference, path, None))),
                Seen::Seen(object) => {
                    if let Some(key) = &reference.key
                        && !object.keys_unseen
                        && object.key(key).is_none()
                    {
                        found.push((Some(key.clone()), case(reference, path, None)));
                    }
                }
                Seen::Unseen(_) => {}
            }
        }
    }
    found
}

/// Whether a statement names what a reference asks for; inside, the key if that is what is missing.
fn names(statement: &Statement, reference: &Reference) -> Option<Option<Str>> {
    let fields = &statement.said.fields;
    let name_of = |kind: ObjectKind| match kind {
        ObjectKind::Secret => (Kind::Secret, fields.secret.as_deref()),
        ObjectKind::ConfigMap => (Kind::ConfigMap, fields.configmap.as_deref()),
    };
    for signal in &statement.said.signals {
        match signal {
            Signal::ObjectNotFound(kind) => {
                let (kind, name) = name_of(*kind);
                if reference.kind == kind && name == Some(&*reference.name) {
                    return Some(None);
                }
            }
            Signal::KeyNotFound(kind) => {
                let (kind, name) = name_of(*kind);
                let Some(key) = &reference.key else { continue };
                let key_fits = fields.key.as_deref().is_some_and(|k| k.eq_ignore_ascii_case(key));
                let volume_fits = match (&reference.via, fields.volume.as_deref()) {
                    (Via::Volume { volume } | Via::Projected { volume }, Some(said)) => &**volume == said,
                    _ => true,
                };
                if reference.kind == kind && key_fits && volume_fits && name.is_none_or(|n| n == &*reference.name) {
                    return Some(Some(key.clone()));
                }
            }
            _ => {}
        }
    }
    None
}

fn is_there(view: &View<'_>, pod: &Pod, reference: &Reference) -> bool {
    match view.data(&reference.kind, &pod.id.namespace, &reference.name) {
        Seen::Seen(object) => {
            reference.key.as_deref().is_none_or(|key| object.keys_unseen || object.key(key).is_some())
        }
        _ => false,
    }
}

/// A `subPath` that names an absent key gets an empty directory, and only the application's log shows it.
fn of_sub_path<'a, 'v>(view: &'v View<'a>, symptom: &'v Symptom, pod: &'a Pod) -> Vec<(Option<Str>, Case<'a, 'v>)> {
    let mut found = Vec::new();
    let Some(statement) = symptom.signal(|s| s == Signal::FileIsDirectory) else { return found };
    let container = pod.spec.containers.iter().find(|c| Some(&c.name) == symptom.container.as_ref());
    for mount in container.iter().flat_map(|c| &c.mounts) {
        let Some(sub_path) = &mount.sub_path else { continue };
        let said = statement.said.fields.path.as_deref();
        if said.is_some_and(|path| !path.starts_with(&*mount.path)) {
            continue;
        }
        let Some(index) = pod.spec.volumes.iter().position(|v| v.name == mount.volume) else { continue };
        let VolumeSource::Data { kind, name, items, .. } = &pod.spec.volumes[index].source else { continue };
        let Seen::Seen(object) = view.data(kind, &pod.id.namespace, name) else { continue };
        let given = if items.is_empty() {
            object.keys.iter().any(|k| k.name == *sub_path)
        } else {
            items.iter().any(|i| i.path == *sub_path)
        };
        if given || object.keys_unseen {
            continue;
        }
        let reference = Reference {
            kind: kind.clone(),
            name: name.clone(),
            key: Some(sub_path.clone()),
            optional: false,
            via: Via::Volume { volume: mount.volume.clone() },
            container: symptom.container.clone(),
        };
        let case = Case {
            symptom: symptom.ix,
            victim: symptom.victim.clone(),
            pod,
            reference,
            path: format!("spec.volumes[{index}]"),
            said: Some(statement),
        };
        found.push((Some(sub_path.clone()), case));
    }
    found
}
