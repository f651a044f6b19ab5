//! What fails right now, before anything is said about why.

use crate::messages::Signal;
use crate::objects::{ContainerState, ContainerStatus, Id, Kind, Log, LogHit, Pod, Said, Str};
use crate::time::Time;
use crate::view::View;

/// Index of a symptom in [`View::symptoms`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct SymptomIx(pub usize);

/// One failing thing: a container, a pod that waits for its volumes, a workload without pods, a resource that does not sync.
#[derive(Clone, Debug)]
pub struct Symptom {
    pub ix: SymptomIx,
    pub class: Class,
    /// Topmost built-in owner, or the resource itself.
    pub victim: Id,
    pub pod: Option<Id>,
    /// `None` where the whole pod waits.
    pub container: Option<Str>,
    /// What components said about it, newest state first, then events and log lines in order of time.
    pub said: Vec<Statement>,
    /// First sign of it that is still on record.
    pub onset: Option<Time>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Class {
    /// CreateContainerConfigError: the kubelet cannot put the environment together.
    Config,
    /// The pod waits for its volumes.
    Mount,
    /// An image cannot be had, or its name cannot be read.
    Pull,
    /// The container was made and could not be started.
    Start,
    /// The container ran and ended, again and again, or ended for good with an error.
    Crash,
    /// The container runs, and its log says that it is refused or lacks something.
    App,
    /// The workload's pods cannot even be created.
    NoPods,
    /// A resource of a sync operator reports failure.
    Sync,
}

/// Who said it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Channel {
    Waiting,
    Terminated,
    Event,
    Log,
    Condition,
}

impl Channel {
    /// The evidence source that it stands for.
    pub fn source(self) -> &'static str {
        match self {
            Self::Waiting | Self::Terminated | Self::Condition => "status",
            Self::Event => "event",
            Self::Log => "log",
        }
    }
}

/// One statement of a component about a failing thing.
#[derive(Clone, Debug)]
pub struct Statement {
    pub channel: Channel,
    /// The object that carries it.
    pub object: Id,
    /// Field path, or `event REASON`, or `log`.
    pub path: String,
    pub reason: Str,
    pub said: Said,
    pub first: Option<Time>,
    pub last: Option<Time>,
    pub count: u32,
}

impl Symptom {
    /// The first statement with a signal that satisfies the test.
    pub fn signal(&self, test: impl Fn(Signal) -> bool) -> Option<&Statement> {
        self.said.iter().find(|s| s.said.signal.is_some_and(&test))
    }

    /// The first statement that says it among whatever else it says.
    pub fn says(&self, signal: Signal) -> Option<&Statement> {
        self.said.iter().find(|s| s.said.says(signal))
    }

    pub fn has(&self, signal: Signal) -> bool {
        self.signal(|s| s == signal).is_some()
    }
}

/// Finds all that fails in a snapshot, in a stable order.
pub(crate) fn find(view: &View<'_>) -> Vec<Symptom> {
    let mut found = Vec::new();
    for pod in &view.snap.pods {
        of_pod(view, pod, &mut found);
    }
    without_pods(view, &mut found);
    not_synced(view, &mut found);
    for (i, symptom) in found.iter_mut().enumerate() {
        symptom.ix = SymptomIx(i);
    }
    found
}

fn of_pod(view: &View<'_>, pod: &Pod, found: &mut Vec<Symptom>) {
    if pod.meta.deleting.is_some() || (pod.is_finished() && &*pod.phase == "Succeeded") {
        return;
    }
    if superseded_job_pod(view, pod) {
        return;
    }
    let victim = view.top_owner(pod);
    let before = found.len();
    for (index, status) in pod.statuses.iter().enumerate() {
        let Some(class) = class_of(view, pod, status) else { continue };
        let mut said = Vec::new();
        let prefix = format!("status.containerStatuses[{index}]");
        match &status.state {
            ContainerState::Waiting { reason, said: Some(text) } => {
                said.push(statement(Channel::Waiting, &pod.id, format!("{prefix}.state.waiting"), reason, text));
            }
            ContainerState::Terminated { reason, said: Some(text), finished, .. } => {
                let mut s = statement(Channel::Terminated, &pod.id, format!("{prefix}.state.terminated"), reason, text);
                (s.first, s.last) = (*finished, *finished);
                said.push(s);
            }
            _ => {}
        }
        if let Some(ContainerState::Terminated { reason, said: Some(text), finished, .. }) = &status.last {
            let mut s = statement(Channel::Terminated, &pod.id, format!("{prefix}.lastState.terminated"), reason, text);
            (s.first, s.last) = (*finished, *finished);
            said.push(s);
        }
        events_of(view, pod, Some(&status.name), class, &mut said);
        if matches!(class, Class::Crash | Class::App | Class::Start) {
            logs_of(view, pod, status, class, &mut said);
        }
        let onset = onset(pod, status, class, &said);
        found.push(Symptom {
            ix: SymptomIx(0),
            class,
            victim: victim.clone(),
            pod: Some(pod.id.clone()),
            container: Some(status.name.clone()),
            said,
            onset,
        });
    }
    if found.len() == before && waits_for_volumes(pod) {
        let mut said = Vec::new();
        events_of(view, pod, None, Class::Mount, &mut said);
        if !said.is_empty() || lacks_a_volume(view, pod) {
            let onset = said.iter().filter_map(|s| s.first).min().or(pod.meta.created);
            found.push(Symptom {
                ix: SymptomIx(0),
                class: Class::Mount,
                victim,
                pod: Some(pod.id.clone()),
                container: None,
                said,
                onset,
            });
        }
    }
}

