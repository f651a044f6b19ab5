//! What a message says happened, finer than its class, as the checks ask for it.

use super::fields::Fields;

/// The kind of object that a text names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ObjectKind {
    Secret,
    ConfigMap,
}

/// How a connection failed before any HTTP answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum NetFault {
    Dns,
    Refused,
    Timeout,
    Proxy,
    /// Closed, reset, unroutable or cut short.
    Other,
}

/// How a TLS handshake failed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TlsFault {
    HttpOnHttps,
    UnknownAuthority,
    Expired,
    WrongName,
    Other,
}

/// Whom the API server refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Caller {
    ServiceAccount,
    Node,
    Anonymous,
    Other,
}

impl Caller {
    /// The kind of caller by the user name that the API server prints.
    pub fn of(user: &str) -> Self {
        match user {
            _ if user.starts_with("system:serviceaccount:") => Self::ServiceAccount,
            _ if user.starts_with("system:node:") => Self::Node,
            "system:anonymous" => Self::Anonymous,
            _ => Self::Other,
        }
    }
}

/// Which gate of admission refused an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Gate {
    Webhook,
    ValidatingPolicy,
    PodSecurity,
    Other,
}

/// What a Vault auth role does not admit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Binding {
    Name,
    Namespace,
    Audience,
    /// The role itself does not exist.
    RoleMissing,
    /// The token reviewer at Vault has no rights or a stale token.
    Reviewer,
}

/// One statement of a message in the terms of the checks. Names, hosts and numbers are in [`Fields`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Signal {
    // Objects as the kubelet delivers them.
    ObjectNotFound(ObjectKind),
    KeyNotFound(ObjectKind),
    CacheSyncTimeout(ObjectKind),
    NotRegistered,
    NodeForbidden,
    RunAsNonRoot,
    EnvNamesInvalid,
    ConflictingPaths,
    SubPathFailure,
    MountOther,
    StartErrorNotFound,
    ExecFormat,
    BackOffRestart,

    // Image pulls.
    /// `illegal base64 data at input byte N` in place of a pull: one pull secret does not parse.
    Base64Pull,
    /// The names are in `Fields::secrets`, joined by `, `.
    PullSecretNotFound,
    PullUnauthorizedAnonymous,
    PullUnauthorizedSent,
    /// 401, and the text does not say whether a credential was sent.
    PullUnauthorized,
    PullDeniedAmbiguous,
    PullForbidden,
    PullTokenExpired,
    PullNotFound,
    PullPlatform,
    PullRateLimited,
    PullNetwork(NetFault),
    PullTls(TlsFault),
    PullServerError,
    ImageNeverPull,
    InvalidImageName,
    InspectFailed,
    ImageSignature,
    /// A back-off of a pull, without its cause.
    BackOffPull,

    // API server.
    ServiceAccountNotFound,
    QuotaExceeded,
    AdmissionDenied(Gate),
    WebhookUnreachable,
    NamespaceTerminating,
    TooLarge,
    Immutable,
    ApiForbidden(Caller),
    ApiUnauthorized,
    /// A client found no token and no configuration, and so did not ask the API server at all.
    ApiNoLogin,
    Throttled,
    EtcdTimeout,
    /// The store is over its quota and takes no more writes.
    EtcdNoSpace,
    DecryptAtRest,
    OwnerRefInvalidNamespace,

    // The application and its backends.
    DbAuthFailed,
    DbTooManyConnections,
    AccountLocked,
    ConnParse,
    ConnNetwork(NetFault),
    /// The name is in `Fields::env_name`.
    EnvUnset,
    FileMissing,
    FileIsDirectory,
    FilePermission,
    KeyFileTooOpen,
    ReadOnlyFs,
    ConfigParse,
    /// A positive sign: a login or a connection succeeded.
    LoginOk,
    /// A positive sign of less weight: work went on, perhaps over a session that was opened long before.
    SessionOk,
    /// A positive sign: the process took up a changed credential.
    CredentialReloaded,
    TooManyRequests,
    TlsExpired,
    TlsUntrusted,
    TokenExpired,
    /// 401 from something that the application asked.
    AppUnauthorized,
    /// 403 from something that the application asked.
    AppForbidden,
    ClockSkew,

    // External Secrets.
    StoreNotReady,
    StoreMissing,
    StoreNotAllowedInNamespace,
    BootstrapMissing,
    ProviderRead,
    ProviderLogin,
    ProviderThrottled,
    ProviderSealed,
    ProviderUnreachable,
    ProviderTls,
    RemoteMissing,
    /// The entry exists and is disabled, marked for deletion, or its key is closed.
    SourceDisabled,
    PropertyMissing,
    KvVersion,
    TargetOwned,
    TargetImmutable,
    TemplateFailed,
    OperatorForbidden,
    RetainedByPolicy,
    /// `could not get secret data from provider` and its like: the cause is elsewhere.
    SyncFailed,

    // Vault and its operators.
    InvalidToken,
    VaultDenied,
    RoleUnbound(Binding),
    AppRoleInvalid,
    LeaseExpired,
    Quota429,
    Sealed503,
    VaultUnreachable,
    LeaseRenewalFailed,

    // CSI and Sealed Secrets.
    ProviderClassMissing,
    ProviderClassInvalid,
    CsiDriverNotRegistered,
    CsiProviderMissing,
    Undecryptable,
    SealedUnmanaged,
}

impl Signal {
    /// Sets what the captured fields decide, such as who was refused.
    pub(super) fn settle(self, fields: &Fields) -> Self {
        match self {
            Self::ApiForbidden(_) => match fields.user.as_deref() {
                Some(user) => Self::ApiForbidden(Caller::of(user)),
                None => self,
            },
            _ => self,
        }
    }
}
