//! The story of a credential that is refused although, or because, somebody wrote it: which rotation row that is.
//!
//! Each refused credential gets one outcome, so that the rows exclude each other. A key that nobody rewrote, or whose
//! container holds an older value, is no matter of these rows.

pub(super) use super::writers::Write;
use super::writers::{self, Hand, Reversal};
use std::collections::BTreeMap;

use crate::image::ImageRef;
use crate::keyring::{DockerConfigFacts, EntryFacts, Keyring};
use crate::messages::Signal;
use crate::objects::{DataObject, HelmRelease, Id, Kind, SecretPayload, Str};
use crate::symptoms::{Class, SymptomIx};
use crate::time::Time;
use crate::value::EqTag;
use crate::verdict::{Change, Evidence, Trigger};
use crate::view::View;
use crate::view::credentials::{CredentialKey, CredentialUse, password_tag};

/// Which row it is.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// ROT-01: other copies of the same credential were renewed, this one was not.
    Missed { copies: Vec<Copy> },
    /// ROT-02: a controller wrote over somebody's fix. Without a reversal, only the owner and a healthy time between tell.
    Reverted { reversal: Option<Reversal>, owner: Option<String> },
    /// ROT-13: `kubectl apply` of a file wrote over another writer's value.
    Applied { reversal: Option<Reversal> },
    /// ROT-04: Helm wrote over a live edit.
    HelmOver { reversal: Reversal, release: String },
    /// ROT-03: Helm made the value anew at a release.
    Rerolled { release: String, times: Vec<Time> },
    /// ROT-08: it was refused before the change and is refused after it.
    WrongAgain { before: Time },
}

/// Another copy of the refused credential, renewed since.
#[derive(Clone, Debug)]
pub struct Copy {
    pub object: Id,
    pub changed: Option<Change>,
    /// Somebody pulled or logged in with it after it was renewed.
    pub proved: Option<Id>,
}

/// One refused credential with its outcome.
#[derive(Clone, Debug)]
pub struct Case<'v> {
    pub outcome: Outcome,
    pub object: &'v DataObject,
    pub key: Str,
    pub changed: Option<Change>,
    pub explains: Vec<SymptomIx>,
    pub victims: Vec<Id>,
    /// The refusal.
    pub refusal: Evidence,
    /// It is the only credential that can have been refused.
    pub only: bool,
    pub trigger: Option<Trigger>,
    /// A registry refused it: the kubelet reads pull secrets anew at each try, so nothing has to be restarted.
    pub pull: bool,
}

/// A refused credential before it is judged.
struct Refused<'v> {
    symptom: SymptomIx,
    victim: Id,
    object: &'v DataObject,
    key: Str,
    changed: Option<Change>,
    rewritten: bool,
    only: bool,
    /// Whether what was refused is what the key holds now.
    present: bool,
    /// Start of the refused run, or the last refused try.
    tried: Option<Time>,
    first: Option<Time>,
    refusal: Evidence,
    copies: Vec<Copy>,
}

/// All refused credentials that one of the rows explains; refusals of one key are one case.
pub(super) fn cases<'v, 'a>(view: &'v View<'a>) -> &'v [Case<'a>] {
    view.rotations.get_or_init(|| judged(view))
}

fn judged<'a>(view: &View<'a>) -> Vec<Case<'a>> {
    let mut cases: Vec<Case<'a>> = Vec::new();
    for refused in backend(view).into_iter().chain(pulls(view)) {
        let Some(outcome) = decide(view, &refused) else { continue };
        let same = |c: &&mut Case<'a>| {
            c.object.id == refused.object.id
                && c.key == refused.key
                && std::mem::discriminant(&c.outcome) == std::mem::discriminant(&outcome)
        };
        match cases.iter_mut().find(same) {
            Some(case) => {
                case.explains.push(refused.symptom);
                case.victims.push(refused.victim);
                case.only |= refused.only;
            }
            None => cases.push(Case {
                outcome,
                object: refused.object,
                key: refused.key,
                trigger: trigger(view, &refused.victim, refused.changed.as_ref()),
                changed: refused.changed,
                explains: vec![refused.symptom],
                victims: vec![refused.victim],
                refusal: refused.refusal,
                only: refused.only,
                pull: view.symptom(refused.symptom).class == Class::Pull,
            }),
        }
    }
    for case in &mut cases {
        case.victims.sort();
        case.victims.dedup();
    }
    cases
}

