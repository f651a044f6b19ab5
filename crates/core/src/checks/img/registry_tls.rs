//! IMG-20: the TLS handshake with the registry fails before any credential is sent.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Plan, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-20",
    slug: "registry-tls",
    title: "TLS to the registry fails",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Node, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "IMG-19", decided_by: "whether the registry was reached" },
        Neighbour { code: "IMG-21", decided_by: "whether the host that was asked is a mirror" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Sometimes,
    page: include_str!("registry_tls/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    let host = facts.first().map_or_else(String::new, |f| f.domain().to_owned());
    Plan::new(vec![Step::outside(
        format!(
            "make the nodes and {host} agree on TLS: renew the certificate, or add its authority to the nodes' runtime"
        ),
        "a TLS handshake from the node succeeds; the pods try again by themselves",
    )])
}
