//! IMG-14: the image is on some nodes already, so that only the others show that it cannot be pulled.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Plan, Risk, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-14",
    slug: "cache-masks",
    title: "Nodes that have the image hide the fault",
    link: Link::Registry,
    role: Role::Mask,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Node, Scope::Cluster),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "IMG-04", decided_by: "what the registry says to the credential" },
        Neighbour { code: "IMG-22", decided_by: "whether the failing nodes lack the image, or share a node pool" },
        Neighbour { code: "IMG-23", decided_by: "whether the failing nodes lack the image, or share a node pool" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Sometimes,
    page: include_str!("cache_masks/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = facts;
    Plan::new(vec![
        Step::outside(
            format!(
                "mend {}, which every node without the image meets",
                v.open.first().map_or("the credential", |(code, ..)| *code)
            ),
            "pods start on any node; do not pin them to nodes that have the image",
        )
        .risk(Risk::Manual),
    ])
}
