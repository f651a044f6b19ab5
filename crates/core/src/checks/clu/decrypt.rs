//! The story of Secrets that cannot be read from the store: a key that is gone (CLU-01), or servers that disagree (CLU-02).

use std::collections::BTreeSet;

use super::sightings::{self, Sighting};
use crate::messages::{ObjectKind, Signal};
use crate::objects::{Id, Kind, Pod};
use crate::symptoms::{Class, SymptomIx};
use crate::time::Time;
use crate::view::View;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// CLU-01.
    KeyGone,
    /// CLU-02: some servers read it, others do not.
    ServersDisagree,
}

pub(super) struct Story<'v> {
    pub outcome: Outcome,
    pub primary: Sighting<'v>,
    pub more: usize,
    pub secrets: BTreeSet<Id>,
    pub explains: BTreeSet<SymptomIx>,
    pub first: Option<Time>,
    /// Servers whose log has it, and servers whose log is there without it.
    pub blind: Vec<Id>,
    pub seeing: Vec<Id>,
    /// Servers of which no log was collected.
    pub without_log: Vec<Id>,
}

pub(super) fn story<'v>(view: &'v View<'_>) -> Option<Story<'v>> {
    let mut sightings = sightings::of(view, |s| s == Signal::DecryptAtRest);
    if sightings.is_empty() {
        return None;
    }
    let mut secrets = BTreeSet::new();
    let mut explains = BTreeSet::new();
    for sighting in &sightings {
        let fields = &sighting.said.fields;
        if let (Some(namespace), Some(name)) = (fields.namespace.as_deref(), fields.secret.as_deref()) {
            secrets.insert(Id::new(Kind::Secret, namespace, name));
        }
        explains.extend(sighting.symptom);
    }
    let first = sightings.iter().filter_map(|s| s.at).min();
    // One unreadable Secret breaks every list that covers it, so kubelets wait for their caches without a word of why.
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::Config | Class::Mount)) {
        let waits = symptom.has(Signal::CacheSyncTimeout(ObjectKind::Secret));
        let other = symptom.signal(|s| matches!(s, Signal::ObjectNotFound(_) | Signal::KeyNotFound(_))).is_some();
        if waits && !other {
            explains.insert(symptom.ix);
        }
    }
    let blind: Vec<Id> = servers(view).filter(|p| has_it(view, p)).map(|p| p.id.clone()).collect();
    let seeing: Vec<Id> =
        servers(view).filter(|p| !has_it(view, p) && has_log(view, p)).map(|p| p.id.clone()).collect();
    let without_log = servers(view).filter(|p| !has_log(view, p)).map(|p| p.id.clone()).collect();
    let outcome = if !blind.is_empty() && !seeing.is_empty() { Outcome::ServersDisagree } else { Outcome::KeyGone };
    let more = sightings.len() - 1;
    let primary = sightings.swap_remove(0);
    Some(Story { outcome, primary, more, secrets, explains, first, blind, seeing, without_log })
}

/// The pods of the API server, by the label that kubeadm and its like set.
fn servers<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v Pod> {
    view.snap.pods.iter().filter(|p| p.meta.label("component") == Some("kube-apiserver"))
}

fn has_log(view: &View<'_>, pod: &Pod) -> bool {
    view.snap.logs.iter().any(|l| l.pod == pod.id.name)
}

fn has_it(view: &View<'_>, pod: &Pod) -> bool {
    view.snap
        .logs
        .iter()
        .filter(|l| l.pod == pod.id.name)
        .any(|l| l.hits.iter().any(|h| h.said.says(Signal::DecryptAtRest)))
}

pub(super) fn subject() -> Id {
    Id::new(Kind::Other("EncryptionConfiguration".into()), "", "kube-apiserver")
}
