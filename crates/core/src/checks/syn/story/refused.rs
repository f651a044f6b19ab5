//! Refused credentials that a sync delivers: SRC-06, SRC-07 and SRC-08, and which targets are refused at all.

use std::collections::BTreeMap;

use super::external::Sync;
use super::failing::is_failing;
use super::{Stories, plans};
use crate::checks::img::pull;
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind};
use crate::snapshot::Outcome;
use crate::symptoms::SymptomIx;
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;
use crate::view::credentials::{CredentialKey, Fate, Match, is_refusal};
use crate::view::record::Record;

/// A Secret whose present value is refused by a backend or a registry.
pub(super) struct Refused<'a> {
    pub secret: &'a DataObject,
    pub symptoms: Vec<SymptomIx>,
    pub victims: Vec<Id>,
    pub evidence: Evidence,
    /// First refusal on record, which may be later than the first refusal.
    pub first: Option<Time>,
    /// Somebody was let in with the very value that is refused now.
    pub was_accepted: bool,
    /// Somebody who started before the last change is still let in.
    pub former_accepted: bool,
    pub changed: Option<Change>,
    pub rewritten: bool,
    /// The value has a shape that no real credential has.
    pub misshapen: bool,
    /// A registry refused it, at a pull.
    pub at_pull: bool,
}

/// Secrets whose present value is refused, in the order of their ids.
pub(super) fn targets<'a>(view: &View<'a>) -> Vec<Refused<'a>> {
    let mut found: BTreeMap<Id, Refused<'a>> = BTreeMap::new();
    for case in view.refused_credentials() {
        let with_secret = case.keys.iter().filter(|k| k.object.is_some_and(|o| o.id.kind == Kind::Secret));
        // Frozen ones hold an older value; where anybody is let in with the present one, it is right.
        // A process that started before the change may hold the older value even of a file, unless it names the user of
        // the present one.
        let holds_older = |k: &CredentialKey<'_>| {
            let minted = k.object.is_some_and(|o| o.keys.iter().any(|f| f.value.vault_user_issued.is_some()));
            k.started_before_change == Some(true) && (k.is_frozen() || !(minted && k.matched == Match::Named))
        };
        let mut fitting = with_secret.filter(|k| !holds_older(k) && k.accepted_with_present_value().next().is_none());
        let Some(key) = fitting.next() else { continue };
        let Some(secret) = key.object else { continue };
        if key.login == Some(Outcome::Accepted) {
            continue;
        }
        let own = crate::view::credentials::fate(view, case.pod, &case.container.name).1;
        let changed_at = key.changed.as_ref().and_then(|c| c.when.until.or(c.when.after));
        let after_change = |t: Time| !key.rewritten || changed_at.is_none_or(|c| t > c);
        let was_accepted = own.is_some_and(after_change)
            || key.users.iter().any(|u| {
                u.last_login.is_some_and(after_change)
                    && u.fate == Fate::Refused
                    && u.started_before_change != Some(true)
            });
        let evidence = Evidence::new(
            &case.pod.id,
            format!("log {}", case.container.name),
            "the backend refuses the credential",
            "log",
        )
        .at(case.last_refusal);
        let entry = found.entry(secret.id.clone()).or_insert_with(|| Refused {
            secret,
            symptoms: Vec::new(),
            victims: Vec::new(),
            evidence,
            first: case.first_refusal,
            was_accepted: false,
            former_accepted: false,
            changed: key.changed.clone(),
            rewritten: key.rewritten,
            misshapen: false,
            at_pull: false,
        });
        entry.symptoms.push(case.symptom);
        entry.victims.push(case.victim.clone());
        entry.first = [entry.first, case.first_refusal].into_iter().flatten().min();
        entry.was_accepted |= was_accepted;
        // An operator writes all keys at once: who started before the newest write took the former value.
        entry.former_accepted |= key.accepted_with_former_value().next().is_some()
            || key.rewritten
                && key.users.iter().any(|u| {
                    u.fate == Fate::Accepted
                        && u.via.is_snapshot()
                        && u.started.zip(changed_at).is_some_and(|(s, c)| s < c)
                });
        let value = key.value;
        entry.misshapen |= value.placeholder
            || value.ends_in_newline
            || value.has_carriage_return
            || value.has_outer_space
            || value.has_outer_quotes
            || value.len == 0;
    }
    for story in pull::stories(view) {
        let Some(verdict) = story.verdict.as_ref().filter(|v| matches!(v.code, "IMG-04" | "IMG-05")) else { continue };
        let Some(secret) = view.secret(&verdict.subject.namespace, &verdict.subject.name).seen() else { continue };
        let change = view.data_change(secret);
        let changed_at = change.as_ref().and_then(|c| c.when.until.or(c.when.after));
        let rewritten = changed_at.zip(secret.meta.created).is_some_and(|(c, made)| c > made);
        let began = story.facts.first_try.or(view.symptom(story.facts.symptom).onset);
        let pulled = pulled_with(view, &secret.id, changed_at.filter(|_| rewritten));
        let entry = found.entry(secret.id.clone()).or_insert_with(|| Refused {
            secret,
            symptoms: Vec::new(),
            victims: Vec::new(),
            evidence: verdict.evidence[0].clone(),
            first: began,
            was_accepted: pulled,
            former_accepted: false,
            changed: change,
            rewritten,
            misshapen: false,
            at_pull: true,
        });
        entry.symptoms.push(story.facts.symptom);
        entry.victims.push(story.facts.victim.clone());
        entry.first = [entry.first, began].into_iter().flatten().min();
    }
    found.into_values().collect()
}

