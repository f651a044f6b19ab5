//! IMG-16: the registry knows the login and does not let it pull this repository.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Plan, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-16",
    slug: "not-allowed",
    title: "The login is good, but may not pull this repository",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "IMG-17",
            decided_by: "whether the repository exists, and how near its name is to that of the revision before",
        },
        Neighbour {
            code: "IMG-04",
            decided_by: "whether the same credential pulls another repository of the registry",
        },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("not_allowed/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let path = facts.first().and_then(|f| f.image.as_ref().ok()).map_or_else(String::new, |i| i.path().to_owned());
    let mut steps = vec![
        Step::outside(
            format!("grant the login in {} read on {path} at the registry", v.subject),
            "the registry answers the pull with 200",
        )
        .change("one right to read, nothing more")
        .inverse("take the right back"),
    ];
    steps.extend(pull::remake(facts));
    Plan::new(steps)
}
