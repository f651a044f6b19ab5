//! Pods, workloads and cluster objects.

use keytrace_core::objects::{ContainerRole, ContainerState, EnvSource, VolumeSource};
use keytrace_core::references;
use keytrace_core::time::Time;
use serde_json::{Value, json};

use super::*;

fn pod(name: &str, node: &str, token: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "shop", "uid": "u1", "resourceVersion": "42",
            "creationTimestamp": "2026-01-02T03:04:05Z", "labels": {"app": "cart"},
            "annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z", "note": "hunter2"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "cart-1", "uid": "r1", "controller": true}],
        },
        "spec": {
            "nodeName": node,
            "serviceAccountName": "cart",
            "imagePullSecrets": [{"name": "pull"}],
            "securityContext": {"runAsUser": 1000, "fsGroup": 2000, "supplementalGroups": [5]},
            "initContainers": [
                {"name": "wait", "image": "busybox"},
                {"name": "proxy", "image": "proxy", "restartPolicy": "Always",
                 "envFrom": [{"secretRef": {"name": "proxy-env", "optional": true}}, {"prefix": "P_", "configMapRef": {"name": "flags"}}]},
            ],
            "containers": [{
                "name": "cart", "image": "registry.example/cart:1", "imagePullPolicy": "Always",
                "command": ["serve"], "args": ["--password=hunter2"],
                "env": [
                    {"name": "DB_HOST", "value": "db.shop"},
                    {"name": "DB_PASSWORD", "value": "hunter2"},
                    {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "api", "key": "token"}}},
                    {"name": "FLAG", "valueFrom": {"configMapKeyRef": {"name": "flags", "key": "a", "optional": true}}},
                    {"name": "FILE", "valueFrom": {"fileKeyRef": {"volumeName": "work", "path": "env", "key": "K"}}},
                    {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                ],
                "volumeMounts": [
                    {"name": "tls", "mountPath": "/tls", "readOnly": true, "subPath": "tls.crt"},
                    {"name": token, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"},
                ],
            }],
            "ephemeralContainers": [{"name": "debug", "image": "busybox"}],
            "volumes": [
                {"name": "tls", "secret": {"secretName": "cart-tls", "defaultMode": 256, "items": [{"key": "tls.crt", "path": "c", "mode": 288}]}},
                {"name": "conf", "configMap": {"name": "cart-conf", "optional": true}},
                {"name": "all", "projected": {"sources": [
                    {"secret": {"name": "p-secret"}}, {"configMap": {"name": "p-map", "items": [{"key": "k", "path": "k"}]}},
                    {"serviceAccountToken": {"audience": "vault", "expirationSeconds": 600, "path": "t"}},
                    {"clusterTrustBundle": {"signerName": "s", "path": "b"}}, {"podCertificate": {"signerName": "s"}},
                    {"downwardAPI": {"items": []}}]}},
                {"name": "csi", "csi": {"driver": "secrets-store.csi.k8s.io", "nodePublishSecretRef": {"name": "csi-login"},
                    "volumeAttributes": {"secretProviderClass": "vault-cart"}}},
                {"name": "azure", "azureFile": {"secretName": "az", "secretNamespace": "infra", "shareName": "x"}},
                {"name": "ceph", "cephfs": {"secretRef": {"name": "s-cephfs"}}},
                {"name": "cinder", "cinder": {"secretRef": {"name": "s-cinder"}}},
                {"name": "flex", "flexVolume": {"secretRef": {"name": "s-flex"}}},
                {"name": "iscsi", "iscsi": {"secretRef": {"name": "s-iscsi"}}},
                {"name": "rbd", "rbd": {"secretRef": {"name": "s-rbd"}}},
                {"name": "scale", "scaleIO": {"secretRef": {"name": "s-scale"}}},
                {"name": "sos", "storageos": {"secretRef": {"name": "s-sos"}}},
                {"name": "oci", "image": {"reference": "registry.example/data:1", "pullPolicy": "Always"}},
                {"name": "claim", "persistentVolumeClaim": {"claimName": "data"}},
                {"name": "work", "emptyDir": {}},
                {"name": "host", "hostPath": {"path": "/x"}},
                {"name": token, "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"path": "token"}}]}},
            ],
        },
        "status": {
            "phase": "Running", "startTime": "2026-01-02T03:04:06Z",
            "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady",
                "lastTransitionTime": "2026-01-02T03:05:00Z", "message": "containers with unready status: [cart]"}],
            "initContainerStatuses": [{"name": "proxy", "image": "proxy", "imageID": "x@sha256:1", "ready": true,
                "restartCount": 0, "state": {"running": {"startedAt": "2026-01-02T03:04:10Z"}}, "lastState": {}}],
            "containerStatuses": [{"name": "cart", "image": "i", "imageID": "", "ready": false, "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}},
                "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "startedAt": "2026-01-02T03:04:50Z",
                    "finishedAt": "2026-01-02T03:04:51Z"}}}],
        },
    })
}

