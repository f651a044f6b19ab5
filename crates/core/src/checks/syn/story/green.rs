//! Syncs that report success and yet deliver nothing new: by policy (SYN-04, SYN-09), by an immutable or contested
//! target (SYN-08), by a generator that rolled again (SYN-11), or too late (SYN-05).

use super::external::Sync;
use super::failing::waiting;
use super::refused::{Refused, targets};
use super::{Stories, plans};
use crate::checks::img::pull;
use crate::messages::Signal;
use crate::objects::{Kind, SecretPayload};
use crate::time::Time;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

pub(super) fn judge(view: &View<'_>, syncs: &[Sync<'_>], stories: &mut Stories) {
    for sync in syncs {
        no_data(view, sync, stories);
    }
    for refused in targets(view) {
        if refused.symptoms.iter().all(|ix| stories.explains(*ix)) {
            continue;
        }
        let Some(sync) = syncs.iter().find(|s| s.target == refused.secret.id && s.ready() == Some(true)) else {
            continue;
        };
        if contested(view, syncs, sync, &refused, stories)
            || regenerated(sync, &refused, stories)
            || immutable(sync, &refused, stories)
            || by_design(sync, &refused, syncs, stories)
        {
            continue;
        }
        too_late(view, sync, &refused, stories);
    }
}

/// SYN-09: the policy decided what happens without data, and the status stays green.
fn no_data(view: &View<'_>, sync: &Sync<'_>, stories: &mut Stories) {
    let Some(condition) = sync.es.conditions.iter().find(|c| &*c.kind == "Ready" && c.status == Some(true)) else {
        return;
    };
    let retained = condition.message.as_ref().is_some_and(|m| m.says(Signal::RetainedByPolicy));
    let (seen, note) = match &*condition.reason {
        "SecretMissing" => {
            ("Ready, and its reason is SecretMissing", "creationPolicy Merge makes no Secret: another must create it")
        }
        "SecretDeleted" => {
            ("Ready, and its reason is SecretDeleted", "deletionPolicy Delete removed it when the source had no data")
        }
        _ if retained => (
            "Ready, and its message says that the Secret was retained",
            "the source has no data; deletionPolicy Retain keeps the last copy",
        ),
        _ => return,
    };
    let symptoms = waiting(view, &sync.target);
    let evidence = sync.evidence("status.conditions[Ready]", seen, "status").at(condition.changed);
    let headline = format!("{} is green without data for {}: {note}", sync.id(), sync.target);
    let mut finding = Finding::new(sync.id(), Confidence::Certain, headline, evidence)
        .explains(symptoms.iter().copied())
        .affects(&sync.target)
        .link(Link::Source, sync.id(), LinkState::Broken, "has nothing to deliver")
        .link(Link::Object, &sync.target, LinkState::Affected, note)
        .rules_out("SYN-01", "it reports no failure")
        .rules_out("SYN-10", "the externalsecret is there");
    if symptoms.is_empty() {
        finding = finding.latent();
        for consumer in view.consumers(&Kind::Secret, &sync.target.namespace, &sync.target.name) {
            if !finding.victims.contains(&consumer.workload) {
                finding = finding.victim(&consumer.workload);
            }
        }
    }
    finding = finding.plan(plans::at_source(
        "put the entry back at the source, or create the Secret that Merge expects",
        "the entry that the externalsecret reads; else creationPolicy Owner",
        "the entry is meant to exist",
        "the Secret has its keys",
        &[sync.id()],
    ));
    stories.tell("SYN-09", finding);
}

fn base(
    sync: &Sync<'_>,
    refused: &Refused<'_>,
    confidence: Confidence,
    headline: String,
    evidence: Evidence,
) -> Finding {
    Finding::new(sync.id(), confidence, headline, evidence)
        .explains(refused.symptoms.iter().copied())
        .affects(&sync.target)
        .supported_by([refused.evidence.clone()])
        .link(Link::Object, &sync.target, LinkState::Affected, "is not what the source holds")
}

