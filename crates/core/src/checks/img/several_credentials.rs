//! IMG-11: several credentials match and all are refused, or one is refused for an image that needs none.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-11",
    slug: "several-credentials",
    title: "Several credentials match, or one where none is needed",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-04", decided_by: "which credential the registry should accept" },
        Neighbour { code: "IMG-16", decided_by: "whether one of the refusals is 403" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("several_credentials/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    pull::credential(view, facts, v, "repair or remove the stale entry, proved with one login before")
}
