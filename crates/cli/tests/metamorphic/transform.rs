//! Changes to a whole dump that must not change what is wrong in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::{Captures, Regex};
use serde_json::Value;

/// A dump in memory: JSON lists by file name, and text files (logs, audit lines).
#[derive(Clone)]
pub struct Dump {
    lists: BTreeMap<String, Value>,
    texts: BTreeMap<String, String>,
    yaml: bool,
}

impl Dump {
    pub fn read(dir: &Path) -> Self {
        let mut dump = Self { lists: BTreeMap::new(), texts: BTreeMap::new(), yaml: false };
        dump.add(dir, "");
        dump
    }

    fn add(&mut self, dir: &Path, prefix: &str) {
        for entry in std::fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                self.add(&path, &format!("{name}/"));
                continue;
            }
            let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
            if path.extension().is_some_and(|e| e == "json") {
                self.lists.insert(name, serde_json::from_str(&text).expect("JSON"));
            } else {
                self.texts.insert(name, text);
            }
        }
    }

    pub fn write(&self, dir: &Path) {
        let put = |name: &str, text: String| {
            let path = dir.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(dir)).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        for (name, list) in &self.lists {
            if self.yaml {
                put(&name.replace(".json", ".yaml"), serde_saphyr::to_string(list).expect("YAML"));
            } else {
                put(name, list.to_string());
            }
        }
        for (name, text) in &self.texts {
            put(name, text.clone());
        }
    }

    pub fn in_yaml(&self) -> Self {
        Self { yaml: true, ..self.clone() }
    }

    /// Takes one source of evidence away.
    pub fn without(mut self, gone: &str) -> Self {
        match gone {
            "audit" => self.texts.retain(|name, _| !name.ends_with("audit.jsonl")),
            "managedFields" => {
                for list in self.lists.values_mut() {
                    for item in list["items"].as_array_mut().into_iter().flatten() {
                        if let Some(meta) = item["metadata"].as_object_mut() {
                            meta.remove("managedFields");
                        }
                    }
                }
            }
            kind => self.lists.retain(|name, _| name != &format!("{kind}.json")),
        }
        self
    }

    /// Every string through `f`, decoded values of Secrets included.
    fn map(&self, f: &dyn Fn(&str) -> String) -> Self {
        let mut lists = self.lists.clone();
        for list in lists.values_mut() {
            for item in list["items"].as_array_mut().into_iter().flatten() {
                let secret = item["kind"] == "Secret";
                strings(item, f);
                if !secret {
                    continue;
                }
                for value in item["data"].as_object_mut().into_iter().flat_map(|d| d.values_mut()) {
                    let decoded =
                        value.as_str().and_then(|t| STANDARD.decode(t).ok()).and_then(|b| String::from_utf8(b).ok());
                    if let Some(text) = decoded {
                        *value = STANDARD.encode(docker_auth(&f(&text), f)).into();
                    }
                }
            }
        }
        let texts = self.texts.iter().map(|(name, text)| (f(name), f(text))).collect();
        Self { lists, texts, yaml: self.yaml }
    }

    /// Every name, namespace, host and image path by another one of the same shape: letters are turned by thirteen, so that
    /// near names stay near and different ones different.
    pub fn renamed(&self) -> Self {
        let mut words: BTreeSet<String> = BTreeSet::new();
        for list in self.lists.values() {
            for item in list["items"].as_array().into_iter().flatten() {
                if matches!(item["kind"].as_str(), Some("Event" | "Node" | "ClusterRole" | "ClusterRoleBinding")) {
                    continue;
                }
                words.extend(
                    [&item["metadata"]["name"], &item["metadata"]["namespace"]]
                        .into_iter()
                        .filter_map(|v| v.as_str())
                        .map(str::to_owned),
                );
                images(item, &mut words);
                references(item, &mut words);
            }
        }
        // Plain words are also ordinary words of messages and keys of objects; system names have a meaning of their own.
        words.retain(|w| {
            w != "external-secrets"
                && w.len() > 4
                && w.contains('-')
                && !w.starts_with("kube-")
                && !w.starts_with("system")
        });
        let mut words: Vec<String> = words.into_iter().collect();
        words.sort_by_key(|w| std::cmp::Reverse(w.len()));
        if words.is_empty() {
            return self.clone();
        }
        let alternatives: Vec<String> = words.iter().map(|w| regex::escape(w)).collect();
        let pattern = Regex::new(&format!(r"\b(?:{})\b", alternatives.join("|"))).expect("names make a pattern");
        let hosts = Regex::new(r"\b(?:[a-z0-9-]+\.)+(?:internal|example|io|com|net|org)\b").expect("a pattern");
        let keep = Regex::new(r"(?:k8s|kubernetes|external-secrets|hashicorp|keytrace|docker|gcr|ghcr|quay|amazonaws|googleapis|azurecr|pkg)\.").expect("a pattern");
        self.map(&move |text| {
            // An underscore ends a name (logs are called POD_CONTAINER), but is a letter to the boundaries of a pattern.
            let text = text.replace('_', "\u{1}");
            let text = pattern.replace_all(&text, |c: &Captures<'_>| turned(&c[0])).replace('\u{1}', "_");
            hosts
                .replace_all(
                    &text,
                    |c: &Captures<'_>| if keep.is_match(&c[0]) { c[0].to_owned() } else { turned_host(&c[0]) },
                )
                .into_owned()
        })
    }

    pub fn shifted(&self, seconds: i64) -> Self {
        self.retimed(&|t| t + seconds)
    }

    /// Every distance in time, from the oldest instant on, times `factor`.
    pub fn stretched(&self, factor: i64) -> Self {
        let oldest = std::cell::Cell::new(i64::MAX);
        // Only what belongs to the story: nodes and system roles are older than it.
        let story = Self {
            lists: self
                .lists
                .iter()
                .filter(|(n, _)| {
                    matches!(
                        n.as_str(),
                        "pods.json"
                            | "deployments.json"
                            | "secrets.json"
                            | "configmaps.json"
                            | "statefulsets.json"
                            | "jobs.json"
                    )
                })
                .map(|(n, l)| (n.clone(), l.clone()))
                .collect(),
            texts: BTreeMap::new(),
            yaml: false,
        };
        story.retimed(&|t| {
            oldest.set(oldest.get().min(t));
            t
        });
        let oldest = oldest.get();
        self.retimed(&|t| if t <= oldest { t } else { oldest + (t - oldest) * factor })
    }

    fn retimed(&self, f: &dyn Fn(i64) -> i64) -> Self {
        let stamp = Regex::new(r"\b(20\d\d)([-/])(\d\d)[-/](\d\d)([T ])(\d\d:\d\d:\d\d)").expect("a pattern");
        let unix = Regex::new(r"\b(1[789]\d{8})\b").expect("a pattern");
        self.map(&move |text| {
            let text = stamp.replace_all(text, |c: &Captures<'_>| {
                let iso = format!("{}-{}-{}T{}Z", &c[1], &c[3], &c[4], &c[6]);
                let Some(time) = keytrace_core::time::Time::parse(&iso) else { return c[0].to_owned() };
                let new = keytrace_core::time::Time(f(time.0)).to_string();
                format!("{}{}{}", new[..10].replace('-', &c[2]), &c[5], &new[11..19])
            });
            unix.replace_all(&text, |c: &Captures<'_>| {
                c[1].parse::<i64>().map_or_else(|_| c[0].to_owned(), |t| f(t).to_string())
            })
            .into_owned()
        })
    }
}

