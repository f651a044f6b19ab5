//! ROT-06: a Secret was deleted and made anew, and pods that started in between did not find it.

use std::collections::BTreeMap;

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Symptom};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-06",
    slug: "recreated",
    title: "A Secret was deleted and made anew: pods started in the gap",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::Medium,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace), Need::decides(Kind::Event, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "OBJ-04", decided_by: "whether the object existed before the pod that missed it" },
        Neighbour { code: "OBJ-02", decided_by: "whether the object is there again" },
        Neighbour { code: "DEL-07", decided_by: "whether the object was immutable, and a node keeps the former one" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("recreated/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found: BTreeMap<Id, (Gap<'_>, Vec<&Symptom>)> = BTreeMap::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::Config | Class::Mount)) {
        for statement in &symptom.said {
            let Some(Signal::ObjectNotFound(of)) = statement.said.signal else { continue };
            let fields = &statement.said.fields;
            let (kind, name) = match of {
                crate::messages::ObjectKind::Secret => (Kind::Secret, fields.secret.as_deref()),
                crate::messages::ObjectKind::ConfigMap => (Kind::ConfigMap, fields.configmap.as_deref()),
            };
            let Some(name) = name else { continue };
            let id = Id::new(kind.clone(), &symptom.victim.namespace, name);
            let Some(Ok(object)) = out.need(&symptom.victim, &id, view.data(&kind, &id.namespace, name)) else {
                continue;
            };
            // A refusal that is newer than the object is no matter of a gap.
            if statement.last.zip(object.meta.created).is_none_or(|(last, created)| last > created.plus(1)) {
                continue;
            }
            let Some(gap) = gap(view, object) else { continue };
            let entry = found.entry(object.id.clone()).or_insert((gap, Vec::new()));
            if !entry.1.iter().any(|s| s.ix == symptom.ix) {
                entry.1.push(symptom);
            }
        }
    }
    for (gap, symptoms) in found.values() {
        out.violated(finding(gap, symptoms));
    }
}

/// How it is known that the object existed before its creation.
struct Gap<'v> {
    object: &'v DataObject,
    deleted: Option<(Time, String)>,
    /// A container that needs it and started before it was made.
    earlier: Option<(Id, Time)>,
}

fn gap<'v>(view: &View<'v>, object: &'v DataObject) -> Option<Gap<'v>> {
    let created = object.meta.created?;
    let deleted =
        view.audited_deletion(&object.id).filter(|w| w.at <= created.plus(1)).map(|w| (w.at, w.user.to_string()));
    let earlier = view
        .consumers(&object.id.kind, &object.id.namespace, &object.id.name)
        .iter()
        .filter(|c| !c.reference.optional)
        .find_map(|c| {
            let pod = view.pod(c.pod.as_ref()?)?;
            let started = pod.statuses.iter().filter_map(|s| s.state.running_since()).min()?;
            (started < created).then(|| (pod.id.clone(), started))
        });
    (deleted.is_some() || earlier.is_some()).then_some(Gap { object, deleted, earlier })
}

fn finding(gap: &Gap<'_>, symptoms: &[&Symptom]) -> Finding {
    let id = &gap.object.id;
    let created = gap.object.meta.created;
    let victim = &symptoms[0].victim;
    let (sure, change) = match &gap.deleted {
        Some((at, by)) => {
            (Confidence::Certain, Change { when: Interval::at(*at), by: Some(by.clone()), source: "audit" })
        }
        None => (
            Confidence::Likely,
            Change {
                when: Interval::between(gap.earlier.as_ref().map(|(_, t)| *t), created),
                by: None,
                source: "creationTimestamp",
            },
        ),
    };
    let mut finding = Finding::new(
        id,
        sure,
        format!("{id} was deleted and made anew; {victim} started in between and did not find it"),
        Evidence::new(id, "metadata.creationTimestamp", "made after the first failure", "creationTimestamp")
            .of(&gap.object.meta)
            .at(created),
    )
    .explains(symptoms.iter().map(|s| s.ix))
    .affects(id)
    .changed(Some(change))
    .link(Link::Object, id, LinkState::Ok, "there again since")
    .note("the new object has another uid: labels, owners and annotations of the former one are gone unless they were restored")
    .rules_out("OBJ-02", "it exists now")
    .plan(Plan::new(vec![
        Step::on(victim, "wait: the kubelet tries again by itself within two minutes", Effect::Wait)
            .change("none")
            .precondition("the new object has every key that the pods ask for")
            .risk(Risk::Safe)
            .inverse("none needed")
            .after("the containers start; next time apply over the object in place of deleting it"),
    ]));
    if let Some((pod, started)) = &gap.earlier {
        finding = finding.supported_by([Evidence::new(
            pod,
            "status.containerStatuses[].state.running.startedAt",
            "started with it before it was made anew",
            "status",
        )
        .at(Some(*started))]);
    }
    if let Some((at, by)) = &gap.deleted {
        finding = finding
            .supported_by([Evidence::new(id, "audit delete", format!("deleted by {by}"), "audit").at(Some(*at))]);
    }
    finding
}