#[test]
fn a_pod_folds_with_its_spec_its_node_and_its_states() {
    let snapshot = fold(&[pod("cart-1-a", "node-1", "kube-api-access-abcde")]);
    let pod = &snapshot.pods[0];
    assert_eq!((&*pod.id.namespace, &*pod.id.name, pod.node.as_deref()), ("shop", "cart-1-a", Some("node-1")));
    assert_eq!(pod.meta.resource_version, Some(42));
    assert_eq!(pod.meta.annotation("note"), Some(""));
    assert_eq!(pod.meta.annotation("kubectl.kubernetes.io/restartedAt"), Some("2026-01-01T00:00:00Z"));
    assert_eq!(pod.meta.controller().map(|o| &o.kind), Some(&Kind::ReplicaSet));
    let spec = &pod.spec;
    assert_eq!((spec.run_as.user, spec.fs_group, &spec.supplemental_groups[..]), (Some(1000), Some(2000), &[5][..]));
    let roles: Vec<_> = spec.containers.iter().map(|c| c.role).collect();
    assert_eq!(roles, [ContainerRole::Init, ContainerRole::Sidecar, ContainerRole::Main, ContainerRole::Ephemeral]);
    let cart = &spec.containers[2];
    assert!(cart.has_command && cart.command.is_some() && cart.mounts[0].read_only);
    let EnvSource::Literal(host) = &cart.env[0].source else { panic!("a literal") };
    assert_eq!(host.identifier.as_deref(), Some("db.shop"));
    let EnvSource::Literal(password) = &cart.env[1].source else { panic!("a literal") };
    assert_eq!((password.identifier.as_deref(), password.len), (None, 7));
    assert!(matches!(&cart.env[4].source, EnvSource::FileKey { volume, .. } if &**volume == "work"));
    assert_eq!(cart.env[5].source, EnvSource::Field);
    let others: Vec<_> = spec.volumes[12..16].iter().map(|v| &v.source).collect();
    assert!(matches!(others[0], VolumeSource::Image { .. }));
    assert!(matches!(others[1], VolumeSource::PersistentVolumeClaim(_)));
    assert_eq!((others[2], others[3]), (&VolumeSource::EmptyDir, &VolumeSource::Other("hostPath".into())));
    assert_eq!(pod.statuses[0].role, ContainerRole::Sidecar);
    assert_eq!(pod.statuses[0].state.running_since(), Time::parse("2026-01-02T03:04:10Z"));
    assert_eq!(pod.statuses[0].last, None);
    assert_eq!(pod.statuses[1].state.waiting_reason(), Some("CrashLoopBackOff"));
    assert!(matches!(&pod.statuses[1].last, Some(ContainerState::Terminated { exit_code: 1, .. })));
}

#[test]
fn each_place_of_a_pod_that_names_a_secret_is_a_reference() {
    let snapshot = fold(&[pod("cart-1-a", "node-1", "kube-api-access-abcde")]);
    let found = references::of(&snapshot.pods[0].spec);
    let secrets: Vec<&str> = found.iter().filter(|(r, _)| r.kind == Kind::Secret).map(|(r, _)| &*r.name).collect();
    assert_eq!(
        secrets,
        [
            "pull",
            "proxy-env",
            "api",
            "cart-tls",
            "p-secret",
            "csi-login",
            "az",
            "s-cephfs",
            "s-cinder",
            "s-flex",
            "s-iscsi",
            "s-rbd",
            "s-scale",
            "s-sos"
        ]
    );
    let maps: Vec<&str> = found.iter().filter(|(r, _)| r.kind == Kind::ConfigMap).map(|(r, _)| &*r.name).collect();
    assert_eq!(maps, ["flags", "flags", "cart-conf", "p-map"]);
}

#[test]
fn pods_of_one_template_share_one_spec_whatever_their_node_and_token_volume() {
    let mut pods = vec![
        pod("a", "node-1", "kube-api-access-abcde"),
        pod("b", "node-2", "kube-api-access-xyz12"),
        pod("c", "node-2", "kube-api-access-xyz12"),
    ];
    pods[2]["spec"]["containers"][0]["env"][1]["value"] = json!("another");
    let snapshot = fold(&pods);
    assert!(Arc::ptr_eq(&snapshot.pods[0].spec, &snapshot.pods[1].spec));
    assert!(!Arc::ptr_eq(&snapshot.pods[1].spec, &snapshot.pods[2].spec));
    assert_eq!(snapshot.pods[1].node.as_deref(), Some("node-2"));
}

