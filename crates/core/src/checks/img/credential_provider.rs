//! IMG-22: the pod relies on the credential provider of its node, which gives none.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Plan, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-22",
    slug: "credential-provider",
    title: "The node has no working login of its own for the registry",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Node, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "IMG-01", decided_by: "whether a credential provider is configured for the registry at all" },
        Neighbour { code: "IMG-23", decided_by: "whether the cloud knows the node and refuses it" },
        Neighbour { code: "IMG-14", decided_by: "whether the other nodes pulled, or had the image" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Sometimes,
    page: include_str!("credential_provider/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    let node = facts.first().and_then(|f| f.pod.node.clone()).unwrap_or_else(|| "the node".into());
    Plan::new(vec![Step::outside(
        format!(
            "mend the kubelet's credential provider on {node}: binary, matchImages with port, configuration, token audience"
        ),
        "the kubelet's log on the node has no provider failure; the pods try again by themselves",
    )])
}
