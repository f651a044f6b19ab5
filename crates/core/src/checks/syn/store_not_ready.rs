//! SYN-02: a store is not ready or not there, and all of its readers fail.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-02",
    slug: "store-not-ready",
    title: "A store is not ready or not there, and all of its readers fail",
    link: Link::Sync,
    role: Role::Mechanism,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "AUT-01", decided_by: "the Event InvalidProviderConfig on the store" },
        Neighbour { code: "SYN-01", decided_by: "whether all readers of the store fail, or one" },
        Neighbour { code: "SRC-09", decided_by: "whether other stores of the same source fail too" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("store_not_ready/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
