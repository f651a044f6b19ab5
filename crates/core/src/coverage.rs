//! What was collected, and what could not be seen and why.

use std::collections::{BTreeMap, BTreeSet};

use crate::objects::{Kind, Str};
use crate::time::Time;

/// What was looked at. Everything that is not in here is unknown, never absent.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// How far each kind was collected. A kind that is not listed was not collected.
    pub kinds: BTreeMap<Kind, KindCoverage>,
    /// Parts of the input that could not be read.
    pub problems: Vec<Problem>,
    /// Objects of kinds that carry managedFields in this input, and objects of those kinds without any.
    pub with_managed_fields: usize,
    pub without_managed_fields: usize,
    /// Containers' logs that were read.
    pub logs: usize,
    /// Lines of audit logs that were read as writes. `audit` says whether there was an audit log at all.
    pub audit_writes: usize,
    pub audit: bool,
    /// First and last time in the audit log.
    pub audit_from: Option<Time>,
    pub audit_until: Option<Time>,
    /// Names of what was read, for the report: files, or the server.
    pub sources: Vec<Str>,
}

/// How far one kind was collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindCoverage {
    /// All namespaces: a List without a namespace, a file named for the kind, a bundle's manifest.
    pub everywhere: Option<Basis>,
    /// Namespaces that were collected on their own.
    pub namespaces: BTreeMap<Str, Basis>,
    /// Namespaces (or all, under the empty name) that were refused or failed, with the reason.
    pub unseen: BTreeMap<Str, Unseen>,
    /// Only metadata were collected.
    pub metadata_only: bool,
    pub count: usize,
}

/// On what the claim rests that a kind was collected completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// A List that holds several such objects; it may have been cut or filtered, so absence from it is likely, not certain.
    Presumed,
    /// Stated: a bundle's layout or manifest, a file named for the kind, or the API server's own list.
    Stated,
}

/// Why something could not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unseen {
    /// The kind is not in this input.
    NotCollected,
    Forbidden,
    TimedOut,
    /// Values were replaced by their lengths.
    Elided,
    /// The input was damaged there.
    Damaged,
    /// Only metadata were collected.
    MetadataOnly,
}

impl Unseen {
    pub fn words(self) -> &'static str {
        match self {
            Self::NotCollected => "not in this input",
            Self::Forbidden => "forbidden",
            Self::TimedOut => "timed out",
            Self::Elided => "values elided",
            Self::Damaged => "input damaged",
            Self::MetadataOnly => "only metadata collected",
        }
    }
}

/// A part of the input that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: Str,
    /// Where, as far as known.
    pub at: Position,
    /// What is wrong there, in words; never a piece of the input.
    pub what: Str,
    /// Whether objects are missing because of it, so that a verdict may be wrong. Skipped kinds of files are not damage.
    pub damage: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Position {
    #[default]
    Whole,
    Byte(u64),
    Line(u64),
}

/// What a lookup finds. Only [`Seen::Absent`] says that something does not exist.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen<T> {
    Seen(T),
    Absent(Basis),
    Unseen(Unseen),
}

impl<T> Seen<T> {
    pub fn seen(self) -> Option<T> {
        match self {
            Self::Seen(value) => Some(value),
            _ => None,
        }
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent(_))
    }

    pub fn is_unseen(&self) -> bool {
        matches!(self, Self::Unseen(_))
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::Seen(value) => Seen::Seen(f(value)),
            Self::Absent(basis) => Seen::Absent(basis),
            Self::Unseen(why) => Seen::Unseen(why),
        }
    }
}

impl Coverage {
    /// Whether all objects of a kind in a namespace were collected. Use the empty namespace for cluster-wide questions.
    pub fn of(&self, kind: &Kind, namespace: &str) -> Result<Basis, Unseen> {
        let Some(coverage) = self.kinds.get(kind) else { return Err(Unseen::NotCollected) };
        if let Some(why) = coverage.unseen.get(namespace).or_else(|| coverage.unseen.get("")) {
            return Err(*why);
        }
        coverage.everywhere.or_else(|| coverage.namespaces.get(namespace).copied()).ok_or(Unseen::NotCollected)
    }

    /// Why some namespace's objects of a kind could not be seen, if so.
    pub fn unseen_anywhere(&self, kind: &Kind) -> Option<Unseen> {
        let Some(coverage) = self.kinds.get(kind) else { return Some(Unseen::NotCollected) };
        coverage
            .unseen
            .values()
            .next()
            .copied()
            .or_else(|| coverage.everywhere.is_none().then_some(Unseen::NotCollected))
    }

    pub fn collected(&self, kind: &Kind, namespace: &str) -> bool {
        self.of(kind, namespace).is_ok()
    }

    /// States that a kind was collected: in one namespace, or everywhere when that is empty.
    pub fn state(&mut self, kind: Kind, namespace: &str, basis: Basis) {
        let coverage = self.kinds.entry(kind).or_default();
        if namespace.is_empty() {
            coverage.everywhere = coverage.everywhere.max(Some(basis));
        } else {
            let known = coverage.namespaces.entry(namespace.into()).or_insert(basis);
            *known = (*known).max(basis);
        }
    }

    pub fn state_unseen(&mut self, kind: Kind, namespace: &str, why: Unseen) {
        self.kinds.entry(kind).or_default().unseen.insert(namespace.into(), why);
    }

    /// Whether some part of the input was damaged.
    pub fn damaged(&self) -> bool {
        self.problems.iter().any(|p| p.damage)
    }

    /// Kinds that were collected nowhere, of those given.
    pub fn missing<'a>(&self, wanted: &'a [Kind]) -> BTreeSet<&'a Kind> {
        wanted
            .iter()
            .filter(|k| {
                self.kinds.get(k).is_none_or(|c| c.everywhere.is_none() && c.namespaces.is_empty() && c.count == 0)
            })
            .collect()
    }
}
