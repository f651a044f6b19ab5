//! SRC-03: a minted credential died with the token that made it.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-03",
    slug: "parent-token-died",
    title: "A minted credential died with the token that made it",
    link: Link::Source,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::SecretStore, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour {
            code: "SRC-02",
            decided_by: "the time that it lived: ttl of the lease, or of the token (seconds for a plain read)",
        },
        Neighbour { code: "SYN-05", decided_by: "whether the lease is shorter than the refresh interval" },
        Neighbour { code: "SRC-12", decided_by: "whether the users are alive and pile up, or are dead" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("parent_token_died/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
