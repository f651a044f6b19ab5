//! Reads KIND/NAME as kubectl users type it, and finds it in a snapshot or says what is near.

use keytrace_core::edits::edits;
use keytrace_core::objects::{Id, Kind};
use keytrace_core::snapshot::Snapshot;

use crate::exit::Failure;

/// Finds the object that was asked for. A namespace narrows it; without one a unique name is enough.
pub fn find(snapshot: &Snapshot, asked: &str, namespace: Option<&str>) -> Result<Id, Failure> {
    let (kind, name) = asked.split_once('/').ok_or_else(|| Failure::NoSubject { asked: asked.to_owned() })?;
    let kind = kind_of(kind).ok_or_else(|| Failure::NoSubject { asked: asked.to_owned() })?;
    let known = snapshot.ids();
    let mut matching = known.iter().filter(|id| {
        id.kind == kind && &*id.name == name && namespace.is_none_or(|n| id.namespace.is_empty() || &*id.namespace == n)
    });
    match (matching.next(), matching.next()) {
        (Some(id), None) => Ok((*id).clone()),
        (Some(_), Some(_)) => Err(Failure::NoSuchObject {
            asked: format!("{asked} is in several namespaces; with -n it"),
            near: known
                .iter()
                .filter(|id| id.kind == kind && &*id.name == name)
                .map(|id| format!("-n {}", id.namespace))
                .take(3)
                .collect(),
        }),
        (None, _) => {
            let mut near: Vec<(usize, String)> = known
                .iter()
                .filter(|id| id.kind == kind || matches!(kind, Kind::Pod) && is_workload(&id.kind))
                .map(|id| (distance(&id.name, name), format!("{id} -n {}", id.namespace)))
                .filter(|(d, words)| *d <= 3.max(name.len() / 3) || words.contains(name))
                .collect();
            near.sort();
            near.dedup();
            Err(Failure::NoSuchObject {
                asked: asked.to_owned(),
                near: near.into_iter().take(3).map(|(_, w)| w).collect(),
            })
        }
    }
}

fn is_workload(kind: &Kind) -> bool {
    matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::Job | Kind::CronJob)
}

/// kubectl's short names, singulars and plurals.
fn kind_of(word: &str) -> Option<Kind> {
    let lower = word.to_ascii_lowercase();
    let lower = lower.split('.').next().unwrap_or(&lower);
    let short = match lower {
        "po" => "pods",
        "deploy" => "deployments",
        "rs" => "replicasets",
        "sts" => "statefulsets",
        "ds" => "daemonsets",
        "cj" => "cronjobs",
        "cm" => "configmaps",
        "sa" => "serviceaccounts",
        "ns" => "namespaces",
        "no" => "nodes",
        "ing" => "ingresses",
        "rc" => "replicationcontrollers",
        "es" => "externalsecrets",
        "ss" => "secretstores",
        "css" => "clustersecretstores",
        "ces" => "clusterexternalsecrets",
        "cert" => "certificates",
        other => other,
    };
    Kind::KNOWN.iter().find(|k| k.plural() == short || k.name().to_ascii_lowercase() == short).cloned()
}

/// Edit distance in characters, for near names.
pub fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|text| text.chars().take(64).collect::<Vec<char>>());
    edits(&a, &b)
}
