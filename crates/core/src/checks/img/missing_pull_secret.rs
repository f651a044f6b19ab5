//! IMG-02: a pull secret that the pod names does not exist in its namespace.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-02",
    slug: "missing-pull-secret",
    title: "A pull secret that the pod names does not exist",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::ServiceAccount, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-03", decided_by: "whether a Secret of this name exists in another namespace" },
        Neighbour { code: "IMG-06", decided_by: "whether the Secret exists and only has no key for the registry" },
        Neighbour {
            code: "OBJ-02",
            decided_by: "whether the Secret was there before: an audit line, or a pod that pulled with it",
        },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("missing_pull_secret/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    if let Some(near) = v.other.as_ref().filter(|o| o.namespace == v.subject.namespace) {
        let title = format!("name {} instead of {}", near.name, v.subject.name);
        let change = format!("imagePullSecrets: {} becomes {}", v.subject.name, near.name);
        return Plan::new(pull::edit_template(facts, &title, &change));
    }
    pull::credential(view, facts, v, "make the pull secret, by the owner that should have made it")
}
