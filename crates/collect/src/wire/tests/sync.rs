//! Sync operators and custom resources.

use keytrace_core::objects::{StoreAuth, StoreRef};
use keytrace_core::time::Time;
use serde_json::json;

use super::*;

#[test]
fn external_secrets_of_both_versions_fold_with_store_target_and_data() {
    for version in ["external-secrets.io/v1", "external-secrets.io/v1beta1"] {
        let snapshot = fold(&[json!({
            "apiVersion": version, "kind": "ExternalSecret", "metadata": {"name": "db", "namespace": "shop"},
            "spec": {
                "secretStoreRef": {"name": "vault", "kind": "ClusterSecretStore"}, "refreshInterval": "1h0m0s", "refreshPolicy": "Periodic",
                "syncWindows": {"kind": "deny", "windows": []},
                "target": {"name": "db-login", "creationPolicy": "Owner", "deletionPolicy": "Retain", "immutable": true,
                    "template": {"type": "kubernetes.io/dockerconfigjson", "data": {"a": "{{ .b }}"}}},
                "data": [{"secretKey": "password", "remoteRef": {"key": "shop/db", "property": "password", "version": "2"},
                    "sourceRef": {"storeRef": {"name": "other"}}}],
                "dataFrom": [{"extract": {"key": "shop/all"}}, {"find": {"path": "shop/"}},
                    {"sourceRef": {"generatorRef": {"apiVersion": "generators.external-secrets.io/v1alpha1", "kind": "VaultDynamicSecret", "name": "mint"}}}],
            },
            "status": {"refreshTime": "2026-01-02T00:00:00Z", "binding": {"name": "db-login"}, "conditions": [
                {"type": "Ready", "status": "True", "reason": "SecretSynced", "message": "secret synced", "lastTransitionTime": "2026-01-01T00:00:00Z"}]},
        })]);
        let external = &snapshot.external_secrets[0];
        assert_eq!(external.store, Some(StoreRef { kind: Kind::ClusterSecretStore, name: "vault".into() }));
        assert_eq!((external.refresh_seconds, external.has_sync_windows), (Some(3600), true));
        assert_eq!(external.target.name.as_deref(), Some("db-login"));
        assert!(external.target.immutable && external.target.has_template);
        let remote: Vec<_> = external.data.iter().map(|d| (d.secret_key.as_deref(), &*d.remote_key)).collect();
        assert_eq!(remote, [(Some("password"), "shop/db"), (None, "shop/all"), (None, "shop/")]);
        let sources: Vec<_> = external.sources.iter().map(|s| (s.kind.name(), &*s.name)).collect();
        assert_eq!(sources, [("SecretStore", "other"), ("VaultDynamicSecret", "mint")]);
        assert_eq!(external.refreshed, Time::parse("2026-01-02T00:00:00Z"));
    }
}

#[test]
fn a_cluster_external_secret_folds_the_template_inside_and_its_namespaces() {
    let snapshot = fold(&[
        json!({"apiVersion": "external-secrets.io/v1", "kind": "ClusterExternalSecret", "metadata": {"name": "pull"},
        "spec": {"externalSecretName": "pull-all", "refreshTime": "1m", "externalSecretSpec": {"secretStoreRef": {"name": "vault"},
            "refreshInterval": "0", "data": [{"secretKey": "a", "remoteRef": {"key": "k"}}]}},
        "status": {"failedNamespaces": [{"namespace": "east", "reason": "x"}], "provisionedNamespaces": ["west"]}}),
    ]);
    let external = &snapshot.external_secrets[0];
    assert_eq!((external.refresh_seconds, external.target.name.as_deref()), (Some(0), Some("pull-all")));
    assert_eq!((&*external.failed_namespaces[0], &*external.provisioned_namespaces[0]), ("east", "west"));
    assert_eq!(external.store.as_ref().map(|s| &s.kind), Some(&Kind::SecretStore));
}

