//! IMG-19: no answer of the registry came, or only that it fails by itself.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Plan, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-19",
    slug: "registry-unreachable",
    title: "The registry cannot be reached or fails by itself",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Node, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "IMG-20", decided_by: "whether the failure is one of a certificate" },
        Neighbour { code: "IMG-21", decided_by: "whether a node without the mirror can pull the same image" },
        Neighbour { code: "IMG-04", decided_by: "whether any HTTP answer came" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Sometimes,
    page: include_str!("registry_unreachable/explain.md"),
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
            format!("bring back the way from the nodes to {host}: name, route, proxy, or the registry itself"),
            "an HTTPS GET of /v2/ from the node answers 200 or 401; the pods try again by themselves",
        )
        .precondition("NetworkPolicy does not govern pulls of the kubelet"),
    ])
}
