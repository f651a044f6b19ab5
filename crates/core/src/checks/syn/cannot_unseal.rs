//! SYN-18: a SealedSecret cannot be opened by this controller.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-18",
    slug: "cannot-unseal",
    title: "A SealedSecret cannot be opened by this controller",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::SealedSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-01", decided_by: "whether the SealedSecret exists at all" },
        Neighbour { code: "SYN-08", decided_by: "whether the target belongs to another" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("cannot_unseal/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