fn decide(view: &View<'_>, refused: &Refused<'_>) -> Option<Outcome> {
    let at = refused.changed.as_ref().and_then(|c| c.when.until.or(c.when.after));
    let renewed: Vec<Copy> = refused
        .copies
        .iter()
        .filter(|c| {
            let other = c.changed.as_ref().and_then(|c| c.when.until.or(c.when.after));
            other.zip(at).is_some_and(|(other, own)| other > own)
        })
        .cloned()
        .collect();
    if refused.rewritten && refused.present && tried_since(refused) {
        if let Some(outcome) = overwritten(view, refused, at?) {
            return Some(outcome);
        }
        if renewed.is_empty()
            && let Some(before) = earlier_failure(view, refused, at?)
        {
            return Some(Outcome::WrongAgain { before });
        }
    }
    // A copy that was renewed proves little alone: it must be known to work, or several must agree.
    let agree = renewed.len() >= 2 || renewed.iter().any(|c| c.proved.is_some());
    (agree && refused.present).then_some(Outcome::Missed { copies: renewed })
}

/// Whether the refused try came after the change of the key.
fn tried_since(refused: &Refused<'_>) -> bool {
    let until = refused.changed.as_ref().and_then(|c| c.when.until);
    until.zip(refused.tried).is_some_and(|(until, tried)| tried >= until)
}

/// Whether the last write put back what somebody had changed.
fn overwritten(view: &View<'_>, refused: &Refused<'_>, at: Time) -> Option<Outcome> {
    // The data of an immutable object cannot have been written over; the later writes were of something else.
    if refused.object.immutable {
        return None;
    }
    let meta = &refused.object.meta;
    let reversal = writers::reversal(view, &refused.object.id, Some(at.plus(1)))
        .or_else(|| writers::put_back_by_owner(view, &refused.object.id, meta, at.plus(1)));
    let release = writers::helm_release(meta).map(str::to_owned);
    if let Some(reversal) = reversal {
        match reversal.back.hand {
            Hand::Helm => {
                return Some(Outcome::HelmOver { release: release.unwrap_or_default(), reversal });
            }
            Hand::Apply => return Some(Outcome::Applied { reversal: Some(reversal) }),
            Hand::Controller => {
                let owner = writers::gitops_owner(meta).map(|(owner, _)| owner);
                return Some(Outcome::Reverted { reversal: Some(reversal), owner });
            }
            Hand::Person => {}
        }
    }
    let newest = writers::newest_manager(meta, Some(&format!("data.{}", refused.key)));
    let by = writers::audited(view, &refused.object.id).pop().or(newest)?;
    match by.hand {
        Hand::Helm => rerolled(view, refused, release?, at),
        // Without an audit log the former value is not known; that it was refused, then worked, then was refused again
        // around the write of an owner is the only sign.
        Hand::Controller if writers::gitops_owner(meta).is_some() && healthy_between(view, refused, at) => {
            Some(Outcome::Reverted { reversal: None, owner: writers::gitops_owner(meta).map(|(owner, _)| owner) })
        }
        Hand::Apply if from_old_file(refused) && !only_applied(view, refused) => {
            // An audit log that does not reach back to the first apply still shows whose edit the last one wrote over.
            let edited = || writers::audited(view, &refused.object.id).iter().rev().nth(1).map(|w| w.hand);
            (!view.snap.coverage.audit || edited() == Some(Hand::Person)).then_some(Outcome::Applied { reversal: None })
        }
        _ => None,
    }
}

/// The live value is the one in the last-applied annotation of a Secret.
fn from_old_file(refused: &Refused<'_>) -> bool {
    let Some(applied) = &refused.object.last_applied else { return false };
    let live = refused.object.key(&refused.key).and_then(|k| k.value.tag);
    let kind = applied.kind.as_deref().is_none_or(|k| k == refused.object.id.kind.name());
    kind && applied
        .keys
        .iter()
        .any(|(name, tag)| *name == refused.key && tag.zip(live).is_some_and(|(a, b)| a.same(b) == Some(true)))
}

/// Nobody is known to have written it before, so that a file with a new wrong value is as likely as an old file.
fn only_applied(view: &View<'_>, refused: &Refused<'_>) -> bool {
    earlier_use(view, refused).is_none()
}

/// A run that needed the key and worked before the change.
fn earlier_use(view: &View<'_>, refused: &Refused<'_>) -> Option<Time> {
    let at = refused.changed.as_ref()?.when.until?;
    view.revisions_of(&refused.victim).filter_map(|r| r.meta.created).find(|created| *created < at)
}

