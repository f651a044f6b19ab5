//! OBJ-12: an immutable Secret or ConfigMap cannot take the new value.

use super::missing::{self, report::kind_word};
use super::refused::report::restart;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, SymptomIx};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-12",
    slug: "immutable",
    title: "immutable: true keeps the old value",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::ConfigMap, Scope::Named),
        Need::sharpens(Kind::ExternalSecret, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "SYN-08", decided_by: "whether the target is immutable, or owned by another" },
        Neighbour { code: "DEL-07", decided_by: "whether the object was made again, and a node has the old one" },
        Neighbour { code: "SRC-08", decided_by: "whether a newer value could not be written, or none was" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("immutable/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut done: Vec<Id> = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::Sync) {
        let Some(statement) = symptom.signal(|s| matches!(s, Signal::TargetImmutable | Signal::Immutable)) else {
            continue;
        };
        let target = target(view, &symptom.victim);
        let primary = Evidence::new(
            &statement.object,
            statement.path.clone(),
            format!("{target} is immutable; the new value cannot be written"),
            statement.channel.source(),
        )
        .at(statement.last.or(statement.first));
        let live = view.secret(&target.namespace, &target.name).seen();
        let confidence = if live.is_some_and(|o| o.immutable) { Confidence::Certain } else { Confidence::Likely };
        let mut symptoms = vec![symptom.ix];
        symptoms.extend(refused_with(view, &target));
        let headline = format!("{target} is immutable, so {} cannot write the new value to it", symptom.victim);
        let finding = Finding::new(&target, confidence, headline, primary)
            .explains(symptoms)
            .affects(&symptom.victim)
            .link(Link::Sync, &symptom.victim, LinkState::Affected, "is refused the write")
            .rules_out("SYN-08", "the refusal names immutability, not ownership");
        out.violated(complete(view, finding, &target, live));
        done.push(target);
    }
    for object in view.snap.data.iter().filter(|o| o.immutable) {
        if done.contains(&object.id) {
            continue;
        }
        refused_writes(view, object, out);
        silent_operator(view, object, out);
    }
}

fn target(view: &View<'_>, resource: &Id) -> Id {
    let named = view.external_secret(&resource.namespace, &resource.name).seen().and_then(|e| e.target.name.clone());
    Id {
        kind: Kind::Secret,
        namespace: resource.namespace.clone(),
        name: named.unwrap_or_else(|| resource.name.clone()),
    }
}

/// Failing containers that are refused with what the object holds.
fn refused_with(view: &View<'_>, object: &Id) -> Vec<SymptomIx> {
    view.refused_credentials()
        .iter()
        .filter(|case| case.keys.iter().any(|k| k.object.is_some_and(|o| o.id == *object)))
        .map(|case| case.symptom)
        .collect()
}

/// Somebody tried to change the data and was refused; consumers fail with the old value.
fn refused_writes(view: &View<'_>, object: &DataObject, out: &mut Verdicts) {
    let Some(write) = view.audit_of(&object.id).rev().find(|w| {
        matches!(&*w.verb, "update" | "patch")
            && w.code == 422
            && w.said.as_ref().is_some_and(|s| s.says(Signal::Immutable))
    }) else {
        return;
    };
    let mut symptoms = refused_with(view, &object.id);
    // The refused write would have brought a key that is asked for.
    for story in missing::stories(view) {
        if story.object == object.id && story.key.is_some() {
            symptoms.extend(story.symptoms());
        }
    }
    let primary =
        Evidence::new(&object.id, "audit", format!("{} by {} refused: immutable", write.verb, write.user), "audit")
            .at(Some(write.at));
    let headline = format!("{} is immutable; a change of it was refused", object.id);
    let live = !symptoms.is_empty();
    let mut finding = Finding::new(&object.id, Confidence::Likely, headline, primary).explains(symptoms);
    if !live {
        finding = finding.latent().severity(Severity::Low);
        for consumer in view.consumers(&object.id.kind, &object.id.namespace, &object.id.name) {
            if !finding.victims.contains(&consumer.workload) {
                finding = finding.victim(&consumer.workload);
            }
        }
    }
    out.violated(complete(view, finding, &object.id, Some(object)));
}

/// An ExternalSecret that makes its own target immutable stays green, and the value never changes.
fn silent_operator(view: &View<'_>, object: &DataObject, out: &mut Verdicts) {
    let symptoms = refused_with(view, &object.id);
    let Some(producer) = view.producer_of(&object.id).filter(|p| p.kind == Kind::ExternalSecret) else { return };
    let Some(external) = view.external_secret(&producer.namespace, &producer.name).seen() else { return };
    let written = view.data_change(object).and_then(|c| c.when.until);
    if symptoms.is_empty() || !external.target.immutable || written.is_none() || external.refreshed <= written {
        return;
    }
    let primary = Evidence::new(&producer, "spec.target.immutable", "true: the Secret never changes again", "spec");
    let headline =
        format!("{} is immutable by its ExternalSecret; a newer value at the source never arrives", object.id);
    let finding = Finding::new(&object.id, Confidence::Likely, headline, primary)
        .explains(symptoms)
        .supported_by([
            Evidence::new(&producer, "status.refreshTime", "reads the source on", "status").at(external.refreshed)
        ])
        .unless("SRC-08", &object.id, "whether the source holds another value than the Secret");
    out.violated(complete(view, finding, &object.id, Some(object)));
}

fn complete(view: &View<'_>, mut finding: Finding, object: &Id, live: Option<&DataObject>) -> Finding {
    if let Some(live) = live {
        let owner = live.meta.managed.iter().find(|m| m.owns("immutable"));
        let at = owner.and_then(|m| m.time);
        let by = owner.map(|m| format!(" by {}", m.manager)).unwrap_or_default();
        let refused_at = finding.evidence[0].at;
        finding = finding
            .supported_by([Evidence::new(object, "immutable", format!("true{by}"), "list").of(&live.meta).at(at)])
            .changed(at.map(|at| Change {
                when: Interval::between(Some(at), refused_at.filter(|seen| *seen >= at)),
                by: owner.map(|m| m.manager.to_string()),
                source: "managedFields",
            }));
    }
    let victims: Vec<Id> = finding
        .explains
        .iter()
        .map(|ix| view.symptom(*ix))
        .filter(|s| s.class != Class::Sync)
        .map(|s| s.victim.clone())
        .collect();
    finding
        .affects(object)
        .link(Link::Object, object, LinkState::Broken, "holds the old value and takes no other")
        .plan(plan(view, object, &victims))
}

fn plan(view: &View<'_>, object: &Id, victims: &[Id]) -> Plan {
    let mut consumers: Vec<Id> = victims.to_vec();
    consumers.extend(view.consumers(&object.kind, &object.namespace, &object.name).iter().map(|c| c.workload.clone()));
    consumers.sort();
    consumers.dedup();
    let producer = view.producer_of(object);
    let mut steps = vec![
        Step::on(
            producer.as_ref().unwrap_or(object),
            format!("publish the new value under a new name, and roll the references of {object} over to it"),
            Effect::Mend { object: object.clone() },
        )
        .change("a new object with the new value; the references of its consumers")
        .command(format!(
            "kubectl get {} {} -n {} -o yaml   # save it first",
            kind_word(&object.kind),
            object.name,
            object.namespace
        ))
        .precondition("the login works with the new value; the old object stays until the last consumer has moved")
        .risk(Risk::Review)
        .inverse("point the references back to the old object")
        .after("nodes fetch the new object, since they never saw its name before"),
    ];
    steps.extend(consumers.iter().map(restart));
    Plan::new(steps)
}
