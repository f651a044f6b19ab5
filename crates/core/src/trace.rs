//! The chain of one object: up to its source, down to its consumers, and how each link stands.

use std::collections::BTreeSet;

use crate::coverage::Seen;
use crate::diagnose::{Question, diagnose};
use crate::objects::{DataObject, Id, Kind, Via};
use crate::report::Report;
use crate::snapshot::Snapshot;
use crate::time::Time;
use crate::verdict::{ChainLink, Link, LinkState};
use crate::view::View;

/// The links of an object, ordered from upstream, and the incidents that touch it.
#[derive(Debug)]
pub struct Trace {
    pub subject: Id,
    pub as_of: Option<Time>,
    pub links: Vec<ChainLink>,
    /// Workloads that would be hit if the subject broke.
    pub blast_radius: Vec<Id>,
    pub report: Report,
}

pub fn trace(snapshot: &Snapshot, subject: &Id) -> Trace {
    let view = View::new(snapshot);
    let mut links = Vec::new();
    let mut blast = BTreeSet::new();
    match subject.kind {
        Kind::Secret | Kind::ConfigMap => data(&view, subject, &mut links, &mut blast),
        _ => workload(&view, subject, &mut links, &mut blast),
    }
    links.sort_by(|a, b| (a.link, &a.object, &a.note).cmp(&(b.link, &b.object, &b.note)));
    links.dedup();
    Trace {
        subject: subject.clone(),
        as_of: snapshot.as_of,
        links,
        blast_radius: blast.into_iter().collect(),
        report: diagnose(snapshot, &Question { namespace: None, subject: Some(subject.clone()) }),
    }
}

fn push(links: &mut Vec<ChainLink>, link: Link, object: &Id, state: LinkState, note: impl Into<String>) {
    links.push(ChainLink { link, object: object.clone(), state, note: note.into() });
}

/// A Secret or ConfigMap: its operator and store above, its consumers below.
fn data(view: &View<'_>, id: &Id, links: &mut Vec<ChainLink>, blast: &mut BTreeSet<Id>) {
    match view.data(&id.kind, &id.namespace, &id.name) {
        Seen::Seen(object) => {
            push(links, Link::Object, id, LinkState::Ok, described(object));
            upstream(view, object, links);
        }
        Seen::Absent(_) => push(links, Link::Object, id, LinkState::Broken, "does not exist"),
        Seen::Unseen(why) => push(links, Link::Object, id, LinkState::Unknown, why.words()),
    }
    for consumer in view.consumers(&id.kind, &id.namespace, &id.name) {
        let stale = consumer.pod.as_ref().and_then(|pod| frozen_before_change(view, id, pod, &consumer.reference.via));
        let (state, note) = match stale {
            Some(note) => (LinkState::Affected, note),
            None => (LinkState::Ok, format!("by {}", consumer.path)),
        };
        push(
            links,
            if consumer.pod.is_some() { Link::Consumption } else { Link::Reference },
            consumer.pod.as_ref().unwrap_or(&consumer.workload),
            state,
            note,
        );
        blast.insert(consumer.workload.clone());
    }
    for account in &view.snap.service_accounts {
        if id.kind == Kind::Secret && account.id.namespace == id.namespace && account.pull_secrets.contains(&id.name) {
            push(links, Link::Reference, &account.id, LinkState::Ok, "by imagePullSecrets");
        }
    }
}

/// An environment taken before the object last changed keeps the old value.
fn frozen_before_change(view: &View<'_>, object: &Id, pod: &Id, via: &Via) -> Option<String> {
    if !matches!(via, Via::Env { .. } | Via::EnvFrom) {
        return None;
    }
    let changed =
        view.data(&object.kind, &object.namespace, &object.name).seen().and_then(|o| view.data_change(o))?.when.after?;
    let pod = view.pod(pod)?;
    let started = pod.statuses.iter().filter_map(|s| s.state.running_since()).min()?;
    (started < changed).then(|| format!("environment of {started}, older than the change of {changed}"))
}

fn described(object: &DataObject) -> String {
    if object.keys_unseen {
        return "keys not seen".to_owned();
    }
    let keys: Vec<&str> = object.keys.iter().map(|k| &*k.name).collect();
    let kind = object.secret_type.as_deref().map(|t| format!("{t}, ")).unwrap_or_default();
    format!("{kind}keys {}", if keys.is_empty() { "none".to_owned() } else { keys.join(", ") })
}

