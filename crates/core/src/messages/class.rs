//! The vocabulary of causes that a failure message can stand for.

macro_rules! classes {
    ($($variant:ident $name:literal $negative:literal [$($code:literal)*] $meaning:literal;)*) => {
        /// What a failure message says is wrong. The names are the vocabulary of `keytrace explain --message`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Class {
            $(#[doc = $meaning] $variant,)*
        }

        impl Class {
            /// Every class, in the order of the vocabulary.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the vocabulary, such as `secret-missing`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One clause that says what the class means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// The failure modes that the class can belong to, most likely first.
            pub const fn codes(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($code),*],)* }
            }

            /// Whether the class is no fault of secret delivery, though its texts look like one.
            pub const fn is_negative(self) -> bool {
                match self { $(Self::$variant => $negative,)* }
            }
        }
    };
}

classes! {
    SecretMissing "secret-missing" false ["OBJ-01" "OBJ-02" "OBJ-03" "REF-01"] "the Secret that is named does not exist where it is looked up";
    SecretKeyMissing "secret-key-missing" false ["OBJ-05" "REF-02" "DEL-07" "DEL-08"] "the Secret exists but lacks the key that is asked for";
    SecretWrongNamespace "secret-wrong-namespace" false ["OBJ-03"] "the Secret is looked up in another namespace than the one that holds it";
    SecretInvalidFormat "secret-invalid-format" false ["OBJ-07" "OBJ-10" "OBJ-13" "OBJ-15"] "the Secret or the reference to it is malformed";
    SecretTooLarge "secret-too-large" false ["OBJ-11"] "the Secret is over the size limit of the API server";
    SecretImmutable "secret-immutable" false ["OBJ-12" "OBJ-10"] "the type or the data of the Secret cannot be changed in place";
    ConfigmapMissing "configmap-missing" true ["OBJ-01" "OBJ-02" "OBJ-03" "REF-01"] "the missing object is a ConfigMap, not a Secret";
    ConfigmapKeyMissing "configmap-key-missing" true ["OBJ-05" "REF-02" "DEL-07" "DEL-08"] "the missing key belongs to a ConfigMap, not to a Secret";
    ConfigmapTooLarge "configmap-too-large" true ["OBJ-11"] "the ConfigMap is over the size limit of the API server";
    EnvInvalidNames "env-invalid-names" false ["REF-05"] "keys are skipped because they are no valid variable names";
    EnvTooLarge "env-too-large" false ["REF-05"] "the environment or the argument list is too long for a process";
    KubeletSecretCache "kubelet-secret-cache" false ["DEL-05" "DEL-06" "CLU-05"] "the kubelet has not got the object in its cache; object and rights may be fine";
    RbacSecretsDenied "rbac-secrets-denied" false ["RBC-01" "RBC-03" "RBC-07" "RBC-09"] "the caller may not do this to Secrets";
    RbacServiceaccountTokenDenied "rbac-serviceaccount-token-denied" false ["RBC-04" "AUT-01"] "the caller may not create service account tokens";
    NodeAuthorizerDenied "node-authorizer-denied" false ["DEL-06"] "the node authorizer sees no pod on this node that refers to the object";
    TokenrequestUnavailable "tokenrequest-unavailable" false ["RBC-04"] "the API server does not serve service account tokens on request";
    EncryptionAtRestBroken "encryption-at-rest-broken" false ["CLU-01" "CLU-02"] "the API server cannot decrypt or encrypt what it stores";
    AdmissionDenied "admission-denied" false ["RBC-06"] "a policy or webhook refuses the object on purpose";
    AdmissionWebhookUnreachable "admission-webhook-unreachable" false ["RBC-06" "SYN-12"] "a webhook that must be asked does not answer or is not trusted";
    QuotaExceeded "quota-exceeded" true ["CLU-07"] "a ResourceQuota refuses the object; it is no permission fault";
    PullCredentialsMissing "pull-credentials-missing" false ["IMG-01" "IMG-06" "IMG-08" "IMG-02"] "no usable credential was sent for a private image";
    PullCredentialsRejected "pull-credentials-rejected" false ["IMG-04" "IMG-10" "IMG-11"] "a credential was sent and the registry refused it";
    PullCredentialsForbidden "pull-credentials-forbidden" false ["IMG-16" "IMG-23"] "the identity was accepted but may not pull this";
    PullCredentialsExpired "pull-credentials-expired" false ["IMG-05" "SYN-22"] "the registry credential has expired";
    PullSecretNotFound "pull-secret-not-found" false ["IMG-02" "IMG-03" "IMG-27"] "a pull secret that the pod names cannot be fetched";
    RegistryAmbiguousAuthOrMissing "registry-ambiguous-auth-or-missing" false ["IMG-01" "IMG-04" "IMG-16" "IMG-17"] "the registry's answer covers both absent and not allowed";
    RegistryMisroutedAuth "registry-misrouted-auth" false ["IMG-21"] "the credential goes to the wrong endpoint, mirror or realm";
    RegistryRateLimited "registry-rate-limited" true ["IMG-18"] "the registry refuses for the rate of requests, not for the credential";
    RegistryBlockedByPolicy "registry-blocked-by-policy" true ["IMG-16"] "the registry or its front end refuses by network, region or export rule";
    RegistryUnreachableDns "registry-unreachable-dns" true ["IMG-19"] "the name of the registry or of its token host does not resolve";
    RegistryUnreachableNetwork "registry-unreachable-network" true ["IMG-19"] "the registry, its token host or a proxy does not answer";
    RegistryTls "registry-tls" true ["IMG-20"] "the certificate of the registry is not trusted or does not match";
    RegistryHttpHttpsMismatch "registry-http-https-mismatch" true ["IMG-20"] "plain HTTP is spoken where TLS is expected, or the reverse";
    RegistryServerError "registry-server-error" true ["IMG-19"] "the registry or mirror fails for reasons of its own";
    RegistryProxyAuth "registry-proxy-auth" true ["IMG-19"] "an HTTP proxy asks for its own login";
    ImageNotFound "image-not-found" true ["IMG-17"] "the repository, tag or digest does not exist";
    ImageNameInvalid "image-name-invalid" true ["IMG-26"] "the image reference cannot be parsed or names no registry to search";
    ImagePlatformMismatch "image-platform-mismatch" true ["IMG-26"] "there is no image for this architecture or operating system";
    ImageNeverPull "image-never-pull" true ["IMG-26"] "the pull policy is Never and the image is not on the node";
    ImageSignature "image-signature" true ["IMG-26"] "a signature or attestation policy refuses the image";
    ImageInspectRuntime "image-inspect-runtime" true ["IMG-26" "CLU-09"] "the runtime cannot inspect the image through a fault of its own";
    CsiDriverMissing "csi-driver-missing" false ["SYN-14"] "the secret-delivering CSI driver is not registered on the node";
    CsiDriverMisconfigured "csi-driver-misconfigured" false ["SYN-14"] "the driver runs but its paths or options do not fit this kubelet";
    CsiDriverRbacDenied "csi-driver-rbac-denied" false ["SYN-14" "RBC-07"] "the driver's own service account may not read what it needs";
    CsiProviderMissing "csi-provider-missing" false ["SYN-15"] "the driver runs but the provider plugin that it needs does not";
    CsiProviderUnreachable "csi-provider-unreachable" false ["SYN-15" "SRC-09"] "the provider cannot reach the vault over the network";
    CsiProviderAuth "csi-provider-auth" false ["SYN-15" "AUT-05"] "the vault was reached but refuses the provider's identity";
    CsiProviderSecretMissing "csi-provider-secret-missing" false ["SYN-15" "SRC-05"] "the provider names an object that the vault or the mount does not have";
    CsiProviderclassMissing "csi-providerclass-missing" false ["SYN-14"] "the SecretProviderClass does not exist in the pod's namespace";
    CsiProviderclassInvalid "csi-providerclass-invalid" false ["SYN-14"] "the SecretProviderClass or the volume attributes are malformed";
    EsoStoreNotReady "eso-store-not-ready" false ["SYN-02" "AUT-06"] "the secret store is absent, not ready or misconfigured";
    EsoStoreNamespaceDenied "eso-store-namespace-denied" false ["SYN-06"] "the cluster store does not admit this namespace";
    EsoProviderAuth "eso-provider-auth" false ["AUT-01" "AUT-04" "AUT-05" "SYN-01"] "External Secrets cannot log in to the provider";
    EsoProviderPermission "eso-provider-permission" false ["SRC-01" "SRC-10" "SYN-01"] "the log-in works but reading this entry is not allowed";
    EsoProviderSecretMissing "eso-provider-secret-missing" false ["SRC-05" "SYN-01"] "the entry, version or property does not exist in the provider";
    EsoTemplateError "eso-template-error" false ["SYN-07"] "the target template or a decoding step fails";
    EsoWebhook "eso-webhook" false ["SYN-12"] "External Secrets' own webhook refuses or cannot be called";
    EsoOwnershipConflict "eso-ownership-conflict" false ["SYN-08"] "the target Secret belongs to another owner";
    VaultPermissionDenied "vault-permission-denied" false ["SRC-01" "AUT-01"] "Vault refuses by policy, path or an unexplained log-in";
    VaultTokenInvalid "vault-token-invalid" false ["AUT-03" "AUT-04"] "the token offered to Vault is invalid or revoked";
    VaultLeaseExpired "vault-lease-expired" false ["SRC-02" "SRC-03" "SRC-04" "SYN-13"] "the lease or token ran out or passed its maximum life";
    VaultSealed "vault-sealed" false ["SRC-09"] "Vault is sealed or not initialised";
    VaultRoleOrSaMismatch "vault-role-or-sa-mismatch" false ["AUT-01" "AUT-02" "AUT-03"] "the auth role does not admit this service account, namespace, audience or issuer";
    VaultUnreachable "vault-unreachable" false ["SRC-09" "AUT-07"] "Vault cannot be reached over the network";
    VaultRateLimited "vault-rate-limited" false ["SRC-09"] "Vault's own rate limit quota refuses the request";
    SealedsecretUndecryptable "sealedsecret-undecryptable" false ["SYN-18"] "the controller has no key that opens this item";
    SealedsecretUnmanaged "sealedsecret-unmanaged" false ["SYN-18" "SYN-08"] "a Secret of that name exists and is not managed by the SealedSecret";
    SealedsecretClient "sealedsecret-client" false ["SYN-18"] "kubeseal cannot fetch the certificate or use its input";
    MountSubpath "mount-subpath" false ["DEL-02" "REF-02" "DEL-09"] "a subPath mount fails";
    FilePermission "file-permission" false ["CON-01" "CON-02" "CON-03"] "the process may not read the delivered file";
    RunAsNonroot "run-as-nonroot" true ["IMG-26"] "the runAsNonRoot check fails; no Secret is involved";
    VolumeCredentialsRejected "volume-credentials-rejected" false ["SRC-07" "OBJ-08"] "a storage volume refuses the credential in its Secret";
    VolumeOther "volume-other" true ["CLU-09"] "a volume fails for a reason that involves no Secret";
    NodeDiskFull "node-disk-full" true ["CLU-09" "IMG-26"] "the node has no space left";
    RuntimeSandboxFailure "runtime-sandbox-failure" true ["CLU-09"] "the pod sandbox, its network or a runtime hook fails";
    AppAuthFailedDb "app-auth-failed-db" false ["OBJ-08" "SRC-07" "SRC-08" "DEL-01"] "a database refuses the delivered credential";
    AppAuthFailedCloud "app-auth-failed-cloud" false ["OBJ-08" "SRC-08" "AUT-05"] "a cloud API refuses the delivered credential";
    AppAuthFailedOther "app-auth-failed-other" false ["OBJ-08" "SRC-08" "DEL-01"] "a service refuses the delivered credential";
    AppConnectionExhausted "app-connection-exhausted" false ["CON-04" "SRC-12"] "the connection limit is reached; the credential is right";
    TlsCertExpired "tls-cert-expired" false ["OBJ-15" "SYN-20" "CON-08"] "a certificate has expired";
    TlsUntrustedCa "tls-untrusted-ca" false ["OBJ-15" "AUT-07"] "a certificate is not trusted or belongs to another host";
    TokenExpired "token-expired" false ["RBC-05" "AUT-04"] "a bearer token or client secret has expired";
    ClockSkew "clock-skew" true ["AUT-08"] "a clock is wrong, so a good credential looks expired or not yet valid";
    AppMisconfigured "app-misconfigured" true ["CON-11" "OBJ-14"] "settings other than the credential make the connection fail";
    OtherUnrelated "other-unrelated" true [] "nothing here points to the delivery of a secret";
}

impl Class {
    /// The class of a name of the vocabulary. `None` if there is none of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_are_unique() {
        for class in Class::ALL {
            assert_eq!(Class::parse(class.name()), Some(*class));
        }
        assert_eq!(Class::parse("no-such-class"), None);
    }
}
