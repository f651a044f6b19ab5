//! SRC-07: source and backend do not agree after a rotation.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SRC-07",
    slug: "out-of-step",
    title: "Source and backend do not agree after a rotation",
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
        Neighbour { code: "SRC-06", decided_by: "one login with the former version at the source" },
        Neighbour { code: "CON-04", decided_by: "refusals or limits: `too many connections` is no refusal" },
        Neighbour { code: "SRC-08", decided_by: "whether anything changed in Secret or source before" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("out_of_step/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    crate::checks::syn::story::report(view, out, CARD.code);
}
