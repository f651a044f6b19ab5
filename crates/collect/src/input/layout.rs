//! What the name of a file in a dump says: a kind, a namespace, whose log it is.

use keytrace_core::coverage::Unseen;
use keytrace_core::objects::{Kind, Str};
use keytrace_core::time::Time;

use crate::wire::LogPlace;

/// What is known of a file before it is opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The file is named for this kind.
    pub kind: Option<Kind>,
    /// The folder holds one file for each object of this kind.
    pub member_of: Option<Kind>,
    /// The layout puts everything in here into this namespace.
    pub namespace: Option<Str>,
    /// If its text is no Kubernetes object, it is this log.
    pub log: Option<LogPlace>,
    pub role: Role,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Content,
    /// `<area>-errors.json` of a support bundle: why `kind` was not collected.
    Errors,
    /// `timestamp` of a must-gather.
    Stamp,
    /// Nothing in it is about the cluster's objects.
    Unrelated,
    /// A report of a kind that is not read yet.
    Sos,
    Velero,
}

/// Reads the path of a file, with `/` between its parts, as far as it is known.
pub(super) fn place(path: &str) -> Place {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let Some((file, folders)) = parts.split_last() else { return Place::default() };
    let (stem, extension) = stem(file);
    let mut place = Place::default();
    if folders.contains(&"sos_commands") {
        place.role = Role::Sos;
        return place;
    }
    if folders.windows(3).any(|w| w[0] == "resources" && (w[2] == "namespaces" || w[2] == "cluster"))
        || *file == "velero-backup.json"
    {
        place.role = Role::Velero;
        return place;
    }
    if folders.iter().any(|f| matches!(*f, "host_service_logs" | "auth-cani-list" | "image-pull-secrets")) {
        place.role = Role::Unrelated;
        return place;
    }
    if *file == "timestamp" {
        place.role = Role::Stamp;
        return place;
    }
    if matches!(extension, "log" | "txt" | "") {
        place.log = log(stem, extension, folders);
        return place;
    }
    if let Some(area) = stem.strip_suffix("-errors").filter(|_| extension == "json") {
        place.role = Role::Errors;
        place.kind = kind(area);
        return place;
    }
    bundle(&mut place, stem, folders);
    if place.kind.is_none() && place.member_of.is_none() {
        place.kind = kind(stem);
    }
    place
}

/// Layouts that name the namespace in the path.
fn bundle(place: &mut Place, stem: &str, folders: &[&str]) {
    // must-gather: namespaces/NS/GROUP/RESOURCE.yaml and namespaces/NS/GROUP/RESOURCE/NAME.yaml
    if let Some(at) = folders.iter().position(|f| *f == "namespaces")
        && let [namespace, _group, below @ ..] = &folders[at + 1..]
    {
        place.namespace = Some((*namespace).into());
        if let [resource] = below {
            place.member_of = kind(resource);
        }
        return;
    }
    // must-gather: cluster-scoped-resources/GROUP/RESOURCE/NAME.yaml
    if let [.., "cluster-scoped-resources", _group, resource] = folders {
        place.member_of = kind(resource);
        return;
    }
    // Support bundle: cluster-resources/KIND/NS.json, cluster-resources/custom-resources/CRD/NS.json
    let area = match folders {
        [.., "cluster-resources", "custom-resources", area] | [.., "cluster-resources", area] => *area,
        _ => return,
    };
    if area != "custom-resources" {
        place.kind = kind(area);
        place.namespace = Some(stem.into());
    }
}

/// Whose log a file is.
fn log(stem: &str, extension: &str, folders: &[&str]) -> Option<LogPlace> {
    let last = |n: usize| folders.len().checked_sub(n).map(|i| folders[i]);
    let place = |namespace: Option<&str>, pod: &str, container: Option<&str>, previous| {
        Some(LogPlace {
            namespace: namespace.map(Into::into),
            pod: pod.into(),
            container: container.map(Into::into),
            previous,
        })
    };
    // must-gather: namespaces/NS/pods/POD/CONTAINER/CONTAINER/logs/current.log
    if let [.., "namespaces", namespace, "pods", pod, container, _, "logs"] = folders {
        return place(Some(namespace), pod, Some(container), stem.starts_with("previous"));
    }
    // cluster-info dump: NS/POD/logs.txt
    if stem == "logs" && extension == "txt" {
        return place(last(2), last(1)?, None, false);
    }
    if extension != "log" {
        return None;
    }
    let (stem, previous) = match stem.strip_suffix(".previous").or_else(|| stem.strip_suffix("-previous")) {
        Some(stem) => (stem, true),
        None => (stem, false),
    };
    // Support bundle: pods/logs/NS/POD/CONTAINER.log
    if let [.., "pods", "logs", namespace, pod] = folders {
        return place(Some(namespace), pod, Some(stem), previous);
    }
    // A node's /var/log/pods: NS_POD_UID/CONTAINER/0.log
    if let Some(folder) = last(2)
        && let [namespace, pod, _uid] = folder.split('_').collect::<Vec<_>>()[..]
        && stem.bytes().all(|b| b.is_ascii_digit())
    {
        return place(Some(namespace), pod, last(1), previous);
    }
    match stem.split('_').collect::<Vec<_>>()[..] {
        // A node's /var/log/containers: POD_NS_CONTAINER-ID.log
        [pod, namespace, rest] if runtime_id(rest).is_some() => place(Some(namespace), pod, runtime_id(rest), previous),
        [namespace, pod, container] => place(Some(namespace), pod, Some(container), previous),
        [pod, container] => place(None, pod, Some(container), previous),
        [container] => match last(1) {
            // A log collector of a support bundle: NAME/POD/CONTAINER.log
            Some(pod) if looks_like_pod(pod) => place(None, pod, Some(container), previous),
            _ => place(None, container, None, previous),
        },
        _ => None,
    }
}

