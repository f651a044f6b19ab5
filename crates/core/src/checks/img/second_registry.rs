//! IMG-24: the pull secrets serve the other containers, and one container comes from elsewhere.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-24",
    slug: "second-registry",
    title: "One container comes from a registry that the pod has no credential for",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[Neighbour {
        code: "IMG-06",
        decided_by: "whether other containers of the pod are served by the listed Secrets",
    }],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("second_registry/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    let wants = facts.first().map_or_else(String::new, |f| f.domain().to_owned());
    Plan::new(pull::edit_template(
        facts,
        "name a second pull secret in the template",
        &format!("imagePullSecrets gets a Secret with a key for {wants}"),
    ))
}
