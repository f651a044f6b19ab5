//! Sync operators: External Secrets and its stores, the Secrets Store CSI driver.

use keytrace_core::objects::{
    CsiPodStatus, ExternalSecret, Kind, RemoteRef, SecretProviderClass, SecretStore, StoreAuth, StoreRef, Str,
    SyncTarget, VaultStore,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::custom::references;
use super::meta::{Entries, WireMeta, kind};
use super::pod::{WireCondition, conditions};
use super::podspec::Named;
use super::state::State;
use super::text::{List, OrNull, Pairs, Presence, Stamp, Text};
use super::{Context, Fault};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireExternalSecret<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    spec: OrNull<WireSyncSpec<'a>>,
    status: OrNull<WireSyncStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSyncSpec<'a> {
    #[serde(borrow)]
    secret_store_ref: OrNull<WireKindName<'a>>,
    refresh_interval: Option<Text<'a>>,
    refresh_policy: Text<'a>,
    sync_windows: Presence,
    target: OrNull<WireTarget<'a>>,
    data: List<WireSyncData<'a>>,
    data_from: List<WireSyncDataFrom<'a>>,
    external_secret_spec: Option<Box<WireSyncSpec<'a>>>,
    external_secret_name: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireKindName<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    name: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireTarget<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    creation_policy: Text<'a>,
    deletion_policy: Text<'a>,
    immutable: Option<bool>,
    template: Option<WireTargetTemplate<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireTargetTemplate<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSyncData<'a> {
    #[serde(borrow)]
    secret_key: Text<'a>,
    remote_ref: OrNull<WireRemote<'a>>,
    source_ref: OrNull<WireSource<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSyncDataFrom<'a> {
    #[serde(borrow)]
    extract: Option<WireRemote<'a>>,
    find: Option<WireFind<'a>>,
    source_ref: OrNull<WireSource<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireRemote<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    property: Text<'a>,
    version: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireFind<'a> {
    #[serde(borrow)]
    path: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSource<'a> {
    #[serde(borrow)]
    store_ref: Option<WireKindName<'a>>,
    generator_ref: Option<WireKindName<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSyncStatus<'a> {
    #[serde(borrow)]
    conditions: List<WireCondition<'a>>,
    refresh_time: Stamp,
    binding: OrNull<Named<'a>>,
    failed_namespaces: List<WireFailed<'a>>,
    provisioned_namespaces: List<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireFailed<'a> {
    #[serde(borrow)]
    namespace: Text<'a>,
}

/// Seconds of a Go duration such as `1h0m0s`; fractions are cut. `None` if it is none.
pub(crate) fn duration_seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if text == "0" {
        return Some(0);
    }
    let (mut rest, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let units = [
            ("ms", 1e-3),
            ("us", 1e-6),
            ("µs", 1e-6),
            ("ns", 1e-9),
            ("h", 3600.0),
            ("m", 60.0),
            ("s", 1.0),
            ("d", 86_400.0),
        ];
        let (unit, factor) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        total += number * factor;
        rest = &rest[unit.len()..];
    }
    let seconds = total.min(1e15) as i64;
    Some(if negative { -seconds } else { seconds })
}

impl WireKindName<'_> {
    fn fold(&self, state: &mut State) -> Option<StoreRef> {
        let of = self.kind.filled().unwrap_or("SecretStore");
        self.name.filled().map(|name| StoreRef { kind: kind(of, &mut state.names), name: state.names.get(name) })
    }
}

impl WireRemote<'_> {
    fn fold(&self, secret_key: Option<&str>, state: &mut State) -> RemoteRef {
        RemoteRef {
            secret_key: secret_key.map(|k| state.names.get(k)),
            remote_key: state.names.get(&self.key),
            property: state.names.filled(&self.property),
            version: state.names.filled(&self.version),
        }
    }
}

