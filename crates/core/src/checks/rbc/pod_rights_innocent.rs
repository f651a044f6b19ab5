//! RBC-02: a ServiceAccount's rights were changed, and delivery by the kubelet fails: the one has nothing to do with the other.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{AuditWrite, Id, Kind};
use crate::rbac;
use crate::symptoms::{Class, Symptom};
use crate::time::Time;
use crate::verdict::{Confidence, Evidence, Finding, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-02",
    slug: "pod-rights-innocent",
    title: "The pod's ServiceAccount is blamed for what the kubelet delivers",
    link: crate::verdict::Link::Access,
    role: Role::Exonerates,
    severity: Severity::Low,
    needs: &[Need::sharpens(Kind::RoleBinding, Scope::OwnNamespace), Need::sharpens(Kind::Role, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "RBC-01", decided_by: "whether the application itself asked the API and was refused" },
        Neighbour { code: "DEL-06", decided_by: "whether a refusal names system:node:" },
    ],
    lag: Lag::Standing,
    fix: FixKind::Never,
    page: include_str!("pod_rights_innocent/explain.md"),
    judge,
};

/// Two hours before the onset: as far back as people look for a change to blame.
const LOOK_BACK: i64 = 2 * 3600;

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for symptom in view.symptoms() {
        let delivery = matches!(symptom.class, Class::Config | Class::Mount | Class::Pull);
        if !delivery || symptom.signal(|s| matches!(s, Signal::ApiForbidden(_) | Signal::NodeForbidden)).is_some() {
            continue;
        }
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let user = format!("system:serviceaccount:{}:{}", pod.id.namespace, pod.spec.service_account);
        let Some((object, at, source)) = suspect(view, symptom, &user) else { continue };
        let account = Id::new(Kind::ServiceAccount, &pod.id.namespace, &pod.spec.service_account);
        let evidence = Evidence::new(&object, "metadata", format!("changed before {} failed", symptom.victim), source)
            .at(Some(at));
        out.violated(
            Finding::new(
                &account,
                Confidence::Certain,
                format!(
                    "the change of {object} is a coincidence: the kubelet fetches for {} with the node's identity",
                    symptom.victim
                ),
                evidence,
            )
            .explains([symptom.ix])
            .rules_out("RBC-01", "env, volumes and pull secrets are fetched by the kubelet, not by the ServiceAccount"),
        );
    }
}

/// The newest change of a right that people would suspect: a binding or role of the namespace, or a cluster binding of the
/// pod's own ServiceAccount. What nodes may do is not innocent.
fn suspect(view: &View<'_>, symptom: &Symptom, user: &str) -> Option<(Id, Time, &'static str)> {
    let onset = symptom.onset?;
    let near = |at: Time| at <= onset && onset.since(at) <= LOOK_BACK;
    let namespace = &symptom.victim.namespace;
    let of_rights = |w: &&AuditWrite| {
        matches!(w.object.kind, Kind::Role | Kind::RoleBinding)
            && w.object.namespace == *namespace
            && !w.object.name.starts_with("system:node")
    };
    // Making a right is part of every deployment; taking it away or changing it is what looks guilty.
    let audited =
        view.snap.audit.iter().rev().filter(of_rights).find(|w| w.succeeded() && &*w.verb != "create" && near(w.at));
    if let Some(write) = audited {
        return Some((write.object.clone(), write.at, "audit"));
    }
    let bindings = rbac::bindings_of(view.snap, user, Some(namespace)).into_iter().map(|b| (&b.id, &b.meta));
    let roles = view.snap.roles.iter().filter(|r| r.id.namespace == *namespace).map(|r| (&r.id, &r.meta));
    bindings
        .chain(roles)
        .filter(|(id, _)| !id.name.starts_with("system:"))
        .filter_map(|(id, meta)| {
            let written = meta.last_written()?;
            let rewritten = meta.created.is_some_and(|created| written.since(created) > 2);
            (rewritten && near(written)).then(|| (id.clone(), written, "managedFields"))
        })
        .max_by_key(|(_, at, _)| *at)
}