#[test]
fn stores_fold_with_login_and_with_every_object_that_they_need_to_start() {
    let store = |name: &str, provider: serde_json::Value| {
        json!({"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": name},
            "spec": {"provider": provider, "conditions": [{"namespaces": ["shop"]}, {"namespaceSelector": {"matchLabels": {"team": "a"}}}]},
            "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "InvalidProviderConfig"}]}})
    };
    let snapshot = fold(&[
        store(
            "a-vault",
            json!({"vault": {"server": "https://vault:8200", "path": "apps", "version": "v2",
            "caProvider": {"type": "ConfigMap", "name": "ca", "key": "ca.crt", "namespace": "infra"},
            "auth": {"kubernetes": {"mountPath": "kubernetes", "role": "shop", "serviceAccountRef": {"name": "eso", "namespace": "infra"}}}}}),
        ),
        store(
            "b-token",
            json!({"vault": {"server": "s", "auth": {"tokenSecretRef": {"name": "vault-token", "key": "token"}}}}),
        ),
        store(
            "c-approle",
            json!({"vault": {"server": "s", "auth": {"appRole": {"path": "approle", "roleId": "r",
            "secretRef": {"name": "approle", "key": "id"}}}}}),
        ),
        store(
            "d-aws",
            json!({"aws": {"service": "SecretsManager", "auth": {"secretRef": {
            "accessKeyIDSecretRef": {"name": "aws", "key": "id"}, "secretAccessKeySecretRef": {"name": "aws", "key": "key"}}}}}),
        ),
        store(
            "e-gitlab",
            json!({"gitlab": {"auth": {"SecretRef": {"accessToken": {"name": "gl", "key": "t", "namespace": "infra"}}}}}),
        ),
    ]);
    let stores = &snapshot.stores;
    let needs = |index: usize| -> Vec<(&str, &str, &str)> {
        let all = stores[index].bootstrap.iter();
        all.map(|(kind, namespace, name, _)| (kind.name(), namespace.as_deref().unwrap_or_default(), &**name)).collect()
    };
    assert_eq!(needs(0), [("ServiceAccount", "infra", "eso"), ("ConfigMap", "infra", "ca")]);
    assert_eq!(needs(1), [("Secret", "", "vault-token")]);
    assert_eq!(needs(2), [("Secret", "", "approle")]);
    assert_eq!(needs(3), [("Secret", "", "aws"), ("Secret", "", "aws")]);
    assert_eq!(needs(4), [("Secret", "infra", "gl")]);
    assert_eq!(&*stores[3].bootstrap[0].3, "spec.provider.aws.auth.secretRef.accessKeyIDSecretRef");
    let vault = stores[0].vault.as_ref().expect("vault");
    assert_eq!((vault.path.as_deref(), vault.version.as_deref()), (Some("apps"), Some("v2")));
    let kubernetes = StoreAuth::Kubernetes {
        mount: Some("kubernetes".into()),
        role: Some("shop".into()),
        service_account: Some("eso".into()),
    };
    assert_eq!(vault.auth, Some(kubernetes));
    assert_eq!(stores[1].vault.as_ref().and_then(|v| v.auth.clone()), Some(StoreAuth::Token));
    assert_eq!(stores[3].provider.as_deref(), Some("aws"));
    assert!(stores[0].restricted && &*stores[0].allowed_namespaces[0] == "shop" && stores[0].allowed_labels.len() == 1);
}

#[test]
fn classes_of_the_csi_driver_and_their_pod_states_fold() {
    let snapshot = fold(&[
        json!({"apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClass", "metadata": {"name": "vault"},
            "spec": {"provider": "vault", "parameters": {"objects": "x"}, "secretObjects": [{"secretName": "db", "type": "Opaque",
                "data": [{"objectName": "o", "key": "password"}]}]}}),
        json!({"apiVersion": "secrets-store.csi.x-k8s.io/v1", "kind": "SecretProviderClassPodStatus", "metadata": {"name": "p-vault"},
            "status": {"podName": "p", "secretProviderClassName": "vault", "mounted": true, "objects": [{"id": "o", "version": "1"}]}}),
    ]);
    assert_eq!(snapshot.provider_classes[0].secret_objects, [("db".into(), vec!["password".into()])]);
    assert!(snapshot.csi_statuses[0].mounted && &*snapshot.csi_statuses[0].class == "vault");
}

#[test]
fn custom_resources_fold_with_their_secrets_times_and_small_facts() {
    let snapshot = fold(&[
        json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"secretName": "web-tls", "issuerRef": {"name": "ca", "kind": "ClusterIssuer"}, "renewBefore": "360h"},
            "status": {"notAfter": "2026-03-01T00:00:00Z", "renewalTime": "2026-02-01T00:00:00Z", "revision": 2,
                "conditions": [{"type": "Ready", "status": "True"}]}}),
        json!({"apiVersion": "secrets.hashicorp.com/v1beta1", "kind": "VaultDynamicSecret", "metadata": {"name": "db"},
            "spec": {"mount": "database", "path": "creds/shop", "vaultAuthRef": "auth", "destination": {"name": "db-login", "create": true},
                "rolloutRestartTargets": [{"kind": "Deployment", "name": "cart"}]},
            "status": {"lastRenewalTime": 1_767_225_600, "secretLease": {"duration": 3600, "id": "x"}}}),
        json!({"apiVersion": "generators.external-secrets.io/v1alpha1", "kind": "VaultDynamicSecret", "metadata": {"name": "db"},
            "spec": {"path": "database/creds/shop", "provider": {"server": "s", "auth": {"tokenSecretRef": {"name": "tok", "key": "t"}}}}}),
        json!({"apiVersion": "external-secrets.io/v1alpha1", "kind": "PushSecret", "metadata": {"name": "push"},
            "spec": {"selector": {"secret": {"name": "source"}}, "deletionPolicy": "Delete", "refreshInterval": "1h"}}),
        json!({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": {"name": "sealed"},
            "spec": {"encryptedData": {"a": "AgB"}}, "status": {"conditions": [{"type": "Synced", "status": "False",
                "message": "no key could decrypt secret (a)", "lastUpdateTime": "2026-01-01T00:00:00Z"}]}}),
        json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "shop"},
            "spec": {"syncPolicy": {"automated": {"selfHeal": true}}}, "status": {"sync": {"status": "OutOfSync"},
                "reconciledAt": "2026-01-01T00:00:00Z"}}),
        json!({"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "shop"},
            "spec": {"interval": "5m", "suspend": false, "values": {"password": "hunter2"},
                "valuesFrom": [{"kind": "Secret", "name": "values"}]}}),
        json!({"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": "node-1"},
            "spec": {"drivers": [{"name": "secrets-store.csi.k8s.io", "nodeID": "x"}]}}),
    ]);
    let of = |kind: Kind, group: &str| {
        snapshot.custom.iter().find(|c| c.id.kind == kind && &*c.group == group).expect("folded")
    };
    let secrets = |kind: Kind, group: &str| -> Vec<(String, String)> {
        of(kind, group).secrets.iter().map(|(n, p)| (n.to_string(), p.to_string())).collect()
    };
    let named = |name: &str, path: &str| vec![(name.to_owned(), path.to_owned())];
    assert_eq!(secrets(Kind::Certificate, "cert-manager.io"), named("web-tls", "spec.secretName"));
    assert_eq!(of(Kind::Certificate, "cert-manager.io").times.len(), 2);
    let vso = of(Kind::VaultDynamicSecret, "secrets.hashicorp.com");
    assert_eq!(secrets(Kind::VaultDynamicSecret, "secrets.hashicorp.com"), named("db-login", "spec.destination.name"));
    assert_eq!(vso.times, [("status.lastRenewalTime".into(), Time(1_767_225_600))]);
    assert!(vso.scalars.contains(&("spec.mount".into(), "database".into())));
    let generator = secrets(Kind::VaultDynamicSecret, "generators.external-secrets.io");
    assert_eq!(generator, named("tok", "spec.provider.auth.tokenSecretRef"));
    assert_eq!(secrets(Kind::PushSecret, "external-secrets.io"), named("source", "spec.selector.secret.name"));
    assert_eq!(secrets(Kind::SealedSecret, "bitnami.com"), named("sealed", "metadata.name"));
    assert!(of(Kind::SealedSecret, "bitnami.com").conditions[0].changed.is_some());
    let application = of(Kind::Application, "argoproj.io");
    assert!(application.scalars.contains(&("spec.syncPolicy.automated.selfHeal".into(), "true".into())));
    assert!(application.scalars.contains(&("status.sync.status".into(), "OutOfSync".into())));
    let release = of(Kind::HelmRelease, "helm.toolkit.fluxcd.io");
    assert_eq!(secrets(Kind::HelmRelease, "helm.toolkit.fluxcd.io"), named("values", "spec.valuesFrom[0]"));
    assert!(!format!("{release:?}").contains("hunter2"));
    let node = of(Kind::CSINode, "storage.k8s.io");
    assert_eq!(&*node.scalars[0].1, "secrets-store.csi.k8s.io");
}

#[test]
fn durations_of_go_read_as_seconds() {
    for (text, seconds) in [
        ("1h0m0s", Some(3600)),
        ("20s", Some(20)),
        ("0", Some(0)),
        ("1.5h", Some(5400)),
        ("100ms", Some(0)),
        ("-5s", Some(-5)),
    ] {
        assert_eq!(super::super::sync::duration_seconds(text), seconds, "{text}");
    }
    for none in ["", "x", "5", "1h5", "-"] {
        assert_eq!(super::super::sync::duration_seconds(none), None, "{none}");
    }
}
