//! All that was seen, at one instant, with its coverage.

use crate::coverage::Coverage;
use crate::objects::{
    AuditWrite, Binding, CsiPodStatus, CustomResource, DataObject, Event, ExternalSecret, Id, Lease, Log, Namespace,
    Node, Pod, Quota, Role, SecretProviderClass, SecretStore, ServiceAccount, TlsUser, Workload,
};
use crate::time::Time;

/// The facts, as collected. [`Snapshot::seal`] sorts them and sets `as_of`; after that nothing changes any more.
///
/// Every list may be in any order before sealing; afterwards each is sorted by [`crate::objects::Id`] (events by time,
/// logs by pod), without duplicates, so that no verdict depends on the order of files.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The instant at which all this was true: the only clock there is. `None` in an empty snapshot.
    pub as_of: Option<Time>,
    /// `as_of` was not stated by the input: it is the newest time seen in it, so a lower bound.
    pub as_of_is_lower_bound: bool,
    pub pods: Vec<Pod>,
    /// Workloads and their revisions.
    pub workloads: Vec<Workload>,
    /// Secrets and ConfigMaps.
    pub data: Vec<DataObject>,
    pub service_accounts: Vec<ServiceAccount>,
    pub nodes: Vec<Node>,
    pub namespaces: Vec<Namespace>,
    pub roles: Vec<Role>,
    pub bindings: Vec<Binding>,
    pub quotas: Vec<Quota>,
    pub leases: Vec<Lease>,
    pub tls_users: Vec<TlsUser>,
    pub external_secrets: Vec<ExternalSecret>,
    pub stores: Vec<SecretStore>,
    pub provider_classes: Vec<SecretProviderClass>,
    pub csi_statuses: Vec<CsiPodStatus>,
    pub custom: Vec<CustomResource>,
    pub events: Vec<Event>,
    pub logs: Vec<Log>,
    pub audit: Vec<AuditWrite>,
    pub answers: Vec<Answer>,
    pub coverage: Coverage,
}

/// The answer to a want: what a registry, Vault or a backend said when it was asked. A check cannot tell a live answer
/// from a recorded one.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub want: Want,
    pub at: Option<Time>,
    pub outcome: Outcome,
}

/// A question that `core` cannot answer from the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// Does the registry let this Secret's credential pull this image?
    PullCredential { namespace: String, secret: String, image: String },
    /// Does the registry have this image at all, as far as an anonymous or the given login can see?
    ImageExists { image: String },
    /// Does the backend accept the credential that this Secret holds now?
    BackendLogin { namespace: String, secret: String },
    /// May this role of this auth mount read this path?
    VaultMayRead { mount: String, role: String, path: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// 401: not who it says it is.
    Rejected,
    /// 403: known, but not allowed.
    Forbidden,
    NotFound,
    RateLimited,
    /// No answer that says anything about the credential.
    Unreachable,
}

/// Orders what its own keys do not, so that it does not matter which file or thread came first.
fn tie<T: std::fmt::Debug>(a: &T, b: &T) -> std::cmp::Ordering {
    format!("{a:?}").cmp(&format!("{b:?}"))
}

impl Snapshot {
    /// Names of everything that can be asked for by name, sorted.
    pub fn ids(&self) -> Vec<&Id> {
        let mut ids: Vec<&Id> = Vec::new();
        ids.extend(self.pods.iter().map(|o| &o.id));
        ids.extend(self.workloads.iter().map(|o| &o.id));
        ids.extend(self.data.iter().map(|o| &o.id));
        ids.extend(self.service_accounts.iter().map(|o| &o.id));
        ids.extend(self.nodes.iter().map(|o| &o.id));
        ids.extend(self.namespaces.iter().map(|o| &o.id));
        ids.extend(self.external_secrets.iter().map(|o| &o.id));
        ids.extend(self.stores.iter().map(|o| &o.id));
        ids.extend(self.custom.iter().map(|o| &o.id));
        ids.sort();
        ids.dedup();
        ids
    }

    /// Sorts everything, drops exact repeats, and decides `as_of`. `stated` is `--as-of`, the capture's stamp, or the API
    /// server's own date.
    pub fn seal(&mut self, stated: Option<Time>) {
        macro_rules! unique {
            ($($list:ident),*) => {$(
                self.$list.sort_by(|a, b| {
                    let newest_first = || b.meta.resource_version.cmp(&a.meta.resource_version);
                    a.id.cmp(&b.id).then_with(newest_first).then_with(|| tie(a, b))
                });
                self.$list.dedup_by(|next, kept| next.id == kept.id);
            )*};
        }
        unique!(pods, workloads, data, service_accounts, nodes, namespaces, roles, bindings, quotas, leases, tls_users);
        unique!(external_secrets, stores, provider_classes, csi_statuses);
        self.custom.sort_by(|a, b| (&a.id, &a.group).cmp(&(&b.id, &b.group)).then_with(|| tie(a, b)));
        self.custom.dedup_by(|next, kept| next.id == kept.id && next.group == kept.group);
        // These have no names: what is alike in every fact is one of them, read twice.
        macro_rules! alike {
            ($list:ident, $a:ident, $b:ident, $order:expr) => {
                self.$list.sort_by(|$a, $b| $order.then_with(|| tie($a, $b)));
                self.$list.dedup_by(|$a, $b| $order.is_eq() && tie($a, $b).is_eq());
            };
        }
        alike!(
            events,
            a,
            b,
            (a.last, a.first, &a.about, &a.reason, a.count).cmp(&(b.last, b.first, &b.about, &b.reason, b.count))
        );
        alike!(
            logs,
            a,
            b,
            (&a.namespace, &a.pod, &a.container, a.previous).cmp(&(&b.namespace, &b.pod, &b.container, b.previous))
        );
        alike!(
            audit,
            a,
            b,
            (a.at, a.resource_version, &a.object, &a.verb).cmp(&(b.at, b.resource_version, &b.object, &b.verb))
        );
        self.coverage.problems.sort_by(|a, b| (&a.file, a.at, &a.what).cmp(&(&b.file, b.at, &b.what)));
        self.as_of_is_lower_bound = stated.is_none();
        self.as_of = stated.or_else(|| self.newest_time());
    }

    /// The newest time that a server wrote anywhere in here.
    fn newest_time(&self) -> Option<Time> {
        let metas = self
            .pods
            .iter()
            .map(|o| &o.meta)
            .chain(self.workloads.iter().map(|o| &o.meta))
            .chain(self.data.iter().map(|o| &o.meta))
            .chain(self.external_secrets.iter().map(|o| &o.meta))
            .chain(self.service_accounts.iter().map(|o| &o.meta));
        let written = metas.filter_map(|m| m.last_written());
        let refreshed = self.external_secrets.iter().filter_map(|e| e.refreshed);
        let events = self.events.iter().filter_map(|e| e.last);
        let audit = self.audit.iter().map(|a| a.at);
        let logs = self.logs.iter().filter_map(|l| l.last_at);
        let leases = self.leases.iter().filter_map(|l| l.renewed);
        let nodes = self.nodes.iter().flat_map(|n| &n.conditions).filter_map(|c| c.heartbeat.or(c.changed));
        let pods = self.pods.iter().flat_map(|p| &p.conditions).filter_map(|c| c.changed);
        written.chain(refreshed).chain(events).chain(audit).chain(logs).chain(leases).chain(nodes).chain(pods).max()
    }
}
