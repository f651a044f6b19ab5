//! The card of a check: all that is said about a failure mode outside its function.

use crate::objects::Kind;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

/// One failure mode and the pure function that judges it.
pub struct Card {
    /// As in users' hands: never changes meaning.
    pub code: &'static str,
    pub slug: &'static str,
    pub title: &'static str,
    pub link: Link,
    pub role: Role,
    pub severity: Severity,
    pub needs: &'static [Need],
    pub neighbours: &'static [Neighbour],
    pub lag: Lag,
    pub fix: FixKind,
    /// `explain.md` beside the check.
    pub page: &'static str,
    pub judge: fn(&View<'_>, &mut Verdicts),
}

/// What part a finding can play in an incident.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// May head an incident.
    Cause,
    /// How a cause hurts; heads an incident only while its cause is not known.
    Mechanism,
    /// What is seen; never heads an incident.
    Symptom,
    /// Hides a fault from some (a cache, a live session).
    Mask,
    /// Nothing fails yet.
    Latent,
    /// Shows that something suspected is innocent.
    Exonerates,
    /// A limit of the one who looks.
    Limit,
    Advice,
}

impl Role {
    pub fn word(self) -> &'static str {
        match self {
            Self::Cause => "cause",
            Self::Mechanism => "mechanism",
            Self::Symptom => "symptom",
            Self::Mask => "mask",
            Self::Latent => "latent",
            Self::Exonerates => "exonerates",
            Self::Limit => "limit",
            Self::Advice => "advice",
        }
    }
}

/// A kind of object that a check reads. RBAC manifests and `--help` are generated from these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    pub kind: Kind,
    pub scope: Scope,
    pub weight: Weight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only objects that a failing subject names.
    Named,
    /// All of the failing subject's namespace.
    OwnNamespace,
    /// All namespaces.
    All,
    Cluster,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Without it the check cannot judge.
    Decides,
    /// Without it the verdict is weaker.
    Sharpens,
}

impl Need {
    pub const fn decides(kind: Kind, scope: Scope) -> Self {
        Self { kind, scope, weight: Weight::Decides }
    }

    pub const fn sharpens(kind: Kind, scope: Scope) -> Self {
        Self { kind, scope, weight: Weight::Sharpens }
    }
}

/// A failure mode that looks alike, and the one observation that tells them apart.
#[derive(Clone, Copy, Debug)]
pub struct Neighbour {
    pub code: &'static str,
    pub decided_by: &'static str,
}

/// How long after its cause the mechanism shows: see failure-modes D-3 rule 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// Seconds: RBAC, admission.
    Immediate,
    /// At the next start of a container that needs it.
    NextStart,
    /// One sync period and the cache delay of the kubelet.
    Propagation,
    /// Up to the refresh interval of the operator.
    Refresh,
    /// Exactly when something runs out.
    Expiry,
    /// At the next pull on a node without the image.
    NextPull,
    /// When pooled sessions are replaced.
    PoolLifetime,
    /// None: a state, not an event.
    Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixKind {
    Always,
    Sometimes,
    Never,
}
