//! The story of a stale consumer: a refused container that still holds what a Secret held before. It decides once between
//! the ways in which that happens, so that the checks built on it exclude each other.

use std::collections::BTreeSet;

use crate::checks::con::{delivered, steps};
use crate::coverage::Unseen;
use crate::messages::Signal;
use crate::objects::{Container, ContainerRole, DataObject, EnvSource, Id, Kind, Pod, Str, VolumeSource};
use crate::snapshot::Outcome;
use crate::symptoms::SymptomIx;
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Verdicts};
use crate::view::View;
use crate::view::credentials::{CredentialKey, CredentialUse, Fate, Match, Provider};

/// Sync period and cache delay of the kubelet: until then an old file is no fault.
pub(in crate::checks) const PROPAGATION: i64 = 90;
/// A process that opens a session for each request is refused within seconds of the change.
const LATE: i64 = 40;
/// A node's Lease is renewed every ten seconds; after this many it has missed several (`node-monitor-grace-period`).
const LEASE_IS_OLD: i64 = 50;

/// How a refused container comes to hold an old value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::checks) enum How {
    /// DEL-01: `env` or `envFrom`, taken at the container's start.
    Env,
    /// DEL-02: a `subPath` mount.
    SubPath,
    /// DEL-03: the file may not have come yet.
    Delay,
    /// DEL-04: the file is new, the process read it at its start.
    ReadOnce,
    /// DEL-07: the kubelet kept the former object, since both were immutable.
    Immutable,
    /// DEL-11: the node does not refresh anything.
    Node,
    /// DEL-12: an init container copied it.
    InitCopy,
    /// CON-05: sessions that were opened before lived on, so that it failed late.
    Late,
    /// CON-09: a reload controller should have restarted it.
    Reloader,
}

/// One refused container with an old value.
pub(in crate::checks) struct Stale<'a> {
    pub how: How,
    pub symptom: SymptomIx,
    pub victim: Id,
    pub pod: &'a Pod,
    pub container: String,
    pub started: Option<Time>,
    pub object: &'a DataObject,
    pub key: String,
    pub via: String,
    pub changed: Option<Change>,
    pub confidence: Confidence,
    /// Who is let in with the present value, where somebody is.
    pub witness: Option<(Id, Option<Time>)>,
    pub login_ok: bool,
    pub first_refusal: Option<Time>,
}

/// Every stale consumer that is refused, in the order of the symptoms.
pub(in crate::checks) fn stale<'a>(view: &View<'a>) -> Vec<Stale<'a>> {
    view.refused_credentials().iter().filter_map(|case| of(view, case)).collect()
}

fn of<'a>(view: &View<'a>, case: &CredentialUse<'a>) -> Option<Stale<'a>> {
    // Once the account is locked its age does not matter any more (CON-06).
    if view.symptom(case.symptom).says(Signal::AccountLocked).is_some() {
        return None;
    }
    let with_object = || case.keys.iter().filter(|k| k.object.is_some());
    if let Some(key) = with_object().find(|k| kept_immutable(view, case, k)) {
        return make(case, key, How::Immutable, Confidence::Possible);
    }
    if let Some(found) = init_copy(view, case) {
        return Some(found);
    }
    let stale = |k: &&CredentialKey<'a>| older(view, case, k) && was_replaced(case.pod, case, k);
    if let Some(found) = by_cohort(view, case) {
        return Some(found);
    }
    // What is frozen at the start decides before a file that may be fresh.
    let key = with_object().filter(|k| k.via.is_snapshot()).find(stale).or_else(|| with_object().find(stale))?;
    if is_bad(key) || reloaded_since(view, case, key) || revoked_later(view, case, key) {
        return None;
    }
    let (how, confidence) = how(view, case, key);
    make(case, key, how, confidence)
}

