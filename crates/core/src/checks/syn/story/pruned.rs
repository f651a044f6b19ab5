//! SYN-10: the resource was pruned, and the Secret that it owned went with it.

use super::external::{Sync, waiting_for};
use super::{Stories, plans};
use crate::objects::{Id, Kind};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

/// Kinds that own a Secret which dies with them.
const OWNERS: &[Kind] = &[
    Kind::ExternalSecret,
    Kind::VaultStaticSecret,
    Kind::VaultDynamicSecret,
    Kind::VaultPKISecret,
    Kind::SealedSecret,
];

pub(super) fn judge(view: &View<'_>, syncs: &[Sync<'_>], stories: &mut Stories) {
    for (secret, symptoms) in waiting_for(view) {
        if view.secret(&secret.namespace, &secret.name).seen().is_some() || syncs.iter().any(|s| s.target == secret) {
            continue;
        }
        if symptoms.iter().all(|ix| stories.explains(*ix)) {
            continue;
        }
        let namesake = Id::new(Kind::ExternalSecret, &secret.namespace, &secret.name);
        if let Err(why) = view.snap.coverage.of(&Kind::ExternalSecret, &secret.namespace)
            && view.events_about(&namesake).next().is_some()
        {
            stories.blind(
                &["SYN-09", "SYN-10"],
                &secret,
                format!("{namesake} in namespace {}, whose Events are there", secret.namespace),
                why,
            );
        }
        let Some(gone) = OWNERS.iter().find_map(|kind| former_owner(view, kind, &secret)) else { continue };
        let onset = symptoms.iter().filter_map(|ix| view.symptom(*ix).onset).min();
        let deleted = view.audited_deletion(&gone.id);
        let mut finding = Finding::new(
            &gone.id,
            Confidence::Likely,
            format!("{} was removed, and {secret} that it owned went with it", gone.id),
            gone.evidence,
        )
        .explains(symptoms.iter().copied())
        .affects(&secret)
        .link(Link::Sync, &gone.id, LinkState::Broken, "no longer there")
        .link(Link::Object, &secret, LinkState::Broken, "collected with its owner")
        .rules_out("REF-01", "the name is that of a Secret that was there")
        .rules_out("OBJ-01", "it was there and was written by its owner");
        if let Some(write) = deleted {
            finding = finding
                .supported_by([
                    Evidence::new(&gone.id, "audit", format!("deleted by {}", write.user), "audit").at(Some(write.at))
                ])
                .changed(Some(Change {
                    when: Interval::at(write.at),
                    by: Some(write.user.to_string()),
                    source: "audit",
                }));
        } else {
            finding = finding.changed(Some(Change {
                when: Interval::between(gone.last_seen, onset),
                by: None,
                source: "events",
            }));
        }
        for sibling in siblings(view, &gone.id) {
            finding = finding.affects(&Id::new(Kind::Secret, &sibling.namespace, &sibling.name));
            finding = finding.note(format!("{sibling} is gone too: they were removed together"));
        }
        if deleted.is_none() {
            finding = finding.unless(
                "OBJ-02",
                &secret,
                "the history of GitOps or Helm, or the audit log: who removed what first",
            );
        }
        finding = finding.plan(plans::one(
            &gone.id,
            "bring the resource back where it is kept (Git, chart)",
            "revert the commit or release that removed it; mark shared ones with prune: false",
            "the operator writes the Secret anew",
        ));
        stories.tell("SYN-10", finding);
    }
}

struct Gone {
    id: Id,
    evidence: Evidence,
    last_seen: Option<Time>,
}

/// A resource of the Secret's name that existed and does not any more.
fn former_owner(view: &View<'_>, kind: &Kind, secret: &Id) -> Option<Gone> {
    let id = Id::new(kind.clone(), &secret.namespace, &secret.name);
    if exists(view, &id) || view.snap.coverage.of(kind, &secret.namespace).is_err() {
        return None;
    }
    // Its own Events outlive it by an hour.
    let mut events = view.events_about(&id).filter(|e| !e.warning);
    if let Some(event) = events.next() {
        let last = events.last().unwrap_or(event);
        return Some(Gone {
            evidence: Evidence::new(
                &id,
                format!("event {}", last.reason),
                "wrote the Secret, and does not exist any more",
                "event",
            )
            .at(last.last),
            id,
            last_seen: last.last,
        });
    }
    let write = view.audited_deletion(&id)?;
    let collected = view.audited_deletion(secret).is_none_or(|w| w.user.contains("generic-garbage-collector"));
    collected.then(|| Gone {
        evidence: Evidence::new(&id, "audit", "deleted; its Secret was collected after it", "audit").at(Some(write.at)),
        id,
        last_seen: Some(write.at),
    })
}

fn exists(view: &View<'_>, id: &Id) -> bool {
    if id.kind == Kind::ExternalSecret {
        return view.external_secret(&id.namespace, &id.name).seen().is_some();
    }
    view.snap.custom.iter().any(|c| c.id == *id)
}

/// Others of the same kind and namespace whose Events are there and who are not.
fn siblings(view: &View<'_>, gone: &Id) -> Vec<Id> {
    let mut found: Vec<Id> = view
        .snap
        .events
        .iter()
        .map(|e| &e.about)
        .chain(view.snap.audit.iter().filter(|w| &*w.verb == "delete" && w.succeeded()).map(|w| &w.object))
        .filter(|id| id.kind == gone.kind && id.namespace == gone.namespace && *id != gone && !exists(view, id))
        .cloned()
        .collect();
    found.sort();
    found.dedup();
    found
}
