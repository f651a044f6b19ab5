//! Names of objects: kind, namespace, name.

use std::fmt;

use super::Str;

macro_rules! kinds {
    ($($variant:ident $plural:literal $group:literal $scope:ident;)*) => {
        /// The kinds that some check knows. Anything else is [`Kind::Other`] with its own name.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Kind {
            $($variant,)*
            /// A kind that no check knows, by its `kind` as written.
            Other(Str),
        }

        impl Kind {
            /// Every known kind, in the order of declaration.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)*];

            /// The `kind` as the API writes it.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                    Self::Other(name) => name,
                }
            }

            /// The lower-case plural of the API path, such as `configmaps`. A guess for unknown kinds.
            pub fn plural(&self) -> String {
                match self {
                    $(Self::$variant => $plural.to_owned(),)*
                    Self::Other(name) => format!("{}s", name.to_ascii_lowercase()),
                }
            }

            /// The API group, empty for the core group and for unknown kinds.
            pub fn group(&self) -> &'static str {
                match self {
                    $(Self::$variant => $group,)*
                    Self::Other(_) => "",
                }
            }

            pub fn is_namespaced(&self) -> bool {
                match self {
                    $(Self::$variant => stringify!($scope).len() == "Namespaced".len(),)*
                    Self::Other(_) => true,
                }
            }

            /// Reads a `kind` as written in an object.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($variant) => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Reads the plural of an API path or of a file name in a dump.
            pub fn from_plural(plural: &str) -> Option<Self> {
                match plural {
                    $($plural => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    Pod "pods" "" Namespaced;
    Secret "secrets" "" Namespaced;
    ConfigMap "configmaps" "" Namespaced;
    ServiceAccount "serviceaccounts" "" Namespaced;
    Event "events" "" Namespaced;
    Service "services" "" Namespaced;
    ResourceQuota "resourcequotas" "" Namespaced;
    ReplicationController "replicationcontrollers" "" Namespaced;
    PersistentVolumeClaim "persistentvolumeclaims" "" Namespaced;
    PersistentVolume "persistentvolumes" "" Cluster;
    Node "nodes" "" Cluster;
    Namespace "namespaces" "" Cluster;
    Deployment "deployments" "apps" Namespaced;
    ReplicaSet "replicasets" "apps" Namespaced;
    StatefulSet "statefulsets" "apps" Namespaced;
    DaemonSet "daemonsets" "apps" Namespaced;
    ControllerRevision "controllerrevisions" "apps" Namespaced;
    Job "jobs" "batch" Namespaced;
    CronJob "cronjobs" "batch" Namespaced;
    Rollout "rollouts" "argoproj.io" Namespaced;
    Application "applications" "argoproj.io" Namespaced;
    Role "roles" "rbac.authorization.k8s.io" Namespaced;
    ClusterRole "clusterroles" "rbac.authorization.k8s.io" Cluster;
    RoleBinding "rolebindings" "rbac.authorization.k8s.io" Namespaced;
    ClusterRoleBinding "clusterrolebindings" "rbac.authorization.k8s.io" Cluster;
    Ingress "ingresses" "networking.k8s.io" Namespaced;
    Gateway "gateways" "gateway.networking.k8s.io" Namespaced;
    Lease "leases" "coordination.k8s.io" Namespaced;
    CSINode "csinodes" "storage.k8s.io" Cluster;
    CSIDriver "csidrivers" "storage.k8s.io" Cluster;
    CertificateSigningRequest "certificatesigningrequests" "certificates.k8s.io" Cluster;
    MutatingWebhookConfiguration "mutatingwebhookconfigurations" "admissionregistration.k8s.io" Cluster;
    ValidatingWebhookConfiguration "validatingwebhookconfigurations" "admissionregistration.k8s.io" Cluster;
    CustomResourceDefinition "customresourcedefinitions" "apiextensions.k8s.io" Cluster;
    ExternalSecret "externalsecrets" "external-secrets.io" Namespaced;
    ClusterExternalSecret "clusterexternalsecrets" "external-secrets.io" Cluster;
    SecretStore "secretstores" "external-secrets.io" Namespaced;
    ClusterSecretStore "clustersecretstores" "external-secrets.io" Cluster;
    PushSecret "pushsecrets" "external-secrets.io" Namespaced;
    VaultDynamicSecret "vaultdynamicsecrets" "" Namespaced;
    VaultStaticSecret "vaultstaticsecrets" "secrets.hashicorp.com" Namespaced;
    VaultPKISecret "vaultpkisecrets" "secrets.hashicorp.com" Namespaced;
    VaultAuth "vaultauths" "secrets.hashicorp.com" Namespaced;
    VaultConnection "vaultconnections" "secrets.hashicorp.com" Namespaced;
    SecretProviderClass "secretproviderclasses" "secrets-store.csi.x-k8s.io" Namespaced;
    SecretProviderClassPodStatus "secretproviderclasspodstatuses" "secrets-store.csi.x-k8s.io" Namespaced;
    SealedSecret "sealedsecrets" "bitnami.com" Namespaced;
    Certificate "certificates" "cert-manager.io" Namespaced;
    CertificateRequest "certificaterequests" "cert-manager.io" Namespaced;
    Kustomization "kustomizations" "kustomize.toolkit.fluxcd.io" Namespaced;
    HelmRelease "helmreleases" "helm.toolkit.fluxcd.io" Namespaced;
}

impl Kind {
    /// Whether objects of this kind make and replace pods.
    pub fn makes_pods(&self) -> bool {
        matches!(
            self,
            Self::Deployment
                | Self::ReplicaSet
                | Self::StatefulSet
                | Self::DaemonSet
                | Self::Job
                | Self::CronJob
                | Self::ReplicationController
                | Self::Rollout
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Kind, namespace and name: what identifies an object to a person. The namespace of cluster objects is empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Id {
    pub kind: Kind,
    pub namespace: Str,
    pub name: Str,
}

impl Id {
    pub fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        Self { kind, namespace: namespace.into(), name: name.into() }
    }
}

/// `kind/name` in lower case, as kubectl writes it; the namespace is said by the surroundings.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.name().to_ascii_lowercase(), self.name)
    }
}
