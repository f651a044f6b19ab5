//! CLU-06: a kubelet is not known to the API server any more: its client certificate has expired.

use std::collections::BTreeSet;

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::{Caller, Signal};
use crate::objects::{AuditWrite, Event, Id, Kind, Node};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, SymptomIx};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CLU-06",
    slug: "node-identity",
    title: "The API server does not know a node's kubelet any more",
    link: Link::Cluster,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Node, Scope::Cluster),
        Need::sharpens(Kind::Lease, Scope::All),
        Need::sharpens(Kind::Event, Scope::All),
    ],
    neighbours: &[
        Neighbour { code: "DEL-06", decided_by: "whether the refused user is system:node: or system:anonymous" },
        Neighbour {
            code: "DEL-11",
            decided_by: "whether the API server refuses the kubelet, or the node cannot reach it",
        },
        Neighbour { code: "RBC-05", decided_by: "whether a kubelet or an application is refused" },
        Neighbour { code: "CLU-05", decided_by: "whether one node is hit or several" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("node_identity/explain.md"),
    judge,
};

/// A kubelet renews its Lease every 10 s and is held for gone after 40 s.
const LEASE_OLD: i64 = 60;

fn judge(view: &View<'_>, out: &mut Verdicts) {
    // Hardly any snapshot holds such a sign, and there may be hundreds of nodes to ask for it.
    if !view.snap.audit.iter().any(by_unknown_kubelet) && !view.snap.events.iter().any(from_unknown_kubelet) {
        return;
    }
    for node in &view.snap.nodes {
        let Some(primary) = refused(view, node) else { continue };
        out.violated(finding(view, node, primary));
    }
}

/// A kubelet's write that was refused since nobody knew who asked.
fn by_unknown_kubelet(write: &AuditWrite) -> bool {
    write.user_agent.starts_with("kubelet")
        && (write.code == 401 || (write.code == 403 && &*write.user == "system:anonymous"))
}

/// A kubelet's own Event that it was refused as nobody.
fn from_unknown_kubelet(event: &Event) -> bool {
    let nobody = |s: &Signal| matches!(s, Signal::ApiForbidden(Caller::Anonymous) | Signal::ApiUnauthorized);
    &*event.component == "kubelet" && event.said.signals.iter().any(nobody)
}

/// A sign that the API server did not know who this node's kubelet is.
fn refused(view: &View<'_>, node: &Node) -> Option<Evidence> {
    let name = &node.id.name;
    let of_node = |id: &Id| match id.kind {
        Kind::Node => id.name == *name,
        Kind::Lease => &*id.namespace == "kube-node-lease" && id.name == *name,
        Kind::Pod => view.pod(id).is_some_and(|p| p.node.as_ref() == Some(name)),
        _ => false,
    };
    let by_audit = view.snap.audit.iter().rev().find(|w| by_unknown_kubelet(w) && of_node(&w.object));
    if let Some(write) = by_audit {
        return Some(
            Evidence::new(
                &write.object,
                format!("audit {}", write.verb),
                format!("the kubelet was refused with {} as {}", write.code, write.user),
                "audit",
            )
            .at(Some(write.at)),
        );
    }
    // A kubelet that got in again has said so since.
    let event = view
        .snap
        .events
        .iter()
        .rev()
        .find(|e| from_unknown_kubelet(e) && (e.node.as_ref() == Some(name) || of_node(&e.about)))?;
    Some(
        Evidence::new(
            &event.about,
            format!("event {}", event.reason),
            "the kubelet asked as nobody and was refused",
            "event",
        )
        .at(event.last),
    )
}

fn finding(view: &View<'_>, node: &Node, primary: Evidence) -> Finding {
    let ready = node.conditions.iter().find(|c| &*c.kind == "Ready");
    let down = ready.is_some_and(|c| c.status != Some(true));
    let lease = view.snap.leases.iter().find(|l| &*l.id.namespace == "kube-node-lease" && l.id.name == node.id.name);
    let lease_old =
        lease.and_then(|l| l.renewed).zip(view.as_of).is_some_and(|(renewed, now)| now.since(renewed) > LEASE_OLD);
    let on_node: Vec<_> = view.snap.pods.iter().filter(|p| p.node.as_ref() == Some(&node.id.name)).collect();
    let explains: BTreeSet<SymptomIx> = view
        .symptoms()
        .iter()
        .filter(|s| matches!(s.class, Class::Config | Class::Mount))
        .filter(|s| s.pod.as_ref().is_some_and(|id| on_node.iter().any(|p| p.id == *id)))
        .filter(|s| {
            s.signal(|s| {
                matches!(
                    s,
                    Signal::CacheSyncTimeout(_)
                        | Signal::NodeForbidden
                        | Signal::ApiUnauthorized
                        | Signal::ApiForbidden(_)
                )
            })
            .is_some()
        })
        .map(|s| s.ix)
        .collect();
    let sure = if down || lease_old { Confidence::Certain } else { Confidence::Likely };
    let since = ready.filter(|c| c.status != Some(true)).and_then(|c| c.changed);
    let mut finding = Finding::new(
        &node.id,
        sure,
        format!("the API server does not know the kubelet of {} any more: its client certificate has run out", node.id),
        primary,
    )
    .explains(explains.iter().copied())
    .changed(lease.and_then(|l| l.renewed).or(since).map(|at| Change {
        when: Interval::between(Some(at), since.or(view.as_of)),
        by: None,
        source: "status",
    }))
    .link(Link::Cluster, &node.id, LinkState::Broken, "its kubelet is nobody to the API server")
    .rules_out("DEL-06", "the refused user is not the node's own")
    .note("old watches live on for a while: a mounted Secret of this node may still be fresh")
    .plan(plan(&node.id));
    if down {
        finding = finding
            .supported_by([Evidence::new(&node.id, "status.conditions[Ready]", "not True", "status")
                .at(ready.and_then(|c| c.changed))]);
    }
    if let (true, Some(lease)) = (lease_old, lease) {
        finding = finding.supported_by([
            Evidence::new(&lease.id, "spec.renewTime", "not renewed since", "status").at(lease.renewed)
        ]);
    }
    if explains.is_empty() {
        let victims: BTreeSet<Id> = on_node.iter().map(|p| view.top_owner(p)).collect();
        finding = finding.latent();
        for victim in &victims {
            finding = finding.victim(victim);
        }
    }
    finding
}

fn plan(node: &Id) -> Plan {
    Plan::new(vec![
        Step::on(
            node,
            format!("give the kubelet of {node} a new client certificate"),
            Effect::Mend { object: node.clone() },
        )
        .change("the kubelet's client certificate: approve its pending request, or bootstrap it anew")
        .command("kubectl get certificatesigningrequests --sort-by=.metadata.creationTimestamp")
        .precondition("the request comes from this node")
        .risk(Risk::Review)
        .inverse("delete the certificate; the node stays out")
        .after("the node is Ready and renews its Lease"),
    ])
}
