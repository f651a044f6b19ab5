//! AUT-07: the operator does not trust the certificate of the source.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "AUT-07",
    slug: "source-not-trusted",
    title: "The operator does not trust the certificate of the source",
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
        Neighbour { code: "SRC-09", decided_by: "whether the connection fails at the certificate, or before" },
        Neighbour { code: "ROT-15", decided_by: "whether a CA was rotated for all of its users" },
        Neighbour { code: "AUT-02", decided_by: "a certificate, or a token" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("source_not_trusted/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
