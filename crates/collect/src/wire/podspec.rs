//! Pod specs and templates: read once for each distinct text, shared by all pods that were made from it.

use std::sync::Arc;

use keytrace_core::facts;
use keytrace_core::objects::{
    Container, ContainerRole, EnvFrom, EnvSource, EnvVar, Item, Kind, Mount, PodSpec, ProjectedSource, RunAs, Volume,
    VolumeSource,
};
use keytrace_core::value::SecretValue;
use memchr::memmem;
use serde::Deserialize;

use super::state::State;
use super::text::{List, Pairs, Presence, Text};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireSpec<'a> {
    #[serde(borrow)]
    service_account_name: Text<'a>,
    service_account: Text<'a>,
    automount_service_account_token: Option<bool>,
    image_pull_secrets: List<Named<'a>>,
    init_containers: List<WireContainer<'a>>,
    containers: List<WireContainer<'a>>,
    ephemeral_containers: List<WireContainer<'a>>,
    volumes: List<WireVolume<'a>>,
    security_context: Option<WireSecurity>,
    restart_policy: Text<'a>,
    host_network: Option<bool>,
    node_name: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Named<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub namespace: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSecurity {
    run_as_user: Option<i64>,
    run_as_group: Option<i64>,
    run_as_non_root: Option<bool>,
    fs_group: Option<i64>,
    supplemental_groups: List<i64>,
}

