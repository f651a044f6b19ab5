//! Pods: what they ask for, and what became of it.

use std::sync::Arc;

use super::{Condition, Id, Kind, Meta, Said, Str, ValueFacts};
use crate::time::Time;

#[derive(Clone, Debug)]
pub struct Pod {
    pub id: Id,
    pub meta: Meta,
    pub spec: Arc<PodSpec>,
    pub node: Option<Str>,
    /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
    pub phase: Str,
    /// `status.reason`, such as `Evicted`.
    pub reason: Option<Str>,
    pub started: Option<Time>,
    pub conditions: Vec<Condition>,
    /// Init, ordinary and ephemeral containers, in this order.
    pub statuses: Vec<ContainerStatus>,
    /// A static pod's mirror (`kubernetes.io/config.mirror`): admission and secrets work otherwise for it.
    pub mirror: bool,
}

impl Pod {
    pub fn status(&self, container: &str) -> Option<&ContainerStatus> {
        self.statuses.iter().find(|s| &*s.name == container)
    }

    /// Whether the Ready condition is true.
    pub fn is_ready(&self) -> bool {
        self.conditions.iter().any(|c| &*c.kind == "Ready" && c.status == Some(true))
    }

    /// Whether it has ended, well or not.
    pub fn is_finished(&self) -> bool {
        matches!(&*self.phase, "Succeeded" | "Failed")
    }
}

/// The part of a pod that its template gives, without what differs between pods of one template.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PodSpec {
    /// `default` where the spec names none.
    pub service_account: Str,
    pub automount: Option<bool>,
    pub pull_secrets: Vec<Str>,
    /// Init containers first, then ordinary and ephemeral ones.
    pub containers: Vec<Container>,
    pub volumes: Vec<Volume>,
    pub run_as: RunAs,
    pub fs_group: Option<i64>,
    pub supplemental_groups: Vec<i64>,
    pub restart_policy: Option<Str>,
    pub host_network: bool,
}

/// `securityContext` as far as it decides who may read a file. A container's fields override the pod's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct RunAs {
    pub user: Option<i64>,
    pub group: Option<i64>,
    pub non_root: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ContainerRole {
    Init,
    /// An init container with `restartPolicy: Always`.
    Sidecar,
    Main,
    Ephemeral,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Container {
    pub name: Str,
    pub role: ContainerRole,
    pub image: Str,
    /// `Always`, `IfNotPresent`, `Never`; `None` if the spec does not say (then the tag decides).
    pub pull_policy: Option<Str>,
    pub env: Vec<EnvVar>,
    pub env_from: Vec<EnvFrom>,
    pub mounts: Vec<Mount>,
    pub run_as: RunAs,
    /// Tag over command and arguments, so that templates can be compared without keeping either.
    pub command: Option<crate::value::EqTag>,
    /// Whether `command` is set, so that the image's own entry point is not used.
    pub has_command: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EnvVar {
    pub name: Str,
    pub source: EnvSource,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum EnvSource {
    /// A value written in the spec: value-bearing, so only facts about it are kept.
    Literal(Arc<ValueFacts>),
    /// `secretKeyRef` (kind Secret) or `configMapKeyRef` (kind ConfigMap).
    Key { kind: Kind, name: Str, key: Str, optional: bool },
    /// `fileKeyRef` (KEP-3721).
    FileKey { volume: Str, path: Str, key: Str, optional: bool },
    /// `fieldRef`, `resourceFieldRef`.
    Field,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EnvFrom {
    /// Secret or ConfigMap.
    pub kind: Kind,
    pub name: Str,
    pub prefix: Str,
    pub optional: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Mount {
    pub volume: Str,
    pub path: Str,
    pub sub_path: Option<Str>,
    pub sub_path_expr: bool,
    pub read_only: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Volume {
    pub name: Str,
    pub source: VolumeSource,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum VolumeSource {
    /// `secret` or `configMap`, by `kind`.
    Data {
        kind: Kind,
        name: Str,
        items: Vec<Item>,
        default_mode: Option<u32>,
        optional: bool,
    },
    Projected {
        default_mode: Option<u32>,
        sources: Vec<ProjectedSource>,
    },
    /// `csi`: driver, `nodePublishSecretRef`, and `volumeAttributes.secretProviderClass`.
    Csi {
        driver: Str,
        secret: Option<Str>,
        provider_class: Option<Str>,
    },
    /// In-tree drivers that name a Secret: azureFile, cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos.
    /// The namespace is set where the driver's reference carries one.
    Legacy {
        driver: &'static str,
        secret: Str,
        namespace: Option<Str>,
    },
    /// An OCI image as a volume: pulled with the pod's pull secrets.
    Image {
        reference: Str,
        pull_policy: Option<Str>,
    },
    EmptyDir,
    PersistentVolumeClaim(Str),
    /// Any other source, by its field name.
    Other(Str),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ProjectedSource {
    /// `secret` or `configMap`, by `kind`.
    Data {
        kind: Kind,
        name: Str,
        items: Vec<Item>,
        optional: bool,
    },
    ServiceAccountToken {
        audience: Option<Str>,
        expiration_seconds: Option<i64>,
        path: Str,
    },
    ClusterTrustBundle {
        name: Option<Str>,
        signer: Option<Str>,
        path: Str,
        optional: bool,
    },
    PodCertificate {
        signer: Str,
    },
    DownwardApi,
}

/// A key that a volume asks for by name.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Item {
    pub key: Str,
    pub path: Str,
    pub mode: Option<u32>,
}

/// One place where a pod names a Secret or a ConfigMap.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reference {
    /// Secret or ConfigMap.
    pub kind: Kind,
    pub name: Str,
    pub key: Option<Str>,
    pub optional: bool,
    pub via: Via,
    /// The container whose start depends on it; `None` for what the whole pod waits for.
    pub container: Option<Str>,
}

/// How a reference is used.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Via {
    Env {
        variable: Str,
    },
    EnvFrom,
    Volume {
        volume: Str,
    },
    Projected {
        volume: Str,
    },
    /// `csi.nodePublishSecretRef`.
    CsiPublish {
        volume: Str,
    },
    LegacyVolume {
        volume: Str,
        driver: &'static str,
    },
    /// `spec.imagePullSecrets[index]`.
    PullSecret {
        index: usize,
    },
}

#[derive(Clone, PartialEq, Debug)]
pub struct ContainerStatus {
    pub name: Str,
    pub role: ContainerRole,
    /// The image as the spec or the runtime writes it.
    pub image: Str,
    pub image_id: Option<Str>,
    pub ready: bool,
    pub restarts: u32,
    pub state: ContainerState,
    /// The end of the run before, if there was one.
    pub last: Option<ContainerState>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ContainerState {
    Waiting {
        reason: Str,
        said: Option<Said>,
    },
    Running {
        since: Option<Time>,
    },
    Terminated {
        reason: Str,
        exit_code: i32,
        said: Option<Said>,
        started: Option<Time>,
        finished: Option<Time>,
    },
    /// The status says nothing yet.
    Unknown,
}

impl ContainerState {
    pub fn waiting_reason(&self) -> Option<&str> {
        match self {
            Self::Waiting { reason, .. } => Some(reason),
            _ => None,
        }
    }

    pub fn running_since(&self) -> Option<Time> {
        match self {
            Self::Running { since } => *since,
            _ => None,
        }
    }
}
