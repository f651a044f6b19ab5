//! SYN-18: a SealedSecret that the controller cannot open.

use super::external::{sync_symptom, waiting_for};
use super::{Stories, plans};
use crate::messages::Signal;
use crate::objects::{Id, Kind};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

pub(super) fn judge(view: &View<'_>, stories: &mut Stories) {
    for sealed in view.snap.custom.iter().filter(|c| c.id.kind == Kind::SealedSecret) {
        let red = sealed.conditions.iter().find(|c| &*c.kind == "Synced" && c.status == Some(false));
        let by_condition = red.and_then(|c| {
            let said = c.message.as_ref()?;
            fault(&said.signals)
                .map(|f| (f, Evidence::new(&sealed.id, "status.conditions[Synced]", f.1, "status").at(c.changed)))
        });
        let by_event = view.events_about(&sealed.id).filter(|e| e.warning).filter_map(|e| {
            let undecidable = (&*e.reason == "ErrUnsealFailed").then_some(UNDECRYPTABLE);
            let found = fault(&e.said.signals).or(undecidable)?;
            Some((found, Evidence::new(&sealed.id, format!("event {}", e.reason), found.1, "event").at(e.last)))
        });
        let Some(((confidence, words), evidence)) = by_condition.or_else(|| by_event.last()) else {
            if red.is_some()
                && let Err(why) = view.snap.coverage.of(&Kind::Event, &sealed.id.namespace)
            {
                stories.blind(
                    &["SYN-18"],
                    &sealed.id,
                    format!("Events about {}, which name the cause", sealed.id),
                    why,
                );
            }
            continue;
        };
        let green = sealed.conditions.iter().any(|c| &*c.kind == "Synced" && c.status == Some(true));
        if green {
            continue;
        }
        let name = sealed.secrets.first().map_or(&*sealed.id.name, |(n, _)| n);
        let target = Id::new(Kind::Secret, &sealed.id.namespace, name);
        let waiting = waiting_for(view);
        let mut finding =
            Finding::new(&sealed.id, confidence, format!("{} cannot become {target}: {words}", sealed.id), evidence)
                .explains(sync_symptom(view, &sealed.id).map(|s| s.ix))
                .explains(waiting.get(&target).into_iter().flatten().copied())
                .affects(&target)
                .changed(red.and_then(|c| c.changed).map(|t| Change {
                    when: Interval::between(None, Some(t)),
                    by: None,
                    source: "status",
                }))
                .link(Link::Sync, &sealed.id, LinkState::Broken, words)
                .link(Link::Object, &target, LinkState::Affected, "not made, or as it was before")
                .plan(plans::one(
                    &sealed.id,
                    "restore the sealing key, or seal the value again for this cluster, name and namespace",
                    "the encrypted items, where they are kept (Git)",
                    "the controller unseals it",
                ));
        for key in keys_newer(view, sealed.meta.created) {
            finding = finding.note(format!("the sealing key {key} is younger than the SealedSecret"));
        }
        if finding.explains.is_empty() {
            finding = finding.latent();
        }
        stories.tell("SYN-18", finding);
    }
}

const UNDECRYPTABLE: (Confidence, &str) = (Confidence::Certain, "no key of this controller opens it");

fn fault(signals: &[Signal]) -> Option<(Confidence, &'static str)> {
    signals.iter().find_map(|s| match s {
        Signal::Undecryptable => Some(UNDECRYPTABLE),
        Signal::SealedUnmanaged => Some((Confidence::Certain, "a Secret of that name exists and is not managed by it")),
        _ => None,
    })
}

/// Sealing keys that were made after the SealedSecret: the key that sealed it may be lost.
fn keys_newer(view: &View<'_>, made: Option<crate::time::Time>) -> Vec<Id> {
    let Some(made) = made else { return Vec::new() };
    let keys: Vec<_> = view
        .snap
        .data
        .iter()
        .filter(|d| d.meta.label("sealedsecrets.bitnami.com/sealed-secrets-key").is_some())
        .collect();
    let all_newer = !keys.is_empty() && keys.iter().all(|k| k.meta.created.is_some_and(|c| c > made));
    if all_newer { keys.iter().map(|k| k.id.clone()).collect() } else { Vec::new() }
}