/// A failed pod of a Job that has a newer pod or has completed is history, not a failure of now.
fn superseded_job_pod(view: &View<'_>, pod: &Pod) -> bool {
    if &*pod.phase != "Failed" {
        return false;
    }
    let Some(owner) = pod.meta.controller().filter(|o| o.kind == Kind::Job) else {
        // A failed pod of a controller that replaces pods (evicted, shut down) is history as well.
        return pod.meta.controller().is_some();
    };
    view.pods_of(&view.top_owner(pod)).any(|other| {
        other.id != pod.id
            && other.meta.controller().is_some_and(|o| o.kind == Kind::Job && o.name == owner.name)
            && other.meta.created > pod.meta.created
    })
}

fn waits_for_volumes(pod: &Pod) -> bool {
    &*pod.phase == "Pending"
        && pod.node.is_some()
        && pod.statuses.iter().all(|s| {
            matches!(&s.state, ContainerState::Waiting { reason, .. } if matches!(&**reason, "ContainerCreating" | "PodInitializing" | ""))
                || matches!(s.state, ContainerState::Unknown)
        })
}

/// Nothing is said (the Events expired, or were not collected), and what a volume needs is known to be absent: then it
/// cannot start, however long it has waited beyond the blink in which objects of one apply follow each other.
fn lacks_a_volume(view: &View<'_>, pod: &Pod) -> bool {
    let waited = view.as_of.zip(pod.meta.created).is_some_and(|(now, made)| now.since(made) > 5);
    // The newest time of an input may be that of the pod itself.
    (waited || view.snap.as_of_is_lower_bound)
        && view.references(pod).iter().any(|(reference, _)| {
            reference.container.is_none()
                && !reference.optional
                && view.data(&reference.kind, &pod.id.namespace, &reference.name).is_absent()
        })
}

fn class_of(view: &View<'_>, pod: &Pod, status: &ContainerStatus) -> Option<Class> {
    match &status.state {
        ContainerState::Waiting { reason, said } => match &**reason {
            "CreateContainerConfigError" => Some(Class::Config),
            "ErrImagePull"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "ImageInspectError"
            | "RegistryUnavailable"
            | "SignatureValidationFailed"
            | "ErrImageNotFound" => Some(Class::Pull),
            "RunContainerError" | "CreateContainerError" | "StartError" => Some(Class::Start),
            "CrashLoopBackOff" => Some(match status.last {
                Some(ContainerState::Terminated { ref reason, .. })
                    if matches!(&**reason, "StartError" | "ContainerCannotRun") =>
                {
                    Class::Start
                }
                _ => Class::Crash,
            }),
            "ContainerCreating" | "PodInitializing" | "" => None,
            // Older and newer kubelets put the error itself in place of a reason when a pull secret does not parse.
            _ if said.as_ref().and_then(|s| s.signal) == Some(Signal::Base64Pull) => Some(Class::Pull),
            _ => Some(Class::Start),
        },
        ContainerState::Terminated { exit_code, reason, .. } => {
            let fails = *exit_code != 0 || matches!(&**reason, "StartError" | "ContainerCannotRun");
            fails.then(|| if &**reason == "StartError" { Class::Start } else { Class::Crash })
        }
        ContainerState::Running { .. } => {
            // A container that restarts quickly is between two crashes; its log decides whether it still fails.
            view.logs_of(pod, &status.name)
                .any(|log| !log.previous && still_failing(pod, log))
                .then_some(Class::App)
                .or_else(|| crashed_lately(view, pod, status).then_some(Class::Crash))
        }
        ContainerState::Unknown => None,
    }
}

