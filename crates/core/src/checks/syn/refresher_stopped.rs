//! SYN-22: the CronJob that refreshes tokens is suspended or fails.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-22",
    slug: "refresher-stopped",
    title: "The CronJob that refreshes tokens is suspended or fails",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::CronJob, Scope::All),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Job, Scope::All),
        Need::sharpens(Kind::RoleBinding, Scope::All),
    ],
    neighbours: &[
        Neighbour { code: "IMG-05", decided_by: "that the token ended; this row says why no newer one came" },
        Neighbour { code: "IMG-04", decided_by: "whether the credential was ever refreshed" },
        Neighbour { code: "SYN-03", decided_by: "an operator, or a job" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("refresher_stopped/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
