//! RBC-08: a whole group, or a ServiceAccount that every pod gets by default, may read Secrets.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{Binding, Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::rbac;
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-08",
    slug: "broad-access",
    title: "More identities than need it may read Secrets",
    link: Link::Access,
    role: Role::Advice,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::ClusterRoleBinding, Scope::Cluster),
        Need::decides(Kind::ClusterRole, Scope::Cluster),
        Need::sharpens(Kind::RoleBinding, Scope::All),
        Need::sharpens(Kind::Role, Scope::All),
    ],
    neighbours: &[Neighbour { code: "RBC-03", decided_by: "whether something is refused, or too much is allowed" }],
    lag: Lag::Standing,
    fix: FixKind::Always,
    page: include_str!("broad_access/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for binding in &view.snap.bindings {
        // What the API server makes itself at its start is not for users to change.
        if binding.meta.label("kubernetes.io/bootstrapping").is_some() || binding.id.name.starts_with("system:") {
            continue;
        }
        let Some(who) = broad_subject(binding) else { continue };
        let role = rbac::role_of(binding);
        let Some(rules) = view.snap.roles.iter().find(|r| r.id == role).map(|r| &r.rules) else { continue };
        let has = |list: &[crate::objects::Str], wanted: &[&str]| list.iter().any(|i| wanted.contains(&&**i));
        let verbs: Vec<&str> = rules
            .iter()
            .filter(|r| has(&r.groups, &["", "*"]) && has(&r.resources, &["secrets", "*"]) && r.names.is_empty())
            .flat_map(|r| r.verbs.iter().map(|v| &**v))
            .filter(|v| matches!(*v, "get" | "list" | "watch" | "*"))
            .collect();
        if !verbs.is_empty() {
            out.violated(finding(binding, &who, &role, &verbs));
        }
    }
}

/// A subject that stands for more than one workload.
fn broad_subject(binding: &Binding) -> Option<String> {
    binding.subjects.iter().find_map(|s| match (&*s.kind, &*s.name) {
        ("Group", "system:authenticated" | "system:unauthenticated" | "system:serviceaccounts") => {
            Some(format!("group {}", s.name))
        }
        ("Group", name) if name.starts_with("system:serviceaccounts:") => Some(format!("group {name}")),
        ("ServiceAccount", "default") => {
            let namespace = if s.namespace.is_empty() { &binding.id.namespace } else { &s.namespace };
            Some(format!("the default ServiceAccount of namespace {namespace}"))
        }
        _ => None,
    })
}

fn finding(binding: &Binding, who: &str, role: &Id, verbs: &[&str]) -> Finding {
    let reach = if binding.id.namespace.is_empty() { "every namespace" } else { &*binding.id.namespace };
    Finding::new(
        &binding.id,
        Confidence::Certain,
        format!("{who} may read all Secrets of {reach} through {role}"),
        Evidence::new(&binding.id, "subjects", format!("names {who}"), "spec"),
    )
    .supported_by([Evidence::new(
        role,
        "rules",
        format!("{} on secrets, without resourceNames", verbs.join(", ")),
        "spec",
    )])
    .latent()
    .plan(Plan::new(vec![
        Step::on(
            &binding.id,
            format!("bind {role} only to the ServiceAccounts of the workloads that read Secrets through the API"),
            Effect::Mend { object: binding.id.clone() },
        )
        .change("subjects; and resourceNames in the rule where an application reads known Secrets by name")
        .precondition("the audit log or the applications' owners say who reads Secrets through the API")
        .risk(Risk::Review)
        .inverse("apply the binding as saved before")
        .after("kubectl auth can-i list secrets says no for everybody else"),
    ]))
}
