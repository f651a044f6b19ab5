//! Nodes, namespaces, accounts, rights, quotas, leases and TLS listeners.

use keytrace_core::objects::{
    Binding, BindingSubject, Kind, Lease, Namespace, Node, Quota, QuotaLine, Role, Rule, ServiceAccount, Str, TlsUser,
};
use serde::Deserialize;

use super::meta::{Entries, WireMeta, kind};
use super::pod::{WireCondition, conditions};
use super::podspec::Named;
use super::state::State;
use super::text::{List, OrNull, Pairs, Presence, Stamp, Text};
use super::{Context, Fault};

fn texts(list: &[Text], state: &mut State) -> Vec<Str> {
    list.iter().map(|t| state.names.get(t)).collect()
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireNode<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Presence>>,
    spec: Option<WireNodeSpec>,
    status: Option<WireNodeStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireNodeSpec {
    unschedulable: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireNodeStatus<'a> {
    #[serde(borrow)]
    conditions: List<WireCondition<'a>>,
    images: List<WireImage<'a>>,
    node_info: OrNull<WireNodeInfo<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireImage<'a> {
    #[serde(borrow)]
    names: List<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireNodeInfo<'a> {
    #[serde(borrow)]
    kubelet_version: Text<'a>,
    container_runtime_version: Text<'a>,
    architecture: Text<'a>,
}

impl WireNode<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let none = WireNodeStatus::default();
        let status = self.status.as_ref().unwrap_or(&none);
        let mut images: Vec<Str> = Vec::new();
        for image in &status.images {
            images.extend(image.names.iter().map(|n| state.names.get(n)));
        }
        images.sort();
        images.dedup();
        let node = Node {
            id: state.id(Kind::Node, &self.metadata, context),
            meta: self.metadata.fold(&mut state.names),
            kubelet_version: state.names.filled(&status.node_info.kubelet_version),
            runtime: state.names.filled(&status.node_info.container_runtime_version),
            architecture: state.names.filled(&status.node_info.architecture),
            conditions: conditions(&status.conditions, state),
            images,
            image_count: status.images.len() as u32,
            unschedulable: self.spec.as_ref().is_some_and(|s| s.unschedulable == Some(true)),
        };
        state.out.nodes.push(node);
        Ok(())
    }
}

/// An object of which only its existence counts.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireSeen<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
}

impl WireSeen<'_> {
    pub fn fold(&self, of: Kind, context: &Context, state: &mut State) -> Result<(), Fault> {
        state.id(of, &self.metadata, context);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireNamespace<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    status: OrNull<WirePhase<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePhase<'a> {
    #[serde(borrow)]
    phase: Text<'a>,
}

impl WireNamespace<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let namespace = Namespace {
            id: state.id(Kind::Namespace, &self.metadata, context),
            meta: self.metadata.fold(&mut state.names),
            phase: state.names.get(self.status.phase.filled().unwrap_or("Active")),
        };
        state.out.namespaces.push(namespace);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireAccount<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    image_pull_secrets: List<Named<'a>>,
    secrets: List<Named<'a>>,
    automount_service_account_token: Option<bool>,
}

impl WireAccount<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let account = ServiceAccount {
            id: state.id(Kind::ServiceAccount, &self.metadata, context),
            meta: self.metadata.fold(&mut state.names),
            pull_secrets: self.image_pull_secrets.iter().map(|s| state.names.get(&s.name)).collect(),
            secrets: self.secrets.iter().map(|s| state.names.get(&s.name)).collect(),
            automount: self.automount_service_account_token,
        };
        state.out.service_accounts.push(account);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireRole<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    rules: List<WireRule<'a>>,
    aggregation_rule: Presence,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireRule<'a> {
    #[serde(borrow)]
    verbs: List<Text<'a>>,
    api_groups: List<Text<'a>>,
    resources: List<Text<'a>>,
    resource_names: List<Text<'a>>,
    #[serde(rename = "nonResourceURLs")]
    non_resource_urls: List<Text<'a>>,
}

impl WireRole<'_> {
    pub fn fold(&self, kind: Kind, context: &Context, state: &mut State) -> Result<(), Fault> {
        let role = Role {
            id: state.id(kind, &self.metadata, context),
            meta: self.metadata.fold(&mut state.names),
            rules: self
                .rules
                .iter()
                .map(|r| Rule {
                    verbs: texts(&r.verbs, state),
                    groups: texts(&r.api_groups, state),
                    resources: texts(&r.resources, state),
                    names: texts(&r.resource_names, state),
                    non_resource_urls: texts(&r.non_resource_urls, state),
                })
                .collect(),
            aggregated: self.aggregation_rule.0,
        };
        state.out.roles.push(role);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireBinding<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    role_ref: OrNull<WireSubject<'a>>,
    subjects: List<WireSubject<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireSubject<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    name: Text<'a>,
    namespace: Text<'a>,
}

