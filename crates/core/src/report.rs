//! What `diagnose` returns: incidents, what stays unknown, and the coverage. Renderers are total functions of it.

use crate::card::Card;
use crate::coverage::Coverage;
use crate::objects::Id;
use crate::plan::Plan;
use crate::snapshot::Want;
use crate::time::{Interval, Time};
use crate::verdict::{Alternative, ChainLink, Change, Confidence, Evidence, Severity, Trigger, Unknown};

#[derive(Debug)]
pub struct Report {
    pub as_of: Option<Time>,
    pub as_of_is_lower_bound: bool,
    /// Live before latent, then by severity, then by rank.
    pub incidents: Vec<Incident>,
    pub unknown: Vec<Unknown>,
    pub coverage: Coverage,
    /// Questions whose answers would sharpen the verdicts.
    pub wants: Vec<Want>,
    /// What was looked at, for the line that a healthy subject gets.
    pub counts: Counts,
    /// Failing things that no check could explain, by their workload and what fails.
    pub unexplained: Vec<(Id, &'static str)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub pods: usize,
    pub workloads: usize,
    pub secrets: usize,
    pub config_maps: usize,
    pub checks: usize,
}

impl Report {
    /// The input was damaged, or something that was not seen could explain a failure: then silence is no health.
    pub fn is_incomplete(&self) -> bool {
        self.coverage.damaged() || self.unknown.iter().any(|u| u.matters)
    }
}

/// One root cause with all that follows from it.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Stable for one cause on one subject, whatever else the report holds.
    pub id: String,
    pub severity: Severity,
    pub latent: bool,
    pub headline: String,
    pub cause: Cause,
    /// Best first, without the cause.
    pub alternatives: Vec<Alternative>,
    pub ruled_out: Vec<(&'static str, String)>,
    pub chain: Vec<ChainLink>,
    pub trigger: Option<Trigger>,
    pub victims: Vec<Id>,
    /// First sign of failure that is still on record.
    pub onset: Option<Time>,
    /// Failing pods of the victims, and pods that they should have.
    pub failing_pods: usize,
    pub pods: usize,
    pub timeline: Vec<TimelineEntry>,
    pub notes: Vec<String>,
    pub plan: Option<Plan>,
}

#[derive(Clone, Debug)]
pub struct Cause {
    pub card: &'static Card,
    pub confidence: Confidence,
    pub subject: Id,
    pub changed: Option<Change>,
    /// What changed; mostly the subject.
    pub change_of: Id,
    /// First is primary.
    pub evidence: Vec<Evidence>,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    pub when: Interval,
    pub object: Id,
    pub what: String,
    pub source: &'static str,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}
