//! IMG-04: the pod sent a credential and the registry refused it.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-04",
    slug: "credential-refused",
    title: "The registry refused the credential that was sent",
    link: Link::Registry,
    role: Role::Mechanism,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-05", decided_by: "whether the credential was right once and has run out" },
        Neighbour {
            code: "IMG-16",
            decided_by: "whether the same credential pulls another repository of the registry",
        },
        Neighbour { code: "IMG-11", decided_by: "whether another credential, or none at all, would be accepted" },
        Neighbour { code: "IMG-10", decided_by: "whether auth and username:password agree" },
        Neighbour { code: "SRC-08", decided_by: "whether the password was changed at the registry only" },
        Neighbour { code: "IMG-25", decided_by: "whether the Secret was changed after the last try" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("credential_refused/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    pull::credential(view, facts, v, "write a credential that the registry accepts, proved with one login before")
}
