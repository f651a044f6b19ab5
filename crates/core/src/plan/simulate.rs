//! Carries a plan out in memory: desired state changes, and observations of what a step replaces are dropped.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Effect, Plan};
use crate::coverage::Unseen;
use crate::objects::{DataObject, Id, KeyFacts, Kind, Meta, SecretPayload, ServiceAccount, ValueFacts};
use crate::snapshot::Snapshot;
use crate::time::Interval;
use crate::view::View;

/// The snapshot as it would be once every step has been taken. What only observation can tell (does the new value open the
/// backend?) is not there any more, so that checks answer "satisfied" or "unknown", and never from stale words.
pub fn simulate(before: &Snapshot, plan: &Plan, victims: &[Id]) -> Snapshot {
    let mut after = before.clone();
    let mut replaced: BTreeSet<Id> = BTreeSet::new();
    for step in &plan.steps {
        match &step.effect {
            Effect::External | Effect::Wait => replaced.extend(victims.iter().cloned()),
            Effect::Create { object, keys } => {
                create(&mut after, object, keys);
                replaced.extend(victims.iter().cloned());
            }
            Effect::SetKeys { object, keys } => {
                set_keys(&mut after, object, keys);
                replaced.extend(victims.iter().cloned());
            }
            Effect::Mend { object } => {
                forget(&mut after, object, true);
                replaced.extend(victims.iter().cloned());
            }
            Effect::Delete { object } => forget(&mut after, object, false),
            Effect::EditTemplate { workload } => {
                for w in after.workloads.iter_mut().filter(|w| w.id == *workload) {
                    w.template = None;
                }
                replaced.insert(workload.clone());
            }
            Effect::Restart { workload } => {
                replaced.insert(workload.clone());
            }
        }
    }
    drop_observations(before, &mut after, &replaced);
    // A refused write says what was in the way then; every plan ends in trying again.
    after.audit.retain(|w| w.succeeded());
    after
}

fn create(after: &mut Snapshot, object: &Id, keys: &[String]) {
    match object.kind {
        Kind::Secret | Kind::ConfigMap => {
            after.data.retain(|d| d.id != *object);
            after.data.push(DataObject {
                id: object.clone(),
                meta: Meta { created: after.as_of, ..Meta::default() },
                secret_type: None,
                immutable: false,
                keys: keys.iter().map(|k| good_key(k, after)).collect(),
                // A plan that names no keys creates what its owner puts there: which keys is then not known.
                keys_unseen: keys.is_empty(),
                payload: SecretPayload::None,
                last_applied: None,
            });
            after.data.sort_by(|a, b| a.id.cmp(&b.id));
        }
        Kind::ServiceAccount => {
            after.service_accounts.retain(|s| s.id != *object);
            after.service_accounts.push(ServiceAccount {
                id: object.clone(),
                meta: Meta { created: after.as_of, ..Meta::default() },
                pull_secrets: Vec::new(),
                secrets: Vec::new(),
                automount: None,
            });
            after.service_accounts.sort_by(|a, b| a.id.cmp(&b.id));
        }
        _ => forget(after, object, true),
    }
}

fn good_key(name: &str, snapshot: &Snapshot) -> KeyFacts {
    KeyFacts {
        name: name.into(),
        binary: false,
        elided: false,
        value: Arc::new(ValueFacts { len: 1, ..ValueFacts::default() }),
        changed: Interval::between(snapshot.as_of, snapshot.as_of),
        manager: None,
    }
}

fn set_keys(after: &mut Snapshot, object: &Id, keys: &[String]) {
    let fresh: Vec<KeyFacts> = keys.iter().map(|k| good_key(k, after)).collect();
    for data in after.data.iter_mut().filter(|d| d.id == *object) {
        data.keys.retain(|k| !keys.iter().any(|name| **name == *k.name));
        data.keys.extend(fresh.iter().cloned());
        data.keys.sort_by(|a, b| a.name.cmp(&b.name));
        data.payload = SecretPayload::None;
        data.last_applied = None;
    }
}

/// The object is gone or different in a way that only a new look can tell: its facts are dropped, and if it still exists, the
/// kind counts as unseen in its namespace.
fn forget(after: &mut Snapshot, object: &Id, still_there: bool) {
    macro_rules! drop_from {
        ($($list:ident),*) => {$( after.$list.retain(|o| o.id != *object); )*};
    }
    drop_from!(pods, workloads, data, service_accounts, nodes, namespaces, roles, bindings, quotas, leases, tls_users);
    drop_from!(external_secrets, stores, provider_classes, csi_statuses, custom);
    after.events.retain(|e| e.about != *object);
    if still_there {
        after.coverage.state_unseen(object.kind.clone(), &object.namespace, Unseen::NotCollected);
    }
}

/// Pods of the replaced workloads are made anew, so nothing that was said about the old ones counts.
fn drop_observations(before: &Snapshot, after: &mut Snapshot, replaced: &BTreeSet<Id>) {
    let view = View::new(before);
    let mut gone: BTreeSet<Id> = replaced.clone();
    for pod in &before.pods {
        if replaced.contains(&view.top_owner(pod)) || replaced.contains(&pod.id) {
            gone.insert(pod.id.clone());
        }
    }
    for workload in &before.workloads {
        if replaced.contains(&view.top_owner_of(&workload.id, &workload.meta)) {
            gone.insert(workload.id.clone());
        }
    }
    after.pods.retain(|p| !gone.contains(&p.id));
    after.events.retain(|e| !gone.contains(&e.about));
    after.logs.retain(|l| !gone.iter().any(|id| id.kind == Kind::Pod && id.name == l.pod));
    for workload in after.workloads.iter_mut().filter(|w| gone.contains(&w.id)) {
        workload.conditions.clear();
        workload.replicas = workload.desired.unwrap_or(1);
        workload.ready = workload.replicas;
        workload.updated = workload.replicas;
    }
    for es in after.external_secrets.iter_mut().filter(|e| gone.contains(&e.id)) {
        es.conditions.clear();
    }
    for store in after.stores.iter_mut().filter(|e| gone.contains(&e.id)) {
        store.conditions.clear();
    }
}
