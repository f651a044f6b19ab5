//! AUT-05: the cloud does not accept the operator's workload identity.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "AUT-05",
    slug: "workload-identity-broken",
    title: "The cloud does not accept the operator's workload identity",
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
        Neighbour { code: "SRC-01", decided_by: "whether the token service refuses, or the secret's own policy" },
        Neighbour { code: "AUT-04", decided_by: "whether a stored key is used instead of an identity" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("workload_identity_broken/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
