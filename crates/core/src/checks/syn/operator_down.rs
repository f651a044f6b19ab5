//! SYN-03: the sync operator does not work, and every status is still green.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-03",
    slug: "operator-down",
    title: "The sync operator does not work, and every status is still green",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::All),
        Need::sharpens(Kind::Deployment, Scope::All),
        Need::sharpens(Kind::Lease, Scope::All),
        Need::sharpens(Kind::Event, Scope::All),
    ],
    neighbours: &[
        Neighbour { code: "SYN-04", decided_by: "whether the spec says not to read again" },
        Neighbour { code: "SYN-01", decided_by: "whether a status reports a failure" },
        Neighbour { code: "SYN-12", decided_by: "whether it stopped at an upgrade" },
        Neighbour { code: "RBC-07", decided_by: "whether it is refused by the API server" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("operator_down/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
