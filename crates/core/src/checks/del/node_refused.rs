//! DEL-06: the API server refuses the node itself the object: the node authorizer sees no pod there that names it.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::steps;
use crate::messages::Signal;
use crate::objects::{Id, Kind, Pod};
use crate::plan::Plan;
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-06",
    slug: "node-refused",
    title: "The API server refuses the object to the node",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Event, Scope::OwnNamespace), Need::sharpens(Kind::Node, Scope::Cluster)],
    neighbours: &[
        Neighbour { code: "RBC-01", decided_by: "whether the refusal names `system:node:` or a ServiceAccount" },
        Neighbour {
            code: "CLU-06",
            decided_by: "whether the refusal names `system:anonymous`, and the node is not ready",
        },
        Neighbour { code: "DEL-05", decided_by: "whether the text is a refusal or a timeout" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("node_refused/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::Mount | Class::Config)) {
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let refused = symptom.said.iter().find(|s| s.said.says(Signal::NodeForbidden));
        let unregistered = symptom.said.iter().filter(|s| s.said.says(Signal::NotRegistered)).max_by_key(|s| s.count);
        match (refused, unregistered) {
            (Some(said), _) => found.push(finding(view, symptom, pod, said, true)),
            // The kubelet says so in passing for pods that are being set up or taken down.
            (None, Some(said)) if said.count >= 3 && !not_found(symptom) => {
                found.push(finding(view, symptom, pod, said, false));
            }
            _ => {}
        }
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

fn not_found(symptom: &Symptom) -> bool {
    symptom.signal(|s| matches!(s, Signal::ObjectNotFound(_) | Signal::KeyNotFound(_))).is_some()
}

fn finding(view: &View<'_>, symptom: &Symptom, pod: &Pod, said: &Statement, refused: bool) -> Finding {
    let node = said.said.fields.node.as_deref().or(pod.node.as_deref()).unwrap_or_default();
    let node = Id::new(Kind::Node, "", node);
    let words = if refused {
        format!("the API server refuses it to {node}: no relationship between node and object")
    } else {
        "the object is not registered with the kubelet for this pod".to_owned()
    };
    // One refusal right after the pod was bound can be the authorizer's graph lagging behind.
    let settled = said.count >= 2 || view.as_of.zip(pod.meta.created).is_some_and(|(now, made)| now.since(made) > 60);
    let confidence = match (refused, settled) {
        (true, true) => Confidence::Certain,
        (true, false) => Confidence::Likely,
        (false, _) => Confidence::Possible,
    };
    let bound = Evidence::new(&pod.id, "spec.nodeName", format!("the pod is bound to {node}"), "spec");
    let mut finding = Finding::new(
        &node,
        confidence,
        format!("{} cannot start on {node}: the API server refuses its objects to the node", symptom.victim),
        steps::evidence(said, words),
    )
    .explains([symptom.ix])
    .supported_by([bound])
    .link(Link::Delivery, &node, LinkState::Broken, "refused by the node authorizer")
    .rules_out("RBC-01", "the refused user is the node, not a ServiceAccount")
    .note("rights of the pod's ServiceAccount play no part: the kubelet fetches with the node's identity");
    if refused {
        finding = finding.rules_out("DEL-05", "it is a refusal, not a timeout");
    }
    if pod.mirror {
        finding = finding.note("a static pod cannot use Secrets or ConfigMaps at all");
    }
    let step = steps::restart(&symptom.victim, format!("delete {} so that it is bound anew", pod.id))
        .command(format!("kubectl delete {} -n {}", pod.id, pod.id.namespace))
        .precondition("a controller makes the pod anew")
        .after("the new binding gives the node its relationship to the objects; if it is refused again, repair the node's identity");
    finding.plan(Plan::new(vec![step]))
}
