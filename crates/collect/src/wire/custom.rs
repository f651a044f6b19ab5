//! Custom resources: identity, conditions, times, allow-listed scalars, and the Secrets that they name.

use std::fmt::Write as _;

use keytrace_core::objects::{CustomResource, Kind, Str};
use keytrace_core::time::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::meta::{Entries, WireMeta};
use super::pod::{WireCondition, conditions};
use super::state::State;
use super::text::{List, OrNull, Pairs, Text};
use super::{Context, Fault};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireCustom<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    spec: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireCustomStatus<'a> {
    #[serde(borrow)]
    conditions: List<WireCondition<'a>>,
}

/// Only so many times and scalars are kept of one object.
const MOST: usize = 64;

/// Scalars by field path that are names, switches, durations or states by their definition.
const SCALARS: &[&str] = &[
    // Vault Secrets Operator
    "spec.destination.create",
    "spec.destination.name",
    "spec.destination.overwrite",
    "spec.destination.type",
    "spec.kubernetes.role",
    "spec.kubernetes.serviceAccount",
    "spec.method",
    "spec.mount",
    "spec.namespace",
    "spec.path",
    "spec.refreshAfter",
    "spec.renewalPercent",
    "spec.revoke",
    "spec.role",
    "spec.type",
    "spec.address",
    "spec.vaultAuthRef",
    "spec.vaultConnectionRef",
    "spec.allowStaticCreds",
    "status.secretLease.duration",
    "status.secretLease.renewable",
    "status.valid",
    // cert-manager
    "spec.duration",
    "spec.issuerRef.group",
    "spec.issuerRef.kind",
    "spec.issuerRef.name",
    "spec.privateKey.rotationPolicy",
    "spec.renewBefore",
    "spec.revisionHistoryLimit",
    "spec.secretName",
    "status.failedIssuanceAttempts",
    "status.nextPrivateKeySecretName",
    "status.revision",
    "status.serialNumber",
    // External Secrets
    "spec.deletionPolicy",
    "spec.refreshInterval",
    "spec.resultType",
    "spec.selector.secret.name",
    "spec.updatePolicy",
    "spec.provider.server",
    "spec.provider.namespace",
    "spec.provider.auth.kubernetes.mountPath",
    "spec.provider.auth.kubernetes.role",
    "spec.provider.auth.kubernetes.serviceAccountRef.name",
    // Argo CD and Flux
    "spec.destination.namespace",
    "spec.interval",
    "spec.prune",
    "spec.retryInterval",
    "spec.serviceAccountName",
    "spec.suspend",
    "spec.syncPolicy.automated.prune",
    "spec.syncPolicy.automated.selfHeal",
    "spec.targetNamespace",
    "status.health.status",
    "status.lastAppliedRevision",
    "status.lastAttemptedRevision",
    "status.observedGeneration",
    "status.operationState.phase",
    "status.sync.status",
    // Certificate signing, CSI
    "spec.signerName",
    "spec.attachRequired",
    "spec.requiresRepublish",
    "spec.secretRef.name",
];

/// Fields that hold a Unix time as a number.
const UNIX_TIMES: &[&str] =
    &["status.lastRenewalTime", "status.expiration", "status.staticCredsMetaData.lastVaultRotation"];

/// A Secret, ConfigMap or ServiceAccount that some field names.
pub(crate) struct Found<'f> {
    pub kind: Kind,
    /// Empty if not stated.
    pub namespace: &'f str,
    pub name: &'f str,
    pub path: &'f str,
}

/// Walks a JSON value without building it, and reports each leaf and each object with its path.
fn walk(raw: &str, path: &mut String, depth: usize, visit: &mut dyn FnMut(&str, Node)) {
    // Deeper nesting occurs in no resource that names a Secret.
    const DEEPEST: usize = 24;
    if depth > DEEPEST {
        return;
    }
    let length = path.len();
    match raw.as_bytes().first() {
        Some(b'{') => {
            let Ok(fields) = serde_json::from_str::<Pairs<&RawValue>>(raw) else { return };
            visit(path, Node::Object(&fields));
            for (name, value) in &fields {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
                walk(value.get(), path, depth + 1, visit);
                path.truncate(length);
            }
        }
        Some(b'[') => {
            let Ok(items) = serde_json::from_str::<List<&RawValue>>(raw) else { return };
            for (index, item) in items.iter().enumerate() {
                let _ = write!(path, "[{index}]");
                walk(item.get(), path, depth + 1, visit);
                path.truncate(length);
            }
        }
        _ => visit(path, Node::Leaf(raw)),
    }
}

enum Node<'n> {
    Object(&'n [(Text<'n>, &'n RawValue)]),
    Leaf(&'n str),
}

fn text_field<'n>(fields: &'n [(Text<'n>, &'n RawValue)], name: &str) -> Option<Text<'n>> {
    let (_, raw) = fields.iter().find(|(key, _)| &**key == name)?;
    raw.get().starts_with('"').then(|| serde_json::from_str(raw.get()).ok()).flatten()
}

