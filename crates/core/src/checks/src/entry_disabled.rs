//! SRC-10: the entry at the source is disabled, marked for deletion, or its key is closed.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-10",
    slug: "entry-disabled",
    title: "The entry at the source is disabled, marked for deletion, or its key is closed",
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
        Neighbour { code: "SRC-05", decided_by: "closed, or not there" },
        Neighbour { code: "SRC-01", decided_by: "a right of the reader, or the state of the entry" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("entry_disabled/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
