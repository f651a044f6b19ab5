//! IMG-06: the pull secret is sound, but none of its keys covers the image.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-06",
    slug: "registry-key-mismatch",
    title: "No key of the pull secret matches the image",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "IMG-01", decided_by: "whether the pod lists any pull secret" },
        Neighbour { code: "IMG-08", decided_by: "whether the type of the Secret is one that is read" },
        Neighbour { code: "IMG-13", decided_by: "whether the ServiceAccount lists a Secret that would match" },
        Neighbour {
            code: "IMG-24",
            decided_by: "whether other containers of the pod are served by the listed Secrets",
        },
        Neighbour { code: "IMG-07", decided_by: "whether the key is one of the names of Docker Hub" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("registry_key_mismatch/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let wants = facts.first().map_or_else(String::new, |f| f.domain().to_owned());
    pull::credential(view, facts, v, &format!("write the entry under the key {wants}, port included"))
}