/// Nothing tells when the Secret changed, and yet its consumers fall in two groups: who started earlier is refused, and who
/// started later is let in with the same key at the same time. Then it changed in between.
fn by_cohort<'a>(view: &View<'a>, case: &CredentialUse<'a>) -> Option<Stale<'a>> {
    let blind = |o: &DataObject| o.meta.managed.is_empty() && !view.snap.coverage.audit;
    let key = case.keys.iter().find(|k| k.object.is_some_and(blind) && k.via.is_snapshot())?;
    let (started, first, last) = (case.container_started?, case.first_refusal?, case.last_refusal?);
    let later = |u: &&crate::view::credentials::KeyUser<'a>| u.started.is_some_and(|s| s > started);
    let accepted: Vec<_> =
        key.users.iter().filter(|u| u.fate == Fate::Accepted && u.last_login.is_some_and(|t| t >= first)).collect();
    let witness = accepted.iter().copied().filter(later).min_by_key(|u| u.started)?;
    let mixed = accepted.iter().any(|u| !later(u)) || key.users.iter().filter(later).any(|u| u.fate == Fate::Refused);
    if mixed || last < witness.started? {
        return None;
    }
    let worked = hits(view, case.pod, &case.container.name, Signal::LoginOk).filter(|t| *t <= first).max();
    let how = if matches!(key.via, Provider::SubPath { .. }) { How::SubPath } else { How::Env };
    // That it was let in itself at first shows that it was given the right value then.
    let confidence = if worked.is_some() { Confidence::Likely } else { Confidence::Possible };
    let mut found = make(case, key, how, confidence)?;
    found.changed =
        Some(Change { when: Interval::between(worked.or(Some(started)), witness.started), by: None, source: "log" });
    found.witness = Some((witness.workload.clone(), witness.last_login));
    Some(found)
}

/// The run began before the change. Where one writer owns several keys only an interval is known in which this one changed:
/// then a login of this run that worked before its end, and refusals since, say the same.
fn older(view: &View<'_>, case: &CredentialUse<'_>, key: &CredentialKey<'_>) -> bool {
    if key.started_before_change.is_some() || !key.rewritten {
        return key.started_before_change == Some(true);
    }
    let until = key.changed.as_ref().and_then(|c| c.when.until);
    let (Some(until), Some(started), Some(refused)) = (until, case.container_started, case.first_refusal) else {
        return false;
    };
    started < until
        && refused >= until
        && hits(view, case.pod, &case.container.name, Signal::LoginOk).any(|t| t >= started && t <= until)
}

/// The present value came by a change of the object, or with an object that took the place of an older one: a container
/// that cannot start without the key ran before it was made.
fn was_replaced(pod: &Pod, case: &CredentialUse<'_>, key: &CredentialKey<'_>) -> bool {
    if key.rewritten {
        return true;
    }
    let Some(object) = key.object else { return false };
    crate::references::of(&pod.spec).iter().any(|(r, _)| {
        r.kind == object.id.kind
            && r.name == object.id.name
            && !r.optional
            && r.container.as_ref().is_none_or(|c| *c == case.container.name)
    })
}

/// Somebody tried the present value and was refused: then the value is at fault, not its age.
fn is_bad(key: &CredentialKey<'_>) -> bool {
    key.login == Some(Outcome::Rejected) || (!is_good(key) && key.refused_with_present_value().next().is_some())
}

fn is_good(key: &CredentialKey<'_>) -> bool {
    key.login == Some(Outcome::Accepted) || key.accepted_with_present_value().next().is_some()
}

/// Its log says that it took up the changed value: it does not hold the old one.
fn reloaded_since(view: &View<'_>, case: &CredentialUse<'_>, key: &CredentialKey<'_>) -> bool {
    let Some(at) = key.changed.as_ref().and_then(|c| c.when.until) else { return false };
    hits(view, case.pod, &case.container.name, Signal::CredentialReloaded).any(|t| t >= at)
}

