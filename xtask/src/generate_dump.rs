//! Generates a dump of a large cluster with the mix of kinds that real ones have, always the same for the same seed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

const APPS: usize = 700;
const NAMESPACES: usize = 57;
const NODES: usize = 600;
/// Out of how many apps one is broken: 4 %.
const BROKEN: usize = 25;
/// Apps of the YAML dump, which is smaller.
const YAML_APPS: usize = 140;

/// Ways in which the pods of an app are broken: reason, message, and whether the container ran.
const WAYS: [(&str, &str, bool); 13] = [
    ("CreateContainerConfigError", "secret \"APP-db\" not found", false),
    ("CreateContainerConfigError", "couldn't find key password in Secret NS/APP-db", false),
    ("CreateContainerConfigError", "configmap \"APP-config\" not found", false),
    (
        "ImagePullBackOff",
        "Back-off pulling image \"IMAGE\": ErrImagePull: failed to pull and unpack image \"IMAGE\": failed to resolve reference \"IMAGE\": failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://registry.example/token: 401 Unauthorized",
        false,
    ),
    (
        "ErrImagePull",
        "failed to pull and unpack image \"IMAGE\": failed to resolve reference \"IMAGE\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        false,
    ),
    (
        "ErrImagePull",
        "failed to pull and unpack image \"IMAGE\": failed to resolve reference \"IMAGE\": IMAGE: not found",
        false,
    ),
    (
        "ErrImagePull",
        "failed to pull and unpack image \"IMAGE\": failed to do request: Head \"https://registry.example/v2/APP/manifests/1\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
        false,
    ),
    (
        "ErrImagePull",
        "failed to pull and unpack image \"IMAGE\": unexpected status from HEAD request: 429 Too Many Requests - toomanyrequests: You have reached your pull rate limit",
        false,
    ),
    (
        "ErrImagePull",
        "failed to pull and unpack image \"IMAGE\": failed to do request: Head \"https://registry.example/v2/APP/manifests/1\": dial tcp: lookup registry.example on 10.0.0.10:53: no such host",
        false,
    ),
    ("CrashLoopBackOff", "FATAL: password authentication failed for user \"APP\"", true),
    ("CrashLoopBackOff", "panic: required environment variable DB_PASSWORD is not set", true),
    ("ContainerCreating", "MountVolume.SetUp failed for volume \"creds\" : secret \"APP-tls\" not found", false),
    (
        "InvalidImageName",
        "Failed to apply default image tag \"IMAGE:\": couldn't parse image name: invalid reference format",
        false,
    ),
];

/// Where the dumps were written.
pub struct Dumps {
    pub compact: std::path::PathBuf,
    pub pretty: std::path::PathBuf,
    pub yaml: std::path::PathBuf,
}

/// The names of the dumps in a folder.
pub fn paths(folder: &Path) -> Dumps {
    Dumps { compact: folder.join("compact.json"), pretty: folder.join("pretty.json"), yaml: folder.join("dump.yaml") }
}

/// Writes `pods` pods and all that belongs to them into `folder`: as one compact List, as kubectl indents it, and a
/// fifth of it as YAML.
pub fn run(folder: &Path, pods: usize) -> std::io::Result<Dumps> {
    std::fs::create_dir_all(folder)?;
    let dumps = paths(folder);
    let mut out = Out::new(&dumps)?;
    let mut random = Random(0x6b65_7974_7261_6365);
    out.part("Pod");
    for app in 0..APPS {
        let template = Form::new(&pod(app, &mut random));
        for number in 0..pods / APPS + usize::from(app < pods % APPS) {
            out.write(&template.with(&mut random, number), app);
        }
    }
    // The shares of the other kinds follow from the bytes of the pods, which come to at most 55 % of all.
    let percent = out.bytes / 52;
    out.part("ReplicaSet");
    let mut sets = vec![Vec::new(); APPS];
    fill(&mut out, percent * 15, |round, app| {
        let form: &mut Vec<Form> = &mut sets[app];
        if form.is_empty() {
            form.push(Form::new(&replica_set(app, &mut Random(app as u64))));
        }
        form[0].with(&mut Random((round * APPS + app) as u64), round)
    });
    out.part("Secret");
    fill(&mut out, percent * 10, |round, app| Form::new(&secret(app, round)).with(&mut Random(app as u64), round));
    out.part("Event");
    fill(&mut out, percent * 10, |round, app| {
        Form::new(&event(app, round)).with(&mut Random((round * APPS + app) as u64), round)
    });
    out.part("ConfigMap");
    fill(&mut out, percent * 5, |round, app| Form::new(&config_map(app, round)).with(&mut Random(app as u64), round));
    out.part("others");
    for app in 0..NODES {
        out.write(&Form::new(&node(app)).with(&mut random, app), app);
    }
    for namespace in 0..NAMESPACES {
        let name = namespace_of(namespace);
        let value = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": meta("", &name), "status": {"phase": "Active"}});
        out.write(&Form::new(&value).with(&mut random, 0), 0);
    }
    for app in 0..APPS {
        for value in small(app) {
            out.write(&Form::new(&value).with(&mut random, 0), app);
        }
    }
    out.finish()?;
    Ok(dumps)
}

