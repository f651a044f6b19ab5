//! Sentences of External Secrets and of the CSI driver that do not say who speaks.

use crate::messages::class::Class as C;
use crate::messages::context::Context as X;
use crate::messages::pattern::{Pattern, pat};
use crate::messages::signal::{Gate, Signal as S};

pub(super) static ROWS: &[Pattern] = &[
    pat("eso-words-store-spec", C::EsoStoreNotReady, 88)
        .on(&["in store config|in provider config|unexpected store spec|invalid store provider|invalid store spec|store spec is missing|no valid authtype|can not reference unmanaged store|multiple clientid found|multiple tenantid found|missing clientid: either|could not get store provider|could not use store reference|missing environment variables. azure_client_id|both clientsecret and clientcredentials set|cannot initialize vault client|cannot setup new|cannot initialize|is not initialized|caprovider|received invalid|missing credentials: |no credentials provided|no auth method|auth.apikey|cannot set vault ca|failed to prepare auth|store can only"])
        .re(r"missing (?:tenantid|secretref|accesskeyid/secretaccesskey|clientid|[a-z/]+) in (?:store|provider) config|unexpected store spec|invalid store (?:provider|spec)|store spec is missing|no valid auth(?:type| method)|unmanaged store|multiple (?:clientid|tenantid) found|missing clientid: either|could not (?:get store provider|use store reference)|azure_client_id, azure_tenant_id|both clientsecret and clientcredentials|cannot (?:initialize|setup new) [a-z0-9 ]{1,30}client|provider [a-z0-9]+ (?:client )?is not initialized|caprovider|received invalid [a-z0-9 ]+secretstore|missing credentials: |no credentials provided|could not get auth\.apikey|cannot set vault ca|failed to prepare auth")
        .outside(X::PULL.or(X::CSI))
        .also(&[C::EsoProviderAuth])
        .codes(&["SYN-02", "AUT-06"])
        .signal(S::StoreNotReady)
        .stands_for("external-secrets providers/v1/*, client creation")
        .eg(&["missing tenantID in store config", "cannot initialize Azure Client: no valid authType was specified", "received invalid GCPSM SecretStore resource"]),
    pat("eso-words-find-secret", C::EsoStoreNotReady, 58)
        .on(&["could not find secret "])
        .re(r#"could not find secret <namespace>/<secret>: secrets? "[^"]+" not found"#)
        .also(&[C::SecretMissing, C::EsoProviderAuth])
        .codes(&["AUT-06"])
        .signal(S::BootstrapMissing)
        .stands_for("external-secrets providers/v1/azure, credentials of the store")
        .eg(&["could not find secret shop/azure-sp: secrets \"azure-sp\" not found"]),
    pat("eso-words-token-file", C::EsoProviderAuth, 84)
        .on(&["cannot read kubernetes service account token from file system|unable to read token file|cannot parse vault authentication token|cannot parse vault response|error from vault request|unable to fetch sa token|failed to process the provided json credentials|failed to create gcp secretmanager client|unable to get credentials: "])
        .also(&[C::EsoStoreNotReady, C::VaultPermissionDenied])
        .codes(&["AUT-01", "AUT-05"])
        .signal(S::ProviderLogin)
        .stands_for("external-secrets providers/v1/vault, gcp and azure")
        .eg(&["cannot read Kubernetes service account token from file system: open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory"]),
    pat("eso-words-property", C::EsoProviderSecretMissing, 88)
        .on(&["does not exist in key|does not exist in secret|does not exist in data|tag does not exist|cannot get use datafrom|unknown azure keyvault object type|does not exist in metadata|secret version not found"])
        .re(r#"(?:property|tag) "?<key>"? does not exist(?: in (?:key|secret|data|metadata))|key [-._a-z0-9]+ does not exist in (?:secret|key)|cannot get use datafrom|unknown azure keyvault object type|secret version not found"#)
        .outside(X::CSI)
        .also(&[C::EsoStoreNotReady, C::SecretKeyMissing])
        .codes(&["SRC-05"])
        .signal(S::PropertyMissing)
        .stands_for("external-secrets providers/v1/azure, aws and kubernetes")
        .eg(&["property password does not exist in key shop-db", "key pasword does not exist in secret prod/db"]),
    pat("eso-words-unmarshal", C::EsoTemplateError, 62)
        .on(&["unable to unmarshal secret|error unmarshalling json data|could not rewrite spec|could not generate [|error in secret |error in configmap |secret keys from spec"])
        .re(r"unable to unmarshal secret|error unmarshalling json data|could not rewrite spec|could not generate \[|error in (?:secret|configmap) .{1,200}missing key|secret keys from spec")
        .also(&[C::EsoProviderSecretMissing, C::SecretInvalidFormat, C::EsoProviderAuth])
        .codes(&["SYN-07"])
        .signal(S::TemplateFailed)
        .stands_for("external-secrets externalsecret_controller.go")
        .eg(&["error in secret shop-template: missing key config.yaml", "unable to unmarshal secret: invalid character 'a' looking for beginning of value"]),
    pat("eso-words-immutable", C::SecretImmutable, 94)
        .on(&["target secret is immutable"])
        .also(&[C::EsoOwnershipConflict])
        .codes(&["SYN-08", "OBJ-12"])
        .signal(S::TargetImmutable)
        .stands_for("external-secrets externalsecret_controller.go")
        .eg(&["target secret is immutable but requires an update"]),
    pat("eso-words-not-owner", C::EsoOwnershipConflict, 90)
        .on(&["can not delete secret i do not own|not managed by external-secrets|secret is owned by|owned by a different"])
        .signal(S::TargetOwned)
        .stands_for("external-secrets, deletion and PushSecret")
        .eg(&["invalid creationPolicy=Merge. Can not delete secret i do not own", "set secret failed: secret shop/db not managed by external-secrets"]),
    pat("eso-words-webhook", C::EsoWebhook, 84)
        .on(&["either data or datafrom should be specified|deletionpolicy=delete must not be used|deletionpolicy=merge must not be used|namespace not allowed with namespaced secretstore|cluster scope requires namespace|namespace should either be empty or match|find.path|unexpected type, should be|extract, find, or generatorref"])
        .also(&[C::AdmissionDenied, C::EsoStoreNotReady])
        .signal(S::AdmissionDenied(Gate::Webhook))
        .stands_for("external-secrets apis/externalsecrets, validators")
        .eg(&["either data or dataFrom should be specified", "namespace should either be empty or match the namespace of the SecretStore for a namespaced SecretStore"]),
    pat("eso-words-push", C::EsoProviderPermission, 66)
        .on(&["set secret failed|could not write remote ref|pushsecret"])
        .re(r"set secret failed|could not write remote ref")
        .also(&[C::EsoProviderAuth, C::EsoStoreNotReady, C::EsoOwnershipConflict])
        .signal(S::ProviderRead)
        .stands_for("external-secrets pkg/controllers/pushsecret")
        .eg(&["set secret failed: could not write remote ref a to target secretstore aws: x"]),

    // The CSI driver.
    pat("csi-words-request", C::CsiProviderclassInvalid, 86)
        .on(&["volume attributes missing in request|readonly is not true in request|volume capability missing in request|missing attributes|in secretobjects.data[] is empty|secret type is empty|secretobjects|objectname must be specified|object name must be specified|name already in use for objectalias|invalid jmes path|cloudname|is not valid|should be secret, key, or cert|objectversionhistory|objecttype"])
        .re(r"(?:volume attributes|volume capability) missing in request|readonly is not true in request|in secretobjects\.data\[\] is empty|secret (?:type|name) is empty|object ?name must be specified|name already in use for objectalias|invalid jmes path|cloud ?name .{1,60} is not valid|should be secret, key, or cert")
        .also(&[C::CsiDriverMisconfigured])
        .signal(S::ProviderClassInvalid)
        .stands_for("secrets-store-csi-driver nodeserver.go and secretutil; AWS and Azure providers")
        .eg(&["rpc error: code = InvalidArgument desc = Readonly is not true in request", "object name in secretObjects.data[] is empty"]),
    pat("csi-words-driver", C::CsiDriverMisconfigured, 86)
        .on(&["providers volume path not found|could not mount target|minimum supported|failed to create secret provider class pod status|failed to create secretproviderclasspodstatus|cannot get poduid from target path"])
        .re(r#"providers volume path not found|could not mount target "|minimum supported [a-z]+ provider version|failed to create secret ?provider ?class ?pod ?status|cannot get poduid"#)
        .also(&[C::CsiDriverRbacDenied, C::CsiProviderMissing, C::VolumeOther])
        .stands_for("secrets-store-csi-driver nodeserver.go")
        .eg(&["providers volume path not found. Set PROVIDERS_VOLUME_PATH", "rpc error: code = Internal desc = Could not mount target \"/var/lib/kubelet/pods/0a/volumes/kubernetes.io~csi/s/mount\": mkdir: file exists"]),
    pat("csi-words-client", C::CsiProviderMissing, 84)
        .on(&["failed to create provider client"])
        .also(&[C::CsiDriverMisconfigured])
        .signal(S::CsiProviderMissing)
        .stands_for("secrets-store-csi-driver provider_client.go")
        .eg(&["failed to create provider client, err: x"]),
    pat("csi-words-jmes", C::CsiProviderSecretMissing, 86)
        .on(&["jmes path"])
        .re(r"jmes path ?-? ?<*>does not point to a valid object|jmes")
        .also(&[C::CsiProviderclassInvalid])
        .signal(S::PropertyMissing)
        .stands_for("AWS provider, json path of an entry")
        .eg(&["JMES Path - db.pass for object alias - pass does not point to a valid object"]),
    pat("csi-words-publish-secret", C::CsiProviderAuth, 86)
        .on(&["could not find clientid|could not find clientsecret|clientid not found|nodepublishsecretref secret is not set|failed to get credentials, nodepublish|expected secret to contain"])
        .also(&[C::SecretKeyMissing, C::SecretMissing, C::CsiProviderclassInvalid])
        .signal(S::ProviderLogin)
        .stands_for("Azure provider pkg/auth, credentials of nodePublishSecretRef")
        .eg(&["failed to create auth config, error: failed to get credentials, nodePublishSecretRef secret is not set", "could not find clientid in secrets(map[])"]),
    pat("csi-words-kubelet-mode", C::CsiDriverMisconfigured, 80)
        .on(&["not supported by driver", "secrets-store"])
        .also(&[C::CsiDriverMissing])
        .stands_for("kubernetes pkg/volume/csi with a CSIDriver of other settings")
        .eg(&["volume mode \"Persistent\" not supported by driver secrets-store.csi.k8s.io (only supports [\"Ephemeral\"])"]),
    pat("sync-operator-words", C::EsoProviderAuth, 40)
        .on(&["provider.aws|provider.gcp|provider.vault|controllers.externalsecret|controllers.secretstore|controllers.clustersecretstore"])
        .re(r"error|fail|denied")
        .also(&[C::EsoStoreNotReady, C::EsoProviderSecretMissing, C::EsoProviderPermission, C::EsoTemplateError])
        .signal(S::SyncFailed)
        .stands_for("external-secrets logs")
        .eg(&["{\"level\":\"error\",\"logger\":\"controllers.ExternalSecret\",\"msg\":\"odd\"}"]),
];
