//! From findings to incidents: attribute to what is upstream, gate, rank, and tell trigger from cause.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::{Card, Role};
use crate::checks;
use crate::objects::{Id, Kind};
use crate::report::{Cause, Incident, TimelineEntry};
use crate::symptoms::{Class, SymptomIx};
use crate::time::{Interval, Time};
use crate::verdict::{Alternative, Confidence, Finding, Link, Severity};
use crate::view::View;

/// A finding with its card, and whom it ends up explaining.
struct Candidate<'f> {
    card: &'static Card,
    finding: &'f Finding,
    /// Symptoms that it explains itself or through what it affects.
    reach: BTreeSet<SymptomIx>,
    /// Victims of latent findings that were attributed to it.
    extra_victims: BTreeSet<Id>,
    /// Findings further down that are part of its story.
    downstream: Vec<usize>,
    /// It is part of another finding's story.
    absorbed: bool,
}

/// All candidates, and which of them reach each symptom.
struct Field<'a, 'v, 'f> {
    view: &'a View<'v>,
    candidates: Vec<Candidate<'f>>,
    reaching: Vec<Vec<usize>>,
}

impl<'a, 'v, 'f> Field<'a, 'v, 'f> {
    fn new(view: &'a View<'v>, candidates: Vec<Candidate<'f>>) -> Self {
        let mut reaching = vec![Vec::new(); view.symptoms().len()];
        for (i, candidate) in candidates.iter().enumerate() {
            for symptom in &candidate.reach {
                reaching[symptom.0].push(i);
            }
        }
        Self { view, candidates, reaching }
    }

    /// Candidates that reach any of the symptoms, each once, in order.
    fn reaching_any(&self, members: &BTreeSet<SymptomIx>) -> BTreeSet<usize> {
        members.iter().flat_map(|ix| &self.reaching[ix.0]).copied().collect()
    }
}

/// Makes incidents, live before latent, then by severity, then by rank.
pub(crate) fn form(view: &View<'_>, findings: &[(&'static str, Finding)]) -> Vec<Incident> {
    let mut candidates: Vec<Candidate<'_>> = findings
        .iter()
        .filter_map(|(code, finding)| {
            let card = checks::card(code)?;
            Some(Candidate {
                card,
                finding,
                reach: finding.explains.iter().copied().collect(),
                extra_victims: BTreeSet::new(),
                downstream: Vec::new(),
                absorbed: false,
            })
        })
        .collect();
    absorb(&mut candidates);
    let field = Field::new(view, candidates);
    let mut incidents: Vec<Incident> =
        choose(&field).into_iter().map(|(head, members)| incident(&field, head, members)).collect();
    incidents.extend(latent(&field));
    incidents.sort_by(|a, b| rank_key(a).cmp(&rank_key(b)));
    incidents
}

fn rank_key(i: &Incident) -> (bool, Severity, Confidence, std::cmp::Reverse<usize>, &'static str, &Id) {
    (i.latent, i.severity, i.cause.confidence, std::cmp::Reverse(i.victims.len()), i.cause.card.code, &i.cause.subject)
}

