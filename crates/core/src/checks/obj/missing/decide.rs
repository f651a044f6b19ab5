//! Decides between the reasons for which something can be missing.

use super::faults::Place;
use super::{Absence, Case, KeyLoss, KeyMistake, Outcome, Story, evidence, names};
use crate::coverage::Seen;
use crate::messages::Signal;
use crate::objects::{AuditWrite, DataObject, Id, Str, Via};
use crate::references;
use crate::time::Time;
use crate::view::View;

pub fn decide<'a, 'v>(view: &'v View<'a>, place: Place, cases: Vec<Case<'a, 'v>>) -> Story<'a, 'v> {
    let (object, key, _) = place;
    let said = cases.iter().any(|c| c.said.is_some());
    let lookup = view.data(&object.kind, &object.namespace, &object.name);
    let absence = match lookup {
        Seen::Unseen(why) => Absence::Said(why),
        Seen::Absent(basis) if said => Absence::SaidAndSeen(basis),
        Seen::Absent(basis) => Absence::Seen(basis),
        Seen::Seen(_) if said => Absence::SaidAndSeen(crate::coverage::Basis::Stated),
        Seen::Seen(_) => Absence::Seen(crate::coverage::Basis::Stated),
    };
    let producer = view.producer_of(&object);
    let outcome = match (&key, lookup) {
        (None, Seen::Seen(live)) => present(live, &cases),
        (None, _) => object_missing(view, &object, &cases, producer.is_some()),
        (Some(key), Seen::Seen(live)) if live.key(key).is_some() => key_present(live, key, &cases),
        (Some(key), lookup) => key_missing(view, &object, key, &cases, lookup.seen().filter(|o| !o.keys_unseen)),
    };
    Story { object, key, cases, outcome, absence, producer }
}

/// The object is there although the kubelet missed it.
fn present<'a>(live: &DataObject, cases: &[Case<'_, '_>]) -> Outcome<'a> {
    let first_missed = first_missed(cases);
    match live.meta.created {
        Some(made) if first_missed.is_none_or(|missed| made >= missed) => Outcome::MadeSince(made),
        _ => Outcome::Present,
    }
}

fn key_present<'a>(live: &DataObject, key: &str, cases: &[Case<'_, '_>]) -> Outcome<'a> {
    let changed = live.key(key).and_then(|k| k.changed.until.or(k.changed.after)).or(live.meta.created);
    match changed {
        Some(at) if first_missed(cases).is_none_or(|missed| at >= missed) => Outcome::MadeSince(at),
        _ => Outcome::Present,
    }
}

fn first_missed(cases: &[Case<'_, '_>]) -> Option<Time> {
    cases.iter().filter_map(|c| c.said.and_then(|s| s.first).or(c.pod.meta.created)).min()
}

fn object_missing<'a>(view: &View<'a>, object: &Id, cases: &[Case<'_, '_>], promised: bool) -> Outcome<'a> {
    if let Some(write) = refused_as_too_large(view, object)
        && view.writes_of(object).next().is_none()
    {
        return Outcome::Refused(write);
    }
    let case = &cases[0];
    let proofs = evidence::proofs(view, object, None, cases);
    if let Some((revision, newer)) = evidence::reused(view, case)
        && newer.template.as_deref().is_some_and(|t| !evidence::needs(t, object, None))
    {
        return Outcome::RolledBack { revision, newer, deleted: evidence::deletion(view, object, cases, proofs) };
    }
    let keys = evidence::wanted_keys(cases, object);
    let in_namespace = || {
        view.snap.data.iter().filter(|d| d.id.namespace == object.namespace && d.id != *object && !is_furniture(&d.id))
    };
    if !promised && let Some(live) = generated(object, &keys, in_namespace()) {
        return Outcome::Generated(live);
    }
    let rollout = evidence::rollout(view, case, object, None);
    let certain_proof = proofs.iter().any(|p| !p.weak);
    if let Some(deletion) = evidence::deletion(view, object, cases, proofs) {
        // A rollout that began to ask for what was already gone is at fault itself.
        let gone_before = rollout.as_ref().is_some_and(|r| {
            r.revision.meta.created.is_some_and(|made| deletion.when.over_before(made))
                && !others_need(view, object, cases)
        });
        if (deletion.audit.is_some() || certain_proof) && !gone_before {
            return Outcome::Deleted(deletion);
        }
        if rollout.is_none() && !gone_before {
            // Only presumed: an old workload whose pod is new. A better reason comes first.
            if let Some(better) = never_there(view, object, cases, &keys, promised, in_namespace()) {
                return better;
            }
            return Outcome::Deleted(deletion);
        }
    }
    if !promised && let Some(rollout) = rollout {
        return Outcome::ByRollout(rollout);
    }
    never_there(view, object, cases, &keys, promised, in_namespace()).unwrap_or(Outcome::NeverExisted)
}