/// Calls `object` for one app after the other until so many bytes are written.
fn fill(out: &mut Out, bytes: u64, mut object: impl FnMut(usize, usize) -> Form) {
    let end = out.bytes + bytes;
    for round in 0.. {
        for app in 0..APPS {
            if out.bytes >= end {
                return;
            }
            out.write(&object(round, app), app);
        }
    }
}

/// Steele, Lea and Flood's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b"bcdfghjklmnpqrstvwxz2456789"[self.below(27)])).collect()
    }
}

/// One object in the three forms, with marks where objects of one template differ.
#[derive(Clone)]
struct Form {
    compact: String,
    pretty: String,
    yaml: String,
}

impl Form {
    fn new(value: &Value) -> Self {
        let mut pretty = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        serde::Serialize::serialize(value, &mut serde_json::Serializer::with_formatter(&mut pretty, formatter))
            .expect("it is written to memory");
        let pretty = String::from_utf8(pretty).expect("JSON is UTF-8");
        let mut text = String::new();
        yaml(value, 2, &mut text);
        Self { compact: value.to_string(), pretty: pretty.replace('\n', "\n        "), yaml: text }
    }

    fn with(&self, random: &mut Random, number: usize) -> Self {
        let end = random.letters(5);
        let uid = format!("{:016x}-{:016x}", random.next(), random.next());
        let node = format!("node-{}", random.below(NODES));
        let time = format!(
            "2026-11-{:02}T{:02}:{:02}:{:02}Z",
            1 + random.below(20),
            random.below(24),
            random.below(60),
            random.below(60)
        );
        let number = number.to_string();
        let set = |text: &str| {
            text.replace("@END@", &end)
                .replace("@UID@", &uid)
                .replace("@NODE@", &node)
                .replace("@TIME@", &time)
                .replace("@NUMBER@", &number)
        };
        Self { compact: set(&self.compact), pretty: set(&self.pretty), yaml: set(&self.yaml) }
    }
}

/// Writes block style as kubectl does.
fn yaml(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (i, (key, value)) in map.iter().enumerate() {
                if i > 0 {
                    out.push_str(&pad);
                }
                let plain =
                    key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:".contains(&b)) && !key.ends_with(':');
                out.push_str(&if plain || key.starts_with("k:") {
                    key.clone()
                } else {
                    Value::from(key.as_str()).to_string()
                });
                out.push(':');
                match value {
                    Value::Object(map) if !map.is_empty() => {
                        out.push('\n');
                        out.push_str(&pad);
                        out.push_str("  ");
                        yaml(value, indent + 2, out);
                    }
                    Value::Array(list) if !list.is_empty() => {
                        out.push('\n');
                        out.push_str(&pad);
                        yaml(value, indent, out);
                    }
                    Value::String(text) if text.contains('\n') => {
                        out.push_str(if text.ends_with('\n') { " |" } else { " |-" });
                        for line in text.lines() {
                            out.push('\n');
                            out.push_str(&pad);
                            out.push_str("  ");
                            out.push_str(line);
                        }
                        out.push('\n');
                    }
                    Value::String(text)
                        if text.bytes().all(|b| b.is_ascii_alphabetic() || b"-/.".contains(&b)) && text.len() > 5 =>
                    {
                        out.push(' ');
                        out.push_str(text);
                        out.push('\n');
                    }
                    _ => {
                        out.push(' ');
                        out.push_str(&value.to_string());
                        out.push('\n');
                    }
                }
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (i, value) in list.iter().enumerate() {
                if i > 0 {
                    out.push_str(&pad);
                }
                out.push_str("- ");
                yaml(value, indent + 2, out);
            }
        }
        _ => {
            out.push_str(&value.to_string());
            out.push('\n');
        }
    }
}

