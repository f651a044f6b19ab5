//! IMG-12: the ServiceAccount lists a pull secret, but the pods were admitted before it did.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-12",
    slug: "account-too-late",
    title: "The ServiceAccount got its pull secret after the pods were made",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::ServiceAccount, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "IMG-13", decided_by: "whether the pod has a list of its own" },
        Neighbour { code: "IMG-01", decided_by: "whether the ServiceAccount lists a pull secret now" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("account_too_late/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    Plan::new(pull::remake(facts))
}
