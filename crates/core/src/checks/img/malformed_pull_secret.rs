//! IMG-09: one pull secret does not parse, so that the kubelet pulls no image of the pod.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-09",
    slug: "malformed-pull-secret",
    title: "A pull secret does not parse, and nothing is pulled",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-13", decided_by: "the same fault seen from the object: the docker config is malformed" },
        Neighbour { code: "IMG-19", decided_by: "whether a registry was asked at all" },
        Neighbour { code: "IMG-26", decided_by: "whether the image name can be read" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("malformed_pull_secret/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    pull::credential(view, facts, v, "write a docker config that parses: auth is base64 of user:password")
}