fn upstream(view: &View<'_>, object: &DataObject, links: &mut Vec<ChainLink>) {
    let by_target = view.snap.external_secrets.iter().filter(|es| {
        es.id.kind == Kind::ExternalSecret
            && es.id.namespace == object.id.namespace
            && es.target.name.as_deref().unwrap_or(&es.id.name) == &*object.id.name
            && object.id.kind == Kind::Secret
    });
    for es in by_target {
        let ready = es.conditions.iter().find(|c| &*c.kind == "Ready").and_then(|c| c.status);
        let refreshed = es.refreshed.map(|t| format!("refreshed {t}")).unwrap_or_else(|| "never refreshed".to_owned());
        push(links, Link::Sync, &es.id, state_of(ready), refreshed);
        for remote in &es.data {
            push(links, Link::Source, &es.id, LinkState::Unknown, format!("reads {}", remote.remote_key));
        }
        if let Some(store) = &es.store {
            let namespace = if store.kind == Kind::ClusterSecretStore { "" } else { &object.id.namespace };
            let id = Id::new(store.kind.clone(), namespace, &store.name);
            match view.store(&store.kind, &object.id.namespace, &store.name) {
                Seen::Seen(found) => {
                    let ready = found.conditions.iter().find(|c| &*c.kind == "Ready").and_then(|c| c.status);
                    push(
                        links,
                        Link::Login,
                        &id,
                        state_of(ready),
                        found.provider.as_deref().unwrap_or("unknown provider"),
                    );
                }
                Seen::Absent(_) => push(links, Link::Login, &id, LinkState::Broken, "does not exist"),
                Seen::Unseen(why) => push(links, Link::Login, &id, LinkState::Unknown, why.words()),
            }
        }
    }
    for owner in &object.meta.owners {
        if owner.kind != Kind::ExternalSecret {
            push(
                links,
                Link::Sync,
                &Id { kind: owner.kind.clone(), namespace: object.id.namespace.clone(), name: owner.name.clone() },
                LinkState::Unknown,
                "owns it",
            );
        }
    }
}

fn state_of(ready: Option<bool>) -> LinkState {
    match ready {
        Some(true) => LinkState::Ok,
        Some(false) => LinkState::Broken,
        None => LinkState::Unknown,
    }
}

/// A pod or a workload: everything that it names, and how that stands.
fn workload(view: &View<'_>, id: &Id, links: &mut Vec<ChainLink>, blast: &mut BTreeSet<Id>) {
    let pods: Vec<_> =
        if id.kind == Kind::Pod { view.pod(id).into_iter().collect() } else { view.pods_of(id).collect() };
    let mut specs: Vec<_> = pods.iter().map(|p| p.spec.clone()).collect();
    specs.extend(view.workload(id).and_then(|w| w.template.clone()));
    blast.insert(id.clone());
    let mut seen = BTreeSet::new();
    for spec in specs {
        let account = Id::new(
            Kind::ServiceAccount,
            &id.namespace,
            if spec.service_account.is_empty() { "default" } else { &spec.service_account },
        );
        let lookup = view.service_account(&id.namespace, &account.name);
        push(links, Link::Access, &account, presence(&lookup), words(&lookup, "the pods' identity"));
        for (reference, path) in crate::references::of(&spec) {
            let object = Id::new(reference.kind.clone(), &id.namespace, &reference.name);
            let lookup = view.data(&reference.kind, &id.namespace, &reference.name);
            let missing_key = match (&lookup, &reference.key) {
                (Seen::Seen(o), Some(key)) if !o.keys_unseen && o.key(key).is_none() => Some(key.clone()),
                _ => None,
            };
            let (state, note) = match missing_key {
                Some(key) => (LinkState::Broken, format!("{path}: no key {key}")),
                None => (presence(&lookup), words(&lookup, &path)),
            };
            push(links, Link::Reference, &object, state, note);
            if let Seen::Seen(o) = lookup
                && seen.insert(object)
            {
                upstream(view, o, links);
            }
        }
    }
    for pod in pods {
        let ready = pod.is_ready() || pod.is_finished();
        push(links, Link::Consumption, &pod.id, if ready { LinkState::Ok } else { LinkState::Broken }, &*pod.phase);
    }
}

fn presence<T>(lookup: &Seen<T>) -> LinkState {
    match lookup {
        Seen::Seen(_) => LinkState::Ok,
        Seen::Absent(_) => LinkState::Broken,
        Seen::Unseen(_) => LinkState::Unknown,
    }
}

fn words<T>(lookup: &Seen<T>, found: &str) -> String {
    match lookup {
        Seen::Seen(_) => found.to_owned(),
        Seen::Absent(_) => format!("{found}: does not exist"),
        Seen::Unseen(why) => format!("{found}: {}", why.words()),
    }
}
