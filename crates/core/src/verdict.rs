//! What a check says about a subject: finding, evidence, change, and what speaks against the neighbours.

use std::collections::BTreeSet;
use std::fmt;

use crate::coverage::{Basis, Seen, Unseen};
use crate::objects::{Id, Meta};
use crate::plan::Plan;
use crate::snapshot::Want;
use crate::symptoms::SymptomIx;
use crate::time::{Interval, Time};

/// How bad it is while it lasts. Ordered from worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Critical, Self::High, Self::Medium, Self::Low].into_iter().find(|s| s.word() == word)
    }
}

/// How sure it is; earned, never assumed. Ordered from surest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Confidence {
    /// The deciding observation was made.
    Certain,
    /// All else is ruled out by evidence.
    Likely,
    /// A neighbour remains; the report names the one observation that would decide.
    Possible,
}

impl Confidence {
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }

    /// The weaker of both.
    pub fn at_most(self, cap: Self) -> Self {
        self.max(cap)
    }

    /// What an absence allows: stated absences are certain, presumed ones likely.
    pub fn of_absence(basis: Basis) -> Self {
        match basis {
            Basis::Stated => Self::Certain,
            Basis::Presumed => Self::Likely,
        }
    }
}

/// One place in the chain from the source of truth to the backend, ordered from upstream.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Link {
    Source,
    Login,
    Sync,
    Object,
    Reference,
    Access,
    Delivery,
    Consumption,
    Backend,
    Registry,
    Cluster,
    Rotation,
}

impl Link {
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Login => "login",
            Self::Sync => "sync",
            Self::Object => "object",
            Self::Reference => "reference",
            Self::Access => "access",
            Self::Delivery => "delivery",
            Self::Consumption => "consumption",
            Self::Backend => "backend",
            Self::Registry => "registry",
            Self::Cluster => "cluster",
            Self::Rotation => "rotation",
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One observation: what was seen, where, when, and from which source. Never a value, never free text of the input.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    pub object: Id,
    pub uid: Option<String>,
    /// Field path, or `event FailedMount`, `log`, `audit` for what is no field.
    pub path: String,
    pub seen: String,
    pub at: Option<Time>,
    /// Who said so: `kubelet`, `status`, `spec`, `event`, `log`, `audit`, `managedFields`, `registry`.
    pub source: &'static str,
}

impl Evidence {
    pub fn new(object: &Id, path: impl Into<String>, seen: impl Into<String>, source: &'static str) -> Self {
        let mut path = path.into();
        if let Some(key) = path.strip_prefix("data..") {
            path = format!("data[\".{key}\"]");
        }
        Self { object: object.clone(), uid: None, path, seen: seen.into(), at: None, source }
    }

    pub fn at(mut self, at: Option<Time>) -> Self {
        self.at = at;
        self
    }

    pub fn of(mut self, meta: &Meta) -> Self {
        self.uid = meta.uid.as_deref().map(str::to_owned);
        self
    }
}

/// When something altered, who altered it, and from where that is known.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    pub when: Interval,
    /// A user (audit log) or a field manager.
    pub by: Option<String>,
    /// `audit`, `managedFields`, `creationTimestamp`, `events`, `status`, `resourceVersion`.
    pub source: &'static str,
}

/// Another failure mode that the evidence leaves open, and the observation that would decide.
#[derive(Clone, PartialEq, Debug)]
pub struct Alternative {
    pub code: &'static str,
    pub confidence: Confidence,
    pub subject: Id,
    pub decided_by: String,
}

/// What made a fault visible without being its cause: a rollout, a restart, a new node.
#[derive(Clone, PartialEq, Debug)]
pub struct Trigger {
    pub object: Id,
    pub what: String,
    pub at: Option<Time>,
}

/// One link of the chain as it stands.
#[derive(Clone, PartialEq, Debug)]
pub struct ChainLink {
    pub link: Link,
    pub object: Id,
    pub state: LinkState,
    pub note: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkState {
    Ok,
    Broken,
    Unknown,
    /// Sound in itself, but it has what a broken link gave it.
    Affected,
}

impl LinkState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
            Self::Affected => "affected",
        }
    }
}

/// A check's verdict that its failure mode is there, on one subject. Made with [`Finding::new`], which takes the one
/// primary evidence, and completed by the methods that return it.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// The broken thing itself: the Secret, the template's owner, the ExternalSecret.
    pub subject: Id,
    /// One sentence that can stand alone.
    pub headline: String,
    pub confidence: Confidence,
    /// First is primary.
    pub evidence: Vec<Evidence>,
    /// Which failing things it explains. Empty for latent risks.
    pub explains: Vec<SymptomIx>,
    /// Workloads that are hit beyond those that the symptoms name, and for latent risks those that will be.
    pub victims: Vec<Id>,
    /// Objects that are broken or stale because of this: a finding about one of them is part of this incident.
    pub affects: Vec<Id>,
    pub changed: Option<Change>,
    /// What changed, where that is not the subject.
    pub change_of: Option<Id>,
    pub trigger: Option<Trigger>,
    pub chain: Vec<ChainLink>,
    pub alternatives: Vec<Alternative>,
    pub ruled_out: Vec<(&'static str, String)>,
    pub notes: Vec<String>,
    /// Nothing fails yet.
    pub latent: bool,
    pub plan: Option<Plan>,
    /// Overrides the card's severity.
    pub severity: Option<Severity>,
}

