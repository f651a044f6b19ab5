//! SYN-05: the credential runs out before the next read.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-05",
    slug: "interval-too-long",
    title: "The credential runs out before the next read",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SYN-03", decided_by: "whether the next read is due" },
        Neighbour { code: "SRC-02", decided_by: "whether a lease or the interval is at fault" },
        Neighbour { code: "IMG-05", decided_by: "that it ended; this row says why nothing newer came" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("interval_too_long/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
