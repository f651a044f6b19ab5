//! Who speaks: a pull, a mount, a webhook call, Vault. The same words mean different things in each.

/// A set of settings in which a message was said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Context(u32);

impl Context {
    pub const NONE: Self = Self(0);
    pub const PULL: Self = Self(1);
    pub const MOUNT: Self = Self(1 << 1);
    pub const CSI: Self = Self(1 << 2);
    pub const ESO: Self = Self(1 << 3);
    pub const VAULT: Self = Self(1 << 4);
    pub const WEBHOOK: Self = Self(1 << 5);
    pub const SEALED: Self = Self(1 << 6);
    pub const OCI: Self = Self(1 << 7);
    pub const SANDBOX: Self = Self(1 << 8);
    pub const PROBE: Self = Self(1 << 9);
    pub const KEYVAULT: Self = Self(1 << 10);
    pub const DB: Self = Self(1 << 11);
    pub const CLOUD: Self = Self(1 << 12);
    pub const REDIS: Self = Self(1 << 13);
    pub const KAFKA: Self = Self(1 << 14);
    pub const RABBIT: Self = Self(1 << 15);
    pub const GIT: Self = Self(1 << 16);
    pub const ISSUER: Self = Self(1 << 17);
    pub const SERVER: Self = Self(1 << 18);
    /// Surely a pull, where [`Self::PULL`] may also be a registry that is only spoken of.
    pub const PULLING: Self = Self(1 << 19);

    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn bits(self) -> u32 {
        self.0
    }

    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The settings without those that only the names in the text suggest: an image or a webhook can be called anything.
    pub const fn dominant(self) -> Self {
        if self.meets(Self::PULLING) {
            Self(self.0 & (Self::PULL.0 | Self::PULLING.0 | Self::SANDBOX.0 | Self::WEBHOOK.0))
        } else if self.meets(Self::WEBHOOK) {
            Self(self.0 & (Self::WEBHOOK.0 | Self::PULL.0 | Self::ESO.0 | Self::SEALED.0))
        } else {
            self
        }
    }

    /// The settings that the reason of an event or a state stands for.
    pub fn of_reason(reason: &str) -> Self {
        match reason {
            "" => Self::NONE,
            "ErrImagePull"
            | "ImagePullBackOff"
            | "FailedToRetrieveImagePullSecret"
            | "InspectFailed"
            | "InvalidImageName"
            | "RegistryUnavailable"
            | "SignatureValidationFailed"
            | "ImageInspectError" => Self::PULL,
            "FailedMount" | "FailedAttachVolume" | "FailedMapVolume" => Self::MOUNT,
            "FailedCreatePodSandBox" => Self::SANDBOX,
            "Unhealthy" => Self::PROBE,
            "ErrUnsealFailed" => Self::SEALED,
            "UpdateFailed"
            | "InvalidProviderConfig"
            | "InvalidStoreConfiguration"
            | "ValidationFailed"
            | "SecretSyncedError" => Self::ESO,
            "VaultClientError" | "VaultClientConfigError" | "SecretLeaseRenewalError" => Self::VAULT,
            "RunContainerError" | "StartError" | "ContainerCannotRun" | "CreateContainerError" => Self::OCI,
            _ => Self::NONE,
        }
    }
}

