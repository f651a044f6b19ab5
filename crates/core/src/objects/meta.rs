//! Metadata that all objects share, and who wrote which field when.

use super::{Kind, Str};
use crate::time::Time;

/// The parts of `metadata` that checks use.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Meta {
    pub uid: Option<Str>,
    /// Orders writes within one etcd. `None` if absent or no number.
    pub resource_version: Option<u64>,
    pub generation: Option<i64>,
    pub created: Option<Time>,
    /// When deletion was asked for; the object still exists while finalizers hold it.
    pub deleting: Option<Time>,
    pub owners: Vec<Owner>,
    /// Sorted by key.
    pub labels: Vec<(Str, Str)>,
    /// Annotations on the allow-list with their values, sorted by key. Of all others only the key is kept, with an
    /// empty value, since annotations can carry credentials.
    pub annotations: Vec<(Str, Str)>,
    /// Field owners, decoded only for kinds whose fields matter to a check. Empty also where the input had none:
    /// coverage says which.
    pub managed: Vec<Managed>,
}

impl Meta {
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.iter().find(|(k, _)| &**k == key).map(|(_, v)| &**v)
    }

    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.iter().find(|(k, _)| &**k == key).map(|(_, v)| &**v)
    }

    /// The owner that is marked as the controller.
    pub fn controller(&self) -> Option<&Owner> {
        self.owners.iter().find(|o| o.controller)
    }

    /// The newest time at which any manager wrote any decoded field, else the creation.
    pub fn last_written(&self) -> Option<Time> {
        self.managed.iter().filter(|m| m.subresource.is_none()).filter_map(|m| m.time).max().or(self.created)
    }
}

/// An entry of `ownerReferences`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    pub kind: Kind,
    pub name: Str,
    pub uid: Option<Str>,
    pub controller: bool,
}

/// An entry of `managedFields`: one writer, and the time at which it last changed any of its fields.
#[derive(Clone, PartialEq, Debug)]
pub struct Managed {
    pub manager: Str,
    /// `Apply`, else `Update`.
    pub apply: bool,
    /// `Some("status")` and the like; `None` for the object itself.
    pub subresource: Option<Str>,
    pub time: Option<Time>,
    /// Dotted paths of what it owns, as far as a check uses them: `data.KEY`, `binaryData.KEY`, `type`, `immutable`,
    /// `imagePullSecrets`, `secrets`, `rules`, `roleRef`, `subjects`, `spec.template`, `spec.replicas`, `spec`,
    /// `metadata.labels`, `metadata.annotations`, `metadata.ownerReferences`.
    pub fields: Vec<Str>,
}

impl Managed {
    pub fn owns(&self, field: &str) -> bool {
        self.fields.iter().any(|f| &**f == field)
    }

    pub fn owns_any_data(&self) -> bool {
        self.fields.iter().any(|f| f.starts_with("data.") || f.starts_with("binaryData."))
    }
}

/// An entry of `status.conditions`. The message is read into a [`super::Said`] by the owner of the condition.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    pub kind: Str,
    /// `Some(true)` for `True`, `Some(false)` for `False`, `None` for `Unknown`.
    pub status: Option<bool>,
    pub reason: Str,
    pub message: Option<super::Said>,
    pub changed: Option<Time>,
    /// `lastHeartbeatTime` of node conditions.
    pub heartbeat: Option<Time>,
}
