//! SYN-06: the ClusterSecretStore does not admit the namespace.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-06",
    slug: "store-not-for-namespace",
    title: "The ClusterSecretStore does not admit the namespace",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ClusterSecretStore, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "SYN-02", decided_by: "whether the store serves others" },
        Neighbour { code: "RBC-07", decided_by: "whether the API server refuses, or the operator" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("store_not_for_namespace/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
