//! SYN-07: the template or a conversion fails, or makes no valid Secret.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-07",
    slug: "template-fails",
    title: "The template or a conversion fails, or makes no valid Secret",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SRC-05", decided_by: "whether the entry could be read" },
        Neighbour { code: "SRC-06", decided_by: "whether the value at the source has what breaks it" },
        Neighbour { code: "OBJ-13", decided_by: "whether a malformed Secret was written, or refused" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("template_fails/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
