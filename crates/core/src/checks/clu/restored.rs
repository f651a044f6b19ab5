//! CLU-08: a restore from a backup brought old Secrets back, and the backends have moved on.

use std::collections::BTreeMap;

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind, Via};
use crate::plan::{Plan, Step};
use crate::symptoms::{Class, Symptom};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::is_refusal;

pub static CARD: Card = Card {
    code: "CLU-08",
    slug: "restored",
    title: "A restore brought old Secrets back",
    link: Link::Cluster,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "SRC-08", decided_by: "whether the Secret was restored, or only the backend changed" },
        Neighbour { code: "OBJ-08", decided_by: "whether a restore or a person wrote the value" },
        Neighbour { code: "ROT-13", decided_by: "whether a restore or an apply of an old file wrote the value" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("restored/explain.md"),
    judge,
};

/// Set by Velero on every object that it restores (velero-io/velero, `pkg/apis/velero/v1/labels_annotations.go`).
const RESTORE: &str = "velero.io/restore-name";

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut by_restore: BTreeMap<(String, Id), (Vec<&Symptom>, &DataObject)> = BTreeMap::new();
    for symptom in view.symptoms() {
        tell_unseen(view, symptom, out);
        for secret in refused_secrets(view, symptom) {
            let Some(restore) = secret.meta.label(RESTORE) else { continue };
            let written = secret.meta.created;
            if written.zip(symptom.onset).is_some_and(|(written, onset)| written > onset) {
                continue;
            }
            by_restore.entry((restore.to_owned(), secret.id.clone())).or_insert((Vec::new(), secret)).0.push(symptom);
        }
    }
    for ((restore, secret), (symptoms, object)) in by_restore {
        out.violated(finding(&restore, &secret, &symptoms, object));
    }
}

/// Secrets whose content was refused: what the container logs in with, or the pull secrets that were sent.
fn refused_secrets<'v>(view: &'v View<'_>, symptom: &Symptom) -> Vec<&'v DataObject> {
    if symptom.class == Class::Pull && symptom.has(Signal::PullUnauthorizedSent) {
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { return Vec::new() };
        return pod.spec.pull_secrets.iter().filter_map(|name| view.secret(&pod.id.namespace, name).seen()).collect();
    }
    let used = view.refused_credentials().iter().find(|u| u.symptom == symptom.ix);
    used.into_iter().flat_map(|u| &u.keys).filter_map(|k| k.object).filter(|o| o.id.kind == Kind::Secret).collect()
}

/// Without its Secrets it cannot be told whether a refused workload holds what a restore brought back.
fn tell_unseen(view: &View<'_>, symptom: &Symptom, out: &mut Verdicts) {
    if symptom.signal(is_refusal).is_none() {
        return;
    }
    let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { return };
    for (reference, _) in view.references(pod).iter() {
        let secret = Id::new(reference.kind.clone(), &pod.id.namespace, &reference.name);
        if secret.kind == Kind::Secret && !matches!(reference.via, Via::PullSecret { .. }) {
            out.need(&symptom.victim, &secret, view.secret(&pod.id.namespace, &reference.name));
        }
    }
}

fn finding(restore: &str, secret: &Id, symptoms: &[&Symptom], object: &DataObject) -> Finding {
    let victim = &symptoms[0].victim;
    Finding::new(
        secret,
        Confidence::Likely,
        format!("{secret} came back from a backup, and what it holds is refused to {victim}"),
        Evidence::new(secret, format!("metadata.labels[{RESTORE}]"), format!("restored by {restore}"), "spec")
            .of(&object.meta)
            .at(object.meta.created),
    )
    .explains(symptoms.iter().map(|s| s.ix))
    .changed(object.meta.created.map(|at| Change { when: Interval::at(at), by: Some(restore.to_owned()), source: "creationTimestamp" }))
    .link(Link::Cluster, secret, LinkState::Broken, "restored from a backup")
    .unless("SRC-08", secret, "whether the backend accepted this value when the backup was taken and after")
    .plan(Plan::new(vec![
        Step::outside(
            format!("have the owner of record write {secret} anew: force a sync, or put the present credential in at the source"),
            "the backend accepts what the Secret holds",
        )
        .change("the keys of the credential, from the source and not from the backup")
        .precondition("the source holds the credential that the backend accepts now")
        .inverse("the restored values, saved before"),
        Step::outside("look at every other Secret of the same restore", "all of them match their sources")
            .command(format!("kubectl get secrets -A -l {RESTORE}={restore}")),
    ]))
}
