//! What the API server and its admission say, through any client.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::{Caller, Gate, Signal as S};

pub(super) static ROWS: &[Pattern] = &[
    // Authorization.
    pat("rbac-secrets", C::RbacSecretsDenied, 88)
        .on(&["secrets", "is forbidden|forbidden: user", "cannot "])
        .re(r#"(?:secrets (?:"<secret>" )?is )?forbidden: user "?<user>"? cannot <verb> (?:resource "?secrets"?|secrets)\b(?:<*>(?:in the namespace|in project) "<namespace>")?"#)
        .never(&["system:node:"])
        .signal(S::ApiForbidden(Caller::Other))
        .stands_for("kubernetes pkg/.../endpoints/handlers/responsewriters Forbidden; `cannot get secrets` before 1.12")
        .why("RBAC gives this user no such right on Secrets")
        .eg(&[
            "secrets is forbidden: User \"system:serviceaccount:shop:cart\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\"",
            "Error from server (Forbidden): secrets \"x\" is forbidden: User \"jane\" cannot get secrets in the namespace \"shop\"",
        ]),
    pat("rbac-secrets-loose", C::RbacSecretsDenied, 72)
        .on(&["secret", "forbidden|not allowed|does not have permission|unauthorized to|cannot list|cannot get|no access|failed to list|failed to watch"])
        .re(r"secrets?\b.{0,80}(?:is forbidden|: forbidden|cannot (?:list|get|watch|create|update|patch|delete))|(?:failed to|cannot|can't|not allowed to|unable to|not authorized to) (?:list|watch|get|create|update|patch|delete)(?: resource)? (?:\*v1\.)?(?:core )?secrets?\b")
        .never(&["system:node:", "field is immutable", "exceeded quota", "secretsmanager", "key vault", "keyvault", "denied the request", "being terminated"])
        .outside(X::VAULT.or(X::WEBHOOK))
        .also(&[C::TokenExpired, C::OtherUnrelated])
        .signal(S::ApiForbidden(Caller::Other))
        .stands_for("clients and operators that shorten the API server's refusal")
        .eg(&["Failed to watch *v1.Secret: secrets is forbidden", "error: not allowed to list secrets in namespace shop"]),
    pat("rbac-secret-forbidden-gson", C::RbacSecretsDenied, 80)
        .on(&["forbidden!configured service account|service account doesn't have access"])
        .also(&[C::OtherUnrelated])
        .signal(S::ApiForbidden(Caller::ServiceAccount))
        .stands_for("fabric8 kubernetes-client")
        .eg(&["Failure executing: GET at: https://10.0.0.1/api/v1/namespaces/shop/secrets/x. Message: Forbidden!Configured service account doesn't have access. Service account may have been revoked."]),
    pat("rbac-grant-escalation", C::RbacSecretsDenied, 70)
        .on(&["attempting to grant rbac permissions not currently held"])
        .also(&[C::OtherUnrelated])
        .signal(S::ApiForbidden(Caller::Other))
        .stands_for("kubernetes pkg/registry/rbac escalation check")
        .eg(&["roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"x\" (groups=[\"g\"]) is attempting to grant RBAC permissions not currently held: {APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}"]),
    pat("rbac-token", C::RbacServiceaccountTokenDenied, 94)
        .on(&["serviceaccounts/token", "forbidden|cannot create"])
        .re(r#"(?:serviceaccounts "<service_account>" is )?forbidden: user "?<user>"? cannot <verb> resource "?serviceaccounts/token"#)
        .signal(S::ApiForbidden(Caller::Other))
        .stands_for("kubernetes TokenRequest authorization")
        .eg(&["serviceaccounts \"cart\" is forbidden: User \"system:serviceaccount:eso:eso\" cannot create resource \"serviceaccounts/token\" in API group \"\" in the namespace \"shop\""]),
    pat("rbac-token-audience", C::RbacServiceaccountTokenDenied, 94)
        .on(&["request-serviceaccounts-token-audience|audience is not found in pod spec volume"])
        .re(r#"user "<user>"|$"#)
        .signal(S::ApiForbidden(Caller::Node))
        .stands_for("kubernetes ServiceAccountNodeAudienceRestriction, 1.32 and later")
        .eg(&["serviceaccounts \"cart\" is forbidden: audience \"sts.example\" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience: request-serviceaccounts-token-audience"]),
    pat("rbac-other", C::OtherUnrelated, 66)
        .on(&["is forbidden: user|forbidden: user"])
        .re(r#"(?:(?:[a-z.]+ )?"?<name>"? is )?forbidden: user "?<user>"? cannot <verb> (?:resource |path )?"?<resource>"?(?: in api group "<api_group>")?(?:<*>(?:in the namespace|in project) "<namespace>")?"#)
        .never(&["resource \"secrets\"", "cannot get secrets", "cannot list secrets", "serviceaccounts/token", "secretproviderclass", "system:node:"])
        .also(&[C::RbacSecretsDenied])
        .codes(&["RBC-01", "RBC-03", "RBC-07"])
        .signal(S::ApiForbidden(Caller::Other))
        .stands_for("kubernetes pkg/.../endpoints/handlers/responsewriters Forbidden")
        .why("RBAC refuses something that is no Secret")
        .eg(&["configmaps \"flags\" is forbidden: User \"system:serviceaccount:shop:cart\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"shop\""]),
    pat("rbac-dangling-role", C::RbacSecretsDenied, 46)
        .on(&["rbac: ", "role.rbac.authorization.k8s.io", "not found"])
        .re(r#"rbac: (?:cluster)?role\.rbac\.authorization\.k8s\.io "<role>" not found"#)
        .also(&[C::OtherUnrelated])
        .codes(&["RBC-01"])
        .stands_for("kubernetes plugin/pkg/auth/authorizer/rbac, errors of the rule resolver")
        .why("a binding names a role that does not exist")
        .eg(&["RBAC: role.rbac.authorization.k8s.io \"reader\" not found"]),
    pat("api-unauthorized", C::TokenExpired, 56)
        .on(&["you must be logged in to the server|error from server (unauthorized)|the server has asked for the client to provide credentials|invalid bearer token|unable to authenticate the request"])
        .also(&[C::AppAuthFailedOther, C::RbacSecretsDenied, C::ClockSkew])
        .codes(&["RBC-05", "CLU-06", "RBC-04"])
        .signal(S::ApiUnauthorized)
        .stands_for("kubernetes client-go and kube-apiserver authentication")
        .why("the API server does not accept the token or certificate: mostly expired or revoked")
        .eg(&["error: You must be logged in to the server (Unauthorized)"]),
    pat("api-status-unauthorized", C::TokenExpired, 84)
        .on(&["\"kind\":\"status\"|\"kind\": \"status\"|io.kubernetes.client|kubernetes.client.", "unauthorized"])
        .never(&["forbidden"])
        .also(&[C::AppAuthFailedOther])
        .codes(&["RBC-05", "RBC-04"])
        .signal(S::ApiUnauthorized)
        .stands_for("apimachinery Status; the Java and Python clients")
        .why("the API server does not accept the token: mostly expired, or of an account that was made anew")
        .eg(&[
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401}",
            "io.kubernetes.client.openapi.ApiException: Unauthorized",
        ]),
    pat("api-no-login", C::TokenExpired, 60)
        .on(&["connection to the server localhost:8080 was refused|http://localhost:8080/api?timeout|invalid configuration: no configuration has been provided"])
        .also(&[C::OtherUnrelated])
        .codes(&["RBC-04"])
        .signal(S::ApiNoLogin)
        .stands_for("kubectl and client-go without a token in the pod: they fall back to localhost:8080")
        .why("the client found neither a token nor a kubeconfig")
        .eg(&["The connection to the server localhost:8080 was refused - did you specify the right host or port?"]),
    pat("api-token-expired", C::TokenExpired, 92)
        .on(&["service account token has expired|token has been invalidated|token is expired|stale-token|has been deleted, token|token has expired"])
        .outside(X::PULL.or(X::VAULT).or(X::ESO))
        .codes(&["RBC-05"])
        .signal(S::TokenExpired)
        .stands_for("kubernetes pkg/serviceaccount claims validation")
        .eg(&["invalid bearer token, service account token has expired"]),
    pat("api-anonymous", C::OtherUnrelated, 70)
        .on(&["system:anonymous", "forbidden|cannot"])
        .re(r#"user "?<user>"? cannot <verb> (?:resource |path )?"?<resource>"?"#)
        .also(&[C::TokenExpired, C::RbacSecretsDenied])
        .codes(&["RBC-04", "CLU-06"])
        .signal(S::ApiForbidden(Caller::Anonymous))
        .stands_for("kubernetes anonymous authentication")
        .why("the request carried no login that the API server knows")
        .eg(&["pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" at the cluster scope"]),

    // Tokens on request.
    pat("tokenrequest-absent", C::TokenrequestUnavailable, 90)
        .on(&["token", "could not find the requested resource|no api token found|tokenrequest"])
        .re(r"(?:fetch|request|create)<*>token<*>could not find the requested resource|tokenrequest<*>(?:not (?:enabled|supported|available)|disabled)|no api token found for service account")
        .signal(S::MountOther)
        .stands_for("kubernetes pkg/kubelet/token; before 1.20 or with the feature off")
        .eg(&["MountVolume.SetUp failed for volume \"t\" : failed to fetch token: the server could not find the requested resource"]),
    pat("tokenrequest-failed", C::TokenrequestUnavailable, 56)
        .on(&["failed to fetch token|failed to request token|failed to get service account token|tokenrequest"])
        .outside(X::PULL.or(X::ESO).or(X::CSI))
        .also(&[C::RbacServiceaccountTokenDenied, C::KubeletSecretCache, C::SecretMissing])
        .signal(S::MountOther)
        .stands_for("kubernetes pkg/kubelet/token")
        .eg(&["MountVolume.SetUp failed for volume \"kube-api-access-1\" : failed to fetch token: Post \"https://10.0.0.1/api/v1/namespaces/a/serviceaccounts/b/token\": EOF"]),
    pat("service-account-missing", C::OtherUnrelated, 88)
        .on(&["error looking up service account"])
        .re(r#"error looking up service account <namespace>/<service_account>: serviceaccounts? "[^"]+" not found"#)
        .also(&[C::SecretMissing])
        .codes(&["REF-09"])
        .signal(S::ServiceAccountNotFound)
        .stands_for("kubernetes plugin/pkg/admission/serviceaccount")
        .why("no pod can be made, for its ServiceAccount does not exist")
        .eg(&["Error creating: pods \"a-\" is forbidden: error looking up service account shop/cart: serviceaccount \"cart\" not found"]),
    pat("service-account-not-found", C::OtherUnrelated, 60)
        .on(&["serviceaccount", "not found"])
        .re(r#"serviceaccounts? "?(?:<namespace>/)?<service_account>"? (?:was )?not found"#)
        .outside(X::ESO)
        .also(&[C::SecretMissing])
        .codes(&["REF-09"])
        .signal(S::ServiceAccountNotFound)
        .stands_for("apimachinery NewNotFound")
        .eg(&["MountVolume.SetUp failed for volume \"kube-api-access-1\" : failed to fetch token: serviceaccounts \"cart\" not found"]),

    // Quota, namespaces, load.
    pat("quota", C::QuotaExceeded, 94)
        .on(&["exceeded quota"])
        .re(r"exceeded quota: <quota>")
        .signal(S::QuotaExceeded)
        .stands_for("kubernetes staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota")
        .eg(&["secrets \"x\" is forbidden: exceeded quota: tenant, requested: secrets=1, used: secrets=20, limited: secrets=20"]),
    pat("quota-must-specify", C::QuotaExceeded, 90)
        .on(&["failed quota"])
        .re(r"failed quota: <quota>")
        .signal(S::QuotaExceeded)
        .stands_for("kubernetes resourcequota admission")
        .eg(&["pods \"a\" is forbidden: failed quota: tenant: must specify limits.cpu"]),
    pat("quota-status", C::QuotaExceeded, 84)
        .on(&["insufficient quota|quota exceeded|status unknown for quota|maximum number of"])
        .re(r"insufficient quota to match|quota exceeded|status unknown for quota|maximum number of (?:secrets|objects)")
        .outside(X::PULL.or(X::VAULT).or(X::CLOUD).or(X::CSI))
        .signal(S::QuotaExceeded)
        .stands_for("kubernetes resourcequota admission; AppliedClusterResourceQuota of OpenShift")
        .eg(&["secrets \"x\" is forbidden: status unknown for quota: tenant, resources: secrets"]),
    pat("namespace-terminating", C::OtherUnrelated, 86)
        .on(&["being terminated"])
        .re(r"(?:in namespace <namespace> )?because it is being terminated|namespace <namespace> is being terminated")
        .codes(&["CLU-07"])
        .signal(S::NamespaceTerminating)
        .stands_for("kubernetes plugin/pkg/admission/namespace/lifecycle")
        .eg(&["secrets \"x\" is forbidden: unable to create new content in namespace shop because it is being terminated"]),
    pat("namespace-missing", C::OtherUnrelated, 74)
        .on(&["namespaces \"", "not found"])
        .re(r#"namespaces "<namespace>" not found"#)
        .also(&[C::SecretMissing])
        .codes(&["REF-06"])
        .stands_for("kubernetes namespace lifecycle admission")
        .eg(&["Error from server (NotFound): namespaces \"shop\" not found"]),
    pat("api-throttled", C::OtherUnrelated, 60)
        .on(&["the server has received too many requests|client-side throttling|client rate limiter wait"])
        .also(&[C::KubeletSecretCache])
        .codes(&["CLU-05"])
        .signal(S::Throttled)
        .stands_for("kubernetes API priority and fairness; client-go rate limiter")
        .eg(&["the server has received too many requests and has asked us to try again later (get secrets x)"]),
    pat("etcd-space", C::OtherUnrelated, 68)
        .on(&["mvcc: database space exceeded"])
        .codes(&["CLU-04"])
        .signal(S::EtcdNoSpace)
        .stands_for("etcd through kube-apiserver")
        .why("the store is over its quota and takes no more writes")
        .eg(&["etcdserver: mvcc: database space exceeded"]),
    pat("etcd-timeout", C::OtherUnrelated, 66)
        .on(&["etcdserver: |etcd cluster is unavailable"])
        .never(&["mvcc: database space exceeded"])
        .also(&[C::KubeletSecretCache])
        .codes(&["CLU-05", "CLU-04"])
        .signal(S::EtcdTimeout)
        .stands_for("etcd through kube-apiserver")
        .eg(&["etcdserver: request timed out"]),

    // Encryption at rest.
    pat("decrypt-transform", C::EncryptionAtRestBroken, 96)
        .on(&["unable to transform key|no matching key was found for the provided|identity transformer tried to read encrypted data|no matching prefix found|unable to decrypt data|failed to decrypt dek|unable to transform value|kms-provider|encryption provider configuration|encryption provider config|kmsplugin|kms plugin|encryptionconfig|encryption config|kms provider"])
        .re(r#"(?:unable to transform key "/registry/(?:secrets/<namespace>/<secret>)?|no matching key was found for the provided|identity transformer tried|no matching prefix found|unable to decrypt|failed to decrypt dek|unable to transform value|kms|encryption ?(?:provider )?config)"#)
        .outside(X::PULL.or(X::CSI))
        .signal(S::DecryptAtRest)
        .stands_for("kubernetes staging/src/k8s.io/apiserver/pkg/storage/value and encryptionconfig")
        .eg(&[
            "Internal error occurred: unable to transform key \"/registry/secrets/shop/cart-db\": no matching key was found for the provided AES transformer",
            "Internal error occurred: failed to decrypt DEK, error: rpc error: code = Unavailable desc = connection error: dial unix /var/run/kmsplugin/socket.sock",
        ]),
    pat("decrypt-storage-error", C::EncryptionAtRestBroken, 76)
        .on(&["storagereaderror|data from the storage is not transformable|cipher: message authentication failed|invalid padding on input|output array was not large enough for encryption|failed to encrypt"])
        .outside(X::SEALED.or(X::VAULT))
        .also(&[C::OtherUnrelated])
        .signal(S::DecryptAtRest)
        .stands_for("kubernetes storage layer, 1.32 and later; AEAD and CBC transformers")
        .eg(&["Internal error occurred: StorageReadError: data from the storage is not transformable: cipher: message authentication failed"]),

    // Objects that are refused for their form.
    pat("secret-too-long", C::SecretTooLarge, 94)
        .on(&["too long: must have at most|too long: may not be more than|too long: may not be longer|request entity too large|entity too large|trying to send message larger than max|request is too large|too large, must be"])
        .re(r"(?:secret|sh\.helm\.release|data\.?\[?).{0,200}(?:too long|too large)|request (?:entity |is )too large|request body too large|larger than max|rpc error: code = resourceexhausted")
        .never(&["configmap", "annotations: too long"])
        .outside(X::PULL)
        .codes(&["OBJ-11"])
        .signal(S::TooLarge)
        .stands_for("kubernetes pkg/apis/core/validation ValidateSecret; `must have at most` before 1.32; etcd request limit")
        .eg(&[
            "create: failed to create: Secret \"sh.helm.release.v1.shop.v1\" is invalid: data: Too long: must have at most 1048576 bytes",
            "etcdserver: request is too large",
        ]),
    pat("configmap-too-long", C::ConfigmapTooLarge, 94)
        .on(&["configmap", "too long: |too large|larger than max"])
        .signal(S::TooLarge)
        .stands_for("kubernetes pkg/apis/core/validation ValidateConfigMap")
        .eg(&["The ConfigMap \"rules\" is invalid: []: Too long: must have at most 1048576 bytes"]),
    pat("annotations-too-long", C::SecretTooLarge, 80)
        .on(&["annotations: too long"])
        .re(r#"(?:secret|configmap|customresourcedefinition)?[^"]*"?<name>?"? is invalid"#)
        .also(&[C::ConfigmapTooLarge, C::OtherUnrelated])
        .codes(&["OBJ-11"])
        .signal(S::TooLarge)
        .stands_for("kubernetes annotation limit of 256 KiB, mostly client-side apply")
        .eg(&["The Secret \"bundle\" is invalid: metadata.annotations: Too long: must have at most 262144 bytes"]),
    pat("secret-immutable", C::SecretImmutable, 94)
        .on(&["field is immutable|is immutable"])
        .re(r#"secrets? (?:"<secret>" )?(?:is invalid|<*>immutable)|kind=?[ "]*secret|kind secret|kubernetes\.io/|data: forbidden: field is immutable|secret type"#)
        .never(&["configmap", "deployment", "statefulset"])
        .signal(S::Immutable)
        .stands_for("kubernetes pkg/apis/core/validation ValidateSecretUpdate")
        .eg(&[
            "Secret \"cart\" is invalid: type: Invalid value: \"Opaque\": field is immutable",
            "Secret \"cart\" is invalid: data: Forbidden: field is immutable when `immutable` is set",
        ]),
    pat("other-immutable", C::OtherUnrelated, 70)
        .on(&["field is immutable|is immutable|fields other than"])
        .re(r"field is immutable|is immutable|updates to statefulset spec for fields other than")
        .also(&[C::SecretImmutable])
        .signal(S::Immutable)
        .stands_for("kubernetes validation of other kinds")
        .eg(&["Deployment.apps \"web\" is invalid: spec.selector: Invalid value: field is immutable", "ConfigMap \"c\" is invalid: data: Forbidden: field is immutable when `immutable` is set"]),
    pat("secret-base64", C::SecretInvalidFormat, 86)
        .on(&["illegal base64 data|invalid base64|incorrect padding|decode base64|not valid base64|invalid input for base64|base64 decod"])
        .re(r"illegal base64 data at input byte <byte_offset>|invalid base64|incorrect padding|decode base64|not valid base64|base64 decod")
        .outside(X::ESO.or(X::SEALED))
        .signal(S::ConfigParse)
        .stands_for("Go encoding/base64 through API server decoding; kubectl; clients")
        .why("a value that must be base64 is none")
        .eg(&["Error from server (BadRequest): Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.Data: decode base64: illegal base64 data at input byte 4"]),
    pat("secret-required-key", C::SecretInvalidFormat, 92)
        .on(&["required value", "secret"])
        .re(r#"secret "<secret>" is invalid: (?:\[?)data\[<key>\]: required value"#)
        .stands_for("kubernetes pkg/apis/core/validation ValidateSecret, keys by type")
        .why("the type asks for a key that is not there")
        .eg(&["The Secret \"edge\" is invalid: data[tls.crt]: Required value"]),
    pat("secret-invalid-value", C::SecretInvalidFormat, 88)
        .on(&["<secret contents redacted>|data[.dockerconfigjson]|data[.dockercfg]|data[tls.crt]|data[tls.key]|data[ssh-privatekey]"])
        .re(r#"(?:secret "<secret>" is invalid: )?data\[<key>\]: (?:invalid value|required value|duplicate|forbidden)"#)
        .stands_for("kubernetes pkg/apis/core/validation ValidateSecret, payload of docker configs")
        .eg(&["Secret \"pull\" is invalid: data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": unexpected end of JSON input"]),
    pat("secret-decode", C::SecretInvalidFormat, 84)
        .on(&["cannot be handled as a secret|unable to decode|error decoding from json|cannot unmarshal|validating data|unknown field"])
        .re(r#"cannot be handled as a secret|v1\.secret\b|secret\.(?:data|stringdata)|io\.k8s\.api\.core\.v1\.secret|kind:? "?secret|decoding from json<*>data:"#)
        .stands_for("kubernetes strict decoding; kubectl validation")
        .eg(&["Error from server (BadRequest): error when creating \"s.yaml\": Secret in version \"v1\" cannot be handled as a Secret: json: cannot unmarshal number into Go struct field Secret.stringData of type string"]),
    pat("secret-bad-key-name", C::SecretInvalidFormat, 84)
        .on(&["a valid config key must consist of|is not a valid key name for a secret|is not a valid key name for a configmap"])
        .never(&["configmap"])
        .stands_for("kubernetes validation IsConfigMapKey")
        .eg(&["The Secret \"x\" is invalid: data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.'"]),
    pat("tls-pair-unusable", C::SecretInvalidFormat, 84)
        .on(&["private key does not match public key|does not match the private key|key values mismatch|failed to find any pem data|no valid pem|failed to parse pem|asn1: |does not contain a keypair|no key found|error in libcrypto|bad decrypt|no start line|bad end line|bad base64 decode|unable to load key|invalid pem|pem: no start|unable to find valid certification|no certificates found|failed to decode pem|could not parse|error decoding pem|pem block|unable to parse private key|invalid key format|missing key tls.|no pem block|tls: failed to find|asn1 encoding|keystore password was incorrect|invalid keystore format|load key"])
        .re(r"private key does not match public key|does not match the private key|key values mismatch|failed to find any pem data|no valid pem|(?:parse|decod(?:e|ing)) (?:any |certificate |private key )?pem|asn1: |does not contain a keypair|ssh: no key found|error in libcrypto|bad decrypt|no start line|bad end line|bad base64 decode|unable to (?:load|parse)(?: private)? key|invalid pem|could not parse (?:the )?(?:private key|certificate|pem)|invalid key format|no pem block|tls: failed to find|missing key tls\.|keystore password was incorrect|invalid keystore format|load key .{1,200}invalid format|no certificates found|unable to find valid certification path to requested target x")
        .also(&[C::AppMisconfigured])
        .signal(S::ConfigParse)
        .stands_for("Go crypto/tls, OpenSSL, OpenSSH, ingress controllers")
        .why("certificate or key cannot be used as they are")
        .eg(&["tls: private key does not match public key", "tls: failed to find any PEM data in certificate input"]),

    // Admission.
    pat("admission-webhook-denied", C::AdmissionDenied, 90)
        .on(&["denied the request"])
        .re(r#"admission webhook "<webhook>" denied the request"#)
        .signal(S::AdmissionDenied(Gate::Webhook))
        .stands_for("kubernetes apiserver admission webhook ToStatusErr")
        .eg(&["admission webhook \"validation.gatekeeper.sh\" denied the request: [no-plain] secrets must be made by the operator"]),
    pat("admission-vap", C::AdmissionDenied, 94)
        .on(&["validatingadmissionpolicy", "denied request"])
        .re(r"validatingadmissionpolicy '<policy>'")
        .signal(S::AdmissionDenied(Gate::ValidatingPolicy))
        .stands_for("kubernetes apiserver validatingadmissionpolicy, 1.26 and later")
        .eg(&["pods \"a\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'b' denied request: no"]),
    pat("admission-pod-security", C::AdmissionDenied, 94)
        .on(&["violates podsecurity|unable to validate against any pod security policy|unable to validate against any security context constraint"])
        .re(r#"violates podsecurity "<policy>|$"#)
        .signal(S::AdmissionDenied(Gate::PodSecurity))
        .stands_for("kubernetes pod-security-admission; PodSecurityPolicy up to 1.24; OpenShift SCC")
        .eg(&["pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true"]),
    pat("admission-policy", C::AdmissionDenied, 84)
        .on(&["blocked due to the following policies|denied by policy|denied by constraint|policy violation|validation error: |[denied by"])
        .re(r"blocked due to the following polic|denied by policy|denied by constraint|policy violation|\[denied by|validation error: .{1,300}rule <policy> failed")
        .signal(S::AdmissionDenied(Gate::Webhook))
        .stands_for("Kyverno, Gatekeeper, Kubewarden")
        .eg(&["resource Secret/shop/x was blocked due to the following policies"]),
    pat("admission-plugin", C::AdmissionDenied, 66)
        .on(&["is forbidden: |may not reference secrets|limited to"])
        .re(r"a mirror pod may not reference secrets|does not reference secret|is not referenced by service account|minimum (?:cpu|memory) usage|maximum (?:cpu|memory) usage|host (?:path|network|port)s? (?:is|are) not allowed|priority class")
        .also(&[C::OtherUnrelated])
        .signal(S::AdmissionDenied(Gate::Other))
        .stands_for("kubernetes admission plugins: ServiceAccount with enforced mountable secrets, LimitRanger")
        .eg(&["pods \"a\" is forbidden: volume with secret.secretName=\"x\" is not allowed because service account cart does not reference secret x is not referenced by service account"]),

    // Webhooks that do not answer.
    pat("webhook-unreachable", C::AdmissionWebhookUnreachable, 88)
        .on(&["failed calling webhook|failed to call webhook|conversion webhook|error calling webhook"])
        .re(r#"webhook "<webhook>"|$"#)
        .never(&["certificate has expired"])
        .signal(S::WebhookUnreachable)
        .stands_for("kubernetes apiserver admission webhook dispatcher")
        .eg(&["Internal error occurred: failed calling webhook \"v.kyverno.svc\": failed to call webhook: Post \"https://kyverno.kyverno.svc:443/v?timeout=10s\": no endpoints available for service \"kyverno\""]),
    pat("webhook-certificate-expired", C::TlsCertExpired, 88)
        .on(&["certificate has expired", "failed calling webhook|failed to call webhook|conversion webhook|error calling webhook"])
        .re(r#"webhook "<webhook>"|$"#)
        .also(&[C::AdmissionWebhookUnreachable, C::ClockSkew])
        .signal(S::WebhookUnreachable)
        .stands_for("kubernetes apiserver admission webhook dispatcher")
        .eg(&["failed calling webhook \"inject.mesh.example\": Post \"https://inject.mesh.svc:443/\": x509: certificate has expired or is not yet valid"]),
    pat("owner-ref-namespace", C::OtherUnrelated, 84)
        .on(&["ownerref", "does not exist in namespace"])
        .re(r#"does not exist in namespace "<namespace>""#)
        .codes(&["ROT-07"])
        .signal(S::OwnerRefInvalidNamespace)
        .stands_for("kubernetes pkg/controller/garbagecollector, event OwnerRefInvalidNamespace")
        .eg(&["ownerRef [v1/ConfigMap, namespace: shop, name: x, uid: 0a] does not exist in namespace \"shop\""]),
    pat("cross-namespace", C::SecretWrongNamespace, 84)
        .on(&["cross-namespace|cross namespace|different namespace|other namespace|another namespace|must be in the same namespace|not in the same namespace|in local store|from namespace"])
        .re(r#"(?:cross[- ]namespace|different namespace|another namespace|other namespaces?|same namespace)<*>(?:secret|certificate|reference|not (?:allowed|permitted|supported))|secret<*>(?:cross[- ]namespace|different namespace|another namespace|other namespaces?|same namespace)|no object matching key "<namespace>/<secret>" in local store"#)
        .also(&[C::SecretMissing])
        .codes(&["OBJ-03"])
        .stands_for("ingress-nginx, Traefik, Gateway API, Contour")
        .eg(&["Error obtaining X.509 certificate: no object matching key \"shop/edge\" in local store", "secret reference to a different namespace is not allowed"]),
    pat("secret-no-longer-exists", C::SecretMissing, 74)
        .on(&["secret", "does not exist|doesn't exist|could not be found|no such secret|cannot find|can't find|not exist|missing secret|could not find|unable to find|couldn't find|was not found|notfound"])
        .re(r"\bsecrets?\b.{0,120}(?:does not exist|doesn't exist|could not be found|not exist|couldn't be found|was not found)|no such secret|(?:cannot|can't|could not|couldn't|unable to) find (?:the |a )?(?:[a-z-]+ ){0,2}secret\b|missing secret")
        .outside(X::ESO.or(X::CSI).or(X::VAULT).or(X::CLOUD))
        .never(&["issuing certificate as secret", "find key"])
        .also(&[C::SecretKeyMissing, C::SecretWrongNamespace])
        .signal(S::ObjectNotFound(crate::messages::signal::ObjectKind::Secret))
        .stands_for("controllers with words of their own: ingress, operators, cert-manager")
        .eg(&["Secret \"edge-tls\" for host shop.example does not exist", "unable to find secret shop/edge"]),
    pat("ingress-certificate-missing", C::SecretMissing, 80)
        .on(&["error getting ssl certificate|local ssl certificate|error syncing secret|error obtaining x.509 certificate|error fetching secret"])
        .never(&["does not contain", "key tls", "no keypair", "private key does not", "no object matching key"])
        .re(r#"certificate "?<namespace>/<secret>"?|was not found|error syncing secret|error fetching secret"#)
        .also(&[C::SecretWrongNamespace, C::SecretInvalidFormat, C::SecretKeyMissing])
        .codes(&["OBJ-01", "OBJ-03"])
        .signal(S::ObjectNotFound(crate::messages::signal::ObjectKind::Secret))
        .stands_for("ingress-nginx internal/ingress/controller, Traefik")
        .eg(&["Error getting SSL certificate \"shop/edge\": local SSL certificate shop/edge was not found. Using default certificate"]),
    pat("secret-key-absent", C::SecretKeyMissing, 78)
        .on(&["secret", "key"])
        .re(r#"(?:no|missing|required|find|without|lacks?|contain) (?:(?:data|the|a|required|entry|for|with) )*key:? ["'`]?<key>["'`]? (?:in|from|of|for|found in)(?: the)? secret|secret ["'`]?(?:<namespace>/)?<secret>["'`]? (?:does not (?:have|contain)|doesn't (?:have|contain)|has no|is missing|missing|lacks)(?: the| a| required| data| any)* (?:key|field|entry|data)|key ["'`]?[-._a-z0-9]+["'`]? (?:not found|does not exist|is missing|missing|not present) in (?:the )?secret|key ["'`]?[-._a-z0-9]+["'`]? is (?:not|missing)<*>in secret|key ["'`]?[-._a-z0-9]+["'`]? missing from secret|no data (?:found )?(?:for|with) ["'`]?[-._a-z0-9]+["'`]? in secret"#)
        .outside(X::ESO.or(X::CSI).or(X::SEALED))
        .also(&[C::SecretMissing, C::EsoStoreNotReady])
        .signal(S::KeyNotFound(crate::messages::signal::ObjectKind::Secret))
        .stands_for("controllers with words of their own")
        .eg(&["key \"password\" not found in secret \"cart-db\"", "secret shop/cart-db does not contain key tls.crt"]),
];