impl WireExternalSecret<'_> {
    /// An ExternalSecret or a ClusterExternalSecret.
    pub fn fold(&self, of: Kind, context: &Context, state: &mut State) -> Result<(), Fault> {
        let id = state.id(of, &self.metadata, context);
        let spec = self.spec.external_secret_spec.as_deref().unwrap_or(&self.spec);
        let mut data = Vec::new();
        let mut sources = Vec::new();
        for entry in &spec.data {
            data.push(entry.remote_ref.fold(Some(&entry.secret_key), state));
            sources.extend(entry.source_ref.store_ref.as_ref().and_then(|s| s.fold(state)));
        }
        for entry in &spec.data_from {
            if let Some(extract) = &entry.extract {
                data.push(extract.fold(None, state));
            } else if let Some(find) = &entry.find {
                let remote_key = state.names.get(&find.path);
                data.push(RemoteRef { secret_key: None, remote_key, property: None, version: None });
            }
            let source = &entry.source_ref;
            let named = source.store_ref.as_ref().or(source.generator_ref.as_ref());
            sources.extend(named.and_then(|s| s.fold(state)));
        }
        sources.sort();
        sources.dedup();
        let target = &spec.target;
        let target = SyncTarget {
            // A ClusterExternalSecret names the ExternalSecrets that it makes, and so their target.
            name: state.names.filled(&target.name).or_else(|| state.names.filled(&self.spec.external_secret_name)),
            creation_policy: state.names.filled(&target.creation_policy),
            deletion_policy: state.names.filled(&target.deletion_policy),
            immutable: target.immutable == Some(true),
            has_template: target.template.is_some(),
            template_type: target.template.as_ref().and_then(|t| state.names.filled(&t.kind)),
        };
        let status = &self.status;
        let external = ExternalSecret {
            id,
            meta: self.metadata.fold(&mut state.names),
            store: spec.secret_store_ref.fold(state),
            refresh_seconds: spec.refresh_interval.as_ref().and_then(|t| duration_seconds(t)),
            refresh_policy: state.names.filled(&spec.refresh_policy),
            has_sync_windows: spec.sync_windows.0,
            target,
            data,
            sources,
            conditions: conditions(&status.conditions, state),
            refreshed: status.refresh_time.0,
            bound_secret: state.names.filled(&status.binding.name),
            failed_namespaces: status.failed_namespaces.iter().map(|f| state.names.get(&f.namespace)).collect(),
            provisioned_namespaces: status.provisioned_namespaces.iter().map(|n| state.names.get(n)).collect(),
        };
        state.out.external_secrets.push(external);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireStore<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    spec: OrNull<WireStoreSpec<'a>>,
    status: OrNull<WireSyncStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireStoreSpec<'a> {
    #[serde(borrow)]
    provider: Pairs<'a, &'a RawValue>,
    conditions: List<WireStoreRule<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireStoreRule<'a> {
    #[serde(borrow)]
    namespaces: List<Text<'a>>,
    namespace_selector: OrNull<WireSelector<'a>>,
    namespace_regexes: List<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSelector<'a> {
    #[serde(borrow)]
    match_labels: Pairs<'a, Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireVault<'a> {
    #[serde(borrow)]
    server: Text<'a>,
    path: Text<'a>,
    version: Text<'a>,
    namespace: Text<'a>,
    auth: Option<Pairs<'a, &'a RawValue>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireLogin<'a> {
    #[serde(borrow)]
    mount_path: Text<'a>,
    path: Text<'a>,
    role: Text<'a>,
    service_account_ref: OrNull<Named<'a>>,
}

fn login(auth: &Pairs<&RawValue>, state: &mut State) -> Option<StoreAuth> {
    // `namespace` beside the method says where to log in.
    let (method, raw) = auth.iter().find(|(key, _)| &**key != "namespace")?;
    let login: WireLogin = serde_json::from_str(raw.get()).unwrap_or_default();
    Some(match &**method {
        "kubernetes" => StoreAuth::Kubernetes {
            mount: state.names.filled(&login.mount_path),
            role: state.names.filled(&login.role),
            service_account: state.names.filled(&login.service_account_ref.name),
        },
        "tokenSecretRef" => StoreAuth::Token,
        "appRole" => StoreAuth::AppRole { mount: state.names.filled(&login.path) },
        other => StoreAuth::Other(state.names.get(other)),
    })
}

impl WireStore<'_> {
    /// A SecretStore or a ClusterSecretStore.
    pub fn fold(&self, of: Kind, context: &Context, state: &mut State) -> Result<(), Fault> {
        let id = state.id(of, &self.metadata, context);
        let provider = self.spec.provider.first();
        let mut vault = None;
        let mut bootstrap = Vec::new();
        if let Some((field, raw)) = provider {
            references(raw.get(), &format!("spec.provider.{}", &**field), &mut |found| {
                bootstrap.push((
                    found.kind.clone(),
                    state.names.filled(found.namespace),
                    state.names.get(found.name),
                    state.names.get(found.path),
                ));
            });
            if matches!(&**field, "vault" | "openbao") {
                let wire: WireVault = super::parse_within(raw.get(), state.item)?;
                vault = Some(VaultStore {
                    server: state.names.filled(&wire.server),
                    path: state.names.filled(&wire.path),
                    version: state.names.filled(&wire.version),
                    namespace: state.names.filled(&wire.namespace),
                    auth: wire.auth.as_ref().and_then(|auth| login(auth, state)),
                });
            }
        }
        let mut allowed_namespaces = Vec::new();
        let mut allowed_labels = Vec::new();
        for rule in &self.spec.conditions {
            allowed_namespaces.extend(rule.namespaces.iter().map(|n| state.names.get(n)));
            if !rule.namespace_selector.match_labels.is_empty() {
                allowed_labels.push(super::meta::pairs(&rule.namespace_selector.match_labels, &mut state.names));
            }
        }
        let store = SecretStore {
            id,
            meta: self.metadata.fold(&mut state.names),
            provider: provider.map(|(field, _)| state.names.get(field)),
            vault,
            bootstrap,
            conditions: conditions(&self.status.conditions, state),
            allowed_namespaces,
            allowed_labels,
            restricted: !self.spec.conditions.is_empty(),
        };
        state.out.stores.push(store);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireProviderClass<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    spec: OrNull<WireClassSpec<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireClassSpec<'a> {
    #[serde(borrow)]
    provider: Text<'a>,
    secret_objects: List<WireSecretObject<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSecretObject<'a> {
    #[serde(borrow)]
    secret_name: Text<'a>,
    data: List<WireObjectKey<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireObjectKey<'a> {
    #[serde(borrow)]
    key: Text<'a>,
}

impl WireProviderClass<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let id = state.id(Kind::SecretProviderClass, &self.metadata, context);
        let mut secret_objects = Vec::new();
        for object in &self.spec.secret_objects {
            let keys: Vec<Str> = object.data.iter().map(|d| state.names.get(&d.key)).collect();
            secret_objects.push((state.names.get(&object.secret_name), keys));
        }
        let class = SecretProviderClass {
            id,
            meta: self.metadata.fold(&mut state.names),
            provider: state.names.filled(&self.spec.provider),
            secret_objects,
        };
        state.out.provider_classes.push(class);
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireCsiStatus<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Presence>>,
    status: OrNull<WireMounted<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireMounted<'a> {
    #[serde(borrow)]
    pod_name: Text<'a>,
    secret_provider_class_name: Text<'a>,
    mounted: Option<bool>,
    objects: List<WireObject<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireObject<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    version: Text<'a>,
}

impl WireCsiStatus<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let status = CsiPodStatus {
            id: state.id(Kind::SecretProviderClassPodStatus, &self.metadata, context),
            meta: self.metadata.fold(&mut state.names),
            pod: state.names.get(&self.status.pod_name),
            class: state.names.get(&self.status.secret_provider_class_name),
            mounted: self.status.mounted == Some(true),
            objects: self
                .status
                .objects
                .iter()
                .map(|o| (state.names.get(&o.id), state.names.get(&o.version)))
                .collect(),
        };
        state.out.csi_statuses.push(status);
        Ok(())
    }
}
