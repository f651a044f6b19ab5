//! IMG-25: the Secret was mended after the last try, and the kubelet has not tried again.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Effect, Plan, Risk, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-25",
    slug: "backing-off",
    title: "The fault is mended, and the pods only wait for the next try",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::Low,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[Neighbour {
        code: "IMG-04",
        decided_by: "what the registry says to the credential that the Secret holds now",
    }],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("backing_off/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    let mut steps = vec![
        Step::on(&facts[0].victim, "wait: the kubelet tries again within five minutes", Effect::Wait)
            .change("nothing")
            .risk(Risk::Safe)
            .after("the next Pulling event is followed by Pulled"),
    ];
    steps.extend(pull::remake(facts));
    Plan::new(steps)
}