/// The three files.
struct Out {
    compact: BufWriter<File>,
    pretty: BufWriter<File>,
    yaml: BufWriter<File>,
    bytes: u64,
    objects: u64,
    failure: Option<std::io::Error>,
    shares: Vec<(&'static str, u64)>,
}

impl Out {
    fn new(dumps: &Dumps) -> std::io::Result<Self> {
        let open = |path: &Path| File::create(path).map(|file| BufWriter::with_capacity(1 << 20, file));
        let mut out = Self {
            compact: open(&dumps.compact)?,
            pretty: open(&dumps.pretty)?,
            yaml: open(&dumps.yaml)?,
            bytes: 0,
            objects: 0,
            failure: None,
            shares: Vec::new(),
        };
        out.compact.write_all(br#"{"apiVersion":"v1","items":["#)?;
        out.pretty.write_all(b"{\n    \"apiVersion\": \"v1\",\n    \"items\": [")?;
        out.yaml.write_all(b"apiVersion: v1\nitems:\n")?;
        Ok(out)
    }

    fn part(&mut self, name: &'static str) {
        self.shares.push((name, self.bytes));
    }

    fn write(&mut self, form: &Form, app: usize) {
        let comma = if self.objects == 0 { "" } else { "," };
        let result = write!(self.compact, "{comma}{}", form.compact)
            .and_then(|()| write!(self.pretty, "{comma}\n        {}", form.pretty))
            .and_then(|()| if app < YAML_APPS { write!(self.yaml, "- {}", form.yaml) } else { Ok(()) });
        self.failure = self.failure.take().or(result.err());
        self.bytes += form.compact.len() as u64 + 1;
        self.objects += 1;
    }

    fn finish(mut self) -> std::io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.compact.write_all(br#"],"kind":"List","metadata":{"resourceVersion":""}}"#)?;
        self.pretty.write_all(
            b"\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n",
        )?;
        self.yaml.write_all(b"kind: List\nmetadata:\n  resourceVersion: \"\"\n")?;
        let ends = self.shares.iter().skip(1).map(|(_, start)| *start).chain([self.bytes]);
        for ((name, start), end) in self.shares.iter().zip(ends) {
            println!("  {name:<12} {:>4.1} %", (end - start) as f64 * 100.0 / self.bytes as f64);
        }
        self.compact.flush()?;
        self.pretty.flush()?;
        self.yaml.flush()
    }
}

fn namespace_of(app: usize) -> String {
    format!("team-{}", app % NAMESPACES)
}

fn image_of(app: usize) -> String {
    format!("registry.example/shop/app-{app}:1.{}.0", app % 17)
}

fn meta(namespace: &str, name: &str) -> Value {
    let mut meta = json!({
        "creationTimestamp": "@TIME@", "name": name, "resourceVersion": format!("8{:05}", name.len() * 37),
        "uid": "@UID@",
    });
    if !namespace.is_empty() {
        meta["namespace"] = namespace.into();
    }
    meta
}

/// Field ownership of a whole value, as server-side apply writes it.
fn fields(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut tree: Map<String, Value> =
                map.iter().map(|(key, value)| (format!("f:{key}"), fields(value))).collect();
            tree.insert(".".to_owned(), json!({}));
            tree.into()
        }
        Value::Array(list) if list.iter().all(|v| v.get("name").or(v.get("type")).is_some()) => {
            let key = |v: &Value| {
                let by = if v.get("name").is_some() { "name" } else { "type" };
                format!("k:{}", json!({ by: v[by] }))
            };
            list.iter().map(|value| (key(value), fields(value))).collect::<Map<_, _>>().into()
        }
        _ => json!({}),
    }
}

fn managed(manager: &str, subresource: Option<&str>, value: &Value) -> Value {
    let mut entry = json!({
        "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields(value), "manager": manager,
        "operation": "Update", "time": "@TIME@",
    });
    if let Some(subresource) = subresource {
        entry["subresource"] = subresource.into();
    }
    entry
}