impl Finding {
    pub fn new(subject: &Id, confidence: Confidence, headline: impl Into<String>, primary: Evidence) -> Self {
        Self {
            subject: subject.clone(),
            headline: headline.into(),
            confidence,
            evidence: vec![primary],
            explains: Vec::new(),
            victims: Vec::new(),
            affects: Vec::new(),
            changed: None,
            change_of: None,
            trigger: None,
            chain: Vec::new(),
            alternatives: Vec::new(),
            ruled_out: Vec::new(),
            notes: Vec::new(),
            latent: false,
            plan: None,
            severity: None,
        }
    }

    pub fn explains(mut self, symptoms: impl IntoIterator<Item = SymptomIx>) -> Self {
        self.explains.extend(symptoms);
        self
    }

    pub fn victim(mut self, workload: &Id) -> Self {
        self.victims.push(workload.clone());
        self
    }

    pub fn affects(mut self, object: &Id) -> Self {
        self.affects.push(object.clone());
        self
    }

    pub fn supported_by(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub fn changed(mut self, change: Option<Change>) -> Self {
        self.changed = change.or(self.changed);
        self
    }

    /// Says that the change is one of another object than the subject.
    pub fn change_of(mut self, object: &Id) -> Self {
        self.change_of = Some(object.clone());
        self
    }

    pub fn trigger(mut self, trigger: Option<Trigger>) -> Self {
        self.trigger = trigger.or(self.trigger);
        self
    }

    pub fn link(mut self, link: Link, object: &Id, state: LinkState, note: impl Into<String>) -> Self {
        self.chain.push(ChainLink { link, object: object.clone(), state, note: note.into() });
        self
    }

    pub fn rules_out(mut self, code: &'static str, because: impl Into<String>) -> Self {
        self.ruled_out.push((code, because.into()));
        self
    }

    /// Leaves a neighbour open: it stays among the alternatives, with the observation that would decide.
    pub fn unless(mut self, code: &'static str, subject: &Id, decided_by: impl Into<String>) -> Self {
        self.alternatives.push(Alternative {
            code,
            confidence: Confidence::Possible,
            subject: subject.clone(),
            decided_by: decided_by.into(),
        });
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub fn latent(mut self) -> Self {
        self.latent = true;
        self
    }

    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = Some(plan);
        self
    }
}

/// A question that could not be judged, because something was not seen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unknown {
    pub code: Option<&'static str>,
    pub subject: Id,
    /// What was not seen.
    pub missing: String,
    pub reason: &'static str,
    /// It could explain something that fails, or that was asked for by name: then the run is incomplete (exit 3).
    pub matters: bool,
}

/// Where a check puts its verdicts.
#[derive(Debug)]
pub struct Verdicts {
    code: &'static str,
    pub findings: Vec<(&'static str, Finding)>,
    pub satisfied: Vec<(&'static str, Id)>,
    pub unknown: Vec<Unknown>,
    /// Questions whose answers would sharpen a verdict.
    pub wants: BTreeSet<Want>,
}

impl Verdicts {
    pub fn new() -> Self {
        Self { code: "", findings: Vec::new(), satisfied: Vec::new(), unknown: Vec::new(), wants: BTreeSet::new() }
    }

    pub(crate) fn begin(&mut self, code: &'static str) {
        self.code = code;
    }

    pub fn violated(&mut self, finding: Finding) {
        self.findings.push((self.code, finding));
    }

    /// Asks the shell a question; its answer is in the snapshot of the next round.
    pub fn want(&mut self, want: Want) {
        self.wants.insert(want);
    }

    pub fn satisfied(&mut self, subject: &Id) {
        self.satisfied.push((self.code, subject.clone()));
    }

    /// Takes a lookup apart. What was not seen becomes an unknown verdict on `subject` here, so that a check cannot take
    /// it for absence; `None` then tells the check to go on with the next subject.
    pub fn need<T>(&mut self, subject: &Id, what: &Id, lookup: Seen<T>) -> Option<Result<T, Basis>> {
        match lookup {
            Seen::Seen(value) => Some(Ok(value)),
            Seen::Absent(basis) => Some(Err(basis)),
            Seen::Unseen(why) => {
                self.unseen(subject, format!("{what} in namespace {}", what.namespace), why);
                None
            }
        }
    }

    /// Says that something was not seen that this check needs to judge a failing subject.
    pub fn unseen(&mut self, subject: &Id, missing: impl Into<String>, why: Unseen) {
        self.unknown.push(Unknown {
            code: Some(self.code),
            subject: subject.clone(),
            missing: missing.into(),
            reason: why.words(),
            matters: true,
        });
    }
}

impl Default for Verdicts {
    fn default() -> Self {
        Self::new()
    }
}