#[test]
fn a_pod_without_a_node_is_not_given_one_by_a_field_of_that_name_elsewhere() {
    let spec = |selector: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": selector, "namespace": "a"},
        "spec": {"nodeSelector": {"nodeName": selector}, "containers": []}})
    };
    let snapshot = fold(&[spec("one"), spec("two")]);
    assert_eq!((snapshot.pods[0].node.as_deref(), snapshot.pods[1].node.as_deref()), (None, None));
}

#[test]
fn workloads_fold_with_template_revision_and_counts() {
    let template = json!({"metadata": {"labels": {"app": "cart"}, "annotations":
        {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z", "checksum/config": "abc"}},
        "spec": {"containers": [{"name": "c", "image": "i", "envFrom": [{"secretRef": {"name": "s"}}]}]}});
    let of = |kind: &str, group: &str, spec: Value, status: Value| {
        json!({"apiVersion": group, "kind": kind,
        "metadata": {"name": "cart", "namespace": "shop", "annotations": {"deployment.kubernetes.io/revision": "4",
            "deployment.kubernetes.io/revision-history": "1,2"}},
        "spec": spec, "status": status})
    };
    let replicas = json!({"replicas": 3, "readyReplicas": 2, "updatedReplicas": 1, "availableReplicas": 2, "observedGeneration": 7});
    let snapshot = fold(&[
        of(
            "Deployment",
            "apps/v1",
            json!({"replicas": 3, "paused": true, "template": template,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 1}}}),
            replicas.clone(),
        ),
        of("ReplicaSet", "apps/v1", json!({"replicas": 3, "template": template}), replicas.clone()),
        of(
            "StatefulSet",
            "apps/v1",
            json!({"replicas": 3, "template": template,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}),
            json!({"replicas": 3, "currentRevision": "cart-1", "updateRevision": "cart-2"}),
        ),
        of(
            "DaemonSet",
            "apps/v1",
            json!({"template": template, "updateStrategy": {"type": "OnDelete"}}),
            json!({"desiredNumberScheduled": 5, "currentNumberScheduled": 5, "numberReady": 4, "updatedNumberScheduled": 3, "numberAvailable": 4}),
        ),
        of(
            "Job",
            "batch/v1",
            json!({"parallelism": 1, "suspend": true, "template": template}),
            json!({"active": 1, "ready": 1, "completionTime": "2026-01-02T00:00:00Z"}),
        ),
        of(
            "CronJob",
            "batch/v1",
            json!({"jobTemplate": {"spec": {"template": template}}, "suspend": false}),
            json!({"lastScheduleTime": "2026-01-02T00:00:00Z", "lastSuccessfulTime": "2026-01-01T00:00:00Z"}),
        ),
        of("ReplicationController", "v1", json!({"replicas": 1, "template": template}), json!({"replicas": 1})),
        of(
            "Rollout",
            "argoproj.io/v1alpha1",
            json!({"replicas": 2, "template": template, "strategy": {"canary": {"steps": []}}}),
            json!({"observedGeneration": "6f9c"}),
        ),
        json!({"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "cart-1", "namespace": "shop"},
            "revision": 2, "data": {"spec": {"template": {"$patch": "replace", "spec": template["spec"], "metadata": template["metadata"]}}}}),
    ]);
    let of = |kind: Kind| snapshot.workloads.iter().find(|w| w.id.kind == kind).expect("folded");
    let deployment = of(Kind::Deployment);
    assert_eq!((deployment.revision, &deployment.revision_history[..]), (Some(4), &[1, 2][..]));
    assert_eq!(
        (deployment.desired, deployment.ready, deployment.updated, deployment.observed_generation),
        (Some(3), 2, 1, Some(7))
    );
    assert_eq!(
        (deployment.strategy.max_unavailable.as_deref(), deployment.strategy.max_surge.as_deref()),
        (Some("25%"), Some("1"))
    );
    assert!(deployment.paused && deployment.restarted_at == Time::parse("2026-01-01T00:00:00Z"));
    assert_eq!(of(Kind::StatefulSet).strategy.partition, Some(2));
    assert_eq!(of(Kind::StatefulSet).update_revision.as_deref(), Some("cart-2"));
    assert_eq!((of(Kind::DaemonSet).desired, of(Kind::DaemonSet).ready), (Some(5), 4));
    assert!(of(Kind::Job).suspended && of(Kind::Job).last_success.is_some());
    assert!(of(Kind::CronJob).last_schedule > of(Kind::CronJob).last_success);
    assert_eq!(of(Kind::Rollout).strategy.kind.as_deref(), Some("Canary"));
    assert_eq!(of(Kind::ControllerRevision).revision, Some(2));
    let first = deployment.template.as_ref().expect("a template");
    assert!(snapshot.workloads.iter().all(|w| w.template.as_ref().is_some_and(|t| Arc::ptr_eq(t, first))));
}

