//! CLU-07: a ResourceQuota is used up, or the namespace is going away: nothing can be created.

use std::collections::BTreeMap;

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Seen;
use crate::messages::Signal;
use crate::objects::{AuditWrite, Id, Kind, Said};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CLU-07",
    slug: "quota-or-terminating",
    title: "A quota is used up or the namespace is terminating",
    link: Link::Cluster,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ResourceQuota, Scope::OwnNamespace),
        Need::sharpens(Kind::Namespace, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "RBC-06", decided_by: "whether the refusal names a quota, or a webhook or policy" },
        Neighbour {
            code: "REF-09",
            decided_by: "whether the refusal names a quota, or a ServiceAccount that is not found",
        },
        Neighbour { code: "OBJ-11", decided_by: "whether the count or the size of objects is over a limit" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("quota_or_terminating/explain.md"),
    judge,
};

/// All that one quota, or one namespace on its way out, refuses.
#[derive(Default)]
struct Refused<'v> {
    symptoms: Vec<(&'v Symptom, &'v Statement)>,
    writes: Vec<&'v AuditWrite>,
}

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut refused: BTreeMap<Id, Refused<'_>> = BTreeMap::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::NoPods | Class::Sync)) {
        let last = symptom.said.iter().filter(|s| s.said.signal.is_some()).max_by_key(|s| s.last);
        let statement = last.filter(|s| limit(view, &s.said, &symptom.victim.namespace).is_some());
        let Some(statement) = statement else { continue };
        if let Some(subject) = limit(view, &statement.said, &symptom.victim.namespace) {
            refused.entry(subject).or_default().symptoms.push((symptom, statement));
        }
    }
    // A Secret or ConfigMap that could not be created is missing where it is needed; the audit log knows why.
    for write in &view.snap.audit {
        if write.succeeded() || !matches!(write.object.kind, Kind::Secret | Kind::ConfigMap) {
            continue;
        }
        let Some(subject) = write.said.as_ref().and_then(|said| limit(view, said, &write.object.namespace)) else {
            continue;
        };
        let made_since = view.writes_of(&write.object).any(|w| w.at >= write.at);
        let there = view.data(&write.object.kind, &write.object.namespace, &write.object.name).seen().is_some();
        if !made_since && !there && !write.object.name.is_empty() {
            refused.entry(subject).or_default().writes.push(write);
        }
    }
    for (subject, refused) in &refused {
        if let Some(finding) = finding(view, subject, refused) {
            out.violated(finding);
        }
    }
}

/// The quota or namespace that a refusal names.
fn limit(view: &View<'_>, said: &Said, namespace: &str) -> Option<Id> {
    if said.says(Signal::QuotaExceeded) {
        // Some texts name no quota; where the namespace has one only, it is that one.
        let mut all = view.snap.quotas.iter().filter(|q| &*q.id.namespace == namespace);
        let only = all.next().filter(|_| all.next().is_none()).map(|q| &*q.id.name);
        let name = said.fields.quota.as_deref().or(only).unwrap_or("unknown");
        return Some(Id::new(Kind::ResourceQuota, namespace, name));
    }
    said.says(Signal::NamespaceTerminating).then(|| Id::new(Kind::Namespace, "", namespace))
}

fn finding(view: &View<'_>, subject: &Id, refused: &Refused<'_>) -> Option<Finding> {
    let terminating = subject.kind == Kind::Namespace;
    let seen = if terminating {
        format!("refused: {subject} is being terminated")
    } else {
        format!("refused: {subject} is used up")
    };
    let primary = match (refused.symptoms.first(), refused.writes.first()) {
        (Some((_, s)), _) => Evidence::new(&s.object, s.path.clone(), seen, s.channel.source()).at(s.last),
        (None, Some(w)) => Evidence::new(&w.object, format!("audit {}", w.verb), seen, "audit").at(Some(w.at)),
        (None, None) => return None,
    };
    let what = match (refused.symptoms.first(), refused.writes.first()) {
        (Some((symptom, _)), _) if symptom.class == Class::Sync => {
            format!("{} cannot write its Secret", symptom.victim)
        }
        (Some((symptom, _)), _) => format!("{} gets no pods", symptom.victim),
        (None, Some(write)) => format!("{} could not be created", write.object),
        (None, None) => return None,
    };
    let why = if terminating { format!("{subject} is being terminated") } else { format!("{subject} is used up") };
    let mut finding = Finding::new(subject, Confidence::Certain, format!("{what}: {why}"), primary)
        .explains(refused.symptoms.iter().map(|(s, _)| s.ix))
        .link(Link::Cluster, subject, LinkState::Broken, why)
        .rules_out("RBC-06", "the refusal names no webhook and no policy")
        .rules_out("REF-09", "the refusal names no ServiceAccount that is missing")
        .plan(plan(view, subject));
    for line in full_lines(view, subject) {
        finding =
            finding.supported_by([Evidence::new(subject, format!("status.used.{line}"), "equals hard", "status")]);
    }
    for (symptom, _) in refused.symptoms.iter().filter(|(s, _)| s.class == Class::Sync) {
        finding = finding.affects(&symptom.victim);
        if let Seen::Seen(es) = view.external_secret(&symptom.victim.namespace, &symptom.victim.name) {
            let target = es.target.name.as_deref().unwrap_or(&symptom.victim.name);
            finding = finding.affects(&Id::new(Kind::Secret, &symptom.victim.namespace, target));
        }
    }
    for write in &refused.writes {
        finding = finding.affects(&write.object);
    }
    Some(finding)
}

/// Resources of the quota of which nothing is left.
fn full_lines(view: &View<'_>, subject: &Id) -> Vec<String> {
    let quota = view.snap.quotas.iter().find(|q| q.id == *subject);
    quota.into_iter().flat_map(|q| &q.lines).filter(|l| l.hard == l.used).map(|l| l.resource.to_string()).collect()
}

fn plan(view: &View<'_>, subject: &Id) -> Plan {
    if subject.kind == Kind::Namespace {
        return Plan::new(vec![
            Step::outside(
                format!("deploy into another namespace, or make {} anew once it is gone", subject.name),
                "the namespace is Active, and its Secrets, ServiceAccounts and labels are there",
            )
            .command(format!("kubectl get namespace {} -o yaml", subject.name))
            .precondition("the deletion of the namespace was meant; it cannot be taken back"),
        ]);
    }
    let quota = view.snap.quotas.iter().find(|q| q.id == *subject);
    let version =
        quota.and_then(|q| q.meta.resource_version).map(|v| format!(" (resourceVersion {v})")).unwrap_or_default();
    Plan::new(vec![
        Step::on(
            subject,
            format!("raise {subject}, or remove what is not needed any more in the namespace"),
            Effect::Mend { object: subject.clone() },
        )
        .change("spec.hard of the resource that the refusal names")
        .command(format!("kubectl edit resourcequota {} -n {}", subject.name, subject.namespace))
        .precondition(format!("the quota is as collected{version}, and its owner agrees"))
        .risk(Risk::Review)
        .inverse("set spec.hard back; what exists by then stays")
        .after("the controllers create what is missing at their next try"),
    ])
}