/// Failures before the change that had ended some time before it.
fn healthy_between(view: &View<'_>, refused: &Refused<'_>, at: Time) -> bool {
    let Some((_, last)) = earlier_events(view, refused, at) else { return false };
    at.since(last) >= 10
}

/// Helm wrote the key at a release, and had written it at an earlier one.
fn rerolled(view: &View<'_>, refused: &Refused<'_>, release: String, at: Time) -> Option<Outcome> {
    let mut releases: Vec<(i64, Time)> = view
        .snap
        .data
        .iter()
        .filter(|d| d.id.namespace == refused.object.id.namespace)
        .filter_map(|d| match &d.payload {
            SecretPayload::Helm(HelmRelease { release: Some(name), revision: Some(n), .. }) if **name == *release => {
                Some((*n, d.meta.created?))
            }
            _ => None,
        })
        .collect();
    releases.sort_unstable();
    // Helm stores the record of a release before it writes the objects of it.
    let near = |t: Time| releases.iter().any(|(_, made)| (-2..=120).contains(&t.since(*made)));
    let mut times: Vec<Time> = writers::audited(view, &refused.object.id)
        .into_iter()
        .filter(|w| w.hand == Hand::Helm && near(w.at))
        .map(|w| w.at)
        .collect();
    if times.is_empty() {
        times = refused.object.meta.created.into_iter().chain([at]).collect();
    }
    (releases.len() >= 2 && near(at) && times.len() >= 2).then_some(Outcome::Rerolled { release, times })
}

/// When it was refused before the key was changed, if the log or the Events say so.
fn earlier_failure(view: &View<'_>, refused: &Refused<'_>, at: Time) -> Option<Time> {
    let before = |t: Time| (t < at).then_some(t);
    let symptom = view.symptom(refused.symptom);
    let by_log = refused.first.and_then(before);
    let by_event = symptom
        .said
        .iter()
        .filter(|s| s.said.signal.is_some_and(|s| matches!(s, Signal::PullUnauthorizedSent | Signal::BackOffRestart)))
        .filter_map(|s| s.first)
        .min()
        .and_then(before);
    by_log.or(by_event).or_else(|| earlier_events(view, refused, at).map(|(first, _)| first))
}

/// First and last failure before the change of pods of the same workload, among them pods that are gone.
fn earlier_events(view: &View<'_>, refused: &Refused<'_>, at: Time) -> Option<(Time, Time)> {
    let prefix = format!("{}-", refused.victim.name);
    let mut span: Option<(Time, Time)> = None;
    for event in &view.snap.events {
        let of_workload = event.about.kind == Kind::Pod
            && event.about.namespace == refused.victim.namespace
            && (event.about.name.starts_with(&prefix) || event.about.name == refused.victim.name);
        if !of_workload || !event.warning || !matches!(&*event.reason, "BackOff" | "Failed") {
            continue;
        }
        let (Some(first), Some(last)) = (event.first, event.last) else { continue };
        if first < at {
            let last = last.min(at);
            span = Some(span.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
        }
    }
    span
}

/// A rollout or restart after the change made the refused value seen.
fn trigger(view: &View<'_>, victim: &Id, changed: Option<&Change>) -> Option<Trigger> {
    let at = changed?.when.until?;
    let last = view.revisions_of(victim).last()?;
    let created = last.meta.created.filter(|c| *c >= at)?;
    let restart = last.restarted_at.is_some();
    let what = if restart { "rollout restart" } else { "rollout" };
    Some(Trigger { object: victim.clone(), what: format!("{what} after the change"), at: Some(created) })
}

/// Credentials that a backend refused.
fn backend<'a>(view: &View<'a>) -> Vec<Refused<'a>> {
    let mut found = Vec::new();
    for case in view.refused_credentials() {
        // A locked account refuses every value, the right one too.
        if view.symptom(case.symptom).says(Signal::AccountLocked).is_some() {
            continue;
        }
        let only = case.only_key().is_some();
        for key in &case.keys {
            let Some(object) = key.object else { continue };
            found.push(Refused {
                symptom: case.symptom,
                victim: case.victim.clone(),
                object,
                key: key.key.clone(),
                changed: key.changed.clone(),
                rewritten: key.rewritten,
                only,
                present: !key.is_frozen(),
                tried: case.container_started.max(case.last_refusal),
                first: case.first_refusal,
                refusal: refusal(case),
                copies: copies_of_key(view, key),
            });
        }
    }
    found
}