fn hits<'v>(
    view: &'v View<'_>,
    pod: &'v Pod,
    container: &'v str,
    signal: Signal,
) -> impl Iterator<Item = Time> + use<'v> {
    view.logs_of(pod, container)
        .filter(|log| !log.previous)
        .flat_map(|log| &log.hits)
        .filter(move |hit| hit.said.says(signal))
        .flat_map(|hit| [hit.first, hit.last])
        .flatten()
        .collect::<Vec<_>>()
        .into_iter()
}

fn how(view: &View<'_>, case: &CredentialUse<'_>, key: &CredentialKey<'_>) -> (How, Confidence) {
    let changed = key.changed.as_ref().and_then(|c| c.when.until.or(c.when.after));
    let good = is_good(key);
    // The old value worked until the change and was refused since.
    let turned = changed.zip(case.first_refusal).is_some_and(|(t, first)| first >= t);
    // Which of several credentials was refused is not known.
    let several = key.matched >= Match::Any && case.keys.iter().any(|k| k.id() != key.id());
    let by_evidence = match (key.login == Some(Outcome::Accepted), good, turned) {
        (true, ..) => Confidence::Certain,
        (_, true, _) | (_, _, true) if !several => Confidence::Likely,
        _ => Confidence::Possible,
    };
    if node_is_cut_off(view, case.pod) && matches!(key.via, Provider::File { .. }) {
        let elsewhere = key.users.iter().any(|u| u.fate == Fate::Accepted && u.pod.node != case.pod.node);
        return (How::Node, if elsewhere { Confidence::Likely } else { Confidence::Possible });
    }
    if key.via.is_snapshot() && lived_on(view, case, changed) {
        return (How::Late, by_evidence.at_most(Confidence::Likely));
    }
    if reload_asked(view, &case.victim) {
        return (How::Reloader, by_evidence.at_most(Confidence::Likely));
    }
    match &key.via {
        Provider::Env { .. } | Provider::EnvFrom { .. } | Provider::Literal { .. } => (How::Env, by_evidence),
        Provider::SubPath { .. } => (How::SubPath, by_evidence),
        Provider::File { .. } => {
            let age = view.as_of.zip(changed).map(|(now, t)| now.since(t));
            let propagated = file_seen_by_others(view, case, key, changed);
            // Where the clock is only a lower bound some more time has passed than it says.
            let due = if view.snap.as_of_is_lower_bound { PROPAGATION - 15 } else { PROPAGATION };
            if age.is_some_and(|a| a < due) && !propagated {
                return (How::Delay, Confidence::Possible);
            }
            // Without a witness the process may as well have read a new value that is wrong.
            let confidence = if good || propagated { by_evidence } else { Confidence::Possible };
            (How::ReadOnce, confidence)
        }
    }
}

/// A container with a file mount took up a changed credential since: then the kubelet has long delivered this one.
fn file_seen_by_others(
    view: &View<'_>,
    case: &CredentialUse<'_>,
    key: &CredentialKey<'_>,
    changed: Option<Time>,
) -> bool {
    let Some(changed) = changed else { return false };
    let same_key = key.users.iter().any(|u| {
        matches!(u.via, Provider::File { .. })
            && u.fate == Fate::Accepted
            && u.started_before_change == Some(true)
            && u.last_login.is_some_and(|t| t > changed)
    });
    same_key
        || view.snap.pods.iter().filter(|p| p.id.namespace == case.pod.id.namespace && p.id != case.pod.id).any(|pod| {
            pod.statuses.iter().any(|s| hits(view, pod, &s.name, Signal::CredentialReloaded).any(|t| t >= changed))
        })
}

/// Queries went on after the change, or the first refusal came much later: sessions lived on.
fn lived_on(view: &View<'_>, case: &CredentialUse<'_>, changed: Option<Time>) -> bool {
    let (Some(changed), Some(first)) = (changed, case.first_refusal) else { return false };
    let at = |signal| hits(view, case.pod, &case.container.name, signal);
    let had_session = at(Signal::LoginOk).chain(at(Signal::SessionOk)).any(|t| t <= changed);
    let worked_after = at(Signal::SessionOk).any(|t| t > changed.plus(1) && t < first);
    worked_after || (had_session && first.since(changed) >= LATE && !is_next_login(view, case, first))
}