impl WireSecurity {
    fn run_as(this: Option<&Self>) -> RunAs {
        this.map_or(RunAs::default(), |s| RunAs {
            user: s.run_as_user,
            group: s.run_as_group,
            non_root: s.run_as_non_root,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireContainer<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    image: Text<'a>,
    image_pull_policy: Text<'a>,
    restart_policy: Text<'a>,
    env: List<WireEnv<'a>>,
    env_from: List<WireEnvFrom<'a>>,
    volume_mounts: List<WireMount<'a>>,
    security_context: Option<WireSecurity>,
    command: List<Text<'a>>,
    args: List<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireEnv<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    value: Text<'a>,
    value_from: Option<WireValueFrom<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_field_names, reason = "the names of the API")]
struct WireValueFrom<'a> {
    #[serde(borrow)]
    secret_key_ref: Option<KeyRef<'a>>,
    config_map_key_ref: Option<KeyRef<'a>>,
    file_key_ref: Option<FileKeyRef<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct KeyRef<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    key: Text<'a>,
    optional: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct FileKeyRef<'a> {
    #[serde(borrow)]
    volume_name: Text<'a>,
    path: Text<'a>,
    key: Text<'a>,
    optional: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireEnvFrom<'a> {
    #[serde(borrow)]
    prefix: Text<'a>,
    secret_ref: Option<ObjectRef<'a>>,
    config_map_ref: Option<ObjectRef<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ObjectRef<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    optional: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireMount<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    mount_path: Text<'a>,
    sub_path: Text<'a>,
    sub_path_expr: Text<'a>,
    read_only: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireVolume<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    secret: Option<SecretVolume<'a>>,
    config_map: Option<ConfigMapVolume<'a>>,
    projected: Option<Projected<'a>>,
    csi: Option<Csi<'a>>,
    image: Option<ImageVolume<'a>>,
    empty_dir: Presence,
    persistent_volume_claim: Option<Claim<'a>>,
    azure_file: Option<AzureFile<'a>>,
    cephfs: Option<WithSecretRef<'a>>,
    cinder: Option<WithSecretRef<'a>>,
    flex_volume: Option<WithSecretRef<'a>>,
    iscsi: Option<WithSecretRef<'a>>,
    rbd: Option<WithSecretRef<'a>>,
    #[serde(rename = "scaleIO")]
    scale_io: Option<WithSecretRef<'a>>,
    storageos: Option<WithSecretRef<'a>>,
    host_path: Presence,
    downward_api: Presence,
    ephemeral: Presence,
    nfs: Presence,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct SecretVolume<'a> {
    #[serde(borrow)]
    secret_name: Text<'a>,
    items: List<WireItem<'a>>,
    default_mode: Option<u32>,
    optional: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ConfigMapVolume<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    items: List<WireItem<'a>>,
    default_mode: Option<u32>,
    optional: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireItem<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    path: Text<'a>,
    mode: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Projected<'a> {
    default_mode: Option<u32>,
    #[serde(borrow)]
    sources: List<WireProjection<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireProjection<'a> {
    #[serde(borrow)]
    secret: Option<ConfigMapVolume<'a>>,
    config_map: Option<ConfigMapVolume<'a>>,
    service_account_token: Option<WireToken<'a>>,
    cluster_trust_bundle: Option<WireBundle<'a>>,
    pod_certificate: Option<WirePodCertificate<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireToken<'a> {
    #[serde(borrow)]
    audience: Text<'a>,
    expiration_seconds: Option<i64>,
    path: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireBundle<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    signer_name: Text<'a>,
    path: Text<'a>,
    optional: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WirePodCertificate<'a> {
    #[serde(borrow)]
    signer_name: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Csi<'a> {
    #[serde(borrow)]
    driver: Text<'a>,
    node_publish_secret_ref: Option<Named<'a>>,
    volume_attributes: Pairs<'a, Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ImageVolume<'a> {
    #[serde(borrow)]
    reference: Text<'a>,
    pull_policy: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Claim<'a> {
    #[serde(borrow)]
    claim_name: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AzureFile<'a> {
    #[serde(borrow)]
    secret_name: Text<'a>,
    secret_namespace: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WithSecretRef<'a> {
    #[serde(borrow)]
    secret_ref: Option<Named<'a>>,
}

impl WireSpec<'_> {
    pub fn node_name(&self) -> &str {
        &self.node_name
    }

    pub fn fold(&self, state: &mut State) -> Arc<PodSpec> {
        let account = self.service_account_name.filled().or(self.service_account.filled()).unwrap_or("default");
        let security = self.security_context.as_ref();
        let mut containers = Vec::new();
        for container in &self.init_containers {
            let sidecar = &*container.restart_policy == "Always";
            let role = if sidecar { ContainerRole::Sidecar } else { ContainerRole::Init };
            containers.push(container.fold(role, state));
        }
        containers.extend(self.containers.iter().map(|c| c.fold(ContainerRole::Main, state)));
        containers.extend(self.ephemeral_containers.iter().map(|c| c.fold(ContainerRole::Ephemeral, state)));
        let spec = PodSpec {
            service_account: state.names.get(account),
            automount: self.automount_service_account_token,
            pull_secrets: self.image_pull_secrets.iter().map(|s| state.names.get(&s.name)).collect(),
            containers,
            volumes: self.volumes.iter().map(|v| v.fold(state)).collect(),
            run_as: WireSecurity::run_as(security),
            fs_group: security.and_then(|s| s.fs_group),
            supplemental_groups: security.map(|s| s.supplemental_groups.to_vec()).unwrap_or_default(),
            restart_policy: state.names.filled(&self.restart_policy),
            host_network: self.host_network == Some(true),
        };
        state.specs.share(spec)
    }
}

/// The admission plugin gives each pod's token volume a random suffix; without it pods of one template are equal.
fn volume_name(name: &str) -> &str {
    const TOKEN: &str = "kube-api-access";
    match name.strip_prefix(TOKEN) {
        Some(suffix) if suffix.len() == 6 && suffix.starts_with('-') => TOKEN,
        _ => name,
    }
}

impl WireContainer<'_> {
    fn fold(&self, role: ContainerRole, state: &mut State) -> Container {
        let command = (!self.command.is_empty() || !self.args.is_empty()).then(|| {
            // Each part with its length, so that no two command lines run together.
            let mut text = Vec::new();
            for list in [&self.command, &self.args] {
                text.extend_from_slice(&(list.len() as u64).to_le_bytes());
                for part in list {
                    text.extend_from_slice(&(part.len() as u64).to_le_bytes());
                    text.extend_from_slice(part.as_bytes());
                }
            }
            state.tagger.tag(SecretValue::new(text).expose())
        });
        Container {
            name: state.names.get(&self.name),
            role,
            image: state.names.get(&self.image),
            pull_policy: state.names.filled(&self.image_pull_policy),
            env: self.env.iter().map(|e| e.fold(state)).collect(),
            env_from: self.env_from.iter().filter_map(|e| e.fold(state)).collect(),
            mounts: self.volume_mounts.iter().map(|m| m.fold(state)).collect(),
            run_as: WireSecurity::run_as(self.security_context.as_ref()),
            command,
            has_command: !self.command.is_empty(),
        }
    }
}

impl WireEnv<'_> {
    fn fold(&self, state: &mut State) -> EnvVar {
        let source = match &self.value_from {
            None => {
                let value = SecretValue::new(self.value.as_bytes().to_vec());
                EnvSource::Literal(Arc::new(facts::of(&self.name, &value, &state.tagger)))
            }
            Some(from) => from.fold(state),
        };
        EnvVar { name: state.names.get(&self.name), source }
    }
}