/// A finding about an object that another finding names as affected belongs to that other, more upstream story.
fn absorb(candidates: &mut [Candidate<'_>]) {
    let mut about: BTreeMap<&Id, Vec<usize>> = BTreeMap::new();
    for (i, candidate) in candidates.iter().enumerate() {
        about.entry(&candidate.finding.subject).or_default().push(i);
    }
    let mut edges = BTreeSet::new();
    for (up, candidate) in candidates.iter().enumerate().filter(|(_, c)| c.card.role != Role::Symptom) {
        for down in candidate.finding.affects.iter().filter_map(|object| about.get(object)).flatten() {
            if up != *down && belongs(candidate, &candidates[*down]) {
                edges.insert((up, *down));
            }
        }
    }
    for (up, down) in &edges {
        candidates[*up].downstream.push(*down);
        candidates[*down].absorbed = true;
    }
    // Causes stack (policy, ExternalSecret, Secret, pod), so what is reached flows upstream until nothing moves. Chains are
    // short; the bound keeps a circle of hostile owners finite.
    for _ in 0..8 {
        let mut moved = false;
        for (up, down) in &edges {
            let reach = candidates[*down].reach.clone();
            let mut victims = candidates[*down].extra_victims.clone();
            victims.extend(candidates[*down].finding.victims.iter().cloned());
            let above = &mut candidates[*up];
            let before = (above.reach.len(), above.extra_victims.len());
            above.reach.extend(reach);
            above.extra_victims.extend(victims);
            moved |= before != (above.reach.len(), above.extra_victims.len());
        }
        if !moved {
            break;
        }
    }
}

/// Whether `down` may be told as a part of the story of `up`.
fn belongs(up: &Candidate<'_>, down: &Candidate<'_>) -> bool {
    let circle = down.finding.affects.contains(&up.finding.subject);
    // A guess does not swallow a cause that stands on evidence of its own.
    let mere_guess = up.finding.confidence == Confidence::Possible
        && down.finding.confidence != Confidence::Possible
        && down.card.role == Role::Cause;
    // That a sync brings nothing is seen even where only its reason is a guess: what its target lacks follows from it.
    let of_sync = matches!(up.card.link, Link::Login | Link::Sync) || up.card.code == "RBC-07";
    let broken_sync = of_sync
        && down.card.link > Link::Sync
        && down.finding.explains.iter().all(|ix| up.finding.explains.contains(ix));
    !circle && (!mere_guess || broken_sync)
}

/// For each symptom the best candidate; symptoms with one best candidate make one incident.
fn choose(field: &Field<'_, '_, '_>) -> BTreeMap<usize, BTreeSet<SymptomIx>> {
    let candidates = &field.candidates;
    let mut heads: BTreeMap<usize, BTreeSet<SymptomIx>> = BTreeMap::new();
    for (symptom, reaching) in field.reaching.iter().enumerate() {
        let best =
            reaching.iter().copied().filter(|i| may_head(&candidates[*i])).min_by_key(|i| strength(candidates, *i));
        if let Some(best) = best {
            heads.entry(best).or_default().insert(SymptomIx(symptom));
        }
    }
    merge_same_subject(candidates, heads)
}

/// Two symptoms of one victim whose best candidates are findings of one code on one subject are one incident.
fn merge_same_subject(
    candidates: &[Candidate<'_>],
    heads: BTreeMap<usize, BTreeSet<SymptomIx>>,
) -> BTreeMap<usize, BTreeSet<SymptomIx>> {
    let mut first: BTreeMap<(&'static str, &Id), usize> = BTreeMap::new();
    let mut merged: BTreeMap<usize, BTreeSet<SymptomIx>> = BTreeMap::new();
    for (head, members) in heads {
        let key = (candidates[head].card.code, &candidates[head].finding.subject);
        let into = *first.entry(key).or_insert(head);
        merged.entry(into).or_default().extend(members);
    }
    merged
}

fn may_head(candidate: &Candidate<'_>) -> bool {
    // CLU-09 is there only for who was asked for by name, where nothing else explains the failure.
    let asked = candidate.card.code == "CLU-09";
    !candidate.finding.latent && (asked || matches!(candidate.card.role, Role::Cause | Role::Mechanism | Role::Mask))
}

/// Smaller is better: not part of another story, a cause before a mechanism before a mask, surer, explaining more, further
/// upstream, surer known in time.
fn strength(candidates: &[Candidate<'_>], i: usize) -> impl Ord + use<> {
    let c = &candidates[i];
    let role = match c.card.role {
        Role::Cause => 0,
        Role::Mechanism => 1,
        _ => 2,
    };
    let width = c.finding.changed.as_ref().and_then(|ch| ch.when.width()).unwrap_or(i64::MAX);
    (c.absorbed, role, c.finding.confidence, std::cmp::Reverse(c.reach.len()), c.card.link, width, c.card.code)
}

fn incident(field: &Field<'_, '_, '_>, head: usize, members: BTreeSet<SymptomIx>) -> Incident {
    let (view, candidates) = (field.view, &field.candidates);
    let c = &candidates[head];
    let finding = c.finding;
    let mut victims: BTreeSet<Id> = members.iter().map(|ix| view.symptom(*ix).victim.clone()).collect();
    victims.extend(finding.victims.iter().cloned());
    if finding.latent {
        victims.extend(c.extra_victims.iter().cloned());
    }
    // A resource that does not sync is a victim only while no workload is: it is a link of the chain otherwise.
    let with_pods: BTreeSet<Id> = victims.iter().filter(|v| is_workload(v)).cloned().collect();
    if !with_pods.is_empty() {
        victims = with_pods;
    }
    let onset = members.iter().filter_map(|ix| view.symptom(*ix).onset).min();
    let mut alternatives = finding.alternatives.clone();
    // Whoever else could explain the same members is an alternative; so are, last, the mechanisms below.
    let mut others: Vec<usize> = field
        .reaching_any(&members)
        .into_iter()
        .filter(|i| *i != head && candidates[*i].card.code != c.card.code && !candidates[*i].finding.latent)
        .filter(|i| may_head(&candidates[*i]) || candidates[*i].card.role == Role::Symptom)
        .collect();
    others.sort_by_key(|i| strength(candidates, *i));
    for i in others {
        let other = &candidates[i];
        if alternatives.iter().any(|a| a.code == other.card.code) {
            continue;
        }
        let decided_by = c.card.neighbours.iter().find(|n| n.code == other.card.code).map_or_else(
            || format!("whether {} is at fault by itself", other.finding.subject),
            |n| n.decided_by.to_owned(),
        );
        alternatives.push(Alternative {
            code: other.card.code,
            confidence: other.finding.confidence.max(Confidence::Likely),
            subject: other.finding.subject.clone(),
            decided_by,
        });
    }
    if finding.confidence != Confidence::Certain {
        for neighbour in c.card.neighbours {
            let known = alternatives.iter().any(|a| a.code == neighbour.code)
                || finding.ruled_out.iter().any(|(code, _)| *code == neighbour.code);
            if !known {
                alternatives.push(Alternative {
                    code: neighbour.code,
                    confidence: Confidence::Possible,
                    subject: finding.subject.clone(),
                    decided_by: neighbour.decided_by.to_owned(),
                });
            }
        }
    }
    // What something suspected is innocent of is said with the verdict; it is no cause of its own.
    let mut ruled_out = finding.ruled_out.clone();
    for other in candidates.iter().filter(|o| o.card.role == Role::Exonerates) {
        if other.finding.explains.iter().any(|ix| members.contains(ix)) {
            let innocent = other.finding.ruled_out.first().map_or(other.card.code, |(code, _)| code);
            if innocent != c.card.code && !ruled_out.iter().any(|(code, _)| *code == innocent) {
                ruled_out.push((innocent, other.finding.headline.clone()));
            }
        }
    }
    let mut chain = finding.chain.clone();
    for down in &c.downstream {
        for link in &candidates[*down].finding.chain {
            if !chain.iter().any(|l| l.object == link.object && l.link == link.link) {
                chain.push(link.clone());
            }
        }
    }
    chain.sort_by_key(|l| l.link);
    let trigger =
        finding.trigger.clone().or_else(|| c.downstream.iter().find_map(|d| candidates[*d].finding.trigger.clone()));
    let (failing_pods, pods) = pod_counts(view, &victims, &members);
    let severity = severity(view, c, &victims, failing_pods, pods);
    Incident {
        id: format!("{}:{}", c.card.code, full_name(&finding.subject)),
        severity,
        latent: false,
        headline: finding.headline.clone(),
        cause: Cause {
            card: c.card,
            confidence: finding.confidence,
            subject: finding.subject.clone(),
            changed: finding.changed.clone(),
            change_of: finding.change_of.clone().unwrap_or_else(|| finding.subject.clone()),
            evidence: finding.evidence.clone(),
        },
        alternatives,
        ruled_out,
        timeline: timeline(view, c, candidates, &members, &victims),
        chain,
        trigger,
        victims: victims.into_iter().collect(),
        onset,
        failing_pods,
        pods,
        notes: finding.notes.clone(),
        plan: finding.plan.clone().or_else(|| c.downstream.iter().find_map(|d| candidates[*d].finding.plan.clone())),
    }
}

/// Latent findings that are part of no live incident, each on its own.
fn latent(field: &Field<'_, '_, '_>) -> Vec<Incident> {
    let mut found = Vec::new();
    for (i, c) in field.candidates.iter().enumerate() {
        if !c.finding.latent || c.absorbed || !matches!(c.card.role, Role::Cause | Role::Latent | Role::Mechanism) {
            continue;
        }
        let members = BTreeSet::new();
        let mut incident = incident(field, i, members);
        incident.latent = true;
        found.push(incident);
    }
    found
}

/// The finding's or the card's severity; high becomes critical where three workloads or more are down with all their pods.
fn severity(view: &View<'_>, c: &Candidate<'_>, victims: &BTreeSet<Id>, failing: usize, pods: usize) -> Severity {
    let base = c.finding.severity.unwrap_or(c.card.severity);
    if c.finding.latent || victims.is_empty() || c.finding.severity.is_some() {
        return base;
    }
    let serving = victims.iter().any(|v| view.pods_of(v).any(|p| p.is_ready() && p.meta.deleting.is_none()));
    let all_down = pods > 0 && failing >= pods && !serving;
    match (base, all_down) {
        (Severity::High, true) if victims.len() >= 3 => Severity::Critical,
        _ => base,
    }
}

fn pod_counts(view: &View<'_>, victims: &BTreeSet<Id>, members: &BTreeSet<SymptomIx>) -> (usize, usize) {
    let failing: BTreeSet<&Id> = members.iter().filter_map(|ix| view.symptom(*ix).pod.as_ref()).collect();
    let pods = victims.iter().map(|v| view.pods_of(v).filter(|p| !p.is_finished()).count()).sum();
    (failing.len(), pods)
}

fn timeline(
    view: &View<'_>,
    c: &Candidate<'_>,
    candidates: &[Candidate<'_>],
    members: &BTreeSet<SymptomIx>,
    victims: &BTreeSet<Id>,
) -> Vec<TimelineEntry> {
    let mut lines = Vec::new();
    let mut add = |when: Interval, object: &Id, what: String, source: &'static str| {
        if !when.is_unknown() {
            lines.push(TimelineEntry { when, object: object.clone(), what, source });
        }
    };
    let story = std::iter::once(c).chain(c.downstream.iter().map(|d| &candidates[*d]));
    for part in story {
        if let Some(change) = &part.finding.changed {
            let by = change.by.as_deref().map(|b| format!(" by {b}")).unwrap_or_default();
            let object = part.finding.change_of.as_ref().unwrap_or(&part.finding.subject);
            // An interval that was only inferred (a credential that died somewhere) is told by what happened in it.
            let written = matches!(change.source, "audit" | "managedFields" | "creationTimestamp" | "resourceVersion");
            let what = if written { format!("changed{by}") } else { part.card.title.to_owned() };
            add(change.when, object, what, change.source);
        }
        if let Some(trigger) = &part.finding.trigger
            && let Some(at) = trigger.at
        {
            add(Interval::at(at), &trigger.object, trigger.what.clone(), "status");
        }
    }
    for victim in victims {
        let revisions: Vec<_> = view.revisions_of(victim).filter(|r| r.meta.created.is_some()).collect();
        if let Some(last) = revisions.last()
            && revisions.len() > 1
            && let Some(at) = last.meta.created
        {
            let number = last.revision.map(|r| format!(" {r}")).unwrap_or_default();
            add(Interval::at(at), victim, format!("rollout of revision{number}"), "creationTimestamp");
        }
        let first = members
            .iter()
            .filter(|ix| view.symptom(**ix).victim == *victim)
            .filter_map(|ix| view.symptom(*ix).onset)
            .min();
        if let Some(at) = first {
            add(Interval::at(at), victim, "first failure on record".to_owned(), "status");
        }
    }
    lines.sort_by(|a, b| {
        let key = |l: &TimelineEntry| -> (Option<Time>, Option<Time>) { (l.when.until.or(l.when.after), l.when.after) };
        (key(a), &a.object, &a.what).cmp(&(key(b), &b.object, &b.what))
    });
    // Several findings tell of one rollout: the one that says most stays.
    lines.dedup_by(|next, kept| {
        let same = next.object == kept.object
            && next.when == kept.when
            && next.what.starts_with("rollout")
            && kept.what.starts_with("rollout");
        if same && next.what.len() > kept.what.len() {
            std::mem::swap(next, kept);
        }
        same || next == kept
    });
    lines
}

pub(crate) fn class_words(class: Class) -> &'static str {
    match class {
        Class::Config => "container configuration cannot be made",
        Class::Mount => "waits for its volumes",
        Class::Pull => "image cannot be pulled",
        Class::Start => "container cannot be started",
        Class::Crash => "container crashes",
        Class::App => "application reports errors",
        Class::NoPods => "pods cannot be created",
        Class::Sync => "does not sync",
    }
}

fn is_workload(id: &Id) -> bool {
    id.kind == Kind::Pod || id.kind.makes_pods()
}

fn full_name(id: &Id) -> String {
    if id.namespace.is_empty() {
        format!("{}/{}", id.kind, id.name)
    } else {
        format!("{}/{}/{}", id.kind, id.namespace, id.name)
    }
}