/// Whether a pod that lists the Secret got its image after the given time.
fn pulled_with(view: &View<'_>, secret: &Id, after: Option<Time>) -> bool {
    view.consumers(&Kind::Secret, &secret.namespace, &secret.name).iter().any(|c| {
        let Some(pod) = c.pod.as_ref().and_then(|id| view.pod(id)) else { return false };
        matches!(c.reference.via, crate::objects::Via::PullSecret { .. })
            && pod.statuses.iter().any(|s| s.state.running_since().is_some_and(|t| after.is_none_or(|a| t > a)))
    })
}

/// Rows that only the facts about the refused value tell apart.
const BY_VALUE: &[&str] =
    &["SRC-02", "SRC-03", "SRC-06", "SRC-07", "SRC-08", "SRC-12", "SYN-04", "SYN-05", "SYN-08", "SYN-11", "SYN-22"];

/// Whose credential is refused although nothing is known of it.
fn unseen(view: &View<'_>, syncs: &[Sync<'_>], stories: &mut Stories) {
    for sync in syncs {
        let crate::coverage::Seen::Unseen(why) = sync.secret else { continue };
        let users = view.consumers(&Kind::Secret, &sync.target.namespace, &sync.target.name);
        let refused = view.symptoms().iter().any(|s| {
            let said =
                s.signal(|s| is_refusal(s) || matches!(s, Signal::PullUnauthorized | Signal::PullUnauthorizedSent));
            said.is_some() && users.iter().any(|u| u.pod.is_some() && u.pod == s.pod)
        });
        if refused {
            let what = format!("{} in namespace {}, which {} writes", sync.target, sync.target.namespace, sync.id());
            stories.blind(BY_VALUE, sync.id(), what, why);
        }
    }
}

