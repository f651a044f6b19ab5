//! SYN-11: a generator made a new value that the backend does not know.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-11",
    slug: "generator-rerolled",
    title: "A generator made a new value that the backend does not know",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SRC-06", decided_by: "whether a person or a generator made the value" },
        Neighbour { code: "ROT-03", decided_by: "whether a chart rolled it" },
        Neighbour { code: "SRC-08", decided_by: "whether Secret or backend changed" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("generator_rerolled/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
