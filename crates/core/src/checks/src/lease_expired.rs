//! SRC-02: a minted credential ran out and was not replaced.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-02",
    slug: "lease-expired",
    title: "A minted credential ran out and was not replaced",
    link: Link::Source,
    role: Role::Mechanism,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::SecretStore, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour {
            code: "SRC-01",
            decided_by: "what stopped the renewal: the refusal that the ExternalSecret reports",
        },
        Neighbour { code: "SRC-03", decided_by: "the time that it lived: ttl of the lease, or of the login token" },
        Neighbour { code: "SRC-06", decided_by: "whether somebody wrote the value, or an engine minted it" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("lease_expired/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
