//! SYN-10: the sync resource was removed, and its Secret with it.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-10",
    slug: "pruned",
    title: "The sync resource was removed, and its Secret with it",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-02", decided_by: "several objects of one owner, or one Secret by hand" },
        Neighbour { code: "SYN-09", decided_by: "whether the ExternalSecret is there" },
        Neighbour { code: "OBJ-01", decided_by: "whether it was ever there" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("pruned/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