/// SYN-04: it was told never to read again.
fn by_design(sync: &Sync<'_>, refused: &Refused<'_>, syncs: &[Sync<'_>], stories: &mut Stories) -> bool {
    let Some((path, words)) = sync.by_design() else { return false };
    if refused.rewritten && sync.never_rewritten() == Some(false) {
        return false;
    }
    let headline = format!(
        "{} never reads again ({words}): {} is refused and still holds its first value",
        sync.id(),
        sync.target
    );
    let evidence = sync.evidence(path, words.clone(), "spec");
    let mut finding = base(sync, refused, Confidence::Likely, headline, evidence)
        .supported_by([sync.evidence("status.refreshTime", "last read", "status").at(sync.es.refreshed)])
        .link(Link::Sync, sync.id(), LinkState::Broken, words)
        .rules_out("SYN-03", "the spec itself says not to read again")
        .unless(
            "SRC-08",
            sync.id(),
            "whether the source holds another value (compare by hash), or one login with the present one",
        );
    let sibling = syncs.iter().find(|s| {
        s.id() != sync.id()
            && s.store_id == sync.store_id
            && s.never_rewritten() == Some(false)
            && s.data_changed() > sync.data_changed()
    });
    if let Some(sibling) = sibling {
        finding = finding.note(format!("{} of the same store got a new value since", sibling.id()));
    }
    finding = finding.plan(plans::own_spec(
        sync.id(),
        "let it read periodically",
        "spec.refreshPolicy: Periodic with a refreshInterval",
        "the Secret holds what the source holds",
    ));
    stories.tell("SYN-04", finding);
    true
}

/// SYN-08: the target is declared immutable, so that every read is green and none is written.
fn immutable(sync: &Sync<'_>, refused: &Refused<'_>, stories: &mut Stories) -> bool {
    if !sync.es.target.immutable || sync.never_rewritten() == Some(false) {
        return false;
    }
    let headline = format!("{} makes {} immutable: it reads on and writes nothing", sync.id(), sync.target);
    let evidence = sync.evidence("spec.target.immutable", "true", "spec");
    let finding = base(sync, refused, Confidence::Likely, headline, evidence)
        .supported_by([sync.evidence("status.refreshTime", "reads on", "status").at(sync.es.refreshed)])
        .link(Link::Sync, sync.id(), LinkState::Broken, "target.immutable: nothing is ever written again")
        .rules_out("SYN-01", "it reports no failure")
        .unless("SRC-08", sync.id(), "whether the source holds another value (compare by hash)")
        .plan(plans::own_spec(
            sync.id(),
            "let the operator write the target",
            "spec.target.immutable: false, and delete the immutable Secret so that it is made anew",
            "the Secret holds what the source holds",
        ));
    stories.tell("SYN-08", finding);
    true
}

/// SYN-08: two that write one target in turns.
fn contested(
    view: &View<'_>,
    syncs: &[Sync<'_>],
    sync: &Sync<'_>,
    refused: &Refused<'_>,
    stories: &mut Stories,
) -> bool {
    let merges = |s: &Sync<'_>| s.es.target.creation_policy.as_deref() == Some("Merge");
    let Some(other) =
        syncs.iter().find(|s| s.id() != sync.id() && s.target == sync.target && (merges(s) || merges(sync)))
    else {
        return false;
    };
    // Both claim a key only if both write it: fields of one manager go when another takes them.
    let writers = refused
        .secret
        .meta
        .managed
        .iter()
        .filter(|m| m.manager.starts_with("externalsecrets.external-secrets.io/") && m.owns_any_data());
    let key_clash = sync.es.data.iter().any(|a| other.es.data.iter().any(|b| a.secret_key == b.secret_key))
        || sync.es.data.is_empty();
    if !key_clash {
        return false;
    }
    let headline = format!("{} and {} both write {}", sync.id(), other.id(), sync.target);
    let evidence = sync.evidence("spec.target.name", format!("the same target as {}", other.id()), "spec");
    let audited = view
        .writes_of(&sync.target)
        .filter(|w| w.manager.as_deref().is_some_and(|m| m.starts_with("externalsecrets.")))
        .count();
    let finding = base(sync, refused, Confidence::Likely, headline, evidence)
        .supported_by([other.evidence("spec.target.name", format!("the same target as {}", sync.id()), "spec")])
        .note(format!(
            "{} managers of the operator own data of it; {audited} of their writes are in the audit log",
            writers.count()
        ))
        .affects(other.id())
        .link(Link::Sync, sync.id(), LinkState::Broken, "is written over in turns")
        .unless("SRC-06", sync.id(), "which of both wrote the value that is refused")
        .plan(plans::own_spec(
            other.id(),
            "one owner for each key",
            "another target.name, or other keys",
            "one of both writes each key",
        ));
    stories.tell("SYN-08", finding);
    true
}

/// SYN-11: a generator made a new value, and the backend has the old one.
fn regenerated(sync: &Sync<'_>, refused: &Refused<'_>, stories: &mut Stories) -> bool {
    let random = sync.es.sources.iter().find(|s| matches!(s.kind.name(), "Password" | "UUID" | "SSHKey"));
    let Some(generator) = random else { return false };
    let made = sync.es.meta.created.zip(refused.secret.meta.created).is_some_and(|(es, secret)| es >= secret.plus(-5));
    let headline = format!(
        "{} draws from {} {}: {} was rolled anew and the backend has the former value",
        sync.id(),
        generator.kind,
        generator.name,
        sync.target
    );
    let evidence = sync
        .evidence("spec.dataFrom", format!("a value of the generator {}", generator.name), "spec")
        .at(sync.es.meta.created);
    let confidence = if refused.rewritten || made { Confidence::Likely } else { Confidence::Possible };
    let finding = base(sync, refused, confidence, headline, evidence)
        .supported_by([
            Evidence::new(&sync.target, "data", "made or changed then", "managedFields").at(sync.data_changed())
        ])
        .changed(refused.changed.clone())
        .link(Link::Sync, sync.id(), LinkState::Broken, "rolled a new value")
        .rules_out("SRC-05", "no entry at a source is read")
        .unless(
            "SRC-08",
            sync.id(),
            "one login with the value of the Secret, and when the backend's password was last set",
        )
        .plan(plans::at_source(
            "set the backend to the new value, or restore the former one",
            "the password at the backend; then refreshPolicy CreatedOnce and target.immutable",
            "one login with the value works",
            "backend and Secret agree",
            &[],
        ));
    stories.tell("SYN-11", finding);
    true
}

/// SYN-05: what it delivers runs out before the next read.
fn too_late(view: &View<'_>, sync: &Sync<'_>, refused: &Refused<'_>, stories: &mut Stories) {
    let (Some(now), Some(interval), Some(read)) = (view.as_of, sync.interval(), sync.es.refreshed) else { return };
    let Some((issued, expires)) = life(refused, read).filter(|(_, end)| *end <= now) else { return };
    let life = expires.since(issued);
    if read.plus(interval) <= expires || life <= 0 {
        return;
    }
    let headline = format!(
        "{} reads every {interval} s what lives {life} s: {} has run out until the next read",
        sync.id(),
        sync.target
    );
    let evidence =
        sync.evidence("spec.refreshInterval", format!("{interval} s, and the credential lives {life} s"), "spec");
    let finding = base(sync, refused, Confidence::Likely, headline, evidence)
        .supported_by([Evidence::new(&sync.target, "data", "ran out then, by its own word", "spec").at(Some(expires))])
        .link(Link::Sync, sync.id(), LinkState::Broken, "reads too seldom")
        .note(format!("it heals by itself at the next read, and comes again {life} s after it"))
        .rules_out("SYN-03", "the next read is not due yet")
        .plan(plans::own_spec(
            sync.id(),
            "read at twice the pace at which it runs out",
            "spec.refreshInterval: at most half of its life",
            "the Secret is renewed in time",
        ));
    stories.tell("SYN-05", finding);
}

/// Issue and end of what is refused, by its own word or by the known life of its kind.
fn life(refused: &Refused<'_>, read: Time) -> Option<(Time, Time)> {
    let written = refused.changed.as_ref().and_then(|c| c.when.until.or(c.when.after)).unwrap_or(read);
    if let Some((issued, Some(expires))) = refused.secret.keys.iter().find_map(|k| k.value.jwt) {
        return Some((issued.unwrap_or(written), expires));
    }
    let SecretPayload::Docker(config) = &refused.secret.payload else { return None };
    config.entries.iter().find_map(|entry| {
        let issued = entry.token.and_then(|t| t.issued).unwrap_or(written);
        let stated = entry.token.and_then(|t| t.expires);
        let by_kind = || pull::life(entry).map(|l| issued.plus(l.seconds));
        Some((issued, stated.or_else(by_kind)?))
    })
}