fn refusal(case: &CredentialUse<'_>) -> Evidence {
    let user = case.user.as_deref().map(|u| format!(" of account {u}")).unwrap_or_default();
    Evidence::new(
        &case.pod.id,
        format!("log {}", case.container.name),
        format!("the backend refused the login{user}"),
        "log",
    )
    .at(case.last_refusal)
}

fn copies_of_key(view: &View<'_>, key: &CredentialKey<'_>) -> Vec<Copy> {
    let mut copies: Vec<Copy> = key
        .copies
        .iter()
        .filter(|c| c.same == Some(false) && !c.same_but_damaged)
        .map(|c| Copy { object: c.object.id.clone(), changed: view.key_change(c.object, &c.key), proved: None })
        .collect();
    if let Some(object) = key.object {
        copies.extend(copies_by_source(view, object, key));
    }
    for copy in &mut copies {
        copy.proved = copy.proved.take().or_else(|| logged_in(view, copy));
    }
    copies.sort_by(|a, b| a.object.cmp(&b.object));
    copies.dedup_by(|next, kept| next.object == kept.object);
    copies
}

/// Secrets of other namespaces that are kept from the same entry of the same source.
fn copies_by_source(view: &View<'_>, object: &DataObject, key: &CredentialKey<'_>) -> Vec<Copy> {
    let keeper = |o: &Id| {
        view.snap.external_secrets.iter().find(move |e| {
            e.id.kind == Kind::ExternalSecret
                && e.id.namespace == o.namespace
                && e.target.name.as_deref().unwrap_or(&e.id.name) == &*o.name
        })
    };
    let Some(own) = keeper(&object.id) else { return Vec::new() };
    let remote = |e: &crate::objects::ExternalSecret| {
        e.data
            .iter()
            .filter(|d| d.secret_key.as_ref().is_none_or(|k| *k == key.key))
            .map(|d| (d.remote_key.clone(), d.property.clone()))
            .collect::<Vec<_>>()
    };
    let wanted = remote(own);
    if wanted.is_empty() {
        return Vec::new();
    }
    let mine = password_tag(key.value);
    view.snap
        .external_secrets
        .iter()
        .filter(|e| e.id != own.id && e.id.kind == Kind::ExternalSecret && remote(e) == wanted)
        .filter_map(|e| {
            let name = e.target.name.as_deref().unwrap_or(&e.id.name);
            let other = view.secret(&e.id.namespace, name).seen()?;
            let facts = other.key(&key.key)?;
            let differs = mine.zip(password_tag(&facts.value)).is_some_and(|(a, b)| a.same(b) == Some(false));
            differs.then(|| Copy { object: other.id.clone(), changed: view.key_change(other, &key.key), proved: None })
        })
        .collect()
}

/// A workload that takes the copy, started after it was renewed, and is let in.
fn logged_in(view: &View<'_>, copy: &Copy) -> Option<Id> {
    let since = copy.changed.as_ref()?.when.until?;
    view.consumers(&copy.object.kind, &copy.object.namespace, &copy.object.name).iter().find_map(|consumer| {
        let pod = view.pod(consumer.pod.as_ref()?)?;
        let container = pod.spec.containers.first()?;
        let started = pod.status(&container.name)?.state.running_since()?;
        let (fate, _) = crate::view::credentials::fate(view, pod, &container.name);
        let fine = matches!(fate, crate::view::credentials::Fate::Accepted)
            || (pod.is_ready() && matches!(fate, crate::view::credentials::Fate::Silent));
        (started >= since && fine).then(|| view.top_owner(pod))
    })
}