/// Ended with an error at least twice, the last time within two minutes before the snapshot, and not ready since.
fn crashed_lately(view: &View<'_>, pod: &Pod, status: &ContainerStatus) -> bool {
    let Some(ContainerState::Terminated { exit_code, finished: Some(finished), .. }) = &status.last else {
        return false;
    };
    *exit_code != 0
        && status.restarts >= 1
        && !pod.is_ready()
        && view.as_of.is_some_and(|now| now.since(*finished) <= 120)
}

/// Whether the last thing that this log says about access is a failure.
fn still_failing(pod: &Pod, log: &Log) -> bool {
    let order = |hit: &LogHit| (hit.last, hit.last_line);
    // While a pod is pending only an init container runs: what keeps it from its source keeps the pod from starting.
    let starting = &*pod.phase == "Pending";
    let fails = |h: &&LogHit| {
        h.said.signal.is_some_and(is_app_failure) || (starting && h.said.signals.iter().any(|s| is_source_failure(*s)))
    };
    let bad = log.hits.iter().filter(fails).map(order).max();
    let works = |h: &&LogHit| matches!(h.said.signal, Some(Signal::LoginOk | Signal::SessionOk));
    let good = log.hits.iter().filter(works).map(order).max();
    bad.is_some_and(|bad| {
        good.is_none_or(|good| if bad.0.is_some() && good.0.is_some() { bad >= good } else { bad.1 > good.1 })
    })
}

/// Signals of a log line that say that a source of credentials cannot be reached or refuses.
fn is_source_failure(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::RoleUnbound(_)
            | Signal::ProviderLogin
            | Signal::VaultUnreachable
            | Signal::Sealed503
            | Signal::RemoteMissing
    )
}

/// Signals of a log line that say that the application lacks something or is refused.
pub(crate) fn is_app_failure(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::DbAuthFailed
            | Signal::DbTooManyConnections
            | Signal::AccountLocked
            | Signal::ConnParse
            | Signal::EnvUnset
            | Signal::FileMissing
            | Signal::FileIsDirectory
            | Signal::FilePermission
            | Signal::KeyFileTooOpen
            | Signal::ReadOnlyFs
            | Signal::ConfigParse
            | Signal::ApiForbidden(_)
            | Signal::ApiUnauthorized
            | Signal::ApiNoLogin
            | Signal::TlsExpired
            | Signal::TlsUntrusted
            | Signal::TokenExpired
            | Signal::AppUnauthorized
            | Signal::AppForbidden
            | Signal::InvalidToken
            | Signal::VaultDenied
            | Signal::LeaseExpired
    )
}

fn statement(channel: Channel, object: &Id, path: String, reason: &Str, said: &Said) -> Statement {
    Statement {
        channel,
        object: object.clone(),
        path,
        reason: reason.clone(),
        said: said.clone(),
        first: None,
        last: None,
        count: 1,
    }
}

fn events_of(view: &View<'_>, pod: &Pod, container: Option<&str>, class: Class, said: &mut Vec<Statement>) {
    for event in view.events_about(&pod.id) {
        if event.about_uid.is_some() && pod.meta.uid.is_some() && event.about_uid != pod.meta.uid {
            continue;
        }
        if let (Some(want), Some(is)) = (container, event.container.as_deref())
            && want != is
        {
            continue;
        }
        let fits = match class {
            Class::Mount => matches!(&*event.reason, "FailedMount" | "FailedAttachVolume"),
            Class::Pull => matches!(
                &*event.reason,
                "Failed"
                    | "BackOff"
                    | "Pulling"
                    | "Pulled"
                    | "InspectFailed"
                    | "ErrImageNeverPull"
                    | "FailedToRetrieveImagePullSecret"
            ),
            _ => event.warning,
        };
        if fits {
            said.push(Statement {
                channel: Channel::Event,
                object: pod.id.clone(),
                path: format!("event {}", event.reason),
                reason: event.reason.clone(),
                said: event.said.clone(),
                first: event.first,
                last: event.last,
                count: event.count,
            });
        }
    }
}

