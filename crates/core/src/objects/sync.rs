//! Sync operators: External Secrets, its stores, and the Secrets Store CSI driver.

use super::{Condition, Id, Kind, Meta, Str};
use crate::time::Time;

/// An ExternalSecret, or the template inside a ClusterExternalSecret.
#[derive(Clone, Debug)]
pub struct ExternalSecret {
    pub id: Id,
    pub meta: Meta,
    pub store: Option<StoreRef>,
    /// `refreshInterval` in seconds; 0 means never again. `None` if not set (the default is one hour).
    pub refresh_seconds: Option<i64>,
    /// `CreatedOnce`, `Periodic`, `OnChange`.
    pub refresh_policy: Option<Str>,
    /// The spec has `syncWindows`, so that refreshes may be held back on purpose.
    pub has_sync_windows: bool,
    pub target: SyncTarget,
    pub data: Vec<RemoteRef>,
    /// Stores named per entry (`sourceRef`), generators included.
    pub sources: Vec<StoreRef>,
    pub conditions: Vec<Condition>,
    /// Last successful read.
    pub refreshed: Option<Time>,
    pub bound_secret: Option<Str>,
    /// ClusterExternalSecret: namespaces that failed and that were provisioned.
    pub failed_namespaces: Vec<Str>,
    pub provisioned_namespaces: Vec<Str>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct StoreRef {
    /// SecretStore, ClusterSecretStore, or the kind of a generator.
    pub kind: Kind,
    pub name: Str,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct SyncTarget {
    /// Name of the Secret; `None` means the ExternalSecret's own name.
    pub name: Option<Str>,
    pub creation_policy: Option<Str>,
    pub deletion_policy: Option<Str>,
    pub immutable: bool,
    pub has_template: bool,
    /// `target.template.type`.
    pub template_type: Option<Str>,
}

/// One thing that is read from the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteRef {
    /// Key in the target Secret; `None` for `dataFrom`.
    pub secret_key: Option<Str>,
    /// Path or name at the provider.
    pub remote_key: Str,
    pub property: Option<Str>,
    pub version: Option<Str>,
}

/// A SecretStore or ClusterSecretStore.
#[derive(Clone, Debug)]
pub struct SecretStore {
    pub id: Id,
    pub meta: Meta,
    /// Field name of the provider, such as `vault`, `aws`, `kubernetes`.
    pub provider: Option<Str>,
    pub vault: Option<VaultStore>,
    /// Every Secret, ConfigMap or ServiceAccount that the provider needs, with the namespace if stated and the field path.
    pub bootstrap: Vec<(Kind, Option<Str>, Str, Str)>,
    pub conditions: Vec<Condition>,
    /// A ClusterSecretStore's `conditions`: namespaces by name, label selectors as `key=value` lists, and whether there are
    /// any conditions at all.
    pub allowed_namespaces: Vec<Str>,
    pub allowed_labels: Vec<Vec<(Str, Str)>>,
    pub restricted: bool,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct VaultStore {
    pub server: Option<Str>,
    pub path: Option<Str>,
    /// `v1` or `v2`.
    pub version: Option<Str>,
    pub namespace: Option<Str>,
    pub auth: Option<StoreAuth>,
}

/// How the store logs in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreAuth {
    Kubernetes {
        mount: Option<Str>,
        role: Option<Str>,
        service_account: Option<Str>,
    },
    Token,
    AppRole {
        mount: Option<Str>,
    },
    /// Any other method, by its field name.
    Other(Str),
}

#[derive(Clone, Debug)]
pub struct SecretProviderClass {
    pub id: Id,
    pub meta: Meta,
    pub provider: Option<Str>,
    /// Secrets that the driver mirrors: name and keys.
    pub secret_objects: Vec<(Str, Vec<Str>)>,
}

#[derive(Clone, Debug)]
pub struct CsiPodStatus {
    pub id: Id,
    pub meta: Meta,
    pub pod: Str,
    pub class: Str,
    pub mounted: bool,
    /// Object id and version.
    pub objects: Vec<(Str, Str)>,
}
