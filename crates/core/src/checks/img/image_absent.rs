//! IMG-17: the registry has no such repository, tag or digest.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-17",
    slug: "image-absent",
    title: "The image does not exist in the registry",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-16", decided_by: "whether the repository exists" },
        Neighbour { code: "IMG-26", decided_by: "whether the image exists for another platform only" },
        Neighbour {
            code: "IMG-01",
            decided_by: "whether the repository exists: some registries hide it from who is not logged in",
        },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("image_absent/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(_view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    if v.other.is_some() && v.changed.is_some() {
        let change = "the image goes back to the one of the revision before".to_owned();
        let mut steps = pull::edit_template(facts, "correct the image, or go back to the one before,", &change);
        for (step, f) in steps.iter_mut().zip(facts) {
            step.command = Some(format!("kubectl rollout undo {} -n {}", f.victim, f.victim.namespace));
        }
        return Plan::new(steps);
    }
    Plan::new(pull::edit_template(facts, "correct the image", "the name or tag of one that exists"))
}
