//! SRC-04: a lease reached the longest life that is allowed.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-04",
    slug: "ceiling-reached",
    title: "A lease reached the longest life that is allowed",
    link: Link::Source,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::VaultDynamicSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SYN-13", decided_by: "whether the lease was cut at its ceiling, or nobody renewed it" },
        Neighbour { code: "SRC-01", decided_by: "whether a 403 is on record" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("ceiling_reached/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
