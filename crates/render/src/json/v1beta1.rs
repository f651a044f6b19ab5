//! `keytrace.dev/v1beta1`: fields may be added, and none may change or go.

use keytrace_core::coverage::{Basis, Position};
use keytrace_core::objects::Id;
use keytrace_core::plan;
use keytrace_core::report as core;
use keytrace_core::time::Time;
use keytrace_core::verdict;
use serde::Serialize;

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Always `keytrace.dev/v1beta1`.
    pub api_version: &'static str,
    /// Always `Report`.
    pub kind: &'static str,
    /// The instant that the report is about, RFC 3339; `null` if the input holds no time at all.
    pub as_of: Option<String>,
    /// `asOf` was not stated by the input: it is the newest time seen in it.
    pub as_of_is_lower_bound: bool,
    /// Live before latent, then by severity, then by rank.
    pub incidents: Vec<Incident>,
    pub unknown: Vec<Unknown>,
    pub coverage: Coverage,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// The same for one cause on one subject in every report.
    pub id: String,
    /// `critical`, `high`, `medium` or `low`.
    pub severity: &'static str,
    /// Nothing fails yet.
    pub latent: bool,
    pub headline: String,
    pub cause: Cause,
    /// Best first, without the cause.
    pub alternatives: Vec<Alternative>,
    pub ruled_out: Vec<RuledOut>,
    pub chain: Vec<ChainLink>,
    pub trigger: Option<Trigger>,
    pub victims: Vec<Object>,
    /// First sign of failure still on record, RFC 3339.
    pub since: Option<String>,
    pub failing_pods: usize,
    pub pods: usize,
    pub timeline: Vec<TimelineEntry>,
    pub notes: Vec<String>,
    pub plan: Option<Plan>,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Failure mode, such as `IMG-06`.
    pub code: &'static str,
    pub slug: &'static str,
    pub title: &'static str,
    /// `certain`, `likely` or `possible`.
    pub confidence: &'static str,
    pub subject: Object,
    pub changed: Option<Changed>,
    pub evidence: Vec<Evidence>,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Object {
    pub kind: String,
    /// Empty for objects of the cluster.
    pub namespace: String,
    pub name: String,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceObject {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub uid: Option<String>,
}

/// An interval `(after, until]`, RFC 3339; an open end is `null`.
#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changed {
    /// What changed; mostly the subject.
    pub object: Object,
    pub after: Option<String>,
    pub until: Option<String>,
    pub by: Option<String>,
    pub source: &'static str,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    pub object: EvidenceObject,
    pub path: String,
    pub seen: String,
    pub at: Option<String>,
    pub source: &'static str,
    pub primary: bool,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Alternative {
    pub code: &'static str,
    pub confidence: &'static str,
    pub subject: Object,
    /// The one observation that would decide.
    pub decided_by: String,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuledOut {
    pub code: &'static str,
    pub because: String,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChainLink {
    pub link: &'static str,
    pub object: Object,
    /// `ok`, `broken`, `unknown` or `affected`.
    pub state: &'static str,
    pub note: String,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trigger {
    pub object: Object,
    pub what: String,
    pub at: Option<String>,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimelineEntry {
    pub after: Option<String>,
    pub until: Option<String>,
    pub object: Object,
    pub what: String,
    pub source: &'static str,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    pub steps: Vec<Step>,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    pub title: String,
    /// `null` for a step outside the cluster.
    pub target: Option<Object>,
    /// By key names, never values.
    pub change: String,
    pub command: Option<String>,
    pub precondition: String,
    /// `safe`, `review` or `manual`.
    pub risk: &'static str,
    pub inverse: String,
    pub after: String,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unknown {
    pub code: Option<&'static str>,
    pub subject: Object,
    pub missing: String,
    pub reason: &'static str,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    pub kinds: Vec<KindCoverage>,
    pub problems: Vec<Problem>,
    pub with_managed_fields: usize,
    pub without_managed_fields: usize,
    pub logs: usize,
    pub audit: bool,
    pub sources: Vec<String>,
    /// Failure modes of the catalogue that this version does not judge yet.
    pub not_judged: Vec<&'static str>,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct KindCoverage {
    pub kind: String,
    pub count: usize,
    /// `stated`, `presumed`, or `null` when only some namespaces were collected.
    pub everywhere: Option<&'static str>,
    pub namespaces: Vec<String>,
    pub unseen: Vec<UnseenNamespace>,
    pub metadata_only: bool,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnseenNamespace {
    /// Empty for all namespaces.
    pub namespace: String,
    pub reason: &'static str,
}

#[derive(Serialize, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    pub file: String,
    pub byte: Option<u64>,
    pub line: Option<u64>,
    pub what: String,
    pub damage: bool,
}

fn time(time: Option<Time>) -> Option<String> {
    time.map(|t| t.to_string())
}

impl Object {
    pub(crate) fn of(id: &Id) -> Self {
        Self { kind: id.kind.name().to_owned(), namespace: id.namespace.to_string(), name: id.name.to_string() }
    }
}

impl Report {
    pub fn of(report: &core::Report) -> Self {
        let judged = |code: &str| keytrace_core::checks::card(code).is_some();
        Self {
            api_version: "keytrace.dev/v1beta1",
            kind: "Report",
            as_of: time(report.as_of),
            as_of_is_lower_bound: report.as_of_is_lower_bound,
            incidents: report.incidents.iter().map(Incident::of).collect(),
            unknown: report
                .unknown
                .iter()
                .map(|u| Unknown {
                    code: u.code,
                    subject: Object::of(&u.subject),
                    missing: u.missing.clone(),
                    reason: u.reason,
                })
                .collect(),
            coverage: Coverage::of(
                &report.coverage,
                keytrace_core::checks::rows::ROWS.iter().map(|r| r.code).filter(|c| !judged(c)).collect(),
            ),
        }
    }
}

impl Incident {
    fn of(i: &core::Incident) -> Self {
        Self {
            id: i.id.clone(),
            severity: i.severity.word(),
            latent: i.latent,
            headline: i.headline.clone(),
            cause: Cause {
                code: i.cause.card.code,
                slug: i.cause.card.slug,
                title: i.cause.card.title,
                confidence: i.cause.confidence.word(),
                subject: Object::of(&i.cause.subject),
                changed: i.cause.changed.as_ref().map(|c| Changed {
                    object: Object::of(&i.cause.change_of),
                    after: time(c.when.after),
                    until: time(c.when.until),
                    by: c.by.clone(),
                    source: c.source,
                }),
                evidence: i.cause.evidence.iter().enumerate().map(|(n, e)| Evidence::of(e, n == 0)).collect(),
            },
            alternatives: i
                .alternatives
                .iter()
                .map(|a| Alternative {
                    code: a.code,
                    confidence: a.confidence.word(),
                    subject: Object::of(&a.subject),
                    decided_by: a.decided_by.clone(),
                })
                .collect(),
            ruled_out: i.ruled_out.iter().map(|(code, because)| RuledOut { code, because: because.clone() }).collect(),
            chain: i
                .chain
                .iter()
                .map(|l| ChainLink {
                    link: l.link.word(),
                    object: Object::of(&l.object),
                    state: l.state.word(),
                    note: l.note.clone(),
                })
                .collect(),
            trigger: i.trigger.as_ref().map(|t| Trigger {
                object: Object::of(&t.object),
                what: t.what.clone(),
                at: time(t.at),
            }),
            victims: i.victims.iter().map(Object::of).collect(),
            since: time(i.onset),
            failing_pods: i.failing_pods,
            pods: i.pods,
            timeline: i
                .timeline
                .iter()
                .map(|t| TimelineEntry {
                    after: time(t.when.after),
                    until: time(t.when.until),
                    object: Object::of(&t.object),
                    what: t.what.clone(),
                    source: t.source,
                })
                .collect(),
            notes: i.notes.clone(),
            plan: i.plan.as_ref().map(Plan::of),
        }
    }
}

impl Evidence {
    fn of(e: &verdict::Evidence, primary: bool) -> Self {
        Self {
            object: EvidenceObject {
                kind: e.object.kind.name().to_owned(),
                namespace: e.object.namespace.to_string(),
                name: e.object.name.to_string(),
                uid: e.uid.clone(),
            },
            path: e.path.clone(),
            seen: e.seen.clone(),
            at: time(e.at),
            source: e.source,
            primary,
        }
    }
}

impl Plan {
    fn of(plan: &plan::Plan) -> Self {
        let step = |s: &plan::Step| Step {
            title: s.title.clone(),
            target: s.target.as_ref().map(Object::of),
            change: s.change.clone(),
            command: s.command.clone(),
            precondition: s.precondition.clone(),
            risk: s.risk.word(),
            inverse: s.inverse.clone(),
            after: s.after.clone(),
        };
        Self { steps: plan.steps.iter().map(step).collect() }
    }
}

impl Coverage {
    fn of(coverage: &keytrace_core::coverage::Coverage, not_judged: Vec<&'static str>) -> Self {
        let basis = |b: Basis| match b {
            Basis::Stated => "stated",
            Basis::Presumed => "presumed",
        };
        Self {
            kinds: coverage
                .kinds
                .iter()
                .map(|(kind, k)| KindCoverage {
                    kind: kind.name().to_owned(),
                    count: k.count,
                    everywhere: k.everywhere.map(basis),
                    namespaces: k.namespaces.keys().map(|n| n.to_string()).collect(),
                    unseen: k
                        .unseen
                        .iter()
                        .map(|(n, why)| UnseenNamespace { namespace: n.to_string(), reason: why.words() })
                        .collect(),
                    metadata_only: k.metadata_only,
                })
                .collect(),
            problems: coverage
                .problems
                .iter()
                .map(|p| Problem {
                    file: p.file.to_string(),
                    byte: if let Position::Byte(b) = p.at { Some(b) } else { None },
                    line: if let Position::Line(l) = p.at { Some(l) } else { None },
                    what: p.what.to_string(),
                    damage: p.damage,
                })
                .collect(),
            with_managed_fields: coverage.with_managed_fields,
            without_managed_fields: coverage.without_managed_fields,
            logs: coverage.logs,
            audit: coverage.audit,
            sources: coverage.sources.iter().map(|s| s.to_string()).collect(),
            not_judged,
        }
    }
}
