//! AUT-01: the login role does not admit the store's identity.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "AUT-01",
    slug: "role-not-bound",
    title: "The login role does not admit the store's identity",
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
        Neighbour { code: "SRC-01", decided_by: "the URL in the 403: a login, or the path that is read" },
        Neighbour { code: "AUT-02", decided_by: "whether the refusal names the audience" },
        Neighbour { code: "AUT-03", decided_by: "whether all roles of the mount are refused, or one" },
        Neighbour { code: "AUT-06", decided_by: "whether the ServiceAccount exists in the cluster" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("role_not_bound/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
