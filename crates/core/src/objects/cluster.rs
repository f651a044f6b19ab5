//! Nodes, namespaces, accounts and rights.

use super::{Condition, Id, Kind, Meta, Str};
use crate::time::Time;

#[derive(Clone, Debug)]
pub struct Node {
    pub id: Id,
    pub meta: Meta,
    /// Such as `v1.36.3`.
    pub kubelet_version: Option<Str>,
    /// Such as `containerd://2.4.2`.
    pub runtime: Option<Str>,
    pub architecture: Option<Str>,
    pub conditions: Vec<Condition>,
    /// Every name (by tag and by digest) of the images that the node reported.
    pub images: Vec<Str>,
    /// How many images the status lists. The kubelet reports 50 at most (`nodeStatusMaxImages`): from there on absence
    /// proves nothing.
    pub image_count: u32,
    pub unschedulable: bool,
}

impl Node {
    /// Whether the image list may have been cut, so that absence from it proves nothing.
    pub fn images_capped(&self) -> bool {
        self.image_count >= 50
    }
}

#[derive(Clone, Debug)]
pub struct Namespace {
    pub id: Id,
    pub meta: Meta,
    /// `Active` or `Terminating`.
    pub phase: Str,
}

#[derive(Clone, Debug)]
pub struct ServiceAccount {
    pub id: Id,
    pub meta: Meta,
    pub pull_secrets: Vec<Str>,
    pub secrets: Vec<Str>,
    pub automount: Option<bool>,
}

/// A Role or ClusterRole.
#[derive(Clone, Debug)]
pub struct Role {
    pub id: Id,
    pub meta: Meta,
    pub rules: Vec<Rule>,
    /// A ClusterRole with `aggregationRule`: its rules are filled by a controller.
    pub aggregated: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rule {
    pub verbs: Vec<Str>,
    pub groups: Vec<Str>,
    pub resources: Vec<Str>,
    pub names: Vec<Str>,
    pub non_resource_urls: Vec<Str>,
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Clone, Debug)]
pub struct Binding {
    pub id: Id,
    pub meta: Meta,
    /// Role or ClusterRole.
    pub role_kind: Kind,
    pub role_name: Str,
    pub subjects: Vec<BindingSubject>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BindingSubject {
    /// `ServiceAccount`, `User` or `Group`.
    pub kind: Str,
    pub namespace: Str,
    pub name: Str,
}

#[derive(Clone, Debug)]
pub struct Quota {
    pub id: Id,
    pub meta: Meta,
    pub lines: Vec<QuotaLine>,
}

/// One resource of a quota. Quantities as written; compared only for counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuotaLine {
    pub resource: Str,
    pub hard: Str,
    pub used: Str,
}

#[derive(Clone, Debug)]
pub struct Lease {
    pub id: Id,
    pub meta: Meta,
    pub holder: Option<Str>,
    pub renewed: Option<Time>,
    pub acquired: Option<Time>,
    pub duration_seconds: Option<i64>,
    pub transitions: Option<i64>,
}

/// An Ingress, a Gateway, or another object that names TLS Secrets for a listener.
#[derive(Clone, Debug)]
pub struct TlsUser {
    pub id: Id,
    pub meta: Meta,
    /// Namespace and name of each Secret, with the hosts that it must serve.
    pub secrets: Vec<(Str, Str, Vec<Str>)>,
}

/// A custom resource of which only identity, owner and conditions matter.
#[derive(Clone, Debug)]
pub struct CustomResource {
    pub id: Id,
    pub meta: Meta,
    /// API group as written, to tell kinds of one name apart.
    pub group: Str,
    pub conditions: Vec<Condition>,
    /// Names of Secrets in its own namespace that it writes or reads, with the field path.
    pub secrets: Vec<(Str, Str)>,
    /// Times that its status states, by field path (`status.lastRenewalTime`, `status.notAfter`, ...), sorted.
    pub times: Vec<(Str, Time)>,
    /// Small allow-listed scalars of spec and status by field path, sorted: durations, policies, class and role names.
    pub scalars: Vec<(Str, Str)>,
}