/// Credentials that a registry refused.
fn pulls<'a>(view: &View<'a>) -> Vec<Refused<'a>> {
    let mut found = Vec::new();
    // Many pods fail with one Secret; its copies are looked for once.
    let mut known: BTreeMap<(Id, String), Vec<Copy>> = BTreeMap::new();
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::Pull) {
        let Some(statement) = symptom.signal(|s| matches!(s, Signal::PullUnauthorizedSent | Signal::PullUnauthorized))
        else {
            continue;
        };
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let Some(container) = pod.spec.containers.iter().find(|c| symptom.container.as_deref() == Some(&*c.name))
        else {
            continue;
        };
        let Ok(image) = ImageRef::parse(&container.image) else { continue };
        let secrets: Vec<(&'a DataObject, &'a DockerConfigFacts)> = pod
            .spec
            .pull_secrets
            .iter()
            .filter_map(|name| docker(view.secret(&pod.id.namespace, name).seen()?))
            .collect();
        let named: Vec<(&str, &DockerConfigFacts)> = secrets.iter().map(|(o, f)| (&*o.id.name, *f)).collect();
        let keyring = Keyring::new(&named);
        let lookup = keyring.lookup(&image);
        let only = lookup.matches.len() == 1;
        let tries = symptom.said.iter().filter(|s| s.said.signal == statement.said.signal);
        let (first, last) = tries.fold((None, None), |(first, last): (Option<Time>, Option<Time>), s| {
            (first.into_iter().chain(s.first).min(), last.max(s.last))
        });
        for matched in &lookup.matches {
            let Some(entry) = keyring.entry(matched) else { continue };
            let Some((object, _)) = secrets.iter().find(|(o, _)| *o.id.name == *matched.secret) else { continue };
            let key = data_key(object);
            let changed = view.key_change(object, &key);
            let at = changed.as_ref().and_then(|c| c.when.until.or(c.when.after));
            found.push(Refused {
                symptom: symptom.ix,
                victim: symptom.victim.clone(),
                object,
                rewritten: object.meta.created.zip(at).is_some_and(|(created, at)| at > created),
                changed,
                key,
                only,
                // The kubelet reads pull secrets anew at each try.
                present: true,
                tried: last,
                first,
                refusal: Evidence::new(
                    &statement.object,
                    statement.path.clone(),
                    format!("{} refused the login of {}", image.domain(), entry.username),
                    statement.channel.source(),
                )
                .at(last),
                copies: known
                    .entry((object.id.clone(), matched.key.clone()))
                    .or_insert_with(|| copies_of_entry(view, object, entry, &image))
                    .clone(),
            });
        }
    }
    found
}

fn docker(object: &DataObject) -> Option<(&DataObject, &DockerConfigFacts)> {
    match &object.payload {
        SecretPayload::Docker(facts) => Some((object, facts)),
        _ => None,
    }
}

fn data_key(object: &DataObject) -> Str {
    let key = object.keys.iter().find(|k| matches!(&*k.name, ".dockerconfigjson" | ".dockercfg"));
    key.map_or_else(|| ".dockerconfigjson".into(), |k| k.name.clone())
}

/// Other pull secrets with the same registry and username and another password.
fn copies_of_entry(view: &View<'_>, own: &DataObject, entry: &EntryFacts, image: &ImageRef) -> Vec<Copy> {
    let key_of = |e: &EntryFacts| e.registry.indexed().map(|k| k.text());
    let differs = |a: EqTag, b: EqTag| a.same(b) == Some(false);
    let own_change = view.key_change(own, &data_key(own));
    let mut found = Vec::new();
    for object in &view.snap.data {
        let Some((_, facts)) = docker(object) else { continue };
        if object.id == own.id {
            continue;
        }
        let other = facts
            .entries
            .iter()
            .any(|e| key_of(e) == key_of(entry) && e.username == entry.username && differs(e.password, entry.password));
        if other {
            let changed = view.key_change(object, &data_key(object));
            let at = |c: &Change| c.when.until.or(c.when.after);
            // Only a copy that is newer can show that this one was missed.
            let newer = changed.as_ref().and_then(at) > own_change.as_ref().and_then(at);
            let proved = newer.then(|| pulled(view, object, image.domain(), changed.as_ref())).flatten();
            found.push(Copy { object: object.id.clone(), changed, proved });
        }
    }
    found
}

/// A workload whose pod was made after the copy was renewed, lists it, and has an image of the registry.
fn pulled(view: &View<'_>, object: &DataObject, domain: &str, changed: Option<&Change>) -> Option<Id> {
    let since = changed?.when.until?;
    // Pods are sorted by namespace.
    let namespace = &object.id.namespace;
    let from = view.snap.pods.partition_point(|p| p.id.namespace < *namespace);
    view.snap.pods[from..]
        .iter()
        .take_while(|p| p.id.namespace == *namespace)
        .filter(|p| p.meta.created.is_some_and(|c| c >= since))
        .filter(|p| p.spec.pull_secrets.contains(&object.id.name))
        .find(|p| {
            p.spec.containers.iter().any(|c| {
                ImageRef::parse(&c.image).is_ok_and(|i| i.domain() == domain)
                    && p.status(&c.name).is_some_and(|s| s.state.running_since().is_some())
            })
        })
        .map(|p| view.top_owner(p))
}

/// The writer of the last change, for evidence.
pub(super) fn last_writer(write: &Write) -> String {
    match &write.user {
        Some(user) if *user != write.by => format!("{} ({user})", write.by),
        _ => write.by.clone(),
    }
}