/// The refused login came when the process would have logged in anyway, as its logins before tell: no session delayed it.
fn is_next_login(view: &View<'_>, case: &CredentialUse<'_>, refused: Time) -> bool {
    let logins = view
        .logs_of(case.pod, &case.container.name)
        .filter(|log| !log.previous)
        .flat_map(|log| &log.hits)
        .filter(|hit| hit.said.says(Signal::LoginOk) && hit.last.is_some_and(|t| t < refused));
    logins
        .filter_map(|hit| hit.first.zip(hit.last).filter(|_| hit.count > 1).map(|span| (hit.count, span)))
        .any(|(count, (first, last))| refused.since(last) * i64::from(count - 1) <= last.since(first))
}

/// New logins with the former value worked after the change, and later ones did not: it was revoked in between, and that
/// is the nearer cause (ROT-05).
fn revoked_later(view: &View<'_>, case: &CredentialUse<'_>, key: &CredentialKey<'_>) -> bool {
    let until = key.changed.as_ref().and_then(|c| c.when.until);
    let (Some(until), Some(first)) = (until, case.first_refusal) else { return false };
    let judged_there = key.rewritten && key.is_frozen() && case.only_key().is_some();
    let own = hits(view, case.pod, &case.container.name, Signal::LoginOk);
    let others = key.users.iter().filter(|u| u.started_before_change == Some(true) && u.via.is_snapshot());
    judged_there && others.filter_map(|u| u.last_login).chain(own).any(|t| t > until && t <= first)
}

/// Annotations of Stakater Reloader or its like ask for a restart when the object changes.
pub(in crate::checks) fn reload_asked(view: &View<'_>, workload: &Id) -> bool {
    let Some(w) = view.workload(workload) else { return false };
    w.meta.annotations.iter().chain(&w.template_annotations).any(|(key, value)| {
        (key.contains("reloader.stakater.com/") && !key.ends_with("/ignore") && !key.contains("last-reloaded-from"))
            && &**value != "false"
            || &**key == "wave.pusher.com/update-on-config-change" && &**value != "false"
    })
}

/// The node reports nothing any more: not ready, or its Lease is old by the newest Lease of the snapshot.
pub(in crate::checks) fn node_is_cut_off(view: &View<'_>, pod: &Pod) -> bool {
    let Some(name) = pod.node.as_deref() else { return false };
    let not_ready = view
        .node(name)
        .seen()
        .is_some_and(|n| n.conditions.iter().any(|c| &*c.kind == "Ready" && c.status != Some(true)));
    let renewed = view.snap.leases.iter().filter(|l| &*l.id.namespace == "kube-node-lease");
    let newest = renewed.clone().filter_map(|l| l.renewed).max();
    let own = renewed.filter(|l| &*l.id.name == name).filter_map(|l| l.renewed).max();
    not_ready || newest.zip(own).is_some_and(|(newest, own)| newest.since(own) > LEASE_IS_OLD)
}

/// The object is immutable and younger than a pod on this node that uses it, while the refused container started after
/// it: the kubelet does not watch immutable objects and hands out the one that it has.
fn kept_immutable(view: &View<'_>, case: &CredentialUse<'_>, key: &CredentialKey<'_>) -> bool {
    let Some(object) = key.object.filter(|o| o.immutable) else { return false };
    if key.login == Some(Outcome::Rejected) {
        return false;
    }
    let Some(created) = object.meta.created else { return false };
    let older_here = older_consumer(view, object, case.pod, created).is_some();
    let young = case.container_started.is_some_and(|s| s >= created);
    // The older pod itself is part of the same story once a younger one on the node is refused too.
    let young_there = || {
        key.users
            .iter()
            .any(|u| u.pod.node == case.pod.node && u.fate == Fate::Refused && u.started.is_some_and(|s| s >= created))
    };
    let own_is_older = case.pod.meta.created.is_some_and(|c| c < created);
    let fresh_node_refused = key.users.iter().any(|u| {
        u.pod.node != case.pod.node && u.fate == Fate::Refused && u.pod.meta.created.is_some_and(|c| c >= created)
    });
    !fresh_node_refused && ((older_here && young) || (own_is_older && young_there()))
}

