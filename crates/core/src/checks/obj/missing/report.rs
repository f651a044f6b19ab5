//! What the findings about missing things have in common: evidence, chain, trigger, and plans by owner of record.

use super::{Absence, Case, Proof, Rollout, Story};
use crate::objects::{Id, Kind, Via};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::time::Interval;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Trigger, Verdicts};
use crate::view::View;
use crate::view::record::{Record, record_of_meta};

/// A finding about a story with the evidence that all of them have.
pub fn finding(story: &Story<'_, '_>, subject: &Id, confidence: Confidence, headline: String) -> Finding {
    let cap = match story.absence {
        Absence::Seen(basis) => Confidence::of_absence(basis),
        Absence::SaidAndSeen(_) | Absence::Said(_) => Confidence::Certain,
    };
    let first = &story.cases[0];
    let mut finding = Finding::new(subject, confidence.at_most(cap), headline, evidence(story, first))
        .explains(story.symptoms())
        .supported_by(
            story.cases.iter().skip(1).filter(|c| c.victim != first.victim).take(3).map(|c| evidence(story, c)),
        );
    if matches!(story.absence, Absence::SaidAndSeen(_)) && story.key.is_none() {
        let seen = format!("no {} of this name in namespace {}", story.object.kind, story.object.namespace);
        finding = finding.supported_by([Evidence::new(&story.object, "metadata.name", seen, "list")]);
    }
    let state = format!("{} is missing", story.what());
    finding.link(Link::Object, &story.object, LinkState::Broken, state).link(
        Link::Reference,
        &first.victim,
        LinkState::Affected,
        format!("{} asks for {}", first.path, story.what()),
    )
}

fn evidence(story: &Story<'_, '_>, case: &Case<'_, '_>) -> Evidence {
    match case.said {
        Some(said) => {
            let what = match &story.key {
                Some(_) if said.said.says(crate::messages::Signal::FileIsDirectory) => {
                    format!("finds a directory in place of {}", story.what())
                }
                Some(key) => format!("key {key} not found in {}", story.object),
                None => format!("{} not found", story.object),
            };
            Evidence::new(&said.object, said.path.clone(), what, said.channel.source()).at(said.last.or(said.first))
        }
        None => Evidence::new(
            &case.pod.id,
            case.path.clone(),
            format!("asks for {}, which is not there", story.what()),
            "spec",
        )
        .of(&case.pod.meta),
    }
}

/// The proofs as evidence, the best first, three at most.
pub fn proofs(proofs: &[Proof]) -> Vec<Evidence> {
    proofs
        .iter()
        .rev()
        .take(3)
        .map(|p| Evidence::new(&p.object, p.path.clone(), p.seen.clone(), p.source).at(p.at))
        .collect()
}

/// Where a template was changed, as evidence.
pub fn of_rollout(story: &Story<'_, '_>, rollout: &Rollout<'_>) -> Vec<Evidence> {
    let number = |r: Option<i64>| r.map(|n| format!(" {n}")).unwrap_or_default();
    let before = match &rollout.before {
        Some((name, Some(key))) => {
            format!("revision{} named {name}, key {key}, there", number(rollout.previous.revision))
        }
        Some((name, None)) => format!("revision{} named {name} there", number(rollout.previous.revision)),
        None => format!("revision{} did not ask for {}", number(rollout.previous.revision), story.what()),
    };
    let mut found = vec![
        Evidence::new(
            &rollout.revision.id,
            "spec.template",
            format!("revision{} asks for {}", number(rollout.revision.revision), story.what()),
            "spec",
        )
        .at(rollout.revision.meta.created),
        Evidence::new(&rollout.previous.id, "spec.template", before, "spec").at(rollout.previous.meta.created),
    ];
    if let Some(pod) = &rollout.healthy {
        found.push(Evidence::new(pod, "status.conditions[Ready]", "a pod of the earlier revision is ready", "status"));
    }
    found
}

