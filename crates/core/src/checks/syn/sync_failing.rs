//! SYN-01: an ExternalSecret fails, and why is not on record.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-01",
    slug: "sync-failing",
    title: "An ExternalSecret fails, and why is not on record",
    link: Link::Sync,
    role: Role::Mechanism,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SYN-03", decided_by: "whether the status reports the failure, or is green and old" },
        Neighbour { code: "SYN-02", decided_by: "whether its store is red" },
        Neighbour { code: "SRC-01", decided_by: "the Event UpdateFailed, or the log" },
        Neighbour { code: "OBJ-02", decided_by: "whether the Secret was removed, or never brought" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("sync_failing/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
