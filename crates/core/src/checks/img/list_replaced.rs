//! IMG-13: a list of pull secrets in the pod template stands in place of the one of the ServiceAccount.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-13",
    slug: "list-replaced",
    title: "The pod has its own list, so that the one of its ServiceAccount is not used",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::ServiceAccount, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-12", decided_by: "whether the pod list is empty" },
        Neighbour { code: "IMG-06", decided_by: "whether the listed Secret was meant to cover this registry" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("list_replaced/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let add = v.other.as_ref().map_or_else(String::new, |o| o.name.to_string());
    let title = format!("list {add} as well, or drop the list,");
    Plan::new(pull::edit_template(facts, &title, &format!("imagePullSecrets gets {add}: lists are not merged")))
}