/// `CONTAINER` of `CONTAINER-ID`, where the ID is 64 hexadecimal digits.
fn runtime_id(text: &str) -> Option<&str> {
    let (container, id) = text.rsplit_once('-')?;
    (id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(container)
}

/// Whether a name ends as those that a ReplicaSet, DaemonSet or Job generates.
fn looks_like_pod(name: &str) -> bool {
    // The alphabet of k8s.io/apimachinery/pkg/util/rand: no vowels and no digits that read like them.
    let generated = |b: u8| b"bcdfghjklmnpqrstvwxz2456789".contains(&b);
    name.rsplit_once('-').is_some_and(|(_, end)| end.len() == 5 && end.bytes().all(generated))
}

/// The time in the `timestamp` file of a must-gather: its last line, `2026-11-22 05:24:54.1 +0000 UTC m=+0.01`.
pub(super) fn stamp(content: &str) -> Option<Time> {
    content.lines().rev().find_map(|line| {
        let mut words = line.split_whitespace();
        let (date, time, zone) = (words.next()?, words.next()?, words.next()?);
        let (hours, minutes) = (zone.get(..3)?, zone.get(3..)?);
        Time::parse(&format!("{date}T{time}{hours}:{minutes}"))
    })
}

/// The time in the name of a support bundle's folder, `support-bundle-2026-11-22T05_24_54`, by the clock of the machine
/// that made it (replicatedhq/troubleshoot cmd/troubleshoot/cli/run.go); its time zone is not said.
pub(super) fn bundle_stamp(path: &str) -> Option<Time> {
    let time = path.split('/').find_map(|part| part.strip_prefix("support-bundle-"))?;
    Time::parse(&format!("{}Z", time.get(..19)?.replace('_', ":")))
}

/// What `<area>-errors.json` says: a map from namespaces to errors, or a list of errors. The empty namespace stands for
/// all.
pub(super) fn refusals(content: &str) -> Vec<(Str, Unseen)> {
    use serde_json::Value;
    let why = |text: &str| {
        let text = text.to_ascii_lowercase();
        if ["forbidden", "unauthorized"].iter().any(|w| text.contains(w)) {
            Unseen::Forbidden
        } else if ["timed out", "timeout", "deadline exceeded"].iter().any(|w| text.contains(w)) {
            Unseen::TimedOut
        } else {
            Unseen::NotCollected
        }
    };
    let namespace = |text: &str| -> Str {
        let named = text.split_once("in the namespace \"").and_then(|(_, rest)| rest.split_once('"'));
        named.map_or("", |(namespace, _)| namespace).into()
    };
    match serde_json::from_str(content) {
        Ok(Value::Object(map)) => {
            map.iter().map(|(key, error)| (key.as_str().into(), why(error.as_str().unwrap_or_default()))).collect()
        }
        Ok(Value::Array(errors)) => {
            errors.iter().filter_map(Value::as_str).map(|error| (namespace(error), why(error))).collect()
        }
        _ => Vec::new(),
    }
}

/// Name without its extension, and the extension without the one of a compression.
fn stem(file: &str) -> (&str, &str) {
    let file = file.strip_suffix(".gz").unwrap_or(file);
    match file.rsplit_once('.') {
        Some((stem, extension @ ("json" | "yaml" | "yml" | "log" | "txt" | "jsonl" | "tar" | "tgz"))) => {
            (stem, extension)
        }
        _ => (file, ""),
    }
}

/// The kind that a file or folder is named for: a plural with or without group, a short name of kubectl, or the name
/// that a bundle gives to its area.
pub(super) fn kind(name: &str) -> Option<Kind> {
    let (plural, group) = name.split_once('.').unwrap_or((name, ""));
    let plural = plural.replace(['-', '_'], "").to_ascii_lowercase();
    let found = Kind::from_plural(&plural).or_else(|| {
        let full = match plural.as_str() {
            "po" => "pods",
            "cm" => "configmaps",
            "sa" => "serviceaccounts",
            "ev" => "events",
            "svc" => "services",
            "quota" | "resourcequota" => "resourcequotas",
            "rc" => "replicationcontrollers",
            "pvc" | "pvcs" => "persistentvolumeclaims",
            "pv" | "pvs" => "persistentvolumes",
            "no" => "nodes",
            "ns" => "namespaces",
            "deploy" => "deployments",
            "rs" => "replicasets",
            "sts" => "statefulsets",
            "ds" => "daemonsets",
            "cj" => "cronjobs",
            "ing" | "ingress" => "ingresses",
            "csr" => "certificatesigningrequests",
            "crd" | "crds" => "customresourcedefinitions",
            "es" => "externalsecrets",
            "ces" => "clusterexternalsecrets",
            "ss" => "secretstores",
            "css" => "clustersecretstores",
            "cert" | "certs" => "certificates",
            _ => return Kind::KNOWN.iter().find(|k| k.name().eq_ignore_ascii_case(&plural)).cloned(),
        };
        Kind::from_plural(full)
    })?;
    (group.is_empty() || found.group().is_empty() || found.group() == group).then_some(found)
}