#[test]
fn accounts_rights_nodes_and_the_rest_of_the_cluster_fold() {
    let meta = |name: &str| json!({"name": name, "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"});
    let snapshot = fold(&[
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("cart"), "imagePullSecrets": [{"name": "pull"}],
            "secrets": [{"name": "cart-token"}], "automountServiceAccountToken": false}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta("reader"), "rules":
            [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["api"], "verbs": ["get"]}]}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "agg"},
            "aggregationRule": {"clusterRoleSelectors": []}, "rules": null}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta("reader"),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "agg"},
            "subjects": [{"kind": "ServiceAccount", "name": "cart", "namespace": "shop"}]}),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {"unschedulable": true}, "status": {
            "conditions": [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "lastHeartbeatTime": "2026-01-01T00:00:05Z"}],
            "images": [{"names": ["a@sha256:1", "a:1"]}, {"names": ["b:1"]}],
            "nodeInfo": {"kubeletVersion": "v1.36.3", "containerRuntimeVersion": "containerd://2.4.2", "architecture": "amd64"}}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}, "status": {"phase": "Terminating"}}),
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": meta("q"), "spec": {"hard": {"secrets": "10"}},
            "status": {"hard": {"secrets": "10"}, "used": {"secrets": "10"}}}),
        json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": meta("lead"), "spec": {"holderIdentity": "x",
            "renewTime": "2026-01-01T00:00:09.123456Z", "leaseDurationSeconds": 15, "leaseTransitions": 2}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta("web"), "spec": {"tls": [
            {"hosts": ["shop.example"], "secretName": "web-tls"}, {"hosts": ["default.example"]}]}}),
        json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": meta("gw"), "spec": {"listeners": [
            {"hostname": "gw.example", "tls": {"certificateRefs": [{"name": "gw-tls", "namespace": "certs"}, {"kind": "Other", "name": "no"}]}},
            {"name": "plain"}]}}),
    ]);
    let account = &snapshot.service_accounts[0];
    assert_eq!(
        (&*account.pull_secrets[0], &*account.secrets[0], account.automount),
        ("pull", "cart-token", Some(false))
    );
    let role = snapshot.roles.iter().find(|r| r.id.kind == Kind::Role).expect("a role");
    assert_eq!((&*role.rules[0].resources[0], &*role.rules[0].names[0]), ("secrets", "api"));
    assert!(snapshot.roles.iter().any(|r| r.aggregated && r.rules.is_empty() && r.id.namespace.is_empty()));
    assert_eq!(
        (&snapshot.bindings[0].role_kind, &*snapshot.bindings[0].subjects[0].name),
        (&Kind::ClusterRole, "cart")
    );
    let node = &snapshot.nodes[0];
    assert_eq!((node.image_count, node.images.len(), node.unschedulable), (2, 3, true));
    assert_eq!((node.conditions[0].status, node.conditions[0].heartbeat), (None, Time::parse("2026-01-01T00:00:05Z")));
    assert_eq!(&*snapshot.namespaces[0].phase, "Terminating");
    assert_eq!((&*snapshot.quotas[0].lines[0].hard, &*snapshot.quotas[0].lines[0].used), ("10", "10"));
    assert_eq!(snapshot.leases[0].renewed, Time::parse("2026-01-01T00:00:09Z"));
    let secrets = |kind: Kind| &snapshot.tls_users.iter().find(|u| u.id.kind == kind).expect("folded").secrets;
    assert_eq!(secrets(Kind::Ingress), &[("shop".into(), "web-tls".into(), vec!["shop.example".into()])]);
    assert_eq!(secrets(Kind::Gateway), &[("certs".into(), "gw-tls".into(), vec!["gw.example".into()])]);
}

#[test]
fn null_where_a_list_an_object_or_a_text_is_expected_is_an_empty_one() {
    let snapshot = fold(&[
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": null, "labels": null, "annotations": null,
            "ownerReferences": null, "creationTimestamp": null}, "spec": {"containers": null, "volumes": null,
            "securityContext": null, "nodeName": null}, "status": null}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": null, "type": null}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": null, "status": null}),
    ]);
    assert_eq!((snapshot.pods.len(), snapshot.data.len(), snapshot.workloads.len()), (1, 1, 1));
    assert_eq!(&*snapshot.pods[0].spec.service_account, "default");
}
