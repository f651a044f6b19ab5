//! SYN-04: the ExternalSecret is told never to read again.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "SYN-04",
    slug: "never-refreshes",
    title: "The ExternalSecret is told never to read again",
    link: Link::Sync,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "SYN-03", decided_by: "whether the spec explains the old refreshTime" },
        Neighbour { code: "SRC-08", decided_by: "whether the source holds another value than the Secret" },
        Neighbour { code: "SYN-08", decided_by: "whether it reads on and cannot write" },
    ],
    lag: Lag::Standing,
    fix: FixKind::Always,
    page: include_str!("never_refreshes/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    super::story::report(view, out, CARD.code);
}