impl WireValueFrom<'_> {
    fn fold(&self, state: &mut State) -> EnvSource {
        let mut key = |kind, from: &KeyRef| EnvSource::Key {
            kind,
            name: state.names.get(&from.name),
            key: state.names.get(&from.key),
            optional: from.optional == Some(true),
        };
        if let Some(from) = &self.secret_key_ref {
            return key(Kind::Secret, from);
        }
        if let Some(from) = &self.config_map_key_ref {
            return key(Kind::ConfigMap, from);
        }
        match &self.file_key_ref {
            Some(from) => EnvSource::FileKey {
                volume: state.names.get(volume_name(&from.volume_name)),
                path: state.names.get(&from.path),
                key: state.names.get(&from.key),
                optional: from.optional == Some(true),
            },
            None => EnvSource::Field,
        }
    }
}

impl WireEnvFrom<'_> {
    fn fold(&self, state: &mut State) -> Option<EnvFrom> {
        let (kind, from) = match (&self.secret_ref, &self.config_map_ref) {
            (Some(from), _) => (Kind::Secret, from),
            (None, Some(from)) => (Kind::ConfigMap, from),
            (None, None) => return None,
        };
        Some(EnvFrom {
            kind,
            name: state.names.get(&from.name),
            prefix: state.names.get(&self.prefix),
            optional: from.optional == Some(true),
        })
    }
}

impl WireMount<'_> {
    fn fold(&self, state: &mut State) -> Mount {
        Mount {
            volume: state.names.get(volume_name(&self.name)),
            path: state.names.get(&self.mount_path),
            sub_path: state.names.filled(&self.sub_path).or_else(|| state.names.filled(&self.sub_path_expr)),
            sub_path_expr: !self.sub_path_expr.is_empty(),
            read_only: self.read_only == Some(true),
        }
    }
}

fn items(items: &List<WireItem>, state: &mut State) -> Vec<Item> {
    items.iter().map(|i| Item { key: state.names.get(&i.key), path: state.names.get(&i.path), mode: i.mode }).collect()
}

impl WireVolume<'_> {
    fn fold(&self, state: &mut State) -> Volume {
        Volume { name: state.names.get(volume_name(&self.name)), source: self.source(state) }
    }

    fn source(&self, state: &mut State) -> VolumeSource {
        if let Some(secret) = &self.secret {
            return VolumeSource::Data {
                kind: Kind::Secret,
                name: state.names.get(&secret.secret_name),
                items: items(&secret.items, state),
                default_mode: secret.default_mode,
                optional: secret.optional == Some(true),
            };
        }
        if let Some(map) = &self.config_map {
            return VolumeSource::Data {
                kind: Kind::ConfigMap,
                name: state.names.get(&map.name),
                items: items(&map.items, state),
                default_mode: map.default_mode,
                optional: map.optional == Some(true),
            };
        }
        if let Some(projected) = &self.projected {
            return VolumeSource::Projected {
                default_mode: projected.default_mode,
                sources: projected.sources.iter().map(|s| s.fold(state)).collect(),
            };
        }
        if let Some(csi) = &self.csi {
            let class = csi.volume_attributes.iter().find(|(k, _)| &**k == "secretProviderClass");
            return VolumeSource::Csi {
                driver: state.names.get(&csi.driver),
                secret: csi.node_publish_secret_ref.as_ref().and_then(|s| state.names.filled(&s.name)),
                provider_class: class.and_then(|(_, v)| state.names.filled(v)),
            };
        }
        if let Some(image) = &self.image {
            return VolumeSource::Image {
                reference: state.names.get(&image.reference),
                pull_policy: state.names.filled(&image.pull_policy),
            };
        }
        if let Some(claim) = &self.persistent_volume_claim {
            return VolumeSource::PersistentVolumeClaim(state.names.get(&claim.claim_name));
        }
        self.legacy(state).unwrap_or_else(|| {
            let other = [
                (self.host_path, "hostPath"),
                (self.downward_api, "downwardAPI"),
                (self.ephemeral, "ephemeral"),
                (self.nfs, "nfs"),
            ];
            match other.iter().find(|(there, _)| there.0) {
                Some((_, field)) => VolumeSource::Other(state.names.get(field)),
                None if self.empty_dir.0 => VolumeSource::EmptyDir,
                None => VolumeSource::Other(state.names.get("")),
            }
        })
    }

    /// In-tree drivers. Without a Secret they are [`VolumeSource::Other`].
    fn legacy(&self, state: &mut State) -> Option<VolumeSource> {
        if let Some(azure) = &self.azure_file {
            return Some(VolumeSource::Legacy {
                driver: "azureFile",
                secret: state.names.get(&azure.secret_name),
                namespace: state.names.filled(&azure.secret_namespace),
            });
        }
        let drivers = [
            ("cephfs", &self.cephfs),
            ("cinder", &self.cinder),
            ("flexVolume", &self.flex_volume),
            ("iscsi", &self.iscsi),
            ("rbd", &self.rbd),
            ("scaleIO", &self.scale_io),
            ("storageos", &self.storageos),
        ];
        let (driver, source) = drivers.into_iter().find_map(|(name, source)| Some((name, source.as_ref()?)))?;
        Some(match source.secret_ref.as_ref().filter(|s| !s.name.is_empty()) {
            Some(secret) => VolumeSource::Legacy {
                driver,
                secret: state.names.get(&secret.name),
                namespace: state.names.filled(&secret.namespace),
            },
            None => VolumeSource::Other(state.names.get(driver)),
        })
    }
}