/// A text is said in a setting when one of these words occurs in it.
pub(super) static SIGNS: &[(Context, &[&str])] = &[
    (
        Context::PULLING,
        &[
            "failed to pull image \"",
            "failed to pull and unpack image",
            "back-off pulling image \"",
            "failed to resolve reference",
            "failed to resolve image:",
            "failed to inspect image \"",
            "failed to apply default image tag",
        ],
    ),
    (
        Context::PULL,
        &[
            "failed to pull image",
            "failed to pull and unpack",
            "errimagepull",
            "imagepullbackoff",
            "pulling image",
            "pull access denied",
            "failed to resolve reference",
            "failed to resolve image",
            "pulling from host",
            "source docker://",
            "source image rejected",
            "error pinging docker registry",
            "pinging container registry",
            "fetch anonymous token",
            "fetch oauth token",
            "copying system image",
            "registry-1.docker.io",
            "auth.docker.io",
            "index.docker.io",
            "reading manifest",
            "fetching content descriptor",
            "could not fetch content descriptor",
            "failed to copy: httpreadseeker",
            "/manifests/",
            "manifest unknown",
            "error response from daemon: get ",
            "error response from daemon: head ",
            "continuing with pull",
            "image pull failed",
            "pulling image failed",
            "unable to pull image",
            "failed to pull ",
            "docker pull",
            "crictl pull",
            "dkr.ecr.",
            "azurecr.io",
            "docker.pkg.dev",
            "failed to fetch manifest",
            "inspectfailed",
            "failed to inspect image",
            "parse image reference",
            "failed commit on ref",
            "trying and failing to pull image",
            "trying to pull",
            "image_pull",
            "remote_image.go",
            "pullimage",
            "failed to do request: head",
            "imagestream",
            "helm pull",
            "oci://",
        ],
    ),
    (
        Context::MOUNT,
        &[
            "mountvolume",
            "unable to mount volumes",
            "unable to attach or mount volumes",
            "mounter.setup",
            "attachvolume",
            "mount failed:",
            "mountdevice",
            "mounting command:",
            "nodepublishvolume",
            "nodestagevolume",
            "mapvolume",
            "mount.nfs",
            "mount.cifs",
            "mount error(",
        ],
    ),
    (
        Context::CSI,
        &[
            "secrets store object",
            "secrets-store",
            "secretproviderclass",
            "objecttype:",
            "nmi response",
            "provider-azure",
            "secrets store csi",
            "keyvault client: failed to get",
            "failed to mount objects",
            "making mount request",
        ],
    ),
    (
        Context::ESO,
        &[
            "secretstore",
            "externalsecret",
            "external-secrets",
            "external secret",
            "error processing spec.data",
            "could not get secret data from provider",
            "could not get provider client",
            "unable to create client",
            "could not validate provider",
            "unable to validate store",
            "error retrieving secret at .data",
            "remoteref",
            "pushsecret",
            "unable to log in to auth method",
            "error using generator",
            "could not apply template",
            "using spec.data",
            "fromassertion():",
            "invalid vault credentials",
            "invalidproviderconfig",
            "cannot read secret data from vault",
            "cannot get kubernetes secret",
        ],
    ),
    (
        Context::VAULT,
        &[
            "error making api request",
            "/v1/auth/",
            "/v1/sys/",
            "/v1/secret/",
            "hashicorp",
            " vault ",
            " vault:",
            "vault is ",
            "vault token",
            "vault-agent",
            "vault agent",
            "vault.read(",
            "vault.svc",
            "vault:8200",
            ":8200/",
            "vault.default",
            "auth.handler",
            "x-vault",
            "vaultsecret",
            "vaultauth",
            "vaultconnection",
            "vaultdynamicsecret",
            "vaultstaticsecret",
            "vaultclient",
            "vaultpkisecret",
            "auth.kubernetes",
            "auth/kubernetes",
            "kubernetes auth",
            "approle",
            "lease_id",
            "lifetime_watcher",
            "openbao",
            "core: vault",
            "expiration: ",
            "code: 403. errors:",
            "code: 400. errors:",
            "code: 500. errors:",
            "code: 503. errors:",
            "code: 429. errors:",
            "code: 404. errors:",
            "vault_addr",
            "vault",
        ],
    ),
    (Context::KEYVAULT, &["keyvault", "key vault", "vault.azure.net", "vault.usgovcloudapi", "akv"]),
    (
        Context::WEBHOOK,
        &[
            "failed calling webhook",
            "admission webhook",
            "conversion webhook",
            "failed to call webhook",
            "calling webhook",
            "calling admission webhook",
        ],
    ),
    (
        Context::SEALED,
        &[
            "sealedsecret",
            "sealed-secret",
            "sealed secret",
            "kubeseal",
            "no key could decrypt",
            "unseal secret",
            "errunsealfailed",
        ],
    ),
    (
        Context::OCI,
        &[
            "oci runtime",
            "runc create",
            "crun:",
            "container_linux.go",
            "process_linux.go",
            "rootfs_linux.go",
            "failed to create containerd task",
            "failed to create shim",
            "failed to start container",
            "container create failed",
            "start container process",
            "container init",
            "runcontainererror",
            "generateruncontaineroptions",
            "createcontainererror",
        ],
    ),
    (
        Context::SANDBOX,
        &[
            "pod sandbox",
            "podsandbox",
            "networkplugin",
            "network plugin",
            "failed to setup network",
            "plugin type=",
            "sandbox container",
            "cni plugin",
            "cni config",
            "cni0",
        ],
    ),
    (
        Context::PROBE,
        &[
            "readiness probe failed",
            "liveness probe failed",
            "startup probe failed",
            "readiness probe errored",
            "liveness probe errored",
        ],
    ),
    (
        Context::DB,
        &[
            "postgres",
            "psql",
            "pgx",
            "pq:",
            "sqlstate",
            "pg_hba",
            "hikari",
            "jdbc",
            "mysql",
            "mariadb",
            "mongo",
            "sqlalchemy",
            "database",
            "sqlserver",
            "mssql",
            "oracle",
            "ora-",
            "cassandra",
            "clickhouse",
            "sequelize",
            "activerecord",
            "prisma",
            "pgbouncer",
            "pgpool",
            "cockroach",
        ],
    ),
    (
        Context::CLOUD,
        &[
            "amazonaws",
            "aws-",
            "aws_",
            "aws.",
            " aws ",
            "s3.",
            "s3:",
            "s3 ",
            "azure",
            "aadsts",
            "googleapis",
            "gcp",
            "google cloud",
            "googleapi",
            "oauth2",
            "sts:",
            "sts.",
            "blob.core.windows",
            "microsoftonline",
            "route53",
            "dynamodb",
            "cloudflare",
            "accessdenied",
            "accesskeyid",
            "boto",
            "gcs",
            "iam",
        ],
    ),
    (Context::REDIS, &["redis", "wrongpass", "noauth", "valkey", "jedis", "lettuce"]),
    (Context::KAFKA, &["kafka", "sasl", "zookeeper", "scram-sha"]),
    (Context::RABBIT, &["rabbit", "amqp", "access_refused"]),
    (
        Context::GIT,
        &[
            "git@",
            "github.com",
            "gitlab",
            "bitbucket",
            "git clone",
            "git fetch",
            "fatal: repository",
            "remote: ",
            "repo server",
            "source-controller",
            "gitrepository",
            "ls-remote",
            "could not read from remote",
        ],
    ),
    (Context::ISSUER, &["issuer", "cert-manager", "acme", "presenting challenge", "certificaterequest"]),
    (Context::SERVER, &["http: tls handshake error from", "api server", "apiserver", "kube-apiserver"]),
];
