//! IMG-23: the registry of a cloud refuses the identity of the node itself.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Plan, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-23",
    slug: "node-identity",
    title: "The cloud identity of the node may not pull",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Node, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "IMG-22", decided_by: "whether the provider on the node works" },
        Neighbour { code: "IMG-16", decided_by: "whether a policy of the repository refuses the identity" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Sometimes,
    page: include_str!("node_identity/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    let host = facts.first().map_or_else(String::new, |f| f.domain().to_owned());
    Plan::new(vec![
        Step::outside(
            format!("give the role of the failing nodes the right to read from {host} again"),
            "pulls on these nodes succeed; the pods try again by themselves",
        )
        .inverse("take the right back"),
    ])
}
