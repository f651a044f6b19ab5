//! SYN-08: the target Secret cannot be written: owned by another, or immutable.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-08",
    slug: "target-contested",
    title: "The target Secret cannot be written: owned by another, or immutable",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-12", decided_by: "whether an operator or a person is kept from writing" },
        Neighbour { code: "SYN-04", decided_by: "whether it reads on" },
        Neighbour { code: "SRC-08", decided_by: "whether the source holds another value" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("target_contested/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
