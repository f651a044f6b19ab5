//! SYN-19: copies of a replicated Secret were left behind.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-19",
    slug: "replica-stale",
    title: "Copies of a replicated Secret were left behind",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::All)],
    neighbours: &[
        Neighbour { code: "ROT-01", decided_by: "whether a replicator or a person makes the copies" },
        Neighbour { code: "OBJ-17", decided_by: "one outlier, or a source and its copies" },
    ],
    lag: Lag::Propagation,
    fix: FixKind::Always,
    page: include_str!("replica_stale/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
