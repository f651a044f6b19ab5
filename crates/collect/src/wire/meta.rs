//! `metadata` of all objects: names, owners, labels, the allow-list of annotations, and managedFields.

use std::fmt;

use keytrace_core::objects::{Kind, Managed, Meta, Owner, Str};
use keytrace_core::time::Time;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::intern::Interner;
use super::text::{List, Pairs, Presence, Stamp, Text};

/// `metadata`; `M` decides whether managedFields are decoded ([`Entries`]) or only noticed ([`Presence`]).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireMeta<'a, M: Default> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub generate_name: Text<'a>,
    pub namespace: Text<'a>,
    pub uid: Text<'a>,
    pub resource_version: Text<'a>,
    pub generation: Option<i64>,
    pub creation_timestamp: Stamp,
    pub deletion_timestamp: Stamp,
    pub owner_references: List<WireOwner<'a>>,
    pub labels: Pairs<'a, Text<'a>>,
    pub annotations: Annotations<'a>,
    pub managed_fields: M,
}

impl<M: Default> Default for WireMeta<'_, M> {
    fn default() -> Self {
        Self {
            name: Text::default(),
            generate_name: Text::default(),
            namespace: Text::default(),
            uid: Text::default(),
            resource_version: Text::default(),
            generation: None,
            creation_timestamp: Stamp::default(),
            deletion_timestamp: Stamp::default(),
            owner_references: List::default(),
            labels: Pairs::default(),
            annotations: Annotations::default(),
            managed_fields: M::default(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireOwner<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    name: Text<'a>,
    uid: Text<'a>,
    controller: Option<bool>,
}

/// How managedFields of a kind are read.
pub(crate) trait ManagedFields: Default {
    /// Whether the object had any entry.
    fn any(&self) -> bool;
    fn fold(&self, names: &mut Interner) -> Vec<Managed>;
}

impl ManagedFields for Presence {
    fn any(&self) -> bool {
        self.0
    }

    fn fold(&self, _names: &mut Interner) -> Vec<Managed> {
        Vec::new()
    }
}

pub(crate) type Entries<'a> = List<WireManaged<'a>>;

impl ManagedFields for Entries<'_> {
    fn any(&self) -> bool {
        !self.is_empty()
    }

    fn fold(&self, names: &mut Interner) -> Vec<Managed> {
        self.iter()
            .map(|entry| Managed {
                manager: names.get(&entry.manager),
                apply: &*entry.operation == "Apply",
                subresource: names.filled(&entry.subresource),
                time: entry.time.0,
                fields: entry.fields_v1.0.iter().map(|f| names.get(f)).collect(),
            })
            .collect()
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireManaged<'a> {
    #[serde(borrow)]
    manager: Text<'a>,
    operation: Text<'a>,
    subresource: Text<'a>,
    time: Stamp,
    #[serde(rename = "fieldsV1")]
    fields_v1: FieldSet,
}

/// Dotted paths out of a `fieldsV1` tree, two levels deep; below `status` nothing.
#[derive(Default)]
pub(crate) struct FieldSet(Vec<String>);

impl<'de> Deserialize<'de> for FieldSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Top;
        impl<'de> Visitor<'de> for Top {
            type Value = FieldSet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a set of fields")
            }

            fn visit_unit<E>(self) -> Result<FieldSet, E> {
                Ok(FieldSet::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldSet, A::Error> {
                let mut found = Vec::new();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    let Some(name) = key.strip_prefix("f:") else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    // Values of `stringData` end up in `data` under the same key.
                    let parent = if name == "stringData" { "data" } else { name };
                    if parent != "metadata" {
                        found.push(parent.to_owned());
                    }
                    if matches!(parent, "data" | "binaryData" | "metadata" | "spec") {
                        for child in map.next_value::<Children<'de>>()?.0 {
                            found.push(format!("{parent}.{}", &*child));
                        }
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(FieldSet(found))
            }
        }
        deserializer.deserialize_any(Top)
    }
}

/// Names of the fields one level down.
struct Children<'a>(Vec<Text<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Children<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Pairs(pairs) = Pairs::<IgnoredAny>::deserialize(deserializer)?;
        let names = pairs.into_iter().filter_map(|(key, _)| match key.0 {
            std::borrow::Cow::Borrowed(k) => k.strip_prefix("f:").map(|k| Text(k.into())),
            std::borrow::Cow::Owned(k) => k.strip_prefix("f:").map(|k| Text(k.to_owned().into())),
        });
        Ok(Self(names.collect()))
    }
}

/// Annotations: values only of those on the allow-list; of `last-applied-configuration` the text, to be read and
/// dropped by the kinds that need it.
#[derive(Default)]
pub(crate) struct Annotations<'a> {
    pub kept: Vec<(Text<'a>, Text<'a>)>,
    pub last_applied: Option<Text<'a>>,
}

pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl<'de: 'a, 'a> Deserialize<'de> for Annotations<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Annotations<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("annotations")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Annotations::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = Annotations::default();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    if &*key == LAST_APPLIED {
                        found.last_applied = Some(map.next_value()?);
                        found.kept.push((key, Text::default()));
                    } else if allowed(&key) {
                        found.kept.push((key, map.next_value()?));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        found.kept.push((key, Text::default()));
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_any(All)
    }
}

