//! The read-only view that checks get: lookups that cannot mistake unseen for absent, and what hangs together.

mod changes;
mod consumers;
pub mod credentials;
mod owners;
pub mod record;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

pub use changes::{KeyHistory, Writer};
pub use consumers::{Consumer, References};
use rustc_hash::FxHashMap;

use crate::coverage::Seen;
use crate::objects::{
    AuditWrite, DataObject, Event, ExternalSecret, Id, Kind, Log, Namespace, Node, Pod, PodSpec, SecretStore,
    ServiceAccount, Workload,
};
use crate::snapshot::{Answer, Outcome, Snapshot, Want};
use crate::symptoms::{Symptom, SymptomIx};
use crate::time::Time;

/// A sealed snapshot with its indices. Making one costs a pass over everything; lookups are binary searches.
pub struct View<'a> {
    pub snap: &'a Snapshot,
    /// The only clock.
    pub as_of: Option<Time>,
    symptoms: Vec<Symptom>,
    pods_of: BTreeMap<Id, Vec<usize>>,
    top_owner_of_pod: Vec<Id>,
    events_about: BTreeMap<&'a Id, Vec<usize>>,
    audit_of: BTreeMap<&'a Id, Vec<usize>>,
    logs_of: BTreeMap<&'a str, Vec<usize>>,
    revisions_of: BTreeMap<Id, Vec<usize>>,
    consumers: OnceCell<consumers::Index>,
    references: RefCell<FxHashMap<*const PodSpec, consumers::References>>,
    copies: OnceCell<credentials::Copies<'a>>,
    /// Refused credentials whose last writes tell why, judged at the first question about them.
    pub(crate) rotations: OnceCell<Vec<crate::checks::rot::story::Case<'a>>>,
    refused: OnceCell<Vec<credentials::CredentialUse<'a>>>,
    /// Failed pulls, judged at the first question about them.
    pub(crate) pulls: OnceCell<Vec<crate::checks::img::pull::Story<'a>>>,
    /// What the sync operators did and failed to do, judged at the first question about it.
    pub(crate) syncs: OnceCell<crate::checks::syn::story::Stories>,
}

impl<'a> View<'a> {
    pub fn new(snap: &'a Snapshot) -> Self {
        let mut view = Self {
            snap,
            as_of: snap.as_of,
            symptoms: Vec::new(),
            pods_of: BTreeMap::new(),
            top_owner_of_pod: Vec::with_capacity(snap.pods.len()),
            events_about: BTreeMap::new(),
            audit_of: BTreeMap::new(),
            logs_of: BTreeMap::new(),
            revisions_of: BTreeMap::new(),
            consumers: OnceCell::new(),
            references: RefCell::new(FxHashMap::default()),
            copies: OnceCell::new(),
            rotations: OnceCell::new(),
            pulls: OnceCell::new(),
            syncs: OnceCell::new(),
            refused: OnceCell::new(),
        };
        for (i, event) in snap.events.iter().enumerate() {
            view.events_about.entry(&event.about).or_default().push(i);
        }
        for (i, write) in snap.audit.iter().enumerate() {
            view.audit_of.entry(&write.object).or_default().push(i);
        }
        for (i, log) in snap.logs.iter().enumerate() {
            view.logs_of.entry(&log.pod).or_default().push(i);
        }
        for (i, pod) in snap.pods.iter().enumerate() {
            let top = view.top_owner_of(&pod.id, &pod.meta);
            view.pods_of.entry(top.clone()).or_default().push(i);
            view.top_owner_of_pod.push(top);
        }
        for (i, workload) in snap.workloads.iter().enumerate() {
            if let Some(owner) = workload.meta.controller()
                && matches!(workload.id.kind, Kind::ReplicaSet | Kind::ControllerRevision)
            {
                let owner =
                    Id { kind: owner.kind.clone(), namespace: workload.id.namespace.clone(), name: owner.name.clone() };
                view.revisions_of.entry(owner).or_default().push(i);
            }
        }
        for list in view.revisions_of.values_mut() {
            list.sort_by_key(|i| (snap.workloads[*i].revision, snap.workloads[*i].meta.created));
        }
        view.symptoms = crate::symptoms::find(&view);
        view
    }

    pub fn symptoms(&self) -> &[Symptom] {
        &self.symptoms
    }

    pub fn symptom(&self, ix: SymptomIx) -> &Symptom {
        &self.symptoms[ix.0]
    }

