//! IMG-26: the image name, its platform, its policy or the node is at fault, and no credential.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-26",
    slug: "look-alike",
    title: "The image fails for a reason that no credential mends",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Node, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "IMG-17", decided_by: "whether the registry called the image absent" },
        Neighbour { code: "IMG-09", decided_by: "whether the image name or a pull secret cannot be read" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Sometimes,
    page: include_str!("look_alike/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    Plan::new(pull::edit_template(facts, "correct the image or its pull policy", "what the headline names"))
}
