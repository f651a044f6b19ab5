//! AUT-02: the source rejects audience or issuer of the login token.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "AUT-02",
    slug: "audience-rejected",
    title: "The source rejects audience or issuer of the login token",
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
        Neighbour { code: "AUT-01", decided_by: "whether the refusal names the audience or the ServiceAccount" },
        Neighbour { code: "AUT-03", decided_by: "whether the refusal names a claim or only denies" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("audience_rejected/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