/// A pod on the same node that uses the object and was made before it.
pub(in crate::checks) fn older_consumer<'a>(
    view: &View<'a>,
    object: &DataObject,
    pod: &Pod,
    created: Time,
) -> Option<&'a Pod> {
    view.consumers(&object.id.kind, &object.id.namespace, &object.id.name)
        .iter()
        .filter_map(|c| view.pod(c.pod.as_ref()?))
        .find(|p| {
            p.id != pod.id && p.node.is_some() && p.node == pod.node && p.meta.created.is_some_and(|c| c < created)
        })
}

/// An init container that mounts a Secret and an emptyDir, a main container that has only the emptyDir, and a change of the
/// Secret since the init container ran.
fn init_copy<'a>(view: &View<'a>, case: &CredentialUse<'a>) -> Option<Stale<'a>> {
    if !matches!(case.container.role, ContainerRole::Main | ContainerRole::Sidecar)
        || case.keys.iter().any(|k| k.object.is_some() && k.matched == Match::Named)
    {
        return None;
    }
    let own = |object: &DataObject| case.keys.iter().any(|k| k.id() == Some(&object.id));
    let spec = &case.pod.spec;
    let empty =
        |name: &str| spec.volumes.iter().any(|v| &*v.name == name && matches!(v.source, VolumeSource::EmptyDir));
    let shared: Vec<&str> = case.container.mounts.iter().map(|m| &*m.volume).filter(|v| empty(v)).collect();
    for init in spec.containers.iter().filter(|c| c.role == ContainerRole::Init) {
        if !init.mounts.iter().any(|m| shared.contains(&&*m.volume)) {
            continue;
        }
        let ended = case.pod.status(&init.name).and_then(|s| match &s.state {
            crate::objects::ContainerState::Terminated { finished, .. } => *finished,
            _ => None,
        });
        for source in crate::view::credentials::sources(view, case.pod, init) {
            let Some(object) = source.object.filter(|o| !own(o)) else { continue };
            let changed = view.key_change(object, &source.key);
            let before = View::started_before(ended, changed.as_ref()) == Some(true);
            let rewritten = changed.as_ref().and_then(|c| c.when.until) > object.meta.created;
            if before && rewritten {
                let turned = case.first_refusal >= changed.as_ref().and_then(|c| c.when.until);
                return Some(Stale {
                    how: How::InitCopy,
                    symptom: case.symptom,
                    victim: case.victim.clone(),
                    pod: case.pod,
                    container: case.container.name.to_string(),
                    started: ended,
                    object,
                    key: source.key.to_string(),
                    via: format!("copied by init container {}", init.name),
                    changed,
                    confidence: if turned { Confidence::Likely } else { Confidence::Possible },
                    witness: None,
                    login_ok: false,
                    first_refusal: case.first_refusal,
                });
            }
        }
    }
    None
}

fn make<'a>(case: &CredentialUse<'a>, key: &CredentialKey<'a>, how: How, confidence: Confidence) -> Option<Stale<'a>> {
    Some(Stale {
        how,
        symptom: case.symptom,
        victim: case.victim.clone(),
        pod: case.pod,
        container: case.container.name.to_string(),
        started: case.container_started,
        object: key.object?,
        key: key.key.to_string(),
        via: key.via.words(),
        changed: key.changed.clone(),
        confidence,
        witness: key.accepted_with_present_value().next().map(|u| (u.workload.clone(), u.last_login.or(u.started))),
        login_ok: key.login == Some(Outcome::Accepted),
        first_refusal: case.first_refusal,
    })
}