/// The newest write that was refused for its size.
fn refused_as_too_large<'a>(view: &View<'a>, object: &Id) -> Option<&'a AuditWrite> {
    view.audit_of(object).rev().find(|w| {
        matches!(&*w.verb, "create" | "update" | "patch")
            && !w.succeeded()
            && (w.code == 413 || w.said.as_ref().is_some_and(|s| s.says(Signal::TooLarge)))
    })
}

/// Reasons for which something that nobody ever had is asked for.
fn never_there<'a>(
    view: &View<'a>,
    object: &Id,
    cases: &[Case<'_, '_>],
    keys: &[Str],
    promised: bool,
    in_namespace: impl Iterator<Item = &'a DataObject>,
) -> Option<Outcome<'a>> {
    if promised {
        return None;
    }
    if let Some((like, others)) = new_namespace(view, object) {
        return Some(Outcome::NewNamespace { like, others });
    }
    let elsewhere = evidence::elsewhere(view, object, keys);
    if !elsewhere.is_empty() {
        return Some(Outcome::Elsewhere(elsewhere));
    }
    wrong_name(object, cases, keys, in_namespace).map(Outcome::WrongName)
}

/// What every namespace has.
fn is_furniture(id: &Id) -> bool {
    matches!(&*id.name, "kube-root-ca.crt" | "openshift-service-ca.crt" | "istio-ca-root-cert")
        || id.name.starts_with("sh.helm.release.v1.")
}

/// Whether workloads other than the victims need the object.
fn others_need(view: &View<'_>, object: &Id, cases: &[Case<'_, '_>]) -> bool {
    view.consumers(&object.kind, &object.namespace, &object.name)
        .iter()
        .any(|c| !c.reference.optional && !cases.iter().any(|case| case.victim == c.workload))
}

/// A live object with the same base name and another generated part.
fn generated<'a>(
    object: &Id,
    keys: &[Str],
    in_namespace: impl Iterator<Item = &'a DataObject>,
) -> Option<&'a DataObject> {
    let mut best: Option<&'a DataObject> = None;
    for live in in_namespace.filter(|d| d.id.kind == object.kind && evidence::has_keys(d, keys)) {
        let same_base = names::same_but_generated(&object.name, &live.id.name);
        if (same_base || renamed_release(&object.name, live)) && best.is_none_or(|b| b.meta.created < live.meta.created)
        {
            best = Some(live);
        }
    }
    best
}

/// The live object carries its Helm release's name, and the asked name has another one in its place.
fn renamed_release(asked: &str, live: &DataObject) -> bool {
    let release = live.meta.annotation("meta.helm.sh/release-name").filter(|r| !r.is_empty()).or_else(|| {
        live.meta.label("app.kubernetes.io/instance").filter(|_| {
            live.meta.label("helm.sh/chart").is_some()
                || live.meta.label("app.kubernetes.io/managed-by") == Some("Helm")
        })
    });
    let Some(release) = release else { return false };
    let Some(rest) = live.id.name.strip_prefix(release).and_then(|r| r.strip_prefix('-')) else { return false };
    if asked.starts_with(&format!("{release}-")) && asked != format!("{release}-{rest}") {
        // The chart's name came or went: `shop-postgres-db` and `shop-db`.
        let own = &asked[release.len() + 1..];
        return own.ends_with(&format!("-{rest}")) || rest.ends_with(&format!("-{own}"));
    }
    asked.strip_suffix(rest).is_some_and(|before| before.ends_with('-') && before.len() > 1)
}

/// All that workloads of the namespace need is missing, two things at least, and one other namespace has it all.
fn new_namespace(view: &View<'_>, object: &Id) -> Option<(Str, Vec<Id>)> {
    let mut needed: Vec<Id> = Vec::new();
    for pod in evidence::pods_in(view, &object.namespace) {
        for (r, _) in view.references(pod).iter() {
            if r.optional || matches!(r.via, Via::PullSecret { .. }) {
                continue;
            }
            let id = Id { kind: r.kind.clone(), namespace: object.namespace.clone(), name: r.name.clone() };
            if !is_furniture(&id) && !needed.contains(&id) {
                // One thing that is there is enough: then the namespace was furnished.
                if !view.data(&id.kind, &id.namespace, &id.name).is_absent() {
                    return None;
                }
                needed.push(id);
            }
        }
    }
    if needed.len() < 2 {
        return None;
    }
    // A namespace that was made long before its workloads had time to be furnished by hand.
    let made = view.namespace(&object.namespace).seen().and_then(|n| n.meta.created);
    let first_pod = evidence::pods_in(view, &object.namespace).iter().filter_map(|p| p.meta.created).min();
    if made.zip(first_pod).is_some_and(|(made, pod)| pod.since(made) > 7 * 24 * 3600) {
        return None;
    }
    let mut namespaces: Vec<&Str> = view
        .snap
        .data
        .iter()
        .filter(|d| d.id.kind == needed[0].kind && d.id.name == needed[0].name)
        .map(|d| &d.id.namespace)
        .collect();
    namespaces.dedup();
    let like =
        namespaces.into_iter().find(|ns| needed.iter().all(|id| view.data(&id.kind, ns, &id.name).seen().is_some()))?;
    needed.retain(|id| id != object);
    Some((like.clone(), needed))
}