impl WireProjection<'_> {
    fn fold(&self, state: &mut State) -> ProjectedSource {
        let mut data = |kind, from: &ConfigMapVolume| ProjectedSource::Data {
            kind,
            name: state.names.get(&from.name),
            items: items(&from.items, state),
            optional: from.optional == Some(true),
        };
        if let Some(secret) = &self.secret {
            return data(Kind::Secret, secret);
        }
        if let Some(map) = &self.config_map {
            return data(Kind::ConfigMap, map);
        }
        if let Some(token) = &self.service_account_token {
            return ProjectedSource::ServiceAccountToken {
                audience: state.names.filled(&token.audience),
                expiration_seconds: token.expiration_seconds,
                path: state.names.get(&token.path),
            };
        }
        if let Some(bundle) = &self.cluster_trust_bundle {
            return ProjectedSource::ClusterTrustBundle {
                name: state.names.filled(&bundle.name),
                signer: state.names.filled(&bundle.signer_name),
                path: state.names.get(&bundle.path),
                optional: bundle.optional == Some(true),
            };
        }
        match &self.pod_certificate {
            Some(certificate) => ProjectedSource::PodCertificate { signer: state.names.get(&certificate.signer_name) },
            None => ProjectedSource::DownwardApi,
        }
    }
}

/// The text of a spec in pieces, without what differs between pods of one template: the node's name and the suffix of the
/// token volume's. Equal pieces give equal specs, so that only the first has to be parsed.
pub(crate) struct Masked<'a> {
    pub parts: Vec<&'a str>,
    /// What was cut as the node's name. Whether it is that shows only when the text is parsed.
    pub node: Option<&'a str>,
}

/// Finds what has to be cut.
#[derive(Debug)]
pub(crate) struct Mask {
    token: memmem::Finder<'static>,
    node: memmem::Finder<'static>,
}

impl Default for Mask {
    fn default() -> Self {
        Self { token: memmem::Finder::new(TOKEN), node: memmem::Finder::new(NODE) }
    }
}

const TOKEN: &[u8] = b"kube-api-access-";
const NODE: &[u8] = b"\"nodeName\"";

impl Mask {
    pub fn cut<'a>(&self, spec: &'a str) -> Masked<'a> {
        let mut parts = Vec::new();
        let mut rest = spec;
        let mut kept = 0;
        while let Some(found) = self.token.find(&rest.as_bytes()[kept..]) {
            let bytes = rest.as_bytes();
            let (start, end) = (kept + found, kept + found + TOKEN.len());
            let is_name = bytes[..start].ends_with(b"\"name\":\"") || bytes[..start].ends_with(b"\"name\": \"");
            let suffix = bytes.get(end..end + 6);
            if is_name && suffix.is_some_and(|s| s[5] == b'"' && s[..5].iter().all(u8::is_ascii_alphanumeric)) {
                parts.push(&rest[..end]);
                rest = &rest[end + 5..];
                kept = 0;
            } else {
                kept = end;
            }
        }
        parts.push(rest);
        let node = self.cut_node(&mut parts);
        Masked { parts, node }
    }

    /// Cuts the value of `nodeName` out, if it stands there exactly once.
    fn cut_node<'a>(&self, parts: &mut Vec<&'a str>) -> Option<&'a str> {
        let mut places = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            places.extend(self.node.find_iter(part.as_bytes()).map(|at| (index, at + NODE.len())));
        }
        let &[(index, at)] = places.as_slice() else { return None };
        let part = parts[index];
        let value = part[at..].trim_start_matches([':', ' ', '\n', '\t', '\r']).strip_prefix('"')?;
        let length = value.find(['"', '\\']).filter(|end| value.as_bytes()[*end] == b'"')?;
        let start = part.len() - value.len();
        parts[index] = &part[..start];
        parts.insert(index + 1, &part[start + length..]);
        Some(&value[..length])
    }
}
