//! IMG-15: the kubelet verifies that a pod may use an image that others brought to the node (KEP-2535).

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-15",
    slug: "cached-image-unproved",
    title: "The image is on the node, but the pod cannot prove its right to it",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Node, Scope::Cluster),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "IMG-01", decided_by: "whether the pull would be refused on a node without the image too" },
        Neighbour { code: "IMG-14", decided_by: "whether the image is on the node" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("cached_image_unproved/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let _ = v;
    let wants = facts.first().map_or_else(String::new, |f| f.domain().to_owned());
    Plan::new(pull::edit_template(
        facts,
        "name a valid pull secret in the template",
        &format!("imagePullSecrets gets a Secret with a key for {wants}"),
    ))
}
