//! SYN-21: Vault Agent was not injected, or its init container never finishes.

use super::Stories;
use crate::messages::{Reading, Signal};
use crate::objects::{ContainerState, Id, Pod};
use crate::plan::{Effect, Plan, Risk, Step, restart_command};
use crate::symptoms::{Class, SymptomIx};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

const INJECT: &str = "vault.hashicorp.com/agent-inject";
const STATUS: &str = "vault.hashicorp.com/agent-inject-status";

pub(super) fn judge(view: &View<'_>, stories: &mut Stories) {
    let mut done: Vec<(Id, bool)> = Vec::new();
    for pod in view.snap.pods.iter().filter(|p| p.meta.deleting.is_none() && !p.is_finished()) {
        if pod.meta.annotation(INJECT) != Some("true") {
            continue;
        }
        let workload = view.top_owner(pod);
        let agents = pod.spec.containers.iter().filter(|c| c.name.starts_with("vault-agent")).count();
        let injected = agents > 0 || pod.meta.annotation(STATUS) == Some("injected");
        if done.contains(&(workload.clone(), injected)) {
            continue;
        }
        let finding = if injected { stuck(view, pod, &workload) } else { absent(view, pod, &workload) };
        if let Some(finding) = finding {
            done.push((workload, injected));
            stories.tell("SYN-21", finding);
        }
    }
}

/// The pod asks for an agent and has none: nobody rewrote it when it was created.
fn absent(view: &View<'_>, pod: &Pod, workload: &Id) -> Option<Finding> {
    let symptoms = lacking(view, workload);
    let evidence = Evidence::new(
        &pod.id,
        format!("metadata.annotations[{INJECT}]"),
        "asks for the agent, and the pod has no container of it",
        "spec",
    )
    .at(pod.meta.created)
    .of(&pod.meta);
    let finding = Finding::new(
        workload,
        Confidence::Certain,
        format!("{workload} asks for Vault Agent and runs without it"),
        evidence,
    )
    .explains(symptoms.iter().copied())
    .link(Link::Sync, workload, LinkState::Broken, "no agent was injected")
    .rules_out("AUT-01", "no agent has asked Vault")
    .note("the webhook was not reached when the pod was created, and its failurePolicy let the pod pass")
    .plan(restart(workload, "the injector's webhook answers: its pods are ready and its certificate is valid"));
    Some(if symptoms.is_empty() { finding.latent().victim(workload) } else { finding })
}

/// The agent's init container waits or crashes.
fn stuck(view: &View<'_>, pod: &Pod, workload: &Id) -> Option<Finding> {
    let status = pod.statuses.iter().find(|s| &*s.name == "vault-agent-init")?;
    if matches!(&status.state, ContainerState::Terminated { exit_code: 0, .. }) {
        return None;
    }
    let words = view
        .logs_of(pod, "vault-agent-init")
        .flat_map(|l| &l.hits)
        .filter_map(|h| Some((h, cause(&h.said)?)))
        .max_by_key(|(h, _)| (h.last, h.last_line));
    let running = matches!(status.state, ContainerState::Running { .. });
    let since = status.state.running_since().or(pod.meta.created);
    if words.is_none() && !(running && view.as_of.zip(since).is_some_and(|(now, s)| now.since(s) > 300)) {
        return None;
    }
    let evidence = match &words {
        Some((hit, what)) => Evidence::new(&pod.id, "log vault-agent-init", *what, "log").at(hit.last),
        None => Evidence::new(&pod.id, "status.initContainerStatuses[vault-agent-init]", "runs on and on", "status")
            .at(since),
    };
    let confidence = if words.is_some() { Confidence::Likely } else { Confidence::Possible };
    let what = words.map_or("it waits for Vault", |(_, w)| w);
    let mut finding =
        Finding::new(workload, confidence, format!("{workload} waits for its Vault Agent: {what}"), evidence)
            .explains(of(view, workload, |c| c.is_none_or(|c| c.starts_with("vault-agent"))))
            .link(Link::Login, workload, LinkState::Broken, what)
            .plan(restart(workload, "role, policy and path of the annotations are right at Vault"));
    if confidence == Confidence::Possible {
        finding = finding.unless("SRC-09", workload, "the log of vault-agent-init");
    }
    // A pod that hangs in an init container that runs fails in no other way.
    Some(finding.victim(workload)).map(|f| if f.explains.is_empty() { f.latent() } else { f })
}

fn cause(said: &Reading) -> Option<&'static str> {
    said.signals.iter().find_map(|s| match s {
        Signal::VaultDenied => Some("Vault refuses it: permission denied"),
        Signal::RoleUnbound(_) | Signal::ProviderLogin | Signal::InvalidToken => Some("its login to Vault is refused"),
        Signal::VaultUnreachable => Some("Vault cannot be reached"),
        Signal::Sealed503 => Some("Vault is sealed"),
        Signal::RemoteMissing => Some("Vault has nothing at its path"),
        _ => None,
    })
}

/// Failures of a workload that come from a file, a variable or a credential that is not there.
fn lacking(view: &View<'_>, workload: &Id) -> Vec<SymptomIx> {
    let fits = |s: Signal| {
        use crate::view::credentials::is_refusal;
        matches!(
            s,
            Signal::FileMissing | Signal::FileIsDirectory | Signal::EnvUnset | Signal::ConfigParse | Signal::ConnParse
        ) || is_refusal(s)
    };
    let mine = of(view, workload, |_| true);
    mine.into_iter().filter(|ix| view.symptom(*ix).signal(fits).is_some()).collect()
}

fn of(view: &View<'_>, workload: &Id, container: impl Fn(Option<&str>) -> bool) -> Vec<SymptomIx> {
    let mine = view.symptoms().iter().filter(|s| {
        s.victim == *workload && matches!(s.class, Class::Crash | Class::App | Class::Mount | Class::Config)
    });
    mine.filter(|s| container(s.container.as_deref())).map(|s| s.ix).collect()
}

fn restart(workload: &Id, precondition: &str) -> Plan {
    let step = Step::on(workload, "let the pods be created anew", Effect::Restart { workload: workload.clone() })
        .change("pods only")
        .command(restart_command(workload))
        .precondition(precondition)
        .risk(Risk::Review)
        .inverse("none needed")
        .after("the pods have the agent's containers, and its init container ends");
    Plan::new(vec![step])
}
