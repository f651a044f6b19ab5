//! AUT-04: the login that the store holds has expired or was revoked.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "AUT-04",
    slug: "stored-login-expired",
    title: "The login that the store holds has expired or was revoked",
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
        Neighbour { code: "SRC-01", decided_by: "a lookup of the stored token: dead, or alive without the policy" },
        Neighbour { code: "AUT-06", decided_by: "whether the bootstrap Secret is there" },
        Neighbour { code: "AUT-01", decided_by: "whether the store logs in by a role, or with something stored" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("stored_login_expired/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
