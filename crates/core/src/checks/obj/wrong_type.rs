//! OBJ-10: the type of a Secret does not fit its use, and cannot be changed.

use super::missing::report::kind_word;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{DataObject, Kind, SecretPayload};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::Class;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-10",
    slug: "wrong-type",
    title: "The Secret has the wrong type",
    link: Link::Object,
    role: Role::Mechanism,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::Secret, Scope::OwnNamespace),
        Need::sharpens(Kind::ServiceAccount, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-08", decided_by: "the same fault seen from the pull: the kubelet skips it by its type" },
        Neighbour { code: "OBJ-12", decided_by: "whether the type or the data of the object may not be changed" },
    ],
    lag: Lag::Standing,
    fix: FixKind::Always,
    page: include_str!("wrong_type/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for object in view.snap.data.iter().filter(|o| o.id.kind == Kind::Secret) {
        let pulls = matches!(object.payload, SecretPayload::Docker(_) | SecretPayload::MalformedDocker(_));
        let kind = object.secret_type.as_deref();
        let for_pulls = matches!(kind, Some("kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg"));
        if pulls && kind.is_some() && !for_pulls {
            skipped(view, object, out);
        }
        retyped(view, object, out);
    }
    if let Err(why) = view.snap.coverage.of(&Kind::Secret, "")
        && view.symptoms().iter().any(|s| s.class == Class::Pull)
    {
        for symptom in view.symptoms().iter().filter(|s| s.class == Class::Pull) {
            let seen = view.snap.coverage.collected(&Kind::Secret, &symptom.victim.namespace);
            if !seen {
                out.unseen(&symptom.victim, format!("Secrets in namespace {}", symptom.victim.namespace), why);
            }
        }
    }
}

/// A docker config under another type: the kubelet passes over it without a word.
fn skipped(view: &View<'_>, object: &DataObject, out: &mut Verdicts) {
    let consumers: Vec<_> = view
        .consumers(&object.id.kind, &object.id.namespace, &object.id.name)
        .into_iter()
        .filter(|c| matches!(c.reference.via, crate::objects::Via::PullSecret { .. }))
        .collect();
    let by_account = view
        .snap
        .service_accounts
        .iter()
        .any(|a| a.id.namespace == object.id.namespace && a.pull_secrets.contains(&object.id.name));
    if consumers.is_empty() && !by_account {
        return;
    }
    let failing: Vec<_> = view
        .symptoms()
        .iter()
        .filter(|s| s.class == Class::Pull && s.victim.namespace == object.id.namespace)
        .filter(|s| {
            s.signal(|s| {
                matches!(s, Signal::PullUnauthorizedAnonymous | Signal::PullUnauthorized | Signal::PullDeniedAmbiguous)
            })
            .is_some()
                && s.pod
                    .as_ref()
                    .and_then(|p| view.pod(p))
                    .is_some_and(|p| p.spec.pull_secrets.contains(&object.id.name))
        })
        .map(|s| s.ix)
        .collect();
    let kind = object.secret_type.as_deref().unwrap_or_default();
    let headline = format!("{} holds a docker config under type {kind}, so the kubelet does not use it", object.id);
    let primary = Evidence::new(&object.id, "type", format!("is {kind}"), "list").of(&object.meta);
    let mut finding = Finding::new(&object.id, Confidence::Certain, headline, primary)
        .supported_by([Evidence::new(&object.id, "data", "has the key of a docker config", "list")])
        .link(Link::Object, &object.id, LinkState::Broken, "has a type that the kubelet passes over")
        .plan(plan(object));
    if failing.is_empty() {
        finding = finding.latent().severity(Severity::Low);
        for consumer in &consumers {
            if !finding.victims.contains(&consumer.workload) {
                finding = finding.victim(&consumer.workload);
            }
        }
    } else {
        finding = finding.explains(failing);
    }
    out.violated(finding);
}

/// An apply with another type was refused.
fn retyped(view: &View<'_>, object: &DataObject, out: &mut Verdicts) {
    if object.immutable {
        return;
    }
    let Some(write) = view.audit_of(&object.id).rev().find(|w| {
        matches!(&*w.verb, "update" | "patch")
            && w.code == 422
            && w.said.as_ref().is_some_and(|s| s.says(Signal::Immutable))
    }) else {
        return;
    };
    let headline = format!("a change of the type of {} was refused: the type cannot be edited", object.id);
    let primary = Evidence::new(
        &object.id,
        "audit",
        format!("{} by {} refused: immutable field", write.verb, write.user),
        "audit",
    )
    .at(Some(write.at));
    out.violated(
        Finding::new(&object.id, Confidence::Likely, headline, primary)
            .latent()
            .severity(Severity::Low)
            .rules_out("OBJ-12", "the object is not marked immutable, so the field is its type")
            .plan(plan(object)),
    );
}

fn plan(object: &DataObject) -> Plan {
    let id = &object.id;
    Plan::new(vec![
        Step::on(id, format!("make {id} again under the type that its use needs"), Effect::Mend { object: id.clone() })
            .change("type; the data stay")
            .command(format!(
                "kubectl replace --force -n {} -f -   # the manifest of {} {} on stdin",
                id.namespace,
                kind_word(&id.kind),
                id.name
            ))
            .precondition(
                "the object is saved; a gap of a second without it is acceptable, or make it under a new name first",
            )
            .risk(Risk::Review)
            .inverse("replace it by the saved object")
            .after("the kubelet uses it at the next pull"),
    ])
}
