//! A broken cluster whose every value-bearing place holds a marked value.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub struct Planted {
    dir: PathBuf,
    values: Vec<String>,
}

/// Gives out values that look like what people use: words, tokens, URL parts, PEM bodies.
#[derive(Default)]
struct Mint(RefCell<Vec<String>>);

impl Mint {
    fn next(&self) -> String {
        let mut values = self.0.borrow_mut();
        let n = values.len();
        // Unlike any word of any output, of varying shape, and never equal in any half.
        let value = match n % 4 {
            0 => format!("kTq{n:03}zVxWp{}Rj", (n * 7919) % 10_007),
            1 => format!("hvs.CAES{n:03}Jw{}Qy", (n * 6007) % 10_007),
            2 => format!("9d{n:03}f_Zu{}-Lm", (n * 4003) % 10_007),
            _ => format!("Zq{n:03}Xy{}pWv", (n * 3001) % 10_007),
        };
        values.push(value.clone());
        value
    }

    fn b64(&self) -> String {
        STANDARD.encode(self.next())
    }
}

impl Planted {
    pub fn write(name: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("canary-{name}"));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("logs")).expect("a folder for the planted dump");
        let mint = Mint::default();
        for (file, items) in objects(&mint) {
            let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
            let text = serde_json::to_string_pretty(&list).expect("JSON");
            std::fs::write(dir.join(file), text).expect("a planted file");
        }
        std::fs::write(dir.join("manifests.yaml"), manifests(&mint)).expect("a planted file");
        std::fs::write(dir.join("logs/api-7d9f8c6b5-x2x4z_api.log"), log(&mint)).expect("a planted file");
        std::fs::write(dir.join("logs/api-7d9f8c6b5-x2x4z_api.previous.log"), log(&mint)).expect("a planted file");
        std::fs::write(dir.join("audit.jsonl"), audit(&mint)).expect("a planted file");
        Self { dir, values: mint.0.into_inner() }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn values(&self) -> &[String] {
        &self.values
    }

    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&self.dir)
            .expect("the planted folder")
            .map(|f| f.expect("an entry").path())
            .filter(|p| p.is_file())
            .collect();
        files.sort();
        files
    }
}

fn meta(name: &str, more: Value) -> Value {
    let mut meta = json!({
        "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "creationTimestamp": "2026-01-01T09:00:00Z",
        "resourceVersion": "100",
    });
    if let (Some(meta), Value::Object(more)) = (meta.as_object_mut(), more) {
        meta.extend(more);
    }
    meta
}

fn pod_spec(m: &Mint) -> Value {
    json!({
        "serviceAccountName": "api",
        "imagePullSecrets": [{"name": "regcred"}],
        "containers": [{
            "name": "api",
            "image": "registry.example.com/shop/api:1",
            "command": ["/bin/api", format!("--token={}", m.next())],
            "args": [m.next()],
            "env": [
                {"name": "DB_PASSWORD", "value": m.next()},
                {"name": "API_TOKEN", "value": m.next()},
                {"name": "DB_HOST", "value": m.next()},
                {"name": "DATABASE_URL", "value": format!("postgres://app:{}@db:5432/shop", m.next())},
                {"name": "DSN", "value": format!("host=db user=app password={}", m.next())},
                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "passwd"}}},
            ],
            "volumeMounts": [{"name": "tls", "mountPath": "/etc/tls"}],
        }],
        "volumes": [{"name": "tls", "secret": {"secretName": "web-tls"}}, {"name": "c", "configMap": {"name": "settings"}}],
    })
}

