//! AUT-06: the Secret or ServiceAccount that the store logs in with is not there.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "AUT-06",
    slug: "bootstrap-missing",
    title: "The Secret or ServiceAccount that the store logs in with is not there",
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
        Neighbour { code: "AUT-04", decided_by: "whether the Secret is missing, or holds what has expired" },
        Neighbour { code: "SYN-02", decided_by: "whether the store exists" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("bootstrap_missing/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