    /// A Secret or a ConfigMap.
    pub fn data(&self, kind: &Kind, namespace: &str, name: &str) -> Seen<&'a DataObject> {
        self.lookup(find(&self.snap.data, |o| &o.id, kind, namespace, name), kind, namespace)
    }

    pub fn secret(&self, namespace: &str, name: &str) -> Seen<&'a DataObject> {
        self.data(&Kind::Secret, namespace, name)
    }

    pub fn config_map(&self, namespace: &str, name: &str) -> Seen<&'a DataObject> {
        self.data(&Kind::ConfigMap, namespace, name)
    }

    pub fn service_account(&self, namespace: &str, name: &str) -> Seen<&'a ServiceAccount> {
        let found = find(&self.snap.service_accounts, |o| &o.id, &Kind::ServiceAccount, namespace, name);
        self.lookup(found, &Kind::ServiceAccount, namespace)
    }

    pub fn node(&self, name: &str) -> Seen<&'a Node> {
        self.lookup(find(&self.snap.nodes, |o| &o.id, &Kind::Node, "", name), &Kind::Node, "")
    }

    pub fn namespace(&self, name: &str) -> Seen<&'a Namespace> {
        self.lookup(find(&self.snap.namespaces, |o| &o.id, &Kind::Namespace, "", name), &Kind::Namespace, "")
    }

    pub fn pod(&self, id: &Id) -> Option<&'a Pod> {
        find(&self.snap.pods, |o| &o.id, &Kind::Pod, &id.namespace, &id.name)
    }

    pub fn workload(&self, id: &Id) -> Option<&'a Workload> {
        find(&self.snap.workloads, |o| &o.id, &id.kind, &id.namespace, &id.name)
    }

    pub fn external_secret(&self, namespace: &str, name: &str) -> Seen<&'a ExternalSecret> {
        let found = find(&self.snap.external_secrets, |o| &o.id, &Kind::ExternalSecret, namespace, name);
        self.lookup(found, &Kind::ExternalSecret, namespace)
    }

    /// A SecretStore of the namespace or a ClusterSecretStore.
    pub fn store(&self, kind: &Kind, namespace: &str, name: &str) -> Seen<&'a SecretStore> {
        let namespace = if *kind == Kind::ClusterSecretStore { "" } else { namespace };
        self.lookup(find(&self.snap.stores, |o| &o.id, kind, namespace, name), kind, namespace)
    }

    /// Events about an object, oldest first.
    pub fn events_about(&self, id: &Id) -> impl Iterator<Item = &'a Event> + use<'a, '_> {
        let snap = self.snap;
        self.events_about.get(id).into_iter().flatten().map(move |i| &snap.events[*i])
    }

    /// Writes of the audit log to an object, oldest first, refused ones included.
    pub fn audit_of(&self, id: &Id) -> impl DoubleEndedIterator<Item = &'a AuditWrite> + use<'a, '_> {
        let snap = self.snap;
        self.audit_of.get(id).map(Vec::as_slice).unwrap_or_default().iter().map(move |i| &snap.audit[*i])
    }

    /// Logs of one container of a pod. A log without a namespace counts where the pod's name is unique or the log's
    /// container fits.
    pub fn logs_of(&self, pod: &Pod, container: &str) -> impl Iterator<Item = &'a Log> + use<'a, '_> {
        let snap = self.snap;
        let (namespace, container) = (pod.id.namespace.clone(), container.to_owned());
        self.logs_of.get(&*pod.id.name).into_iter().flatten().map(move |i| &snap.logs[*i]).filter(move |log| {
            log.namespace.as_deref().is_none_or(|n| n == &*namespace)
                && log.container.as_deref().is_none_or(|c| c == container)
        })
    }

    /// Pods of a workload, by its topmost built-in owner.
    pub fn pods_of(&self, workload: &Id) -> impl Iterator<Item = &'a Pod> + use<'a, '_> {
        let snap = self.snap;
        self.pods_of.get(workload).into_iter().flatten().map(move |i| &snap.pods[*i])
    }

    /// Revisions of a Deployment, StatefulSet or DaemonSet, oldest first.
    pub fn revisions_of(&self, workload: &Id) -> impl DoubleEndedIterator<Item = &'a Workload> + use<'a, '_> {
        let snap = self.snap;
        self.revisions_of.get(workload).map(Vec::as_slice).unwrap_or_default().iter().map(move |i| &snap.workloads[*i])
    }

    /// The recorded or live answer to a want.
    pub fn answer(&self, want: &Want) -> Option<(&'a Answer, Outcome)> {
        self.snap.answers.iter().find(|a| a.want == *want).map(|a| (a, a.outcome))
    }

    fn lookup<T>(&self, found: Option<&'a T>, kind: &Kind, namespace: &str) -> Seen<&'a T> {
        match found {
            Some(object) => Seen::Seen(object),
            None => match self.snap.coverage.of(kind, namespace) {
                Ok(basis) => Seen::Absent(basis),
                Err(why) => Seen::Unseen(why),
            },
        }
    }
}

/// Binary search in a list that [`Snapshot::seal`] sorted by [`Id`].
fn find<'s, T>(list: &'s [T], id: impl Fn(&T) -> &Id, kind: &Kind, namespace: &str, name: &str) -> Option<&'s T> {
    let at = list.binary_search_by(|o| {
        let o = id(o);
        o.kind.cmp(kind).then_with(|| (*o.namespace).cmp(namespace)).then_with(|| (*o.name).cmp(name))
    });
    at.ok().map(|i| &list[i])
}
