//! Thin facts about Kubernetes objects: what the checks need of each kind and nothing else.
//!
//! A reader in `collect` makes these from what it parsed and drops the rest at once, so that a dump of 100,000 pods
//! stays small. Strings are shared ([`Str`]), and pods made from one template share one [`PodSpec`].

mod cluster;
mod data;
mod id;
mod meta;
mod observed;
mod pod;
mod sync;
mod workload;

use std::sync::Arc;

pub use cluster::{
    Binding, BindingSubject, CustomResource, Lease, Namespace, Node, Quota, QuotaLine, Role, Rule, ServiceAccount,
    TlsUser,
};
pub use data::{CertFacts, DataObject, HelmRelease, KeyFacts, LastApplied, SecretPayload, UrlFacts, ValueFacts};
pub use id::{Id, Kind};
pub use meta::{Condition, Managed, Meta, Owner};
pub use observed::{AuditWrite, Event, Log, LogHit, Said};
pub use pod::{
    Container, ContainerRole, ContainerState, ContainerStatus, EnvFrom, EnvSource, EnvVar, Item, Mount, Pod, PodSpec,
    ProjectedSource, Reference, RunAs, Via, Volume, VolumeSource,
};
pub use sync::{
    CsiPodStatus, ExternalSecret, RemoteRef, SecretProviderClass, SecretStore, StoreAuth, StoreRef, SyncTarget,
    VaultStore,
};
pub use workload::{Strategy, Workload};

/// A shared string. Readers intern: equal strings of one snapshot are one allocation.
pub type Str = Arc<str>;
