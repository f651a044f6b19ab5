//! SYN-03: the operator does not work any more, and every status is still green.

use super::external::{Sync, waiting_for};
use super::failing::is_operator;
use super::{Stories, plans};
use crate::objects::{Id, Kind};
use crate::symptoms::SymptomIx;
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

pub(super) fn judge(view: &View<'_>, syncs: &[Sync<'_>], stories: &mut Stories) {
    let Some(now) = view.as_of else { return };
    let periodic: Vec<&Sync<'_>> = syncs.iter().filter(|s| s.interval().is_some() && !s.es.has_sync_windows).collect();
    // One that was never looked at and is old enough shows it as well as one that is overdue.
    let overdue: Vec<&&Sync<'_>> = periodic.iter().filter(|s| is_overdue(s, now)).collect();
    let Some(shortest) = overdue.iter().filter_map(|s| s.interval()).min() else { return };
    // Whatever the operator did last: a read, a status, an Event, a log line.
    let life = last_sign(view, syncs);
    let quiet = life.is_none_or(|l| now.since(l) > 2 * shortest.min(3600) + GRACE);
    if !quiet {
        return;
    }
    let deployment = workload(view);
    let subject = deployment.clone().unwrap_or_else(|| overdue[0].id().clone());
    let down = deployment.as_ref().map(|id| view.pods_of(id).filter(|p| p.is_ready()).count() == 0);
    let oldest = overdue.iter().min_by_key(|s| s.es.refreshed);
    let Some(oldest) = oldest else { return };
    let confidence = match down {
        Some(true) => Confidence::Certain,
        _ if overdue.len() >= 2 && overdue.len() == periodic.len() => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let evidence = match oldest.es.refreshed {
        Some(at) => oldest
            .evidence(
                "status.refreshTime",
                format!("last read {} s ago, interval {} s", now.since(at), oldest.interval().unwrap_or_default()),
                "status",
            )
            .at(Some(at)),
        None => oldest.evidence("status", "never looked at by the operator", "status").at(oldest.es.meta.created),
    };
    let headline = format!(
        "the sync operator does nothing any more: {} of {} externalsecrets are overdue and none reports a failure",
        overdue.len(),
        periodic.len()
    );
    let waiting = waiting_for(view);
    let mut finding = Finding::new(&subject, confidence, headline, evidence);
    for sync in &overdue {
        let symptoms: Vec<SymptomIx> = waiting.get(&sync.target).cloned().unwrap_or_default();
        finding = finding
            .explains(symptoms.into_iter().filter(|ix| !stories.explains(*ix)))
            .affects(&sync.target)
            .link(Link::Object, &sync.target, LinkState::Affected, "not written since");
        if *sync.id() != subject {
            finding = finding.affects(sync.id());
        }
    }
    if let Some(id) = deployment.as_ref().filter(|_| down == Some(true)) {
        finding = finding.supported_by([Evidence::new(
            id,
            "status.readyReplicas",
            "no pod of the operator is ready",
            "status",
        )]);
        finding = finding.explains(view.symptoms().iter().filter(|s| s.victim == *id).map(|s| s.ix));
    }
    finding = finding
        .link(Link::Sync, &subject, LinkState::Broken, "no sign of life")
        .changed(life.map(|l| Change { when: Interval::between(Some(l), None), by: None, source: "status" }))
        .rules_out("SYN-04", "they ask for periodic reads")
        .rules_out("SYN-01", "no status reports a failure");
    if down != Some(true) {
        finding = finding.unless(
            "SYN-04",
            &subject,
            "pods and Lease of the operator: absent, crashing, or a renewTime that is old",
        );
    }
    // Nothing that starts anew lacks anything yet: then it is a risk.
    let hurts = !finding.explains.is_empty() || refused_one(view, &overdue);
    if !hurts {
        finding = finding.latent();
    }
    let target = deployment.unwrap_or(subject);
    finding = finding.plan(plans::one(
        &target,
        "bring the operator back",
        "its pods, its Lease, its rights",
        "every refreshTime is new within one interval",
    ));
    stories.tell("SYN-03", finding);
}

/// Seconds that a turn may be late for reasons of its own: queues, jitter, the time between two files of a dump.
const GRACE: i64 = 30;

fn is_overdue(sync: &Sync<'_>, now: Time) -> bool {
    let interval = sync.interval().unwrap_or(i64::MAX / 4).min(3600 * 24 * 365);
    match (sync.ready(), sync.es.refreshed) {
        (Some(false), _) => false,
        (_, Some(read)) => now.since(read) > 2 * interval + GRACE,
        (Some(true), None) => false,
        // No word at all about it: a working operator says something within seconds.
        (None, None) => sync.es.meta.created.is_some_and(|c| now.since(c) > GRACE),
    }
}

/// The newest thing that the operator is known to have done.
fn last_sign(view: &View<'_>, syncs: &[Sync<'_>]) -> Option<Time> {
    let reads = syncs.iter().filter_map(|s| s.es.refreshed);
    let of_status = |m: &crate::objects::Meta| {
        m.managed.iter().filter(|m| m.subresource.as_deref() == Some("status")).filter_map(|m| m.time).max()
    };
    let statuses = syncs
        .iter()
        .filter_map(|s| of_status(&s.es.meta))
        .chain(view.snap.stores.iter().filter_map(|s| of_status(&s.meta)));
    let flips = syncs.iter().filter_map(Sync::flipped);
    let events = view
        .snap
        .events
        .iter()
        .filter(|e| matches!(e.about.kind, Kind::ExternalSecret | Kind::SecretStore | Kind::ClusterSecretStore))
        .filter_map(|e| e.last);
    let logs = view.snap.logs.iter().filter(|l| is_operator(&l.pod)).filter_map(|l| l.last_at);
    let leases = view.snap.leases.iter().filter(|l| l.id.name.contains("external-secrets")).filter_map(|l| l.renewed);
    reads.chain(statuses).chain(flips).chain(events).chain(logs).chain(leases).max()
}

/// The operator's Deployment, where it is in the snapshot.
fn workload(view: &View<'_>) -> Option<Id> {
    let named = view.snap.workloads.iter().filter(|w| w.id.kind == Kind::Deployment);
    let is_it = |w: &&crate::objects::Workload| {
        let label = w.meta.label("app.kubernetes.io/name");
        label == Some("external-secrets") || (label.is_none() && &*w.id.name == "external-secrets")
    };
    named.filter(is_it).map(|w| w.id.clone()).next()
}

/// Whether a consumer of an overdue target is refused, so that another finding joins this story.
fn refused_one(view: &View<'_>, overdue: &[&&Sync<'_>]) -> bool {
    super::refused::targets(view).iter().any(|r| overdue.iter().any(|s| s.target == r.secret.id))
}
