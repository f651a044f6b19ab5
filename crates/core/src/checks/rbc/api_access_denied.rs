//! RBC-01: an application asks the API for an object, and RBAC refuses its ServiceAccount.

use super::refusal::{self, Broken, Outcome, Story};
use super::restore;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{Id, Kind};
use crate::verdict::{Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-01",
    slug: "api-access-denied",
    title: "An application that asks the API is refused by RBAC",
    link: Link::Access,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::RoleBinding, Scope::OwnNamespace),
        Need::sharpens(Kind::Role, Scope::OwnNamespace),
        Need::sharpens(Kind::ClusterRoleBinding, Scope::Cluster),
        Need::sharpens(Kind::ClusterRole, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "RBC-02", decided_by: "whom the refusal names: a ServiceAccount, or nobody" },
        Neighbour {
            code: "RBC-03",
            decided_by: "whether a rule of the ServiceAccount covers the resource with another verb or for named objects",
        },
        Neighbour { code: "DEL-06", decided_by: "whether the refusal names system:node: instead of a ServiceAccount" },
        Neighbour { code: "CON-01", decided_by: "whether a file path or the API is refused" },
        Neighbour { code: "RBC-05", decided_by: "whether the answer is 403 (known, not allowed) or 401 (not known)" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("api_access_denied/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in refusal::stories(view) {
        match story.outcome {
            Outcome::NotGranted => {}
            Outcome::Healed => {
                for symptom in &story.symptoms {
                    out.satisfied(&symptom.victim);
                }
                continue;
            }
            Outcome::Semantics | Outcome::Operator => continue,
        }
        if let Some((missing, why)) = &story.unseen {
            out.unseen(&story.account, format!("{missing}, which may grant it"), *why);
        }
        out.violated(finding(&story));
    }
}

fn finding(story: &Story<'_>) -> Finding {
    let wanted = refusal::words(&story.request);
    let (subject, why) = match &story.broken {
        Broken::Dangling { binding: Some(binding), role } => {
            (binding.clone(), format!("{binding} refers to {role}, which does not exist"))
        }
        Broken::Dangling { binding: None, role } => (role.clone(), format!("{role} does not exist")),
        Broken::NoGrant { lost: Some(lost) } => {
            (story.account.clone(), format!("nothing grants it since {lost} was deleted"))
        }
        Broken::RoleChanged { role } => (role.clone(), format!("{role} was changed and no longer grants it")),
        Broken::Misbound { binding, namespace } => {
            (binding.clone(), format!("{binding} names the ServiceAccount of that name in namespace {namespace}"))
        }
        Broken::Unknown => (story.account.clone(), "what grants it was not collected".to_owned()),
        Broken::Contradicted { .. } => {
            (story.account.clone(), "although the collected roles and bindings allow it".to_owned())
        }
        _ => (story.account.clone(), "no role of it grants that".to_owned()),
    };
    let headline = format!("{} may not {wanted}: {why}", story.account);
    let mut finding = Finding::new(&subject, story.confidence, headline, refusal::evidence(story))
        .explains(story.symptoms.iter().map(|s| s.ix))
        .changed(story.changed.clone())
        .supported_by(support(story))
        .link(Link::Access, &story.account, LinkState::Broken, format!("refused to {wanted}"))
        .rules_out("RBC-02", "the application asked the API itself, and the refusal names its ServiceAccount")
        .rules_out("DEL-06", "the refused identity is no node")
        .rules_out("RBC-05", "403: the identity was accepted")
        .rules_out("CON-01", "the API refused, no file")
        .plan(restore::plan(story));
    match &story.broken {
        Broken::Unknown => {
            finding = finding.unless("RBC-03", &story.account, "the rules of the roles that are bound to it");
        }
        Broken::RoleChanged { .. } => {
            finding = finding.unless("RBC-03", &story.account, "the rules of the role before its last change");
        }
        Broken::Contradicted { role } => {
            finding = finding.note(format!(
                "{role} grants this as collected: another authorizer, an impersonated user, or a refusal of earlier"
            ));
        }
        _ => finding = finding.rules_out("RBC-03", "no rule covers the resource with other verbs or names"),
    }
    finding
}

fn support(story: &Story<'_>) -> Vec<Evidence> {
    let mut found = Vec::new();
    match &story.broken {
        Broken::Dangling { binding: Some(binding), role } => {
            found.push(Evidence::new(binding, "roleRef.name", format!("names {role}, which does not exist"), "spec"));
        }
        Broken::Misbound { binding, namespace } => found.push(Evidence::new(
            binding,
            "subjects[].namespace",
            format!("namespace {namespace} in place of {}", story.account.namespace),
            "spec",
        )),
        Broken::RoleChanged { role } => {
            found.push(Evidence::new(role, "rules", "changed while the workload ran", "managedFields"));
        }
        _ => {}
    }
    if let (Some(change), "audit") = (&story.changed, story.changed.as_ref().map_or("", |c| c.source)) {
        let object: Option<&Id> = match &story.broken {
            Broken::Dangling { role, .. } => Some(role),
            Broken::NoGrant { lost } => lost.as_ref(),
            _ => None,
        };
        if let Some(object) = object {
            found.push(Evidence::new(object, "audit delete", "deleted", "audit").at(change.when.until));
        }
    }
    found
}