impl Stale<'_> {
    /// The common part of a finding about a stale consumer: the Secret is the subject, since one change makes all of them.
    pub fn finding(&self, view: &View<'_>, headline: String) -> Finding {
        let symptom = view.symptom(self.symptom);
        let primary = match symptom.signal(crate::view::credentials::is_refusal) {
            Some(said) => steps::evidence(said, "the backend refuses the credential of this container"),
            None => Evidence::new(&self.pod.id, "status.containerStatuses", "refused", "log"),
        };
        let at = self.changed.as_ref().and_then(|c| c.when.until.or(c.when.after));
        let key = Evidence::new(
            &self.object.id,
            format!("data.{}", self.key),
            "changed",
            self.changed.as_ref().map_or("managedFields", |c| c.source),
        )
        .at(at);
        let run = Evidence::new(
            &self.pod.id,
            "status.containerStatuses[].state.running.startedAt",
            format!("container {} takes it as {} and started {} the change", self.container, self.via, self.side()),
            "status",
        )
        .at(self.started);
        let mut finding = Finding::new(&self.object.id, self.confidence, headline, primary)
            .explains([self.symptom])
            .supported_by([key, run])
            .changed(self.changed.clone())
            .link(Link::Object, &self.object.id, LinkState::Ok, "holds the present value")
            .link(Link::Delivery, &self.victim, LinkState::Broken, format!("holds the former value ({})", self.via));
        if let Some((workload, when)) = &self.witness {
            finding = finding
                .supported_by([Evidence::new(workload, "log", "is let in with the present value", "log").at(*when)])
                .rules_out("OBJ-08", format!("{workload} is let in with the present value"));
        }
        if self.login_ok {
            finding = finding.rules_out("OBJ-08", "the backend accepts the present value");
        }
        finding
    }

    /// On which side of the change the run began.
    fn side(&self) -> &'static str {
        let at = self.changed_at().until;
        if self.how == How::Immutable && self.started.zip(at).is_some_and(|(s, at)| s >= at) {
            "after"
        } else {
            "before"
        }
    }

    /// When the value that the container holds was replaced.
    pub fn changed_at(&self) -> Interval {
        self.changed.as_ref().map_or(Interval::default(), |c| c.when)
    }
}

/// Consumers that run with the former value of a credential while others were restarted and are let in: nothing fails yet.
pub(in crate::checks) fn left_behind(view: &View<'_>, sub_path: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    let failing: BTreeSet<&Id> = view.symptoms().iter().map(|s| &s.victim).collect();
    for object in view.snap.data.iter().filter(|o| o.id.kind == Kind::Secret) {
        let Some(change) = view.data_change(object) else { continue };
        let Some(at) = change.when.until.filter(|at| object.meta.created.is_some_and(|c| *at > c)) else { continue };
        let consumers = view.consumers(&object.id.kind, &object.id.namespace, &object.id.name);
        let mut renewed: Option<(Id, Option<Time>)> = None;
        let mut left: Vec<(Id, &Pod, String, Option<Time>)> = Vec::new();
        for consumer in consumers {
            let Some(pod) = consumer.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
            if pod.meta.deleting.is_some() || failing.contains(&consumer.workload) {
                continue;
            }
            for container in &pod.spec.containers {
                let started = pod.status(&container.name).and_then(|s| s.state.running_since());
                if started.is_none() {
                    continue;
                }
                let taken = crate::view::credentials::sources(view, pod, container).into_iter().find(|s| {
                    s.object.is_some_and(|o| o.id == object.id)
                        && s.part.is_credential()
                        && s.via.is_snapshot()
                        && view.key_change(object, &s.key).is_some_and(|c| c.when.until == Some(at))
                });
                let Some(source) = taken else { continue };
                match View::started_before(started, Some(&change)) {
                    // A database that is given the same Secret holds it for its first start only: just clients count.
                    Some(true)
                        if matches!(source.via, Provider::SubPath { .. }) == sub_path
                            && hits(view, pod, &container.name, Signal::LoginOk).next().is_some() =>
                    {
                        left.push((consumer.workload.clone(), pod, source.via.words(), started));
                    }
                    Some(false) => {
                        let (fate, login) = crate::view::credentials::fate(view, pod, &container.name);
                        if fate == Fate::Accepted {
                            renewed = Some((consumer.workload.clone(), login.or(started)));
                        }
                    }
                    _ => {}
                }
            }
        }
        let Some((witness, when)) = renewed else { continue };
        left.retain(|(workload, ..)| *workload != witness);
        let Some((first, pod, via, started)) = left.first() else { continue };
        let mut finding = Finding::new(
            &object.id,
            Confidence::Likely,
            format!(
                "{first} still runs with the former value of {}; it is lost when the old credential is revoked",
                object.id
            ),
            Evidence::new(
                &pod.id,
                "status.containerStatuses[].state.running.startedAt",
                format!("started before the change, takes it as {via}"),
                "status",
            )
            .at(*started),
        )
        .latent()
        .supported_by([Evidence::new(&witness, "log", "was restarted since and is let in", "log").at(when)])
        .changed(Some(change.clone()))
        .link(Link::Object, &object.id, LinkState::Ok, "holds the present value");
        let mut steps_of = Vec::new();
        for (workload, ..) in &left {
            if !finding.victims.contains(workload) {
                finding = finding.victim(workload).link(
                    Link::Delivery,
                    workload,
                    LinkState::Affected,
                    "holds the former value",
                );
                steps_of.push(
                    steps::restart(workload, format!("restart {workload} in stages"))
                        .after("its containers hold the present value"),
                );
            }
        }
        found.push(finding.plan(crate::plan::Plan::new(steps_of)));
    }
    found
}