/// What made the fault show, if the failing pods were made after the thing was gone.
pub fn trigger(view: &View<'_>, story: &Story<'_, '_>, gone: Interval) -> Option<Trigger> {
    let case = story.cases.iter().min_by_key(|c| c.pod.meta.created)?;
    let made = case.pod.meta.created?;
    if gone.until.or(gone.after).is_none_or(|gone| gone > made) {
        return None;
    }
    let revision = view.revision_of(case.pod);
    let (object, what, at) = match revision {
        Some(r)
            if r.meta.created.is_some_and(|at| made.since(at) <= 60) && view.revisions_of(&case.victim).count() > 1 =>
        {
            let number = r.revision.map(|n| format!(" {n}")).unwrap_or_default();
            (&case.victim, format!("rollout of revision{number} made new pods"), r.meta.created)
        }
        _ => (&case.pod.id, "a new pod had to start".to_owned(), Some(made)),
    };
    Some(Trigger { object: object.clone(), what, at })
}

/// How the pods name it, for headlines: `by env`, `as a volume`.
pub fn by(case: &Case<'_, '_>) -> &'static str {
    match case.reference.via {
        Via::Env { .. } => "in env",
        Via::EnvFrom => "in envFrom",
        Via::Volume { .. } => "as a volume",
        Via::Projected { .. } => "in a projected volume",
        Via::CsiPublish { .. } | Via::LegacyVolume { .. } => "for a volume",
        Via::PullSecret { .. } => "to pull images",
    }
}

