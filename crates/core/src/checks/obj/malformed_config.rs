//! OBJ-14: a configuration file in a ConfigMap or Secret cannot be read by the application.

use super::missing::report::set_keys;
use super::refused::report::restart;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{Container, DataObject, Kind, Pod, Str, ValueFacts};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::{Provider, Source, sources};

pub static CARD: Card = Card {
    code: "OBJ-14",
    slug: "malformed-config",
    title: "The delivered configuration cannot be read",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::ConfigMap, Scope::Named), Need::sharpens(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "CON-11", decided_by: "whether the file is broken, or the application reads another one" },
        Neighbour { code: "CON-07", decided_by: "whether a file or a connection string cannot be read" },
        Neighbour { code: "CLU-09", decided_by: "whether the configuration or the image changed before the failure" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("malformed_config/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut findings: Vec<Finding> = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some(statement) = symptom.signal(|s| s == Signal::ConfigParse) else { continue };
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let Some(container) = pod.spec.containers.iter().find(|c| Some(&c.name) == symptom.container.as_ref()) else {
            continue;
        };
        let Some((source, why)) = broken(view, pod, container, statement) else {
            not_seen(view, symptom, pod, out);
            continue;
        };
        let Some(object) = source.object else { continue };
        let finding = finding(view, symptom, statement, object, &source.key, why);
        match findings.iter_mut().find(|f| f.subject == finding.subject) {
            Some(known) => known.explains.extend(finding.explains),
            None => findings.push(finding),
        }
    }
    for finding in findings {
        out.violated(finding);
    }
}

/// Why a file is taken to be the one that cannot be read, the strongest reason first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// It begins like JSON and is none.
    NoJson,
    /// It was written before the failing run began, over something that worked.
    Written,
    /// The application names its path.
    Named,
    /// It is the only file that the container is given.
    Only,
}

fn broken<'a>(
    view: &View<'a>,
    pod: &'a Pod,
    container: &'a Container,
    statement: &Statement,
) -> Option<(Source<'a>, Why)> {
    let path = statement.said.fields.path.as_deref();
    let mut best: Option<(Source<'a>, Why)> = None;
    let all = sources(view, pod, container);
    let files = all.iter().filter(|s| s.via.variable().is_none()).count();
    for source in all {
        let (Provider::File { volume } | Provider::SubPath { volume }) = &source.via else { continue };
        let mount = container.mounts.iter().find(|m| m.volume == *volume);
        let named = path
            .zip(mount)
            .is_some_and(|(path, mount)| path.starts_with(&*mount.path) && names_file(path, &source, mount));
        if path.is_some_and(|p| p.starts_with('/')) && !named {
            continue;
        }
        let why = if no_json(source.value, &source.key) {
            Some(Why::NoJson)
        } else if written(view, pod, container, &source) {
            Some(Why::Written)
        } else {
            named.then_some(Why::Named).or((files == 1 && may_be_read(&source)).then_some(Why::Only))
        };
        if let Some(why) = why
            && best.as_ref().is_none_or(|(_, b)| why < *b)
        {
            best = Some((source, why));
        }
    }
    best
}

/// A ConfigMap's file that is not known to parse.
fn may_be_read(source: &Source<'_>) -> bool {
    source.object.is_some_and(|o| o.id.kind == Kind::ConfigMap)
        && source.value.json != Some(true)
        && !source.value.is_pem
}

fn names_file(path: &str, source: &Source<'_>, mount: &crate::objects::Mount) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file == &*source.key || mount.sub_path.is_some() || path == &*mount.path
}

fn no_json(value: &ValueFacts, key: &str) -> bool {
    value.json == Some(false) && key.rsplit_once('.').is_none_or(|(_, end)| end.eq_ignore_ascii_case("json"))
}

/// The key was written over an earlier value, and the failing run began after that.
fn written(view: &View<'_>, pod: &Pod, container: &Container, source: &Source<'_>) -> bool {
    let Some(object) = source.object else { return false };
    let change = view.key_change(object, &source.key);
    let at = change.as_ref().and_then(|c| c.when.until);
    let rewritten = at.zip(object.meta.created).is_some_and(|(at, made)| at > made);
    let started = pod.status(&container.name).and_then(|s| match (&s.state, &s.last) {
        (_, Some(crate::objects::ContainerState::Terminated { started, .. })) => *started,
        (crate::objects::ContainerState::Running { since }, _) => *since,
        _ => None,
    });
    rewritten && View::started_before(started, change.as_ref()) == Some(false)
}

fn finding(
    view: &View<'_>,
    symptom: &Symptom,
    statement: &Statement,
    object: &DataObject,
    key: &Str,
    why: Why,
) -> Finding {
    let change = view.key_change(object, key);
    let at = change.as_ref().and_then(|c| c.when.until);
    let (confidence, seen) = match why {
        Why::NoJson => (Confidence::Likely, "begins like JSON and is none"),
        Why::Written => (Confidence::Likely, "was written before the failing run began"),
        Why::Named => (Confidence::Possible, "is the file that the application reads"),
        Why::Only => (Confidence::Possible, "is the only file that the container is given"),
    };
    let headline = format!("key {key} of {} cannot be read by {}", object.id, symptom.victim);
    let primary = Evidence::new(
        &statement.object,
        statement.path.clone(),
        "the application cannot read its configuration",
        statement.channel.source(),
    )
    .at(statement.last);
    let mut plan = set_keys(view, &object.id, &[key.to_string()], "put the last readable configuration back");
    plan.steps.push(restart(&symptom.victim));
    Finding::new(&object.id, confidence, headline, primary)
        .explains([symptom.ix])
        .supported_by([Evidence::new(&object.id, format!("data[{key}]"), seen, "list").of(&object.meta).at(at)])
        .changed(change)
        .link(Link::Object, &object.id, LinkState::Broken, format!("{key} cannot be read"))
        .link(Link::Consumption, &symptom.victim, LinkState::Affected, "does not start with it")
        .rules_out("CON-11", "the file is delivered where the application reads it")
        .plan(plan)
}

fn not_seen(view: &View<'_>, symptom: &Symptom, pod: &Pod, out: &mut Verdicts) {
    for (reference, _) in view.references(pod).iter() {
        let mounted =
            matches!(reference.via, crate::objects::Via::Volume { .. } | crate::objects::Via::Projected { .. });
        if !mounted || &*reference.name == "kube-root-ca.crt" {
            continue;
        }
        if let crate::coverage::Seen::Unseen(why) = view.data(&reference.kind, &pod.id.namespace, &reference.name) {
            out.unseen(&symptom.victim, format!("{}/{}", reference.kind, reference.name), why);
        }
    }
}