fn logs_of(view: &View<'_>, pod: &Pod, status: &ContainerStatus, class: Class, said: &mut Vec<Statement>) {
    for log in view.logs_of(pod, &status.name) {
        // The previous log of a container that has been fine since says nothing about now.
        if log.previous && class == Class::App {
            continue;
        }
        for hit in &log.hits {
            said.push(Statement {
                channel: Channel::Log,
                object: pod.id.clone(),
                path: format!("log {}{}", status.name, if log.previous { " (previous)" } else { "" }),
                reason: "".into(),
                said: hit.said.clone(),
                first: hit.first,
                last: hit.last,
                count: hit.count,
            });
        }
    }
}

fn onset(pod: &Pod, status: &ContainerStatus, class: Class, said: &[Statement]) -> Option<Time> {
    let first_bad = said
        .iter()
        .filter(|s| s.channel != Channel::Log || s.said.signal.is_some_and(is_app_failure))
        .filter(|s| !(s.channel == Channel::Event && matches!(&*s.reason, "Pulled" | "Pulling")))
        .filter_map(|s| s.first)
        .min();
    match class {
        Class::App | Class::Crash => first_bad.or(match &status.last {
            Some(ContainerState::Terminated { finished, .. }) => *finished,
            _ => pod.meta.created,
        }),
        _ => first_bad.or(pod.meta.created),
    }
}

/// Workloads and revisions whose pods are refused at creation.
fn without_pods(view: &View<'_>, found: &mut Vec<Symptom>) {
    for workload in &view.snap.workloads {
        if !matches!(
            workload.id.kind,
            Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet | Kind::Job | Kind::ReplicationController
        ) {
            continue;
        }
        let desired = workload.desired.unwrap_or(1);
        if desired <= workload.replicas {
            continue;
        }
        let mut said = Vec::new();
        for event in view.events_about(&workload.id).filter(|e| &*e.reason == "FailedCreate") {
            said.push(Statement {
                channel: Channel::Event,
                object: workload.id.clone(),
                path: "event FailedCreate".to_owned(),
                reason: event.reason.clone(),
                said: event.said.clone(),
                first: event.first,
                last: event.last,
                count: event.count,
            });
        }
        for condition in &workload.conditions {
            if &*condition.kind == "ReplicaFailure"
                && condition.status == Some(true)
                && let Some(text) = &condition.message
            {
                let mut s = statement(
                    Channel::Condition,
                    &workload.id,
                    "status.conditions[ReplicaFailure]".to_owned(),
                    &condition.reason,
                    text,
                );
                (s.first, s.last) = (condition.changed, condition.changed);
                said.push(s);
            }
        }
        if !said.is_empty() {
            let onset = said.iter().filter_map(|s| s.first).min();
            found.push(Symptom {
                ix: SymptomIx(0),
                class: Class::NoPods,
                victim: view.top_owner_of(&workload.id, &workload.meta),
                pod: None,
                container: None,
                said,
                onset,
            });
        }
    }
}

/// Resources of sync operators that say themselves that they fail.
fn not_synced(view: &View<'_>, found: &mut Vec<Symptom>) {
    let sets = view
        .snap
        .external_secrets
        .iter()
        .map(|o| (&o.id, &o.conditions))
        .chain(view.snap.stores.iter().map(|o| (&o.id, &o.conditions)))
        .chain(view.snap.custom.iter().map(|o| (&o.id, &o.conditions)));
    for (id, conditions) in sets {
        let failing: Vec<_> = conditions
            .iter()
            .filter(|c| matches!(&*c.kind, "Ready" | "Synced" | "SecretSynced" | "Healthy") && c.status == Some(false))
            .collect();
        if failing.is_empty() {
            continue;
        }
        let mut said = Vec::new();
        for condition in &failing {
            if let Some(text) = &condition.message {
                let mut s = statement(
                    Channel::Condition,
                    id,
                    format!("status.conditions[{}]", condition.kind),
                    &condition.reason,
                    text,
                );
                (s.first, s.last) = (condition.changed, condition.changed);
                said.push(s);
            }
        }
        for event in view.events_about(id).filter(|e| e.warning) {
            said.push(Statement {
                channel: Channel::Event,
                object: id.clone(),
                path: format!("event {}", event.reason),
                reason: event.reason.clone(),
                said: event.said.clone(),
                first: event.first,
                last: event.last,
                count: event.count,
            });
        }
        let onset = failing.iter().filter_map(|c| c.changed).min();
        found.push(Symptom {
            ix: SymptomIx(0),
            class: Class::Sync,
            victim: id.clone(),
            pod: None,
            container: None,
            said,
            onset,
        });
    }
}
