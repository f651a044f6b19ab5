//! RBC-09: the one who looks may not read Secrets, so what depends on them stays unknown.

use std::collections::BTreeSet;

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Unseen;
use crate::objects::Kind;
use crate::references;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-09",
    slug: "reader-cannot-see",
    title: "The one who looks may not read Secrets",
    link: Link::Access,
    role: Role::Limit,
    severity: Severity::Low,
    needs: &[Need::sharpens(Kind::Secret, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "OBJ-01", decided_by: "whether the kubelet says that the Secret is not found" },
        Neighbour { code: "RBC-01", decided_by: "whether an application or the reader is refused" },
    ],
    lag: Lag::Standing,
    fix: FixKind::Never,
    page: include_str!("reader_cannot_see/explain.md"),
    judge,
};

/// Says once for each failing workload that uses Secrets that they could not be read. Never a finding: it is a limit of
/// the reader and not a fault of the cluster.
fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut told = BTreeSet::new();
    for symptom in view.symptoms() {
        let namespace = &symptom.victim.namespace;
        let Err(why @ (Unseen::Forbidden | Unseen::MetadataOnly)) = view.snap.coverage.of(&Kind::Secret, namespace)
        else {
            continue;
        };
        let uses = match symptom.pod.as_ref().and_then(|id| view.pod(id)) {
            Some(pod) => references::of(&pod.spec).iter().any(|(r, _)| r.kind == Kind::Secret),
            None => symptom.victim.kind == Kind::ExternalSecret,
        };
        if uses && told.insert(symptom.victim.clone()) {
            out.unseen(&symptom.victim, format!("Secrets in namespace {namespace}"), why);
        }
    }
}
