//! IMG-18: the registry answers 429: it counts pulls and does not judge the credential.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Plan, Risk, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-18",
    slug: "rate-limited",
    title: "The registry limits the rate of pulls",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "IMG-04", decided_by: "whether the answer is 429 or 401" },
        Neighbour { code: "IMG-07", decided_by: "whether a key for Docker Hub is there that never matches" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Sometimes,
    page: include_str!("rate_limited/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    let host = facts.first().map_or_else(String::new, |f| f.domain().to_owned());
    Plan::new(vec![
        Step::outside(
            format!("pull from {host} with a login of a higher limit, or through a mirror"),
            "the registry answers 200",
        )
        .change("nothing in the cluster; the pods try again by themselves")
        .risk(Risk::Manual),
    ])
}
