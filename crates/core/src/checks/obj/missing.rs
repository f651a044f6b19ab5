//! The story of a missing object or key: for each reference that keeps a container from starting, why what it names is
//! not there. Neighbouring failure modes exclude each other here, once.

pub mod decide;
pub mod evidence;
pub mod faults;
pub mod names;
pub mod report;

use crate::coverage::{Basis, Unseen};
use crate::objects::{AuditWrite, DataObject, Id, Pod, Reference, Str, Workload};
use crate::symptoms::{Statement, SymptomIx};
use crate::time::{Interval, Time};
use crate::verdict::Change;
use crate::view::View;

/// One thing that is missing, with those who fail for it, and why it is missing.
#[derive(Debug)]
pub struct Story<'a, 'v> {
    /// The Secret or ConfigMap.
    pub object: Id,
    /// The key, where the object is there without it.
    pub key: Option<Str>,
    /// All cases of one victim, or of all victims where the outcome is the object's own.
    pub cases: Vec<Case<'a, 'v>>,
    pub outcome: Outcome<'a>,
    /// What the absence rests on.
    pub absence: Absence,
    /// Who promises to make the object, such as an ExternalSecret.
    pub producer: Option<Id>,
}

/// One container or pod that fails for the missing thing.
#[derive(Clone, Debug)]
pub struct Case<'a, 'v> {
    pub symptom: SymptomIx,
    pub victim: Id,
    pub pod: &'a Pod,
    pub reference: Reference,
    /// Field path within the pod.
    pub path: String,
    /// The kubelet's words; `None` where only the objects tell.
    pub said: Option<&'v Statement>,
}

/// On what it rests that something is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Absence {
    /// The kubelet says so, and the collected objects agree.
    SaidAndSeen(Basis),
    /// The kubelet says so; the kind was not collected.
    Said(Unseen),
    /// The collected objects lack it; nothing that the kubelet said is on record.
    Seen(Basis),
}

/// Why it is missing.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// It is there by now, made or completed after the pod: the next try succeeds (OBJ-04).
    MadeSince(Time),
    /// It was there all the time: the fault is elsewhere (delivery).
    Present,
    /// Nothing can be said about the object, since it was not seen.
    Unseen(Unseen),
    NeverExisted,
    Deleted(Deletion<'a>),
    /// Objects of that name with what is needed, in other namespaces only.
    Elsewhere(Vec<&'a DataObject>),
    /// All that the namespace's workloads need is missing, and one other namespace has it.
    NewNamespace {
        like: Str,
        others: Vec<Id>,
    },
    /// The consumer's name is wrong: this one is meant.
    WrongName(&'a DataObject),
    /// A rollout changed or added the reference.
    ByRollout(Rollout<'a>),
    /// A rollback brought the reference back.
    RolledBack {
        revision: &'a Workload,
        newer: &'a Workload,
        deleted: Option<Deletion<'a>>,
    },
    /// The name carries a generated part, and the live object has another.
    Generated(&'a DataObject),
    /// The API server refused to store it, since it is too large.
    Refused(&'a AuditWrite),
    /// The producer took the key away or renamed it.
    KeyGone(KeyLoss<'a>),
    /// The consumer asks for a key that the producer never had.
    WrongKey(KeyMistake<'a>),
}

/// What is known of a deletion.
#[derive(Clone, Debug)]
pub struct Deletion<'a> {
    pub when: Interval,
    pub by: Option<Str>,
    pub audit: Option<&'a AuditWrite>,
    /// What proves that it existed.
    pub proof: Vec<Proof>,
    /// Others that vanished together with it, by the audit log.
    pub together: Vec<Id>,
}

/// An observation that the thing was there at a time.
#[derive(Clone, Debug)]
pub struct Proof {
    pub object: Id,
    pub path: String,
    pub seen: String,
    pub at: Option<Time>,
    pub source: &'static str,
    /// Good for a presumption only.
    pub weak: bool,
}

/// A revision that changed a reference.
#[derive(Clone, Debug)]
pub struct Rollout<'a> {
    pub revision: &'a Workload,
    pub previous: &'a Workload,
    /// What the previous revision named at the same place.
    pub before: Option<(Str, Option<Str>)>,
    /// A pod of the previous revision that is ready.
    pub healthy: Option<Id>,
}

#[derive(Clone, Debug)]
pub struct KeyLoss<'a> {
    pub object: Option<&'a DataObject>,
    pub change: Option<Change>,
    /// What proves that the key was there.
    pub proof: Vec<Proof>,
    /// The key that it was renamed to, as it seems.
    pub near: Option<Str>,
}

#[derive(Clone, Debug)]
pub struct KeyMistake<'a> {
    pub object: Option<&'a DataObject>,
    pub near: Option<Str>,
    pub rollout: Option<Rollout<'a>>,
    /// The key was named by a `subPath`.
    pub sub_path: bool,
    /// The producer changed its keys before the consumer's template was made, or never.
    pub producer_unchanged: bool,
}

impl Outcome<'_> {
    /// Outcomes of the object itself cover all its victims in one finding.
    fn is_of_object(&self) -> bool {
        matches!(
            self,
            Self::MadeSince(_)
                | Self::Present
                | Self::Unseen(_)
                | Self::NeverExisted
                | Self::Deleted(_)
                | Self::Elsewhere(_)
                | Self::NewNamespace { .. }
                | Self::Refused(_)
                | Self::KeyGone(_)
        )
    }
}

/// Every story of the snapshot, by object, key and victim.
pub fn stories<'a, 'v>(view: &'v View<'a>) -> Vec<Story<'a, 'v>> {
    let mut found: Vec<Story<'a, 'v>> = Vec::new();
    for (place, cases) in faults::groups(view) {
        let story = decide::decide(view, place, cases);
        let same = |s: &&mut Story<'_, '_>| {
            s.object == story.object
                && s.key == story.key
                && s.outcome.is_of_object()
                && std::mem::discriminant(&s.outcome) == std::mem::discriminant(&story.outcome)
        };
        match found.iter_mut().find(same) {
            Some(known) => known.cases.extend(story.cases),
            None => found.push(story),
        }
    }
    found
}

impl Story<'_, '_> {
    pub fn symptoms(&self) -> Vec<SymptomIx> {
        let mut all: Vec<SymptomIx> = self.cases.iter().map(|c| c.symptom).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The first victim.
    pub fn victim(&self) -> &Id {
        &self.cases[0].victim
    }

    /// `secret/db`, or `key password of secret/db`.
    pub fn what(&self) -> String {
        match &self.key {
            Some(key) => format!("key {key} of {}", self.object),
            None => self.object.to_string(),
        }
    }
}