/// The object that the consumer means.
fn wrong_name<'a>(
    object: &Id,
    cases: &[Case<'_, '_>],
    keys: &[Str],
    in_namespace: impl Iterator<Item = &'a DataObject>,
) -> Option<&'a DataObject> {
    let mut best: Option<(usize, &'a DataObject)> = None;
    for live in in_namespace {
        // A key list that is known to fit makes a looser name acceptable.
        let keys_fit = !keys.is_empty() && !live.keys_unseen && evidence::has_keys(live, keys);
        let fits = if live.id.kind == object.kind {
            names::near(&object.name, &live.id.name, !keys_fit) && (keys_fit || keys.is_empty() || live.keys_unseen)
        } else {
            // A Secret where a ConfigMap is asked for, or the other way round.
            live.id.name == object.name && evidence::has_keys(live, keys)
        };
        let used_otherwise = || {
            keys.is_empty()
                && cases.iter().any(|c| {
                    references::of(&c.pod.spec).iter().any(|(r, _)| r.kind == live.id.kind && r.name == live.id.name)
                })
        };
        if fits && !used_otherwise() {
            let rank = names::rank(&object.name, &live.id.name);
            if best.is_none_or(|(b, _)| rank < b) {
                best = Some((rank, live));
            }
        }
    }
    best.map(|(_, live)| live)
}

fn key_missing<'a>(
    view: &View<'a>,
    object: &Id,
    key: &str,
    cases: &[Case<'_, '_>],
    live: Option<&'a DataObject>,
) -> Outcome<'a> {
    let case = &cases[0];
    let sub_path = case.said.is_some_and(|s| s.said.says(Signal::FileIsDirectory));
    let mut proof = evidence::proofs(view, object, Some(key), cases);
    if let Some((revision, newer)) = evidence::reused(view, case)
        && newer.template.as_deref().is_some_and(|t| !evidence::needs(t, object, Some(key)))
    {
        return Outcome::RolledBack { revision, newer, deleted: None };
    }
    // An old workload with a new pod proves nothing about one key.
    proof.retain(|p| !p.weak);
    if let Some(applied) = live.and_then(|o| o.last_applied.as_ref())
        && applied.kind.as_deref().is_none_or(|k| k == object.kind.name())
        && applied.keys.iter().any(|(name, _)| &**name == key)
    {
        proof.push(super::Proof {
            object: object.clone(),
            path: "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]".to_owned(),
            seen: "the manifest that was applied has the key".to_owned(),
            at: None,
            source: "metadata",
            weak: false,
        });
    }
    // The write that should have brought the key was refused.
    if let Some(write) = refused_as_too_large(view, object)
        && proof.is_empty()
        && view.writes_of(object).all(|w| w.at <= write.at)
    {
        return Outcome::Refused(write);
    }
    let near = live.and_then(|o| nearest_key(o, key));
    let change = live.and_then(|o| view.last_change(&o.id, &o.meta));
    let rewritten = live
        .and_then(|o| o.meta.created)
        .zip(change.as_ref().and_then(|c| c.when.until))
        .is_some_and(|(made, at)| at > made);
    let template_made = evidence::template_made(view, case);
    let changed_at = change.as_ref().and_then(|c| c.when.until);
    // What was missed before the change was not taken away by it.
    let changed_after_template = rewritten
        && changed_at.zip(template_made).is_some_and(|(at, made)| at > made)
        && changed_at.zip(first_missed(cases)).is_none_or(|(at, missed)| at <= missed);
    let rollout = evidence::rollout(view, case, object, Some(key));
    if !proof.is_empty() || (changed_after_template && rollout.is_none()) {
        return Outcome::KeyGone(KeyLoss { object: live, change, proof, near });
    }
    Outcome::WrongKey(KeyMistake {
        object: live,
        near,
        rollout,
        sub_path,
        producer_unchanged: live.is_some() && !rewritten,
    })
}

fn nearest_key(object: &DataObject, asked: &str) -> Option<Str> {
    object
        .keys
        .iter()
        .filter(|k| names::near_key(asked, &k.name))
        .min_by_key(|k| names::rank(asked, &k.name))
        .map(|k| k.name.clone())
}