/// The login of a docker config stands in it twice, once in base64.
fn docker_auth(text: &str, f: &dyn Fn(&str) -> String) -> String {
    let auth = Regex::new(r#"("auth":\s*")([A-Za-z0-9+/=]+)(")"#).expect("a pattern");
    auth.replace_all(text, |c: &Captures<'_>| {
        let login = STANDARD.decode(&c[2]).ok().and_then(|b| String::from_utf8(b).ok());
        match login {
            Some(login) => format!("{}{}{}", &c[1], STANDARD.encode(f(&login)), &c[3]),
            None => c[0].to_owned(),
        }
    })
    .into_owned()
}

fn strings(value: &mut Value, f: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = f(text),
        Value::Array(list) => list.iter_mut().for_each(|v| strings(v, f)),
        Value::Object(map) => {
            // Values of Secrets are base64: they are decoded first, by the caller.
            map.iter_mut().for_each(|(_, v)| strings(v, f));
        }
        _ => {}
    }
}

fn images(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, v) in map {
                if key == "image"
                    && let Some(image) = v.as_str()
                {
                    words.extend(image.split(['/', ':', '@']).map(str::to_owned));
                }
                images(v, words);
            }
        }
        Value::Array(list) => list.iter().for_each(|v| images(v, words)),
        _ => {}
    }
}

/// Names that are asked for: of what is missing, no object bears the name.
fn references(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, v) in map {
                let name = match key.as_str() {
                    "secretName" => v,
                    "secret" | "configMap" | "secretRef" | "configMapRef" | "secretKeyRef" | "configMapKeyRef" => {
                        &v["name"]
                    }
                    _ => &Value::Null,
                };
                words.extend(name.as_str().map(str::to_owned));
                references(v, words);
            }
        }
        Value::Array(list) => list.iter().for_each(|v| references(v, words)),
        _ => {}
    }
}

fn turned(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            'a'..='z' => char::from((c as u8 - b'a' + 13) % 26 + b'a'),
            _ => c,
        })
        .collect()
}

/// The last label stays: it tells an address of the cluster from one of the world.
fn turned_host(host: &str) -> String {
    match host.rsplit_once('.') {
        Some((front, last)) => format!("{}.{last}", turned(front)),
        None => turned(host),
    }
}
