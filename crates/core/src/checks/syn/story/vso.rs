//! Vault Secrets Operator: leases that are not renewed (SYN-13), ceilings (SRC-04), and its own failures by cause.

use super::external::{scalar, sync_symptom, time, waiting_for};
use super::words::{Login, Meaning, link, meaning, seen};
use super::{Stories, plans};
use crate::messages::Signal;
use crate::objects::{CustomResource, Id, Kind};
use crate::symptoms::{Channel, Statement};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

const KINDS: &[Kind] = &[Kind::VaultStaticSecret, Kind::VaultDynamicSecret, Kind::VaultPKISecret];

pub(super) fn judge(view: &View<'_>, stories: &mut Stories) {
    for resource in
        view.snap.custom.iter().filter(|c| KINDS.contains(&c.id.kind) && &*c.group == "secrets.hashicorp.com")
    {
        one(view, resource, stories);
    }
}

fn one(view: &View<'_>, resource: &CustomResource, stories: &mut Stories) {
    let target = resource.secrets.iter().find(|(_, path)| &**path == "spec.destination.name");
    let target = target.map(|(name, _)| Id::new(Kind::Secret, &resource.id.namespace, name));
    let said: Vec<Statement> = statements(view, resource);
    let ended = lease_end(resource).filter(|(end, _)| view.as_of.is_some_and(|now| *end < now));
    let truncated = said.iter().find(|s| says_ceiling(s));
    let renewal = said.iter().find(|s| s.said.says(Signal::LeaseRenewalFailed) || s.said.says(Signal::LeaseExpired));
    let cause = said
        .iter()
        .map(|s| (s, meaning(s, Login::Cluster)))
        .filter_map(|(s, m)| match m {
            Meaning::Row(code, sure) if code.starts_with("SRC-") || code.starts_with("AUT-") => Some((s, code, sure)),
            _ => None,
        })
        .max_by_key(|(s, ..)| s.last);
    let unhealthy = resource.conditions.iter().any(|c| c.status == Some(false));
    let (code, confidence, headline, evidence) =
        if let (Some((statement, code, sure)), true) = (cause, unhealthy || ended.is_some()) {
            let words = seen(code, statement);
            let evidence =
                Evidence::new(&statement.object, statement.path.clone(), words.clone(), statement.channel.source())
                    .at(statement.last);
            (code, sure, format!("{} cannot be kept up to date: {words}", resource.id), evidence)
        } else if let Some(statement) = truncated {
            let evidence = Evidence::new(
                &statement.object,
                statement.path.clone(),
                "the lease was cut at its ceiling",
                statement.channel.source(),
            )
            .at(statement.last);
            (
                "SRC-04",
                Confidence::Likely,
                format!("the lease of {} has reached the longest life that its mount or token allows", resource.id),
                evidence,
            )
        } else if let Some((end, renewed)) = ended {
            let evidence = Evidence::new(
                &resource.id,
                "status.lastRenewalTime",
                format!("renewed last at {renewed}, so that the lease ended at {end}"),
                "status",
            )
            .at(Some(renewed));
            (
                "SYN-13",
                Confidence::Likely,
                format!("the lease behind {} ended at {end} and was not renewed", resource.id),
                evidence,
            )
        } else if let (Some(statement), true) = (renewal, unhealthy) {
            let evidence = Evidence::new(
                &statement.object,
                statement.path.clone(),
                "the renewal of the lease fails",
                statement.channel.source(),
            )
            .at(statement.last);
            ("SYN-13", Confidence::Likely, format!("{} cannot renew its lease", resource.id), evidence)
        } else {
            if unhealthy && let Err(why) = view.snap.coverage.of(&Kind::Event, &resource.id.namespace) {
                let missing = format!("Events about {}, which name the cause", resource.id);
                stories.blind(&["SRC-04", "SYN-13"], &resource.id, missing, why);
            }
            return;
        };
    let mut finding = Finding::new(&resource.id, confidence, headline, evidence)
        .explains(sync_symptom(view, &resource.id).map(|s| s.ix))
        .link(link(code), &resource.id, LinkState::Broken, "not renewed")
        .changed(ended.map(|(end, _)| Change { when: Interval::between(None, Some(end)), by: None, source: "status" }));
    if let Some(target) = &target {
        let waiting = waiting_for(view);
        finding = finding.affects(target).explains(waiting.get(target).into_iter().flatten().copied());
        for refused in super::refused::targets(view).iter().filter(|r| r.secret.id == *target) {
            finding = finding.explains(refused.symptoms.iter().copied()).supported_by([refused.evidence.clone()]);
        }
        finding = finding.link(Link::Object, target, LinkState::Affected, "holds what has run out");
    }
    if finding.explains.is_empty() {
        finding = finding.latent();
    }
    if code == "SYN-13" {
        finding = finding.unless(
            "SRC-04",
            &resource.id,
            "tune of the mount and issue time of the lease: ceiling, or renewal that failed",
        );
    }
    finding = finding.plan(plans::at_source(
        "repair what the renewal needs, then let it be issued anew",
        "VaultAuth and policy of the role; max_lease_ttl of the mount; rolloutRestartTargets for consumers that read once",
        "the condition and Events of the resource name the refusal",
        "lastRenewalTime is new, and consumers were restarted",
        &[&resource.id],
    ));
    stories.tell(code, finding);
}

/// End of the lease by its last renewal and its length, with that renewal.
fn lease_end(resource: &CustomResource) -> Option<(Time, Time)> {
    let renewed = time(resource, "status.lastRenewalTime")?;
    let length: i64 = scalar(resource, "status.secretLease.duration")?.parse().ok()?;
    (length > 0).then(|| (renewed.plus(length), renewed))
}

fn says_ceiling(statement: &Statement) -> bool {
    let codes = statement.said.candidates.first().map(|c| c.codes).unwrap_or_default();
    codes.contains(&"SRC-04") && statement.reason.contains("Renewal") && !statement.reason.contains("Error")
}

fn statements(view: &View<'_>, resource: &CustomResource) -> Vec<Statement> {
    let of_conditions = resource.conditions.iter().filter(|c| c.status == Some(false)).filter_map(|c| {
        let said = c.message.clone()?;
        Some(Statement {
            channel: Channel::Condition,
            object: resource.id.clone(),
            path: format!("status.conditions[{}]", c.kind),
            reason: c.reason.clone(),
            said,
            first: c.changed,
            last: c.changed,
            count: 1,
        })
    });
    let of_events = view.events_about(&resource.id).map(|e| Statement {
        channel: Channel::Event,
        object: resource.id.clone(),
        path: format!("event {}", e.reason),
        reason: e.reason.clone(),
        said: e.said.clone(),
        first: e.first,
        last: e.last,
        count: e.count,
    });
    of_conditions.chain(of_events).collect()
}
