//! Secrets and ConfigMaps, and that no value comes out of the fold.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keytrace_core::objects::SecretPayload;
use keytrace_core::time::{Interval, Time};
use serde_json::{Value, json};

use super::*;

fn b64(text: &str) -> String {
    STANDARD.encode(text)
}

fn entry(manager: &str, time: &str, fields: Value) -> Value {
    json!({"manager": manager, "operation": "Update", "apiVersion": "v1", "time": time, "fieldsType": "FieldsV1", "fieldsV1": fields})
}

#[test]
fn a_secret_folds_to_key_names_and_facts() {
    let snapshot = fold(&[json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true,
        "metadata": {"name": "db", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "data": {"username": b64("cart"), "password": b64("S3cr3t-88\n"), "empty": "", "not-base64": "%%%"},
        "stringData": {"host": "db.shop", "empty": "no more"},
    })]);
    let secret = &snapshot.data[0];
    let names: Vec<&str> = secret.keys.iter().map(|k| &*k.name).collect();
    assert_eq!(names, ["empty", "host", "not-base64", "password", "username"]);
    assert!(secret.immutable && !secret.keys_unseen);
    let key = |name| secret.key(name).expect("a key");
    assert_eq!(key("username").value.identifier.as_deref(), Some("cart"));
    assert_eq!(key("host").value.identifier.as_deref(), Some("db.shop"));
    assert_eq!((key("password").value.len, key("password").value.ends_in_newline), (10, true));
    assert_eq!(key("password").value.identifier, None);
    assert_eq!((key("empty").value.len, key("not-base64").value.tag), (7, None));
    assert_eq!(key("password").changed, Interval::between(Time::parse("2026-01-01T00:00:00Z"), None));
}

#[test]
fn equal_values_have_equal_tags_wherever_they_stand() {
    let snapshot = fold(&[
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"password": b64("S3cr3t-88")}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "b"}, "data":
            {"url": b64("postgres://cart:S3cr3t-88@db:5432/shop")}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"copy": "S3cr3t-88"}}),
    ]);
    let value = |index: usize| &snapshot.data[index].keys[0].value;
    assert!(value(0).tag.is_some());
    assert_eq!(value(1).url.as_ref().and_then(|u| u.password), value(0).tag);
    assert_eq!(value(2).tag, value(0).tag);
}

#[test]
fn a_key_changed_when_the_entry_that_owns_it_alone_says_so() {
    let secret = |fields: Value, more: Value| {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "creationTimestamp": "2026-01-01T00:00:00Z",
            "managedFields": [entry("first", "2026-01-01T00:00:00Z", fields), more]},
            "data": {"a": b64("1"), "b": b64("2")}})
    };
    let later = |fields| entry("second", "2026-01-05T00:00:00Z", fields);
    let time = |text| Time::parse(text).expect("a time");
    let snapshot = fold(&[secret(
        json!({"f:data": {".": {}, "f:a": {}}, "f:type": {}, "f:metadata": {"f:annotations": {"f:x": {}}}}),
        later(json!({"f:data": {"f:b": {}}})),
    )]);
    let data = &snapshot.data[0];
    assert_eq!(data.key("b").expect("b").changed, Interval::at(time("2026-01-05T00:00:00Z")));
    assert_eq!(data.key("b").expect("b").manager.as_deref(), Some("second"));
    assert_eq!(data.key("a").expect("a").changed, Interval::at(time("2026-01-01T00:00:00Z")));
    let fields: Vec<&str> = data.meta.managed[0].fields.iter().map(|f| &**f).collect();
    assert!(["data.a", "type", "metadata.annotations"].iter().all(|f| fields.contains(f)), "{fields:?}");
    let both = fold(&[secret(json!({"f:type": {}}), later(json!({"f:stringData": {"f:a": {}, "f:b": {}}})))]);
    let expected = Interval::between(Some(time("2026-01-01T00:00:00Z")), Some(time("2026-01-05T00:00:00Z")));
    assert_eq!(both.data[0].key("a").expect("a").changed, expected);
    assert_eq!(both.coverage.with_managed_fields, 1);
}

#[test]
fn values_that_the_dump_replaced_are_unknown_and_not_malformed() {
    let snapshot = fold(&[
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "metadata": {"name": "a"},
            "data": {".dockerconfigjson": b64("243 bytes long"), "b": "12 bytes long", "c": "***HIDDEN***", "d": b64("12 bytes")}}),
    ]);
    let secret = &snapshot.data[0];
    let elided: Vec<bool> = secret.keys.iter().map(|k| k.elided).collect();
    assert_eq!(elided, [true, true, true, false]);
    assert!(matches!(secret.payload, SecretPayload::None));
    assert!(secret.keys[..3].iter().all(|k| k.value.tag.is_none()));
}

#[test]
fn payloads_of_typed_secrets_are_read() {
    let docker = json!({"auths": {"registry.example": {"username": "robot", "password": "hunter2"}}}).to_string();
    let snapshot = fold(&[
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "metadata": {"name": "a"},
            "data": {".dockerconfigjson": b64(&docker)}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "metadata": {"name": "b"},
            "data": {".dockerconfigjson": b64("{")}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "c"},
            "data": {"tls.crt": b64("no certificate"), "tls.key": ""}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "metadata": {"name": "d",
            "labels": {"owner": "helm", "name": "shop", "version": "3", "status": "failed"}}, "data": {"release": b64("H4sI")}}),
    ]);
    let SecretPayload::Docker(docker) = &snapshot.data[0].payload else { panic!("registry credentials") };
    assert_eq!(docker.entries[0].username, "robot");
    assert!(matches!(&snapshot.data[1].payload, SecretPayload::MalformedDocker(_)));
    assert!(matches!(&snapshot.data[2].payload, SecretPayload::Certificate(c) if c.unreadable));
    let SecretPayload::Helm(release) = &snapshot.data[3].payload else { panic!("a release") };
    assert_eq!((release.revision, release.status.as_deref()), (Some(3), Some("failed")));
    assert_eq!(snapshot.data[3].keys[0].value.tag, None);
}

