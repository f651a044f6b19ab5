//! AUT-03: the source cannot review tokens of this cluster.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "AUT-03",
    slug: "reviewer-stale",
    title: "The source cannot review tokens of this cluster",
    link: Link::Login,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::SecretStore, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::ClusterSecretStore, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "AUT-01", decided_by: "whether other roles of the same mount log in" },
        Neighbour { code: "AUT-02", decided_by: "whether the refusal names a claim" },
        Neighbour { code: "SRC-09", decided_by: "whether the source answers at all" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("reviewer_stale/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
