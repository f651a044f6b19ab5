//! RBC-07: a sync operator lost its own rights in the cluster.

use super::refusal::{self, Broken, Outcome, Story};
use super::restore;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Seen;
use crate::objects::{Id, Kind};
use crate::verdict::{Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-07",
    slug: "operator-access-denied",
    title: "A sync operator is refused by RBAC",
    link: Link::Access,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ClusterRoleBinding, Scope::Cluster),
        Need::sharpens(Kind::ClusterRole, Scope::Cluster),
        Need::sharpens(Kind::RoleBinding, Scope::OwnNamespace),
        Need::sharpens(Kind::Role, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "SRC-01",
            decided_by: "who refuses: the Kubernetes API names a system:serviceaccount:, the provider a path of its own",
        },
        Neighbour {
            code: "AUT-01",
            decided_by: "whether the refusal comes from the API server or from the provider's login",
        },
        Neighbour { code: "SYN-08", decided_by: "whether the target Secret is refused by RBAC or is owned by another" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("operator_access_denied/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in refusal::stories(view).iter().filter(|s| s.outcome == Outcome::Operator) {
        if let Some((missing, why)) = &story.unseen {
            out.unseen(&story.account, format!("{missing}, which may grant it"), *why);
        }
        out.violated(finding(view, story));
    }
}

fn finding(view: &View<'_>, story: &Story<'_>) -> Finding {
    let wanted = refusal::words(&story.request);
    let why = match &story.broken {
        Broken::Dangling { binding: Some(binding), role } => {
            format!("{binding} refers to {role}, which does not exist")
        }
        Broken::Dangling { role, .. } => format!("{role} does not exist"),
        Broken::RoleChanged { role } => format!("{role} was changed and no longer grants it"),
        Broken::NoGrant { lost: Some(lost) } => format!("nothing grants it since {lost} was deleted"),
        Broken::Names { role, .. } => format!("{role} grants it for named objects only"),
        Broken::Verbs { role, verbs } => format!("{role} grants only {}", verbs.join(", ")),
        Broken::Unknown => "what grants it was not collected".to_owned(),
        _ => "no role of it grants that".to_owned(),
    };
    let mut finding = Finding::new(
        &story.account,
        story.confidence,
        format!("the operator's {} may not {wanted}: {why}", story.account),
        refusal::evidence(story),
    )
    .explains(story.symptoms.iter().map(|s| s.ix))
    .changed(story.changed.clone())
    .link(Link::Access, &story.account, LinkState::Broken, format!("refused to {wanted}"))
    .rules_out("SRC-01", "the Kubernetes API refused, not the provider")
    .rules_out("AUT-01", "the Kubernetes API refused, not the provider's login")
    .plan(restore::plan(story));
    if let Broken::Dangling { binding: Some(binding), role } = &story.broken {
        finding = finding.supported_by([Evidence::new(
            binding,
            "roleRef.name",
            format!("names {role}, which does not exist"),
            "spec",
        )]);
    }
    for symptom in &story.symptoms {
        let id = &symptom.victim;
        finding = finding.affects(id);
        if let Some(target) = target(view, id) {
            let waiting = crate::checks::syn::story::waiting_for(view);
            finding = finding.affects(&target).explains(waiting.get(&target).into_iter().flatten().copied());
        }
    }
    finding
}

/// The Secret that an ExternalSecret keeps.
fn target(view: &View<'_>, id: &Id) -> Option<Id> {
    if id.kind != Kind::ExternalSecret {
        return None;
    }
    let Seen::Seen(es) = view.external_secret(&id.namespace, &id.name) else { return None };
    let name = es.target.name.as_deref().unwrap_or(&id.name);
    Some(Id::new(Kind::Secret, &id.namespace, name))
}
