//! CON-04: after a change nearly all consumers were restarted at once, and their new connections exhaust the backend.

use std::collections::BTreeSet;

use super::steps;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind, Pod, Via};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Symptom};
use crate::time::Time;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Trigger, Verdicts};
use crate::view::View;
use crate::view::credentials::{Fate, fate, is_refusal, sources};

/// Starts within this many seconds of each other are one restart.
const TOGETHER: i64 = 60;
/// A restart belongs to a change if it begins within this many seconds after it.
const FOLLOWS: i64 = 1800;
/// Fewer pods are no storm.
const PODS: usize = 3;

pub static CARD: Card = Card {
    code: "CON-04",
    slug: "storm",
    title: "All consumers were restarted at once after a change: connection storm",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "SRC-07", decided_by: "whether some logins with the present value succeed" },
        Neighbour { code: "CLU-09", decided_by: "whether there was a change and a common restart before it" },
        Neighbour { code: "SRC-12", decided_by: "whether each sync makes a new backend user" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("storm/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    let mut done: BTreeSet<&Id> = BTreeSet::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        if symptom.signal(|s| s == Signal::DbTooManyConnections).is_none() {
            continue;
        }
        let Some((pod, container)) = steps::failing(view, symptom) else { continue };
        for (reference, _) in view.references(pod).iter() {
            if matches!(reference.via, Via::Env { .. } | Via::EnvFrom) && !reference.optional {
                let id = Id::new(reference.kind.clone(), &pod.id.namespace, &reference.name);
                out.need(&symptom.victim, &id, view.data(&id.kind, &id.namespace, &id.name));
            }
        }
        for source in sources(view, pod, container).into_iter().filter(|s| s.part.is_credential()) {
            let Some(object) = source.object else { continue };
            if !done.insert(&object.id) {
                continue;
            }
            let change = view.key_change(object, &source.key);
            found.extend(storm(view, symptom, object, change));
        }
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

fn storm(view: &View<'_>, symptom: &Symptom, object: &DataObject, change: Option<Change>) -> Option<Finding> {
    let change = change?;
    let at = change.when.until?;
    if object.meta.created.is_none_or(|created| at <= created) {
        return None;
    }
    let mut pods: Vec<&Pod> = Vec::new();
    for consumer in view.consumers(&object.id.kind, &object.id.namespace, &object.id.name) {
        let Some(pod) = consumer.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let older = view.workload(&consumer.workload).and_then(|w| w.meta.created).is_some_and(|c| c < at);
        if older && pod.meta.deleting.is_none() && !pods.iter().any(|p| p.id == pod.id) {
            pods.push(pod);
        }
    }
    let (first, together) = densest(pods.iter().filter_map(|p| p.meta.created).filter(|t| *t > at))?;
    if together < PODS || together * 5 < pods.len() * 4 || first.since(at) > FOLLOWS {
        return None;
    }
    // All refused and none let in: the value is wrong, and the restart only shows it (SRC-07).
    let fates: Vec<Fate> =
        pods.iter().flat_map(|p| p.spec.containers.iter().map(|c| fate(view, p, &c.name).0)).collect();
    let accepted = fates.contains(&Fate::Accepted);
    if !accepted && fates.contains(&Fate::Refused) {
        return None;
    }
    let said = symptom.signal(|s| s == Signal::DbTooManyConnections)?;
    let confidence = if accepted { Confidence::Likely } else { Confidence::Possible };
    let mut finding = Finding::new(
        &object.id,
        confidence,
        format!("{together} pods that use {} were restarted within a minute of each other and exhaust the backend's connections", object.id),
        steps::evidence(said, "the backend has no connection left"),
    )
    .supported_by([
        Evidence::new(&object.id, "data", "changed", change.source).at(Some(at)),
        Evidence::new(&pods[0].id, "metadata.creationTimestamp", format!("{together} of {} pods began within {TOGETHER} s", pods.len()), "status").at(Some(first)),
    ])
    .link(Link::Object, &object.id, LinkState::Ok, "the value is accepted")
    .link(Link::Consumption, &symptom.victim, LinkState::Broken, "all connections opened at once")
    .trigger(Some(Trigger { object: symptom.victim.clone(), what: "restart of all consumers at once".to_owned(), at: Some(first) }))
    .changed(Some(change));
    let mut victims: Vec<Id> = Vec::new();
    for other in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let mine = other.pod.as_ref().is_some_and(|p| pods.iter().any(|q| q.id == *p));
        let of_this = |s: Signal| s == Signal::DbTooManyConnections || (accepted && is_refusal(s));
        if mine && other.signal(of_this).is_some() {
            finding = finding.explains([other.ix]);
            if !victims.contains(&other.victim) {
                victims.push(other.victim.clone());
            }
        }
    }
    if accepted {
        finding = finding.rules_out("SRC-07", "some of the restarted pods are let in with the present value");
    }
    Some(finding.plan(plan(&victims)))
}

/// The begin and size of the densest minute of starts.
fn densest(starts: impl Iterator<Item = Time>) -> Option<(Time, usize)> {
    let mut starts: Vec<Time> = starts.collect();
    starts.sort();
    let size = |from: Time| starts.iter().filter(|t| **t >= from && t.since(from) <= TOGETHER).count();
    starts.iter().map(|t| (*t, size(*t))).max_by_key(|(t, n)| (*n, std::cmp::Reverse(*t)))
}

fn plan(victims: &[Id]) -> Plan {
    let mut all = Vec::new();
    for workload in victims {
        all.push(
            Step::on(
                workload,
                format!("stop further restarts of {workload} and scale it up in steps"),
                Effect::Restart { workload: workload.clone() },
            )
            .change("spec.replicas, half of it first; then the rest once connections are free")
            .command(format!("kubectl scale {workload} -n {} --replicas=HALF", workload.namespace))
            .precondition("the autoscaler is paused; the backend's open connections are watched")
            .risk(Risk::Review)
            .inverse(format!("kubectl scale {workload} -n {} --replicas=FORMER", workload.namespace))
            .after("its pods get connections; then cap the pool and set maxUnavailable to 1"),
        );
    }
    Plan::new(all)
}