impl WireBinding<'_> {
    pub fn fold(&self, of: Kind, context: &Context, state: &mut State) -> Result<(), Fault> {
        let binding = Binding {
            id: state.id(of, &self.metadata, context),
            meta: self.metadata.fold(&mut state.names),
            role_kind: kind(&self.role_ref.kind, &mut state.names),
            role_name: state.names.get(&self.role_ref.name),
            subjects: self
                .subjects
                .iter()
                .map(|s| BindingSubject {
                    kind: state.names.get(&s.kind),
                    namespace: state.names.get(&s.namespace),
                    name: state.names.get(&s.name),
                })
                .collect(),
        };
        state.out.bindings.push(binding);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireQuota<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Presence>>,
    spec: OrNull<WireQuotaStatus<'a>>,
    status: OrNull<WireQuotaStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireQuotaStatus<'a> {
    #[serde(borrow)]
    hard: Pairs<'a, Text<'a>>,
    used: Pairs<'a, Text<'a>>,
}

impl WireQuota<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let hard = if self.status.hard.is_empty() { &self.spec.hard } else { &self.status.hard };
        let mut lines: Vec<QuotaLine> = hard
            .iter()
            .map(|(resource, hard)| {
                let used = self.status.used.iter().find(|(r, _)| r == resource);
                QuotaLine {
                    resource: state.names.get(resource),
                    hard: state.names.get(hard),
                    used: state.names.get(used.map_or("", |(_, used)| used)),
                }
            })
            .collect();
        lines.sort_by(|a, b| a.resource.cmp(&b.resource));
        let quota = Quota {
            id: state.id(Kind::ResourceQuota, &self.metadata, context),
            meta: self.metadata.fold(&mut state.names),
            lines,
        };
        state.out.quotas.push(quota);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireLease<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Presence>>,
    spec: OrNull<WireLeaseSpec<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireLeaseSpec<'a> {
    #[serde(borrow)]
    holder_identity: Text<'a>,
    renew_time: Stamp,
    acquire_time: Stamp,
    lease_duration_seconds: Option<i64>,
    lease_transitions: Option<i64>,
}

impl WireLease<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let lease = Lease {
            id: state.id(Kind::Lease, &self.metadata, context),
            meta: self.metadata.fold(&mut state.names),
            holder: state.names.filled(&self.spec.holder_identity),
            renewed: self.spec.renew_time.0,
            acquired: self.spec.acquire_time.0,
            duration_seconds: self.spec.lease_duration_seconds,
            transitions: self.spec.lease_transitions,
        };
        state.out.leases.push(lease);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireIngress<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    spec: OrNull<WireIngressSpec<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireIngressSpec<'a> {
    #[serde(borrow)]
    tls: List<WireTls<'a>>,
    listeners: List<WireListener<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireTls<'a> {
    #[serde(borrow)]
    hosts: List<Text<'a>>,
    secret_name: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireListener<'a> {
    #[serde(borrow)]
    hostname: Text<'a>,
    tls: Option<WireListenerTls<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireListenerTls<'a> {
    #[serde(borrow)]
    certificate_refs: List<WireSubject<'a>>,
}

impl WireIngress<'_> {
    /// An Ingress (`spec.tls`) or a Gateway (`spec.listeners[].tls.certificateRefs`).
    pub fn fold(&self, kind: Kind, context: &Context, state: &mut State) -> Result<(), Fault> {
        let id = state.id(kind, &self.metadata, context);
        let mut secrets = Vec::new();
        for entry in self.spec.tls.iter().filter(|e| !e.secret_name.is_empty()) {
            secrets.push((id.namespace.clone(), state.names.get(&entry.secret_name), texts(&entry.hosts, state)));
        }
        for listener in &self.spec.listeners {
            let refs = listener.tls.iter().flat_map(|tls| tls.certificate_refs.iter());
            for reference in refs.filter(|r| matches!(&*r.kind, "" | "Secret")) {
                let namespace = state.names.filled(&reference.namespace).unwrap_or_else(|| id.namespace.clone());
                let hosts = state.names.filled(&listener.hostname).into_iter().collect();
                secrets.push((namespace, state.names.get(&reference.name), hosts));
            }
        }
        let user = TlsUser { id, meta: self.metadata.fold(&mut state.names), secrets };
        state.out.tls_users.push(user);
        Ok(())
    }
}
