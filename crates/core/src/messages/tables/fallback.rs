//! What a text of a known speaker can mean when none of its wordings is known.
//!
//! These rows name possibilities, not readings: they have no signal, and a text that only they fit counts as unknown.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};

/// Rows whose id begins so only name possibilities.
pub(in crate::messages) const PREFIX: &str = "topic-";

pub(super) static ROWS: &[Pattern] = &[
    pat("topic-webhook", C::AdmissionWebhookUnreachable, 28)
        .on(&["webhook"])
        .within(X::WEBHOOK)
        .also(&[C::AdmissionDenied, C::EsoWebhook])
        .stands_for("webhook calls of the API server")
        .eg(&["failed calling webhook x: odd"]),
    pat("topic-sealed", C::SealedsecretUndecryptable, 28)
        .on(&["sealed"])
        .within(X::SEALED)
        .also(&[C::SealedsecretClient, C::SealedsecretUnmanaged])
        .stands_for("Sealed Secrets")
        .eg(&["sealed-secrets: odd"]),
    pat("topic-csi", C::CsiProviderAuth, 27)
        .on(&["csi|secrets-store|secretproviderclass|secrets store|objecttype|nmi|provider"])
        .within(X::CSI)
        .also(&[
            C::CsiProviderSecretMissing,
            C::CsiProviderUnreachable,
            C::CsiProviderclassInvalid,
            C::CsiDriverMisconfigured,
            C::CsiProviderMissing,
            C::CsiDriverMissing,
        ])
        .stands_for("Secrets Store CSI")
        .eg(&["secrets-store: odd"]),
    pat("topic-eso", C::EsoStoreNotReady, 27)
        .on(&["secretstore|externalsecret|external-secrets|external secret|pushsecret|spec.data|provider client|remoteref|generator|templat|invalidproviderconfig"])
        .within(X::ESO)
        .also(&[C::EsoProviderAuth, C::EsoProviderSecretMissing, C::EsoProviderPermission, C::EsoTemplateError, C::EsoOwnershipConflict])
        .stands_for("External Secrets")
        .eg(&["external-secrets: odd"]),
    pat("topic-vault", C::VaultPermissionDenied, 26)
        .on(&["fail|error|denied|invalid|unable|cannot|could not|not |err=|warn|missing"])
        .within(X::VAULT)
        .also(&[C::VaultRoleOrSaMismatch, C::VaultUnreachable, C::VaultTokenInvalid, C::VaultLeaseExpired, C::VaultSealed])
        .stands_for("Vault and its clients")
        .eg(&["vault: error: odd"]),
    pat("topic-pull", C::RegistryAmbiguousAuthOrMissing, 26)
        .on(&["pull|image|registry|manifest|/v2/|docker"])
        .within(X::PULL)
        .also(&[C::ImageNotFound, C::PullCredentialsMissing, C::RegistryUnreachableNetwork, C::RegistryServerError, C::PullCredentialsRejected])
        .stands_for("image pulls")
        .eg(&["Failed to pull image \"a\": odd"]),
    pat("topic-volume", C::VolumeOther, 22)
        .on(&["volume|mount"])
        .within(X::MOUNT)
        .also(&[C::SecretMissing, C::KubeletSecretCache, C::CsiDriverMissing, C::VolumeCredentialsRejected, C::MountSubpath])
        .stands_for("volumes")
        .eg(&["MountVolume.X failed for volume \"a\" : odd"]),
    pat("topic-runtime", C::OtherUnrelated, 22)
        .on(&["oci|runc|container|crun"])
        .within(X::OCI)
        .also(&[C::RuntimeSandboxFailure, C::MountSubpath, C::SecretInvalidFormat, C::EnvTooLarge])
        .stands_for("container runtimes")
        .eg(&["OCI runtime exec: odd"]),
    pat("topic-keyvault", C::OtherUnrelated, 20)
        .on(&["vault|akv"])
        .within(X::KEYVAULT)
        .also(&[C::CsiProviderAuth, C::EsoProviderAuth, C::CsiProviderSecretMissing, C::CsiProviderUnreachable])
        .stands_for("Azure Key Vault")
        .eg(&["keyvault: odd error of the akv controller"]),
    pat("topic-secret", C::OtherUnrelated, 20)
        .on(&["secret"])
        .re(r"fail|error|denied|invalid|unable|cannot|could not|couldn't|missing|not |no ")
        .also(&[C::SecretMissing, C::SecretKeyMissing, C::SecretInvalidFormat, C::RbacSecretsDenied])
        .stands_for("anything that speaks of a Secret")
        .eg(&["could not use the secret: odd"]),
    pat("topic-database", C::OtherUnrelated, 19)
        .on(&["fail|error|denied|invalid|unable|cannot|could not|fatal|refused|exception"])
        .within(X::DB)
        .also(&[C::AppAuthFailedDb, C::AppMisconfigured, C::AppConnectionExhausted])
        .stands_for("databases and their clients")
        .eg(&["mysql error: odd"]),
    pat("topic-broker", C::OtherUnrelated, 19)
        .on(&["fail|error|denied|invalid|unable|cannot|could not|fatal|refused|exception"])
        .within(X::REDIS.or(X::KAFKA).or(X::RABBIT).or(X::GIT))
        .also(&[C::AppAuthFailedOther, C::AppMisconfigured])
        .stands_for("brokers, caches and Git")
        .eg(&["kafka error: odd"]),
    pat("topic-cloud", C::OtherUnrelated, 19)
        .on(&["fail|error|denied|invalid|unable|cannot|could not|fatal|refused|exception"])
        .within(X::CLOUD)
        .also(&[C::AppAuthFailedCloud, C::TokenExpired, C::AppMisconfigured])
        .stands_for("cloud APIs and their SDKs")
        .eg(&["googleapi: error: odd"]),
    pat("topic-tls", C::OtherUnrelated, 19)
        .on(&["x509|tls|certificate|ssl"])
        .re(r"fail|error|invalid|unable|cannot|could not|not |bad ")
        .also(&[C::TlsUntrustedCa, C::TlsCertExpired, C::SecretInvalidFormat, C::AppMisconfigured])
        .stands_for("anything that speaks of certificates")
        .eg(&["tls error: odd"]),
    pat("topic-token", C::OtherUnrelated, 18)
        .on(&["token|jwt|oidc|credential|password|auth"])
        .re(r"fail|error|invalid|unable|cannot|could not|not |denied|reject")
        .also(&[C::AppAuthFailedOther, C::TokenExpired, C::AppMisconfigured, C::AppAuthFailedCloud])
        .stands_for("anything that speaks of credentials")
        .eg(&["could not use the token: odd"]),
];