/// How a container may take an object, for what must be said of objects that were not seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::checks) enum Taken {
    Env,
    SubPath,
    File,
    /// By an init container.
    Init,
}

/// Says what was not seen of the objects that refused containers take in these ways: without the object, or without the
/// time of its last change, nobody can tell whether its consumers are stale.
pub(in crate::checks) fn blind(view: &View<'_>, out: &mut Verdicts, ways: &[Taken]) {
    for case in view.refused_credentials() {
        for (kind, name) in taken(case, ways) {
            let id = Id::new(kind, &case.pod.id.namespace, &name);
            let lookup = view.data(&id.kind, &id.namespace, &id.name);
            if let Some(Ok(object)) = out.need(&case.victim, &id, lookup)
                && object.meta.managed.is_empty()
                && !view.snap.coverage.audit
            {
                out.unseen(&case.victim, format!("when {id} last changed"), Unseen::NotCollected);
            }
        }
    }
}

fn taken(case: &CredentialUse<'_>, ways: &[Taken]) -> BTreeSet<(Kind, Str)> {
    let spec = &case.pod.spec;
    let mut found = BTreeSet::new();
    let mut of_mounts = |container: &Container, frozen: bool| {
        for place in delivered::places(spec, container) {
            let sub = place.mount.sub_path.is_some() || place.mount.sub_path_expr;
            if let VolumeSource::Data { kind, name, optional: false, .. } = &place.volume.source
                && sub == frozen
            {
                found.insert((kind.clone(), name.clone()));
            }
        }
    };
    for way in ways {
        match way {
            Taken::SubPath => of_mounts(case.container, true),
            Taken::File => of_mounts(case.container, false),
            Taken::Init => {
                for init in spec.containers.iter().filter(|c| c.role == ContainerRole::Init) {
                    of_mounts(init, false);
                }
            }
            Taken::Env => {}
        }
    }
    if ways.contains(&Taken::Env) {
        for from in case.container.env_from.iter().filter(|f| !f.optional) {
            found.insert((from.kind.clone(), from.name.clone()));
        }
        for variable in &case.container.env {
            if let EnvSource::Key { kind, name, optional: false, .. } = &variable.source {
                found.insert((kind.clone(), name.clone()));
            }
        }
    }
    found
}
