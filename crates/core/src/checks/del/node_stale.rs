//! DEL-11: one node does not refresh what it delivered, since its kubelet is cut off.

use super::stale::{self, How};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::steps;
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::verdict::{Evidence, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-11",
    slug: "node-stale",
    title: "One node cannot refresh what it delivered",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::decides(Kind::Node, Scope::Cluster),
        Need::sharpens(Kind::Lease, Scope::All),
    ],
    neighbours: &[
        Neighbour { code: "CLU-06", decided_by: "whether the kubelet is refused for an expired certificate" },
        Neighbour { code: "DEL-04", decided_by: "whether pods of the same workload on other nodes are stale too" },
        Neighbour { code: "CLU-09", decided_by: "whether the node is down for reasons of its own" },
    ],
    lag: Lag::Propagation,
    fix: FixKind::Always,
    page: include_str!("node_stale/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for case in stale::stale(view).iter().filter(|s| s.how == How::Node) {
        let node = Id::new(Kind::Node, "", case.pod.node.as_deref().unwrap_or_default());
        let headline = format!(
            "{} is refused on {node}: the node is cut off and still delivers the former {}",
            case.victim, case.object.id
        );
        let state = Evidence::new(&node, "status.conditions[Ready]", "not ready, or its Lease is old", "status");
        let mut finding = case.finding(view, headline);
        finding.subject = node.clone();
        let repair = Step::on(&node, format!("repair {node}, or drain it"), Effect::Mend { object: node.clone() })
            .change("nothing on Secrets or workloads")
            .command(format!("kubectl drain {} --ignore-daemonsets --delete-emptydir-data", node.name))
            .precondition("the other nodes have room, and PodDisruptionBudgets hold")
            .risk(Risk::Review)
            .inverse(format!("kubectl uncordon {}", node.name))
            .after("its pods run on nodes that deliver the present value");
        finding = finding
            .supported_by([state])
            .link(Link::Cluster, &node, LinkState::Broken, "its kubelet reports nothing")
            .unless("DEL-04", &case.object.id, "compare the hash of the file in the container with the Secret's key")
            .unless("CLU-06", &node, "the kubelet's log and its certificate's end")
            .plan(Plan::new(vec![repair]));
        found.push(finding);
    }
    for case in stale::stale(view).iter().filter(|s| s.how == How::ReadOnce) {
        // What looks like a process that read once may be a node that does not refresh.
        if let Some(name) = case.pod.node.as_deref() {
            let node = Id::new(Kind::Node, "", name);
            out.need(&case.victim, &node, view.node(name));
        }
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}