fn template(app: usize, random: &mut Random) -> Value {
    let name = format!("app-{app}");
    let containers: Vec<Value> = (0..=app % 3)
        .map(|i| {
            let env: Vec<Value> = (0..6 + random.below(8))
                .map(|n| match n % 4 {
                    0 => json!({"name": format!("PLAIN_{n}"), "value": format!("a \"quoted\" value {}", random.letters(12))}),
                    1 => json!({"name": format!("FIELD_{n}"), "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}}),
                    _ => json!({"name": format!("SECRET_{n}"), "valueFrom": {"secretKeyRef": {"key": "password", "name": format!("{name}-db")}}}),
                })
                .collect();
            json!({
                "env": env,
                "envFrom": [{"configMapRef": {"name": format!("{name}-config")}}],
                "image": image_of(app),
                "imagePullPolicy": "IfNotPresent",
                "livenessProbe": {"failureThreshold": 3, "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1},
                "name": if i == 0 { "web".to_owned() } else { format!("side-{i}") },
                "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
                "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": true, "runAsNonRoot": true},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
                "volumeMounts": [{"mountPath": "/creds", "name": "creds", "readOnly": true}, {"mountPath": "/config", "name": "config"}, {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "kube-api-access-xxxxx", "readOnly": true}],
            })
        })
        .collect();
    json!({
        "containers": containers,
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": true,
        "imagePullSecrets": [{"name": format!("pull-{}", app % 7)}],
        "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {"fsGroup": 2000, "runAsUser": 1000},
        "serviceAccountName": name,
        "terminationGracePeriodSeconds": 30,
        "tolerations": [{"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}, {"effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300}],
        "volumes": [
            {"name": "creds", "secret": {"defaultMode": 420, "secretName": format!("{name}-tls")}},
            {"configMap": {"defaultMode": 420, "name": format!("{name}-config")}, "name": "config"},
            {"emptyDir": {}, "name": "scratch"},
            {"name": "kube-api-access-xxxxx", "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}, {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}}, {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}}]}},
        ],
    })
}

/// The way in which an app is broken.
fn way(app: usize) -> Option<(&'static str, String, bool)> {
    if app % BROKEN != 3 {
        return None;
    }
    let (reason, message, ran) = WAYS[app / BROKEN % WAYS.len()];
    let message = message
        .replace("IMAGE", &image_of(app))
        .replace("APP", &format!("app-{app}"))
        .replace("NS", &namespace_of(app));
    Some((reason, message, ran))
}

fn pod(app: usize, random: &mut Random) -> Value {
    let name = format!("app-{app}-7d9f8b6c5d-@END@");
    let namespace = namespace_of(app);
    let mut spec = template(app, random);
    spec["nodeName"] = "@NODE@".into();
    let broken = way(app);
    let condition = |kind: &str, status: bool| json!({"lastProbeTime": null, "lastTransitionTime": "@TIME@", "observedGeneration": 1, "status": if status { "True" } else { "False" }, "type": kind});
    let ready = broken.is_none();
    let statuses: Vec<Value> = spec["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|container| {
            let running = json!({"running": {"startedAt": "@TIME@"}});
            let mut status = json!({
                "containerID": "containerd://5f0c6b1c9c0f4d1b8e2a7d3c6b5a49382716051423324150617283940a1b2c3d",
                "image": image_of(app),
                "imageID": format!("registry.example/shop/app-{app}@sha256:{:064x}", app * 7919),
                "lastState": {}, "name": container["name"], "ready": ready, "restartCount": 0, "started": ready,
                "state": running,
            });
            if let Some((reason, message, ran)) = &broken {
                status["state"] = json!({"waiting": {"message": if *ran { "back-off 5m0s restarting failed container" } else { message }, "reason": reason}});
                if *ran {
                    status["restartCount"] = 7.into();
                    status["lastState"] = json!({"terminated": {"exitCode": 1, "finishedAt": "@TIME@", "message": message, "reason": "Error", "startedAt": "@TIME@"}});
                }
            }
            status
        })
        .collect();
    let status = json!({
        "conditions": [condition("PodReadyToStartContainers", true), condition("Initialized", true), condition("Ready", ready), condition("ContainersReady", ready), condition("PodScheduled", true)],
        "containerStatuses": statuses, "hostIP": "10.1.2.3", "phase": if ready { "Running" } else { "Pending" },
        "podIP": "10.2.3.4", "podIPs": [{"ip": "10.2.3.4"}], "qosClass": "Burstable", "startTime": "@TIME@",
    });
    let mut metadata = meta(&namespace, &name);
    metadata["generateName"] = format!("app-{app}-7d9f8b6c5d-").into();
    metadata["labels"] = json!({"app.kubernetes.io/name": format!("app-{app}"), "app.kubernetes.io/instance": format!("app-{app}"), "pod-template-hash": "7d9f8b6c5d", "team": namespace});
    metadata["annotations"] = json!({"checksum/config": format!("{:064x}", app * 104_729), "prometheus.io/scrape": "true", "prometheus.io/port": "8080"});
    metadata["ownerReferences"] = json!([{"apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true, "kind": "ReplicaSet", "name": format!("app-{app}-7d9f8b6c5d"), "uid": format!("{app:032x}")}]);
    let owned = json!({"metadata": {"annotations": metadata["annotations"], "labels": metadata["labels"], "ownerReferences": {}}, "spec": spec});
    metadata["managedFields"] = json!([
        managed("kube-controller-manager", None, &owned),
        managed("kubelet", Some("status"), &json!({"status": status}))
    ]);
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status})
}

fn replica_set(app: usize, random: &mut Random) -> Value {
    let namespace = namespace_of(app);
    let mut metadata = meta(&namespace, &format!("app-{app}-7d9f8b6c5d@NUMBER@"));
    metadata["annotations"] = json!({"deployment.kubernetes.io/desired-replicas": "3", "deployment.kubernetes.io/max-replicas": "4", "deployment.kubernetes.io/revision": "@NUMBER@"});
    metadata["labels"] =
        json!({"app.kubernetes.io/name": format!("app-{app}"), "pod-template-hash": "7d9f8b6c5d@NUMBER@"});
    metadata["ownerReferences"] = json!([{"apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true, "kind": "Deployment", "name": format!("app-{app}"), "uid": format!("{app:032x}")}]);
    let spec = json!({"replicas": 0, "selector": {"matchLabels": metadata["labels"]}, "template": {"metadata": {"labels": metadata["labels"]}, "spec": template(app, random)}});
    metadata["managedFields"] = json!([managed(
        "kube-controller-manager",
        None,
        &json!({"metadata": {"annotations": metadata["annotations"], "labels": metadata["labels"]}, "spec": spec})
    )]);
    json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec, "status": {"observedGeneration": 1, "replicas": 0}})
}

/// Every other round a release of Helm, as large as they are; else a credential.
fn secret(app: usize, round: usize) -> Value {
    let namespace = namespace_of(app);
    if round % 2 == 1 {
        let mut random = Random((app + round) as u64);
        let name = format!("sh.helm.release.v1.app-{app}.v{round}");
        let documents: Vec<String> = (0..400)
            .map(|n| format!("---\n# Source: app/templates/{n}.yaml\nkey-{n}: {}\n", random.letters(40)))
            .collect();
        let manifest = documents.concat();
        let release = json!({"name": format!("app-{app}"), "namespace": namespace, "version": round, "info": {"status": "deployed", "first_deployed": "2026-11-01T10:00:00Z", "last_deployed": "2026-11-01T10:00:00Z"}, "chart": {"metadata": {"name": "app", "version": "1.0.0"}}, "config": {}, "manifest": manifest});
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let packed = gzip
            .write_all(release.to_string().as_bytes())
            .and_then(|()| gzip.finish())
            .expect("it is written to memory");
        let data = json!({"release": BASE64.encode(BASE64.encode(packed))});
        let mut metadata = meta(&namespace, &name);
        metadata["labels"] =
            json!({"name": format!("app-{app}"), "owner": "helm", "status": "deployed", "version": round.to_string()});
        metadata["managedFields"] = json!([managed("helm", None, &json!({"data": data, "type": "x"}))]);
        return json!({"apiVersion": "v1", "data": data, "kind": "Secret", "metadata": metadata, "type": "helm.sh/release.v1"});
    }
    let data = json!({"password": BASE64.encode(format!("secret-{app}-{round}")), "username": BASE64.encode(format!("app-{app}")), "url": BASE64.encode(format!("postgres://app-{app}:secret-{app}@db-{app}.example:5432/app"))});
    let mut metadata =
        meta(&namespace, &if round == 0 { format!("app-{app}-db") } else { format!("app-{app}-db-{round}") });
    metadata["managedFields"] = json!([managed("externalsecrets", None, &json!({"data": data, "type": "x"}))]);
    json!({"apiVersion": "v1", "data": data, "kind": "Secret", "metadata": metadata, "type": "Opaque"})
}

fn event(app: usize, round: usize) -> Value {
    let namespace = namespace_of(app);
    let mut metadata = meta(&namespace, &format!("app-{app}-7d9f8b6c5d-@END@.{round}"));
    metadata["managedFields"] = json!([managed(
        "kubelet",
        None,
        &json!({"count": 1, "firstTimestamp": "", "involvedObject": {}, "lastTimestamp": "", "message": "", "reason": "", "source": {"component": ""}, "type": ""})
    )]);
    let (reason, message, kind) = match way(app) {
        Some((_, message, false)) => {
            ("Failed", format!("Failed to pull image \"{}\": {message}", image_of(app)), "Warning")
        }
        Some((_, _, true)) => ("BackOff", "Back-off restarting failed container web in pod".to_owned(), "Warning"),
        None => ("Pulled", format!("Container image \"{}\" already present on machine", image_of(app)), "Normal"),
    };
    json!({
        "apiVersion": "v1", "count": 1 + round % 5, "eventTime": null, "firstTimestamp": "@TIME@",
        "involvedObject": {"apiVersion": "v1", "fieldPath": "spec.containers{web}", "kind": "Pod", "name": format!("app-{app}-7d9f8b6c5d-@END@"), "namespace": namespace, "resourceVersion": "812345", "uid": "@UID@"},
        "kind": "Event", "lastTimestamp": "@TIME@", "message": message, "metadata": metadata, "reason": reason,
        "reportingComponent": "kubelet", "reportingInstance": "@NODE@", "source": {"component": "kubelet", "host": "@NODE@"}, "type": kind,
    })
}

fn config_map(app: usize, round: usize) -> Value {
    let mut random = Random((app * 31 + round) as u64);
    let lines: Vec<String> = (0..60).map(|n| format!("option.{n} = {}\n", random.letters(60))).collect();
    let text = lines.concat();
    let data = json!({"application.properties": text, "LOG_LEVEL": "info"});
    let mut metadata = meta(
        &namespace_of(app),
        &if round == 0 { format!("app-{app}-config") } else { format!("app-{app}-config-{round}") },
    );
    metadata["managedFields"] = json!([managed("argocd-controller", None, &json!({"data": data}))]);
    json!({"apiVersion": "v1", "data": data, "kind": "ConfigMap", "metadata": metadata})
}

fn node(number: usize) -> Value {
    let images: Vec<Value> = (0..50)
        .map(|i| {
            let app = (number * 13 + i * 7) % APPS;
            json!({"names": [format!("registry.example/shop/app-{app}@sha256:{:064x}", app * 7919), image_of(app)], "sizeBytes": 104_857_600 + i})
        })
        .collect();
    let mut metadata = meta("", &format!("node-{number}"));
    metadata["labels"] = json!({"kubernetes.io/arch": "amd64", "kubernetes.io/hostname": format!("node-{number}")});
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {"podCIDR": "10.2.0.0/24"},
        "status": {
            "conditions": [{"lastHeartbeatTime": "2026-11-20T23:59:59Z", "lastTransitionTime": "@TIME@", "message": "kubelet is posting ready status", "reason": "KubeletReady", "status": "True", "type": "Ready"}],
            "images": images,
            "nodeInfo": {"architecture": "amd64", "containerRuntimeVersion": "containerd://2.4.2", "kubeletVersion": "v1.36.3"},
        },
    })
}

/// What each app has one of.
fn small(app: usize) -> Vec<Value> {
    let namespace = namespace_of(app);
    let name = format!("app-{app}");
    let mut random = Random(app as u64);
    let mut deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(&namespace, &name),
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app.kubernetes.io/name": name}}, "template": {"metadata": {"labels": {"app.kubernetes.io/name": name}}, "spec": template(app, &mut random)}},
        "status": {"availableReplicas": 3, "readyReplicas": 3, "replicas": 3, "updatedReplicas": 3},
    });
    let owned = json!({"metadata": {"labels": {}}, "spec": deployment["spec"]});
    deployment["metadata"]["managedFields"] = json!([managed("argocd-controller", None, &owned)]);
    vec![
        deployment,
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta(&namespace, &name), "imagePullSecrets": [{"name": format!("pull-{}", app % 7)}]}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta(&namespace, &name), "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta(&namespace, &name), "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}, "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}]}),
        json!({
            "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": meta(&namespace, &format!("{name}-db")),
            "spec": {"data": [{"remoteRef": {"key": format!("apps/{name}"), "property": "password"}, "secretKey": "password"}], "refreshInterval": "1h0m0s", "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"}, "target": {"creationPolicy": "Owner", "name": format!("{name}-db")}},
            "status": {"binding": {"name": format!("{name}-db")}, "conditions": [{"lastTransitionTime": "@TIME@", "message": "secret synced", "reason": "SecretSynced", "status": "True", "type": "Ready"}], "refreshTime": "@TIME@", "syncedResourceVersion": "1-abc"},
        }),
    ]
}
