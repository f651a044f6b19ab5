//! SRC-06: a value that no backend accepts was written at the source.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-06",
    slug: "wrong-value",
    title: "A value that no backend accepts was written at the source",
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
            code: "SRC-07",
            decided_by: "one login with the former version: accepted (SRC-06) or not any more (SRC-07)",
        },
        Neighbour { code: "DEL-01", decided_by: "whether the refused ones started before or after the change" },
        Neighbour {
            code: "OBJ-08",
            decided_by: "whether the value came from the source or was written into the Secret",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("wrong_value/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
