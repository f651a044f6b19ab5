//! SYN-09: the status is green, and there are no data by policy.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-09",
    slug: "green-without-data",
    title: "The status is green, and there are no data by policy",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SYN-10", decided_by: "whether the ExternalSecret is there" },
        Neighbour { code: "SRC-05", decided_by: "green or red: an empty entry, or none" },
        Neighbour { code: "OBJ-02", decided_by: "whether a policy or a person removed the Secret" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("green_without_data/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
