//! SYN-12: the operator's API, CRD or webhook does not fit its version.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-12",
    slug: "api-version-skew",
    title: "The operator's API, CRD or webhook does not fit its version",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SYN-03", decided_by: "whether the operator works and complains, or is silent" },
        Neighbour { code: "RBC-06", decided_by: "whose webhook it is" },
        Neighbour { code: "RBC-07", decided_by: "whether it is refused, or the version is not served" },
    ],
    lag: Lag::Refresh,
    fix: FixKind::Always,
    page: include_str!("api_version_skew/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
