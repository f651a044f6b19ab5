//! IMG-07: the pull secret names Docker Hub by an address that no image is matched with.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-07",
    slug: "hub-alias",
    title: "The key names Docker Hub in a way that no image matches",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-06", decided_by: "whether the key is a name of Docker Hub" },
        Neighbour { code: "IMG-18", decided_by: "whether the registry answered 429 to an anonymous pull" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("hub_alias/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    pull::credential(view, facts, v, "write the entry under the key https://index.docker.io/v1/")
}
