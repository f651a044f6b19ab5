//! IMG-05: the credential that was sent lives for a limited time, which is over.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-05",
    slug: "token-expired",
    title: "The registry token in the pull secret has expired",
    link: Link::Registry,
    role: Role::Mechanism,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ExternalSecret, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "IMG-04",
            decided_by: "whether the token states an end that has passed, or the registry says so",
        },
        Neighbour { code: "SYN-22", decided_by: "whether the job that refreshes the token still runs" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("token_expired/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    pull::credential(view, facts, v, "run what refreshes the token")
}