fn objects(m: &Mint) -> Vec<(&'static str, Vec<Value>)> {
    let docker = json!({"auths": {"registry.example.com": {
        "username": "robot", "password": m.next(), "auth": STANDARD.encode(format!("robot:{}", m.next())), "email": m.next(),
        "identitytoken": m.next(),
    }}, "HttpHeaders": {"X-Token": m.next()}});
    let last_applied = |m: &Mint, kind: &str| {
        json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "db"}, "data": {"password": m.b64()}, "stringData": {"x": m.next()}}).to_string()
    };
    let secrets = vec![
        json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": meta("db", json!({
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": last_applied(m, "Secret"), "note.example.com/token": m.next()},
            "labels": {"app": "api"},
        })), "data": {
            "password": m.b64(), "username": STANDARD.encode("app"), "host": STANDARD.encode("db.example.com"), "url": STANDARD.encode(format!("mysql://app:{}@db:3306/x", m.next())),
            "newline": STANDARD.encode(format!("{}\n", m.next())), "twice": STANDARD.encode(m.b64()), "empty": "",
            "json": STANDARD.encode(json!({"token": m.next()}).to_string()), "broken": format!("%%{}", m.next()),
        }, "stringData": {"plain": m.next()}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "metadata": meta("regcred", json!({})),
            "data": {".dockerconfigjson": STANDARD.encode(docker.to_string())}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "metadata": meta("regbroken", json!({})),
            "data": {".dockerconfigjson": STANDARD.encode(format!("{{\"auths\":{{\"r.example.com\":{{\"auth\":\"{}!\"}}}}}}", m.next()))}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": meta("web-tls", json!({})),
            "data": {"tls.crt": STANDARD.encode(format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", m.b64())),
                     "tls.key": STANDARD.encode(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", m.b64()))}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "metadata": meta("sh.helm.release.v1.api.v1", json!({
            "labels": {"owner": "helm", "name": "api", "status": "deployed", "version": "1"}})), "data": {"release": STANDARD.encode(m.b64())}}),
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/basic-auth", "metadata": meta("basic", json!({})),
            "data": {"username": STANDARD.encode(m.next()), "password": m.b64()}}),
        // Wrong types everywhere: parsers like to quote what they did not expect.
        json!({"apiVersion": "v1", "kind": "Secret", "type": ["x"], "metadata": meta("odd", json!({})), "data": m.next()}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta("odder", json!({"annotations": m.next()})), "data": {"k": [m.next()]}}),
    ];
    let config_maps = vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("settings", json!({"annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": last_applied(m, "ConfigMap"), "owner": m.next()}})),
            "data": {"password": m.next(), "app.yaml": format!("db:\n  password: {}\n", m.next()), "url": format!("redis://:{}@cache:6379/0", m.next()), "DB_HOST": m.next()},
            "binaryData": {"blob": m.b64()}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("odd", json!({})), "data": {"k": {"nested": m.next()}}}),
    ];
    let waiting = format!("couldn't find key passwd in Secret shop/db token={}", m.next());
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta("api-7d9f8c6b5-x2x4z", json!({
        "labels": {"pod-template-hash": "7d9f8c6b5"}, "annotations": {"vault.example.com/token": m.next()},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api-7d9f8c6b5", "uid": "u", "controller": true}]})),
        "spec": pod_spec(m), "status": {"phase": "Pending", "message": m.next(), "containerStatuses": [{"name": "api", "image": "registry.example.com/shop/api:1", "ready": false, "restartCount": 3,
            "state": {"waiting": {"reason": "CreateContainerConfigError", "message": waiting}},
            "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "message": format!("password {} refused", m.next()), "finishedAt": "2026-01-01T09:05:00Z"}}}]}});
    let template = json!({"metadata": {"annotations": {"config.example.com/secret": m.next()}}, "spec": pod_spec(m)});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("api", json!({
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": json!({"kind": "Deployment", "spec": {"template": {"spec": pod_spec(m)}}}).to_string()}})),
        "spec": {"replicas": 1, "template": template}, "status": {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": m.next()}]}});
    let event = |reason: &str, message: String| {
        json!({"apiVersion": "v1", "kind": "Event", "metadata": meta(&format!("e{reason}"), json!({})), "type": "Warning", "reason": reason, "message": message,
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "api-7d9f8c6b5-x2x4z", "uid": "uid-api-7d9f8c6b5-x2x4z", "apiVersion": "v1"},
            "firstTimestamp": "2026-01-01T09:01:00Z", "lastTimestamp": "2026-01-01T09:06:00Z", "count": 4})
    };
    let events = vec![
        event(
            "Failed",
            format!(
                "Failed to pull image \"registry.example.com/x:1\": https://robot:{}@registry.example.com/v2/: 401 Unauthorized?token={}",
                m.next(),
                m.next()
            ),
        ),
        event("FailedMount", format!("MountVolume.SetUp failed for volume \"tls\" : token {} invalid", m.next())),
        event("UpdateFailed", format!("could not update: value {}", m.next())),
    ];
    let sync = vec![
        json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": meta("db", json!({"annotations": {"x": m.next()}})),
            "spec": {"secretStoreRef": {"kind": "SecretStore", "name": "vault"}, "target": {"template": {"data": {"p": format!("{{{{ .x }}}}{}", m.next())}}}, "data": [{"secretKey": "password", "remoteRef": {"key": "shop/db"}}]},
            "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "SecretSyncedError", "message": format!("could not get secret data from provider {}", m.next())}]}}),
        json!({"apiVersion": "external-secrets.io/v1", "kind": "SecretStore", "metadata": meta("vault", json!({})),
            "spec": {"provider": {"vault": {"server": format!("https://u:{}@vault.example.com", m.next()), "caBundle": m.b64(), "auth": {"token": {"value": m.next()}}}, "webhook": {"headers": {"Authorization": m.next()}}}}}),
        json!({"apiVersion": "generators.external-secrets.io/v1alpha1", "kind": "VaultDynamicSecret", "metadata": meta("dyn", json!({})), "spec": {"parameters": {"token": m.next()}}}),
        json!({"apiVersion": "secrets.hashicorp.com/v1beta1", "kind": "VaultStaticSecret", "metadata": meta("vs", json!({})), "spec": {"x": m.next()}, "status": {"secretMAC": m.b64(), "error": m.next()}}),
        json!({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": meta("sealed", json!({})), "spec": {"encryptedData": {"p": m.b64()}}, "status": {"conditions": [{"type": "Synced", "status": "False", "message": m.next()}]}}),
    ];
    vec![
        ("secrets.json", secrets),
        ("configmaps.json", config_maps),
        ("pods.json", vec![pod]),
        ("deployments.json", vec![deployment]),
        ("events.json", events),
        ("externalsecrets.json", sync),
    ]
}

fn manifests(m: &Mint) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: from-yaml\n  namespace: shop\nstringData:\n  password: {}\n  multi: |\n    {}\n    second\n---\n\
         apiVersion: v1\nkind: Secret\nmetadata:\n  name: bad-yaml\n  namespace: shop\ndata:\n  password: [{}, &a {}]\n  x: !!binary {}\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: y, namespace: shop}}\ndata: {{k: \"{}\"}}\n",
        m.next(),
        m.next(),
        m.next(),
        m.next(),
        m.next(),
        m.next()
    )
}

fn log(m: &Mint) -> String {
    format!(
        "2026-01-01T09:04:00Z starting with token {}\n2026-01-01T09:04:01Z FATAL: password authentication failed for user \"app\" using {}\n\
         cannot parse `postgres://app:{}@db:5432/shop`: invalid port\nAuthorization: Bearer {}\nenv DB_PASSWORD={}\n",
        m.next(),
        m.next(),
        m.next(),
        m.next(),
        m.next()
    )
}

fn audit(m: &Mint) -> String {
    let line = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": "a1", "stage": "ResponseComplete", "verb": "update",
        "requestURI": format!("/api/v1/namespaces/shop/secrets/db?token={}", m.next()),
        "user": {"username": "alice", "extra": {"session": [m.next()]}},
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": "db", "apiVersion": "v1"}, "responseStatus": {"code": 422, "message": format!("Secret \"db\" is invalid: data[{}]", m.next())},
        "requestObject": {"data": {"password": m.b64()}}, "responseObject": {"data": {"password": m.b64()}},
        "requestReceivedTimestamp": "2026-01-01T09:03:00Z", "stageTimestamp": "2026-01-01T09:03:00Z"});
    format!("{line}\n{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"verb\":\"{}\n", m.next())
}