/// The list of victims for a headline.
pub fn victims(story: &Story<'_, '_>) -> String {
    let mut all: Vec<&Id> = story.cases.iter().map(|c| &c.victim).collect();
    all.sort();
    all.dedup();
    match all.as_slice() {
        [one] => one.to_string(),
        [one, two] => format!("{one} and {two}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
        [] => String::new(),
    }
}

/// Restores or makes an object at its owner of record.
pub fn make(view: &View<'_>, story: &Story<'_, '_>, keys: Vec<String>, again: bool) -> Plan {
    let object = &story.object;
    let record = record_of_missing(view, story);
    let verb = if again { "restore" } else { "create" };
    let effect = Effect::Create { object: object.clone(), keys: keys.clone() };
    let names = if keys.is_empty() {
        "the keys that its consumers need".to_owned()
    } else {
        format!("keys {}", keys.join(", "))
    };
    let mut step = Step::on(&record.target(object), format!("{verb} {object} from {}", record.place()), effect)
        .change(format!("{object} with {names}"))
        .precondition(format!("no {} of this name exists in namespace {}", object.kind, object.namespace))
        .risk(Risk::Review)
        .inverse(format!("kubectl delete {} {} -n {}", kind_word(&object.kind), object.name, object.namespace))
        .after("the kubelet starts the waiting containers at its next try, within two minutes");
    step.command = record.push(object).or_else(|| Some(create_command(object)));
    Plan::new(vec![step])
}

/// Whoever keeps the record of the consumers keeps that of what they need, unless an operator promises it.
fn record_of_missing(view: &View<'_>, story: &Story<'_, '_>) -> Record {
    if let Some(producer) = &story.producer {
        return Record::Sync(producer.clone());
    }
    record_of_workload(view, story.victim())
}

pub fn record_of_workload(view: &View<'_>, workload: &Id) -> Record {
    match view.workload(workload) {
        Some(w) => record_of_meta(&w.id, &w.meta),
        None => view.pod(workload).map_or(Record::Hand, |p| record_of_meta(&p.id, &p.meta)),
    }
}

/// A command that reads a manifest with the values from stdin.
pub fn create_command(object: &Id) -> String {
    format!("kubectl create -n {} -f -   # the manifest of {object} on stdin", object.namespace)
}

/// Adds keys to an object that exists, at its owner of record.
pub fn set_keys(view: &View<'_>, object: &Id, keys: &[String], why: &str) -> Plan {
    let live = view.data(&object.kind, &object.namespace, &object.name).seen();
    let record = live.map_or(Record::Hand, |o| view.record_of(o));
    let version = live.and_then(|o| o.meta.resource_version);
    let mut step = Step::on(
        &record.target(object),
        format!("{why} in {}", record.place()),
        Effect::SetKeys { object: object.clone(), keys: keys.to_vec() },
    )
    .change(format!("{object}: keys {}", keys.join(", ")))
    .precondition(match version {
        Some(version) => format!("{object} still has resourceVersion {version}"),
        None => format!("{object} exists"),
    })
    .risk(Risk::Review)
    .inverse(format!("put the former keys of {object} back from where they were saved"))
    .after("containers that wait start at the kubelet's next try");
    step.command = record.push(object).or_else(|| {
        Some(format!(
            "kubectl patch {} {} -n {} --type=merge --patch-file /dev/stdin   # {{\"{}\": ...}} on stdin",
            kind_word(&object.kind),
            object.name,
            object.namespace,
            if object.kind == Kind::Secret { "stringData" } else { "data" }
        ))
    });
    Plan::new(vec![step])
}

/// Corrects the template of a workload at its owner of record.
pub fn edit_template(view: &View<'_>, workload: &Id, change: String) -> Plan {
    let record = record_of_workload(view, workload);
    let mut step = Step::on(
        &record.target(workload),
        format!("correct the reference of {workload} in {}", record.place()),
        Effect::EditTemplate { workload: workload.clone() },
    )
    .change(change)
    .precondition("what the new reference names exists with the keys that are asked for")
    .risk(Risk::Review)
    .inverse(undo(workload))
    .after("new pods start with the corrected reference");
    step.command = record.push(workload).or_else(|| {
        Some(format!("kubectl edit {} {} -n {}", kind_word(&workload.kind), workload.name, workload.namespace))
    });
    Plan::new(vec![step])
}

/// Goes back to a revision.
pub fn roll_to(view: &View<'_>, workload: &Id, revision: Option<i64>, why: &str) -> Plan {
    let record = record_of_workload(view, workload);
    let number = revision.map(|r| format!(" --to-revision={r}")).unwrap_or_default();
    let mut step =
        Step::on(&record.target(workload), why.to_owned(), Effect::EditTemplate { workload: workload.clone() })
            .change(format!("the pod template of {workload}"))
            .precondition("what that revision names still exists")
            .risk(Risk::Review)
            .inverse(undo(workload))
            .after("pods of the good revision serve; those that wait are removed");
    step.command = Some(format!(
        "kubectl rollout undo {}/{} -n {}{number}",
        kind_word(&workload.kind),
        workload.name,
        workload.namespace
    ));
    if record.writes_over() {
        step = step.change(format!("the pod template of {workload}; revert it in {} as well", record.place()));
    }
    Plan::new(vec![step])
}

fn undo(workload: &Id) -> String {
    match workload.kind {
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => {
            format!("kubectl rollout undo {}/{} -n {}", kind_word(&workload.kind), workload.name, workload.namespace)
        }
        _ => format!("apply the saved manifest of {workload} again"),
    }
}

pub fn kind_word(kind: &Kind) -> String {
    kind.name().to_ascii_lowercase()
}

/// Key names that the failing containers need, for plans.
pub fn needed_keys(story: &Story<'_, '_>) -> Vec<String> {
    super::evidence::wanted_keys(&story.cases, &story.object).iter().map(ToString::to_string).collect()
}

/// Says that the revisions of a Deployment's failing pods were not seen, where they would decide.
pub fn revisions_unseen(view: &View<'_>, story: &Story<'_, '_>, out: &mut Verdicts) {
    let case = &story.cases[0];
    let by_replica_set = case.pod.meta.controller().is_some_and(|o| o.kind == Kind::ReplicaSet);
    if by_replica_set
        && view.revision_of(case.pod).is_none()
        && let Err(why) = view.snap.coverage.of(&Kind::ReplicaSet, &case.pod.id.namespace)
    {
        out.unseen(&case.victim, format!("ReplicaSets in namespace {}", case.pod.id.namespace), why);
    }
}