pub(super) fn judge(view: &View<'_>, syncs: &[Sync<'_>], stories: &mut Stories) {
    unseen(view, syncs, stories);
    let mut groups: BTreeMap<(&'static str, String), Vec<(Refused<'_>, &Sync<'_>)>> = BTreeMap::new();
    for refused in targets(view) {
        let Some(sync) = syncs.iter().find(|s| s.target == refused.secret.id) else {
            by_hand(view, &refused, stories);
            continue;
        };
        // A sync that fails, is held back or was told on already is another story.
        if is_failing(sync) || refused.symptoms.iter().all(|ix| stories.explains(*ix)) || sync.interval().is_none() {
            continue;
        }
        // What a person or another tool wrote into the copy is the copy's own story.
        if !by_operator(refused.secret) {
            continue;
        }
        if super::dynamic::minted(&refused).is_some() {
            continue;
        }
        let code = row(&refused);
        // One entry at the source is one fault, however many copies it has.
        let entry = format!(
            "{} {} {}",
            sync.server().unwrap_or_default(),
            store_path(sync),
            sync.remote().unwrap_or(&refused.secret.id.name)
        );
        groups.entry((code, entry)).or_default().push((refused, sync));
    }
    for ((code, _), group) in groups {
        tell(view, code, &group, stories);
    }
}

/// No sync delivers the Secret: whoever keeps it did not change it, the very value was let in, and it is refused now. At a
/// registry the text of the refusal tells more (IMG-04).
fn by_hand(view: &View<'_>, refused: &Refused<'_>, stories: &mut Stories) {
    let id = &refused.secret.id;
    let record = view.record_of(refused.secret);
    let locked = refused.symptoms.iter().any(|ix| view.symptom(*ix).says(Signal::AccountLocked).is_some());
    let told = refused.symptoms.iter().all(|ix| stories.explains(*ix));
    let kept_elsewhere = matches!(record, Record::Sync(_)) || super::dynamic::minted(refused).is_some();
    if !refused.was_accepted || refused.at_pull || refused.misshapen || kept_elsewhere || locked || told {
        return;
    }
    // Without field owners and without an audit log nobody knows whether the value was changed.
    let history = !refused.secret.meta.managed.is_empty() || view.writes_of(id).next().is_some();
    let confidence = if history { Confidence::Likely } else { Confidence::Possible };
    let headline = format!("the backend refuses what {id} held all along: it was changed or revoked there only");
    let mut finding = Finding::new(id, confidence, headline, refused.evidence.clone())
        .explains(refused.symptoms.iter().copied())
        .supported_by([change_evidence(refused)])
        .changed(Some(Change {
            when: Interval::between(last_good(view, refused), refused.first),
            by: None,
            source: "log",
        }))
        .rules_out("DEL-01", "no newer value than the one that is used was delivered")
        .rules_out("OBJ-08", "the same value was let in before")
        .unless("SRC-07", id, "one login with the value of the Secret, and one with the version before it")
        .link(Link::Object, id, LinkState::Affected, "holds what the backend accepted before");
    for victim in &refused.victims {
        finding = finding.link(Link::Backend, victim, LinkState::Affected, "is refused");
    }
    let target = record.target(id);
    stories.tell(
        "SRC-08",
        finding.plan(plans::one(
            &target,
            "write the credential that the backend knows",
            "the refused key, where the Secret is kept; values by stdin",
            "one login with it works, then its consumers are restarted in stages",
        )),
    );
}

/// Whether the operator wrote the newest of the data, as far as field owners tell.
fn by_operator(secret: &DataObject) -> bool {
    let newest = secret.keys.iter().max_by_key(|k| k.changed.until.or(k.changed.after));
    let manager = newest.and_then(|k| k.manager.as_deref());
    manager.is_none_or(|m| m.starts_with("externalsecrets.external-secrets.io/") || m.starts_with("external-secrets"))
}

fn store_path<'s>(sync: &'s Sync<'_>) -> &'s str {
    sync.store.and_then(|s| s.vault.as_ref()).and_then(|v| v.path.as_deref()).unwrap_or_default()
}

fn row(refused: &Refused<'_>) -> &'static str {
    if refused.misshapen {
        "SRC-06"
    } else if refused.was_accepted || !refused.rewritten {
        // The very value worked, and nothing wrote another one; or it is as old as the Secret.
        "SRC-08"
    } else if refused.former_accepted {
        "SRC-06"
    } else {
        "SRC-07"
    }
}

fn tell(view: &View<'_>, code: &'static str, group: &[(Refused<'_>, &Sync<'_>)], stories: &mut Stories) {
    let Some((first, sync)) = group.first() else { return };
    let at_registry = first.at_pull;
    let backend = if at_registry { "the registry" } else { "the backend" };
    // A read after the first refusal that changed nothing: the source holds the refused value too.
    let read_since =
        group.iter().any(|(r, s)| s.es.refreshed.zip(r.first).is_some_and(|(read, refused)| read >= refused));
    // Without field owners and without an audit log nobody knows whether the value was changed.
    let history =
        group.iter().all(|(r, _)| !r.secret.meta.managed.is_empty() || view.writes_of(&r.secret.id).next().is_some());
    let confidence = match code {
        "SRC-08" if first.was_accepted && read_since && history => Confidence::Likely,
        "SRC-06" if first.misshapen => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let remote = sync.remote().unwrap_or("its entry");
    let headline = match code {
        "SRC-08" => {
            format!("{backend} refuses what the source still holds in {remote}: it was changed or revoked there only")
        }
        "SRC-06" => format!("{} delivered a new value from {remote}, and {backend} does not accept it", sync.id()),
        _ => format!("{backend} does not know the value that {remote} holds since the rotation"),
    };
    let mut finding = Finding::new(sync.id(), confidence, headline, first.evidence.clone());
    for (refused, sync) in group {
        finding = finding
            .explains(refused.symptoms.iter().copied())
            .affects(&sync.target)
            .supported_by([sync
                .evidence("status.refreshTime", "read without a failure", "status")
                .at(sync.es.refreshed)])
            .supported_by([change_evidence(refused)])
            .link(Link::Source, sync.id(), LinkState::Broken, "the source holds a value that is refused")
            .link(Link::Sync, sync.id(), LinkState::Ok, "Ready, and read in time")
            .link(Link::Object, &sync.target, LinkState::Affected, "holds what the source holds");
        for victim in &refused.victims {
            finding = finding.link(Link::Backend, victim, LinkState::Affected, "is refused");
        }
    }
    finding = match code {
        "SRC-08" => finding
            .changed(Some(Change {
                when: Interval::between(last_good(view, first), first.first),
                by: None,
                source: "events",
            }))
            .rules_out("SYN-01", "the externalsecret reads without a failure")
            .rules_out("DEL-01", "no newer value than the one that is used was delivered")
            .unless(
                "SRC-07",
                sync.id(),
                "one login with the value of the Secret, and one with the version before it at the source",
            ),
        "SRC-06" => finding
            .changed(first.changed.clone())
            .rules_out("DEL-01", "those that are refused started after the change")
            .unless(
                "SRC-07",
                sync.id(),
                "one login with the version before it at the source: accepted now, or not any more",
            ),
        _ => finding
            .changed(first.changed.clone())
            .rules_out("DEL-01", "those that are refused started after the change")
            .rules_out("CON-04", "every failure is a refusal, none a limit")
            .unless(
                "SRC-06",
                sync.id(),
                "one login with the present and one with the former version at the source: exactly one works",
            ),
    };
    let ids: Vec<&Id> = group.iter().map(|(_, s)| s.id()).collect();
    finding = finding.plan(match code {
        "SRC-08" => plans::at_source(
            "write the credential that the backend knows to the source",
            "the entry at the source, never the copies; values by stdin",
            "one login with it works",
            "the source, every copy and the backend agree",
            &ids,
        ),
        "SRC-06" => plans::at_source(
            "put the former version of the entry back at the source",
            "the version of the entry (kv rollback, AWSPREVIOUS)",
            "one login with the former version works",
            "the source holds an accepted value",
            &ids,
        ),
        _ => plans::at_source(
            "finish the rotation at the backend, or roll the source back",
            "one of both places, so that they agree",
            "one login with the present and one with the former version tells which is known",
            "backend and source agree",
            &ids,
        ),
    });
    stories.tell(code, finding);
}

fn change_evidence(refused: &Refused<'_>) -> Evidence {
    let at = refused.changed.as_ref().and_then(|c| c.when.until.or(c.when.after));
    let seen = if refused.rewritten { "data last changed then" } else { "data are as they were at its creation" };
    Evidence::new(&refused.secret.id, "data", seen, "managedFields").at(at)
}

/// The last time that the value is known to have worked.
fn last_good(view: &View<'_>, refused: &Refused<'_>) -> Option<Time> {
    let logins = view.refused_credentials().iter().filter(|c| refused.symptoms.contains(&c.symptom));
    let own = logins.filter_map(|c| crate::view::credentials::fate(view, c.pod, &c.container.name).1);
    own.filter(|t| refused.first.is_none_or(|f| *t <= f)).max()
}
