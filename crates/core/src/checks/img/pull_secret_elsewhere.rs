//! IMG-03: the pull secret that the pod names exists, but in another namespace.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-03",
    slug: "pull-secret-elsewhere",
    title: "The pull secret exists only in another namespace",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::All),
    ],
    neighbours: &[Neighbour {
        code: "IMG-02",
        decided_by: "whether a Secret of this name exists in any other namespace",
    }],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("pull_secret_elsewhere/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let from = v.other.as_ref().map_or_else(|| "the other namespace".into(), |o| o.namespace.clone());
    let what = format!("have the same source fill it here as in {from}, or copy type and data only");
    pull::credential(view, facts, v, &what)
}