#[test]
fn of_last_applied_only_kind_size_and_tags_are_kept() {
    let applied =
        json!({"kind": "Secret", "data": {"password": b64("old")}, "stringData": {"token": "new"}}).to_string();
    let snapshot = fold(&[json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}}, "data": {"token": b64("new")}})]);
    let secret = &snapshot.data[0];
    let applied = secret.last_applied.as_ref().expect("read");
    assert_eq!(applied.keys.iter().map(|(k, _)| &**k).collect::<Vec<_>>(), ["password", "token"]);
    assert_eq!(applied.keys[1].1, secret.keys[0].value.tag);
}

/// Each place that may hold a value holds a canary of its own; none may be in what the fold made.
#[test]
fn no_value_is_in_the_debug_output_of_a_snapshot() {
    let mut count = 0;
    let mut canary = || {
        count += 1;
        format!("Canary{count}xQ7vWz")
    };
    let docker = json!({"auths": {"registry.example": {"username": "robot", "password": canary(), "auth": b64(&format!("robot:{}", canary()))}}});
    let mut spec = json!({"containers": [{"name": "c", "image": "i", "command": [canary()], "args": [canary()],
        "env": [{"name": "DB_PASSWORD", "value": canary()}, {"name": "NOTE", "value": canary()}, {"name": "USER_TOKEN", "value": canary()},
            {"name": "DATABASE_URL", "value": format!("postgres://cart:{}@db:5432/shop", canary())}]}]});
    spec["initContainers"] = spec["containers"].clone();
    let items = [
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"any": canary(),
            "kubectl.kubernetes.io/last-applied-configuration": canary(),
            "vault.hashicorp.com/agent-inject-template-db": canary()}}, "spec": spec, "status": {"containerStatuses": [
            {"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": format!("failed with {}", canary())}},
             "lastState": {"terminated": {"reason": "Error", "message": canary()}}}]}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": spec}}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "annotations": {"a": canary(),
            "kubectl.kubernetes.io/last-applied-configuration":
                json!({"kind": "Secret", "data": {"k": b64(&canary())}, "stringData": {"k2": canary()}}).to_string()}},
            "data": {"password": b64(&canary()), ".dockerconfigjson": b64(&docker.to_string()), "user": b64(&format!("{} {}", canary(), canary()))},
            "stringData": {"token": canary(), "json": json!({"k": canary()}).to_string(), "tls.key": canary(), "tls.crt": canary()}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"app.yaml": format!("password: {}", canary()),
            "db.password": canary()}, "binaryData": {"b": b64(&canary())}}),
        json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"}, "type": "Warning", "reason": "Failed",
            "message": format!("Error: {} is no password", canary()), "involvedObject": {"kind": "Pod", "name": "p"}}),
        json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"name": "x"}, "spec": {"target":
            {"template": {"data": {"a": canary()}}}}, "status": {"conditions": [{"type": "Ready", "message": canary()}]}}),
        json!({"apiVersion": "external-secrets.io/v1", "kind": "SecretStore", "metadata": {"name": "f"}, "spec": {"provider": {"fake":
            {"data": [{"key": "a", "value": canary()}]}}}}),
        json!({"apiVersion": "generators.external-secrets.io/v1alpha1", "kind": "GeneratorState", "metadata": {"name": "g"},
            "spec": {"state": {"password": canary()}, "resource": {"spec": canary()}}}),
        json!({"apiVersion": "secrets.hashicorp.com/v1beta1", "kind": "VaultStaticSecret", "metadata": {"name": "v"}, "spec":
            {"destination": {"name": "d", "transformation": {"templates": {"t": {"text": canary()}}}}}, "status": {"secretMAC": canary()}}),
    ];
    let file: Str = "f".into();
    let context = Context { file: &file, namespace: None, list_kind: None, list_api_version: None };
    let mut folder = folder();
    for item in &items {
        folder.json(item.to_string().as_bytes(), &context).unwrap_or_else(|f| panic!("{f:?}"));
    }
    let log = format!("level=error msg=\"login failed\" password={} url=postgres://a:{}@db/x\n", canary(), canary());
    let place = LogPlace { namespace: None, pod: "p".into(), container: None, previous: false };
    folder.log(place, &mut log.as_bytes()).expect("read");
    let audit = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": "1", "stage": "ResponseComplete", "verb": "create",
        "user": {"username": "u"}, "objectRef": {"resource": "secrets", "name": "s"}, "stageTimestamp": "2026-01-01T00:00:00Z",
        "requestObject": {"data": {"k": canary()}}, "responseObject": {"metadata": {"name": "s"}, "data": {"k": canary()}},
        "responseStatus": {"code": 403, "message": format!("denied: {}", canary())}});
    folder.audit_line(audit.to_string().as_bytes()).expect("read");
    let debug = format!("{folder:?}");
    let debug = format!("{debug}{:?}", Part::merge(vec![folder.finish()]));
    for number in 1..=count {
        assert!(!debug.contains(&format!("Canary{number}xQ7vWz")), "canary {number} came out");
        assert!(!debug.contains(&b64(&format!("Canary{number}xQ7vWz"))), "canary {number} came out in base64");
    }
}