/// Annotations whose values are names, switches, numbers or times by their definition, so that they cannot hold a
/// credential. All others keep only their key.
fn allowed(key: &str) -> bool {
    const DOMAINS: &[&str] = &[
        "deployment.kubernetes.io/",
        "meta.helm.sh/",
        "reloader.stakater.com/",
        "secret.reloader.stakater.com/",
        "configmap.reloader.stakater.com/",
        "deployment.reloader.stakater.com/",
        "sealedsecrets.bitnami.com/",
        "reflector.v1.k8s.emberstack.com/",
        "replicator.v1.mittwald.de/",
        "kubed.appscode.com/",
        "kustomize.toolkit.fluxcd.io/",
        "helm.toolkit.fluxcd.io/",
        "cert-manager.io/",
        "azure.workload.identity/",
        "batch.kubernetes.io/",
    ];
    const NAMES: &[&str] = &[
        "argocd.argoproj.io/tracking-id",
        "argocd.argoproj.io/instance",
        "argocd.argoproj.io/sync-options",
        "argocd.argoproj.io/compare-options",
        "argocd.argoproj.io/sync-wave",
        "argocd.argoproj.io/hook",
        "cronjob.kubernetes.io/instantiate",
        "eks.amazonaws.com/role-arn",
        "helm.sh/hook",
        "helm.sh/hook-delete-policy",
        "helm.sh/resource-policy",
        "iam.gke.io/gcp-service-account",
        "kubectl.kubernetes.io/restartedAt",
        "kubernetes.io/config.hash",
        "kubernetes.io/config.mirror",
        "kubernetes.io/config.seen",
        "kubernetes.io/config.source",
        "kubernetes.io/enforce-mountable-secrets",
        "kubernetes.io/ingress.class",
        "kubernetes.io/service-account.name",
        "kubernetes.io/service-account.uid",
        "nginx.ingress.kubernetes.io/auth-secret",
        "nginx.ingress.kubernetes.io/auth-tls-secret",
        "nginx.ingress.kubernetes.io/proxy-ssl-secret",
        "openshift.io/internal-registry-pull-secret-ref",
        "vault.hashicorp.com/agent-inject",
        "vault.hashicorp.com/agent-inject-status",
        "vault.hashicorp.com/role",
        "vault.hashicorp.com/auth-path",
        "vault.hashicorp.com/namespace",
        "vso.secrets.hashicorp.com/restartedAt",
    ];
    NAMES.contains(&key)
        || DOMAINS.iter().any(|d| key.starts_with(d))
        // Templates of the agent may hold anything; switches and paths of secrets do not.
        || (key.starts_with("vault.hashicorp.com/agent-") && !key.contains("template") && !key.contains("command"))
}

impl<M: ManagedFields> WireMeta<'_, M> {
    /// The name, or the prefix of the name to be for a manifest with `generateName`.
    pub fn any_name(&self) -> &str {
        self.name.filled().unwrap_or(&self.generate_name)
    }

    pub fn fold(&self, names: &mut Interner) -> Meta {
        Meta {
            uid: self.uid.filled().map(Str::from),
            resource_version: self.resource_version.parse().ok(),
            generation: self.generation,
            created: self.creation_timestamp.0,
            deleting: self.deletion_timestamp.0,
            owners: self.owner_references.iter().map(|o| o.fold(names)).collect(),
            labels: pairs(&self.labels, names),
            annotations: pairs(&self.annotations.kept, names),
            managed: self.managed_fields.fold(names),
        }
    }
}

impl WireOwner<'_> {
    fn fold(&self, names: &mut Interner) -> Owner {
        Owner {
            kind: kind(&self.kind, names),
            name: names.get(&self.name),
            uid: names.filled(&self.uid),
            controller: self.controller == Some(true),
        }
    }
}

/// Pairs of texts as shared strings, sorted by key.
pub(crate) fn pairs(pairs: &[(Text<'_>, Text<'_>)], names: &mut Interner) -> Vec<(Str, Str)> {
    let mut shared: Vec<(Str, Str)> = pairs.iter().map(|(k, v)| (names.get(k), names.get(v))).collect();
    shared.sort();
    shared
}

pub(crate) fn kind(name: &str, names: &mut Interner) -> Kind {
    Kind::from_name(name).unwrap_or_else(|| Kind::Other(names.get(name)))
}

/// When a key of `data` last changed, and who owns it now.
///
/// The time of an entry is that of the last change of any of its fields: with one field in the entry it is exact, with
/// several it is the latest possible one.
pub(crate) fn key_changed(
    managed: &[Managed],
    field: &str,
    created: Option<Time>,
) -> (keytrace_core::time::Interval, Option<Str>) {
    use keytrace_core::time::Interval;
    let owner = managed.iter().filter(|m| m.subresource.is_none() && m.owns(field)).max_by_key(|m| m.time);
    let Some(owner) = owner else { return (Interval::between(created, None), None) };
    let Some(time) = owner.time else { return (Interval::between(created, None), Some(owner.manager.clone())) };
    let keys = owner.fields.iter().filter(|f| f.starts_with("data.") || f.starts_with("binaryData.")).count();
    let interval = if keys <= 1 || created == Some(time) {
        Interval::at(time)
    } else {
        Interval::between(created.filter(|c| *c < time), Some(time))
    };
    (interval, Some(owner.manager.clone()))
}
