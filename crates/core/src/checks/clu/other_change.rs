//! CLU-09: what fails has another cause than a Secret, a ConfigMap or a registry credential.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{ContainerState, Id, Kind, Pod};
use crate::plan::{Plan, Step};
use crate::time::Time;
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CLU-09",
    slug: "other-change",
    title: "Something else than secrets is at fault",
    link: Link::Cluster,
    role: Role::Exonerates,
    severity: Severity::Low,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::sharpens(Kind::Event, Scope::OwnNamespace)],
    neighbours: &[Neighbour {
        code: "IMG-26",
        decided_by: "whether the image's name or platform is at fault, or the process",
    }],
    lag: Lag::Standing,
    fix: FixKind::Never,
    page: include_str!("other_change/explain.md"),
    judge,
};

/// Silent: failures of other kinds are reported only for a subject that was asked for by name, through
/// [`explain_other`].
fn judge(_: &View<'_>, _: &mut Verdicts) {}

/// Why a workload that was asked for by name fails, where no row about secrets explains it. `None` if nothing fails there,
/// or if it fails in a way that this cannot name.
pub fn explain_other(view: &View<'_>, victim: &Id) -> Option<Finding> {
    let explains: Vec<_> = view.symptoms().iter().filter(|s| s.victim == *victim).map(|s| s.ix).collect();
    let found = view
        .pods_of(victim)
        .filter(|p| p.meta.deleting.is_none() && &*p.phase != "Succeeded")
        .find_map(|pod| of_pod(view, pod).map(|(what, evidence)| (pod, what, evidence)));
    let (pod, what, evidence) = found?;
    let mut finding =
        Finding::new(victim, Confidence::Likely, format!("{victim} fails, not for a Secret: {what}"), evidence)
            .explains(explains)
            .rules_out("OBJ-01", "no component says that a Secret or ConfigMap is missing")
            .plan(Plan::new(vec![
                Step::outside(
                    "hand it over to who owns the workload or the node, with what was ruled out here",
                    "somebody looks where the fault is",
                )
                .command(format!("kubectl describe pod {} -n {}", pod.id.name, pod.id.namespace)),
            ]));
    if let Some(node) = pod.node.as_deref()
        && view.snap.pods.iter().filter(|p| p.node.as_deref() == Some(node) && of_pod(view, p).is_some()).count() > 1
    {
        finding = finding.note(format!("other pods on node {node} fail as well: look at the node first"));
    }
    Some(finding)
}

/// What is wrong with a pod, by its status, its events and its node.
fn of_pod(view: &View<'_>, pod: &Pod) -> Option<(String, Evidence)> {
    if let Some(condition) =
        pod.conditions.iter().find(|c| &*c.kind == "PodScheduled" && c.status == Some(false) && pod.node.is_none())
    {
        let evidence = Evidence::new(&pod.id, "status.conditions[PodScheduled]", "no node takes it", "status");
        return Some(("no node takes its pod".to_owned(), evidence.at(condition.changed)));
    }
    for (index, status) in pod.statuses.iter().enumerate() {
        let path = |what: &str| format!("status.containerStatuses[{index}].{what}");
        for (state, name) in [(Some(&status.state), "state"), (status.last.as_ref(), "lastState")] {
            let Some(ContainerState::Terminated { reason, exit_code, finished, said, .. }) = state else { continue };
            let failed_now = !matches!(status.state, ContainerState::Running { .. }) || !status.ready;
            if !failed_now {
                continue;
            }
            if &**reason == "OOMKilled" {
                let evidence = Evidence::new(&pod.id, path(name), "OOMKilled", "status").at(*finished);
                return Some((format!("container {} is killed for its memory limit", status.name), evidence));
            }
            if let Some(what) = start_fault(said.as_ref().and_then(|s| s.signal)) {
                let evidence = Evidence::new(&pod.id, path(name), what, "status").at(*finished);
                return Some((format!("container {} cannot be started: {what}", status.name), evidence));
            }
            if *exit_code != 0 {
                let seen = format!("ended with exit code {exit_code}");
                let evidence = Evidence::new(&pod.id, path(name), seen.clone(), "status").at(*finished);
                return Some((
                    format!("container {} {seen}, and its log names no Secret, file or refused login", status.name),
                    evidence,
                ));
            }
        }
        if let ContainerState::Waiting { reason, said } = &status.state
            && matches!(
                &**reason,
                "RunContainerError" | "CreateContainerError" | "StartError" | "CreateContainerConfigError"
            )
        {
            let what = start_fault(said.as_ref().and_then(|s| s.signal)).unwrap_or("the runtime cannot start it");
            let evidence = Evidence::new(&pod.id, path("state.waiting"), what, "status");
            return Some((format!("container {} cannot be started: {what}", status.name), evidence));
        }
    }
    if let Some((what, evidence)) = of_events(view, pod) {
        return Some((what, evidence));
    }
    let node = pod.node.as_deref().and_then(|n| view.node(n).seen())?;
    let down = node.conditions.iter().find(|c| &*c.kind == "Ready" && c.status != Some(true))?;
    let evidence = Evidence::new(&node.id, "status.conditions[Ready]", "not True", "status").at(down.changed);
    Some((format!("{} is not ready", node.id), evidence))
}

fn start_fault(signal: Option<Signal>) -> Option<&'static str> {
    match signal? {
        Signal::StartErrorNotFound => Some("its command is not in the image"),
        Signal::ExecFormat => Some("its image is for another architecture"),
        Signal::RunAsNonRoot => Some("the image runs as root, and the pod forbids it"),
        _ => None,
    }
}

fn of_events(view: &View<'_>, pod: &Pod) -> Option<(String, Evidence)> {
    if pod.is_ready() {
        return None;
    }
    let newest: Option<(&crate::objects::Event, &str)> = view
        .events_about(&pod.id)
        .filter(|e| e.warning)
        .filter_map(|e| {
            let what = match &*e.reason {
                "FailedScheduling" => "no node takes its pod",
                "FailedCreatePodSandBox" | "SandboxChanged" => "the sandbox of its pod cannot be made",
                "FailedAttachVolume" => "a volume cannot be attached",
                "FailedMount" if e.said.signal.is_none_or(|s| s == Signal::MountOther) => "a volume cannot be mounted",
                "Unhealthy" => "a probe fails",
                "Evicted" | "Preempting" | "NodeNotReady" => "it was moved off its node",
                _ => return None,
            };
            Some((e, what))
        })
        .max_by_key(|(e, _)| e.last);
    let (event, what) = newest?;
    let at: Option<Time> = event.last;
    Some((what.to_owned(), Evidence::new(&pod.id, format!("event {}", event.reason), what, "event").at(at)))
}
