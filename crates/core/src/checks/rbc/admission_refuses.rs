//! RBC-06: a policy or a webhook refuses the object, cannot be reached, or rewrites it.

use std::collections::BTreeMap;

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::{Gate, Signal};
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-06",
    slug: "admission-refuses",
    title: "A policy or webhook refuses the object",
    link: Link::Access,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Event, Scope::OwnNamespace), Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "REF-09", decided_by: "whether the refusal names a ServiceAccount that is not found" },
        Neighbour { code: "CLU-07", decided_by: "whether the refusal names a quota or a terminating namespace" },
        Neighbour { code: "RBC-01", decided_by: "whether admission or RBAC refuses: RBAC names verb and resource" },
        Neighbour {
            code: "SYN-12",
            decided_by: "whether the webhook belongs to a sync operator and its own resources are refused",
        },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("admission_refuses/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut refused: BTreeMap<(Id, bool), Vec<(&Symptom, &Statement)>> = BTreeMap::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::NoPods | Class::Sync)) {
        let Some(statement) = newest_refusal(symptom) else { continue };
        // A sync operator's own webhook on its own resources is another row (SYN-12).
        if statement.said.fields.webhook.as_deref().is_some_and(|w| w.ends_with("external-secrets.io")) {
            continue;
        }
        let unreachable = statement.said.says(Signal::WebhookUnreachable);
        refused.entry((gate(symptom, statement), unreachable)).or_default().push((symptom, statement));
    }
    for ((gate, unreachable), members) in refused {
        out.violated(finding(&gate, unreachable, &members));
    }
    rewritten(view, out);
}

/// The refusal by admission, if that is the last word on the failing thing.
fn newest_refusal(symptom: &Symptom) -> Option<&Statement> {
    symptom
        .said
        .iter()
        .filter(|s| s.said.signals.iter().any(|s| matches!(s, Signal::AdmissionDenied(_) | Signal::WebhookUnreachable)))
        .max_by_key(|s| s.last)
        .filter(|refusal| {
            // A later refusal for another reason is what keeps it from working now.
            !symptom.said.iter().any(|s| s.last > refusal.last && s.said.signal.is_some())
        })
}

/// The policy, webhook or namespace label that refuses.
fn gate(symptom: &Symptom, statement: &Statement) -> Id {
    let fields = &statement.said.fields;
    let pod_security = statement.said.says(Signal::AdmissionDenied(Gate::PodSecurity));
    if pod_security {
        return Id::new(Kind::Namespace, "", &symptom.victim.namespace);
    }
    if let Some(webhook) = fields.webhook.as_deref() {
        return Id::new(Kind::Other("AdmissionWebhook".into()), "", webhook);
    }
    match fields.policy.as_deref() {
        Some(policy) if statement.said.says(Signal::AdmissionDenied(Gate::ValidatingPolicy)) => {
            Id::new(Kind::Other("ValidatingAdmissionPolicy".into()), "", policy)
        }
        Some(policy) => Id::new(Kind::Other("Policy".into()), "", policy),
        None => symptom.victim.clone(),
    }
}

fn finding(gate: &Id, unreachable: bool, members: &[(&Symptom, &Statement)]) -> Finding {
    let (symptom, statement) = members[0];
    let victim = &symptom.victim;
    let others = members.len() - 1;
    let and = if others == 0 { String::new() } else { format!(" and {others} more") };
    let who = if gate == victim { "admission".to_owned() } else { gate.to_string() };
    let (headline, seen) = if unreachable {
        (
            format!("{victim}{and} cannot be made: {who} must be asked and does not answer"),
            "the API server could not reach the webhook".to_owned(),
        )
    } else if gate.kind == Kind::Namespace {
        (
            format!("{victim}{and} cannot be made: the Pod Security level of {gate} forbids it"),
            "refused by Pod Security".to_owned(),
        )
    } else {
        (format!("{victim}{and} cannot be made: {who} refuses it"), format!("refused by {who}"))
    };
    let mut finding = Finding::new(
        gate,
        Confidence::Certain,
        headline,
        Evidence::new(&statement.object, statement.path.clone(), seen, statement.channel.source()).at(statement.last),
    )
    .explains(members.iter().map(|(s, _)| s.ix))
    .link(Link::Access, gate, LinkState::Broken, if unreachable { "does not answer" } else { "refuses" })
    .rules_out("REF-09", "the refusal names no ServiceAccount that is missing")
    .rules_out("CLU-07", "the refusal names no quota and no terminating namespace")
    .plan(plan(gate, unreachable, members));
    for (symptom, _) in members {
        if symptom.class == Class::Sync {
            finding = finding.affects(&symptom.victim);
        }
    }
    finding
}

fn plan(gate: &Id, unreachable: bool, members: &[(&Symptom, &Statement)]) -> Plan {
    if unreachable {
        return Plan::new(vec![
            Step::outside(
                format!("bring the service behind {gate} back: its pods, Service, certificate and caBundle"),
                "the API server reaches the webhook, and the controllers try again by themselves",
            )
            .command("kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations")
            .precondition("the webhook configuration still names the right Service"),
        ]);
    }
    let mut victims: Vec<&Id> = members.iter().map(|(s, _)| &s.victim).collect();
    victims.sort();
    victims.dedup();
    Plan::new(
        victims
            .into_iter()
            .map(|victim| {
                Step::on(
                    victim,
                    format!("make {victim} comply with {gate}, or have its owner grant an exception"),
                    Effect::EditTemplate { workload: victim.clone() },
                )
                .change("what the refusal names, in the owner of record (chart, Git)")
                .precondition("the policy is meant as it stands")
                .risk(Risk::Review)
                .inverse("kubectl rollout undo, or revert the commit")
                .after("the controller makes the objects at its next try")
            })
            .collect(),
    )
}

/// A webhook took away what the template asks for: the pod lists fewer pull secrets than its template.
fn rewritten(view: &View<'_>, out: &mut Verdicts) {
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::Pull) {
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let Some(template) = view.revision_of(pod).and_then(|r| r.template.as_deref()) else { continue };
        // Admission fills an empty list from the ServiceAccount and leaves any other list alone.
        let lost: Vec<&str> =
            template.pull_secrets.iter().filter(|s| !pod.spec.pull_secrets.contains(s)).map(|s| &**s).collect();
        if lost.is_empty() || pod.mirror {
            continue;
        }
        let evidence = Evidence::new(
            &pod.id,
            "spec.imagePullSecrets",
            format!("lacks {}, which its template lists", lost.join(", ")),
            "spec",
        );
        out.violated(
            Finding::new(
                &symptom.victim,
                Confidence::Likely,
                format!("a mutating webhook took pull secrets away from the pods of {}", symptom.victim),
                evidence,
            )
            .explains([symptom.ix])
            .link(Link::Access, &symptom.victim, LinkState::Broken, "rewritten on its way in")
            .plan(Plan::new(vec![
                Step::outside(
                    "find the mutating webhook that rewrites imagePullSecrets, and exempt this workload",
                    "new pods list what their template lists",
                )
                .command("kubectl get mutatingwebhookconfigurations"),
                Step::on(&symptom.victim, "make its pods anew", Effect::Restart { workload: symptom.victim.clone() })
                    .precondition("the webhook leaves the list alone")
                    .risk(Risk::Review)
                    .inverse("none needed")
                    .after("the pods list their pull secrets"),
            ])),
        );
    }
}
