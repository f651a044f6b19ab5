//! IMG-21: the node asks a mirror, and the credential for the image does not work there.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Plan, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-21",
    slug: "mirror-drops-credential",
    title: "A mirror refuses or does not get the credential",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Node, Scope::Cluster),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "IMG-04", decided_by: "whether a node without the mirror pulls with the same credential" },
        Neighbour { code: "IMG-25", decided_by: "whether the Secret was changed after the last try" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Sometimes,
    page: include_str!("mirror_drops_credential/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    let host = facts.first().map_or_else(String::new, |f| f.domain().to_owned());
    Plan::new(vec![Step::outside(
        format!("give the mirror of {host} in the node's runtime a login of its own, or take it out of hosts.toml"),
        "the URL in a new error, if any, names the registry itself",
    )])
}
