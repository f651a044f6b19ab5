//! IMG-08: the type of the pull secret is none that the kubelet reads for pulls.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{Id, Kind};
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-08",
    slug: "wrong-secret-type",
    title: "The pull secret has a type that is never used for pulls",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-06", decided_by: "whether the type is one that is read for pulls" },
        Neighbour { code: "IMG-01", decided_by: "whether the pod lists any pull secret" },
        Neighbour { code: "OBJ-10", decided_by: "the same fault seen from the object: its type does not fit its use" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("wrong_secret_type/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let secret = &v.subject;
    let name = format!("{}-pull", secret.name);
    let good = Id::new(Kind::Secret, &secret.namespace, &name);
    // The type of a Secret cannot be changed in place; a second Secret beside it leaves no gap.
    let mut steps = vec![pull::secret_step(
        view,
        &good,
        "make it again beside the old one with type kubernetes.io/dockerconfigjson",
    )];
    let change = format!("imagePullSecrets: {} becomes {name}", secret.name);
    steps.extend(pull::edit_template(facts, &format!("name {name} in place of {}", secret.name), &change));
    Plan::new(steps)
}
