//! RBC-03: RBAC grants the resource, but not with this verb, or only for named objects.

use super::refusal::{self, Broken, Outcome, Story};
use super::restore;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-03",
    slug: "verb-or-name-mismatch",
    title: "The rule grants other verbs or only named objects",
    link: Link::Access,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::RoleBinding, Scope::OwnNamespace),
        Need::decides(Kind::Role, Scope::OwnNamespace),
        Need::decides(Kind::ClusterRoleBinding, Scope::Cluster),
        Need::decides(Kind::ClusterRole, Scope::Cluster),
    ],
    neighbours: &[Neighbour {
        code: "RBC-01",
        decided_by: "whether any rule of the ServiceAccount covers the resource, and whether the role was changed since",
    }],
    lag: Lag::Standing,
    fix: FixKind::Always,
    page: include_str!("verb_or_name_mismatch/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in refusal::stories(view).iter().filter(|s| s.outcome == Outcome::Semantics) {
        out.violated(finding(story));
    }
}

fn finding(story: &Story<'_>) -> Finding {
    let wanted = refusal::words(&story.request);
    let (role, why, seen) = match &story.broken {
        Broken::Names { role, names } => (
            role.clone(),
            format!("{role} grants it for named objects only, and a request on the whole collection names none"),
            format!("resourceNames lists {names}, and the request names none of them"),
        ),
        Broken::Verbs { role, verbs } => (
            role.clone(),
            format!("{role} grants only {}", verbs.join(", ")),
            format!("verbs are {}, without {}", verbs.join(", "), story.request.verb),
        ),
        _ => (story.account.clone(), "its rules do not cover it".to_owned(), "no such rule".to_owned()),
    };
    let why = match (&story.broken, &story.request.name) {
        (Broken::Names { role, .. }, Some(name)) => format!("{role} grants it for other names than {name}"),
        _ => why,
    };
    Finding::new(
        &role,
        story.confidence,
        format!("{} may not {wanted}: {why}", story.account),
        refusal::evidence(story),
    )
    .supported_by([Evidence::new(&role, "rules", seen, "spec")])
    .explains(story.symptoms.iter().map(|s| s.ix))
    .link(Link::Access, &story.account, LinkState::Broken, format!("refused to {wanted}"))
    .rules_out("RBC-01", "a rule for this resource is bound, and it was not changed since the workload started")
    .rules_out("RBC-02", "the application asked the API itself, and the refusal names its ServiceAccount")
    .plan(restore::plan(story))
}