/// Finds every reference below a value by its shape: `*SecretRef` and `secretRef` with a name, `serviceAccountRef`,
/// `caProvider`, key selectors (`name` and `key`), and objects whose own `kind` is Secret or ConfigMap.
pub(crate) fn references(raw: &str, path: &str, report: &mut dyn FnMut(Found)) {
    walk(raw, &mut path.to_owned(), 0, &mut |path, node| {
        let Node::Object(fields) = node else { return };
        let Some(name) = text_field(fields, "name").filter(|n| !n.is_empty()) else { return };
        let field = path
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .trim_end_matches(|c: char| c == ']' || c == '[' || c.is_ascii_digit());
        let lower = field.to_ascii_lowercase();
        let stated = text_field(fields, "kind").or_else(|| text_field(fields, "type"));
        let kind = match stated.as_deref() {
            Some("Secret") => Kind::Secret,
            Some("ConfigMap") => Kind::ConfigMap,
            // `serviceAccountRef`, `serviceAccount`: their name is all that they have.
            None if lower.starts_with("serviceaccount") => Kind::ServiceAccount,
            None if lower.ends_with("configmapref") => Kind::ConfigMap,
            None if lower.ends_with("secretref") || lower.ends_with("secretrefs") => Kind::Secret,
            None if text_field(fields, "key").is_some() && fields.len() <= 3 => Kind::Secret,
            _ => return,
        };
        let namespace = text_field(fields, "namespace");
        report(Found { kind, namespace: namespace.as_deref().unwrap_or_default(), name: &name, path });
    });
}

impl WireCustom<'_> {
    pub fn fold(&self, kind: Kind, group: &str, context: &Context, state: &mut State) -> Result<(), Fault> {
        let id = state.id(kind, &self.metadata, context);
        let mut secrets: Vec<(Str, Str)> = Vec::new();
        let mut times: Vec<(Str, Time)> = Vec::new();
        let mut scalars: Vec<(Str, Str)> = Vec::new();
        // Schemas of definitions are large and name nothing.
        let spec = self.spec.filter(|_| id.kind != Kind::CustomResourceDefinition);
        if let Some(spec) = spec {
            references(spec.get(), "spec", &mut |found| {
                let own = found.namespace.is_empty() || *found.namespace == *id.namespace;
                if found.kind == Kind::Secret && own {
                    secrets.push((state.names.get(found.name), state.names.get(found.path)));
                }
            });
        }
        let written = match id.kind {
            Kind::Certificate => Some("spec.secretName"),
            Kind::VaultStaticSecret | Kind::VaultDynamicSecret | Kind::VaultPKISecret => Some("spec.destination.name"),
            Kind::PushSecret => Some("spec.selector.secret.name"),
            Kind::SealedSecret => Some("spec.template.metadata.name"),
            _ => None,
        };
        for (raw, root) in [(spec, "spec"), (self.status, "status")] {
            let Some(raw) = raw else { continue };
            walk(raw.get(), &mut root.to_owned(), 0, &mut |path, node| {
                let Node::Leaf(leaf) = node else { return };
                leaf_facts(path, leaf, state, &mut times, &mut scalars);
                if Some(path) == written
                    && let Ok(name) = serde_json::from_str::<Text>(leaf)
                    && !name.is_empty()
                {
                    secrets.push((state.names.get(&name), state.names.get(path)));
                }
            });
        }
        // A sealed Secret without a template of its own unseals to a Secret of its own name.
        if id.kind == Kind::SealedSecret && secrets.is_empty() {
            secrets.push((id.name.clone(), state.names.get("metadata.name")));
        }
        secrets.sort();
        secrets.dedup();
        times.sort();
        scalars.sort();
        let status: WireCustomStatus = match self.status.map(RawValue::get) {
            Some(raw) if raw.starts_with('{') => serde_json::from_str(raw).unwrap_or_default(),
            _ => WireCustomStatus::default(),
        };
        let resource = CustomResource {
            id,
            meta: self.metadata.fold(&mut state.names),
            group: state.names.get(group),
            conditions: conditions(&status.conditions, state),
            secrets,
            times,
            scalars,
        };
        state.out.custom.push(resource);
        Ok(())
    }
}

fn leaf_facts(path: &str, leaf: &str, state: &mut State, times: &mut Vec<(Str, Time)>, scalars: &mut Vec<(Str, Str)>) {
    let is_scalar = SCALARS.contains(&path) || is_driver_name(path);
    let is_status = path.starts_with("status.") && !path.starts_with("status.conditions");
    if !is_scalar && !is_status {
        return;
    }
    let Ok(text) = serde_json::from_str::<Text>(leaf) else { return };
    if is_status && times.len() < MOST {
        let unix = || text.parse().ok().filter(|s: &i64| *s > 0).map(Time);
        let time = Time::parse(&text).or_else(|| UNIX_TIMES.contains(&path).then(unix).flatten());
        if let Some(time) = time {
            times.push((state.names.get(path), time));
            return;
        }
    }
    if is_scalar && scalars.len() < MOST && text.len() <= 256 && !text.contains('@') {
        scalars.push((state.names.get(path), state.names.get(&text)));
    }
}

/// `spec.drivers[N].name` of a CSINode.
fn is_driver_name(path: &str) -> bool {
    path.strip_prefix("spec.drivers[").is_some_and(|rest| rest.ends_with("].name"))
}
