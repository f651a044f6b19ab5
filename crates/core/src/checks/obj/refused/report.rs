//! What the findings about refused values have in common.

use super::{Given, Story};
use crate::checks::obj::missing::report as missing;
use crate::objects::Id;
use crate::plan::{Plan, Step};
use crate::time::Time;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Trigger};
use crate::view::View;
use crate::view::record::Record;

/// The object of the value, or the workload for a literal.
pub fn subject(story: &Story<'_>) -> Id {
    story.given.object.map_or_else(|| story.case.victim.clone(), |o| o.id.clone())
}

/// `key password of secret/db`, or `literal DB_PASSWORD`.
pub fn what(given: &Given<'_>) -> String {
    match given.object {
        Some(object) => format!("key {} of {}", given.key, object.id),
        None => given.via.words(),
    }
}

/// A finding with the refusal as its primary evidence.
pub fn finding(view: &View<'_>, story: &Story<'_>, subject: &Id, confidence: Confidence, headline: String) -> Finding {
    let symptom = view.symptom(story.symptoms[0]);
    let said = symptom.said.iter().find(|s| s.said.signal == Some(story.case.signal));
    let user = story.case.user.as_deref().map(|u| format!(" for user {u}")).unwrap_or_default();
    let host = story.case.host.as_deref().map(|h| format!(" at {h}")).unwrap_or_default();
    let words = match story.case.signal {
        crate::messages::Signal::EnvUnset => "the application finds a variable empty".to_owned(),
        crate::messages::Signal::ConnParse | crate::messages::Signal::ConfigParse => {
            "the client cannot read what it was given".to_owned()
        }
        crate::messages::Signal::ConnNetwork(_) => "the host cannot be reached".to_owned(),
        _ => format!("login refused{user}{host}"),
    };
    let primary = match said {
        Some(s) => {
            Evidence::new(&s.object, s.path.clone(), words, s.channel.source()).at(s.last.or(story.case.last_refusal))
        }
        None => Evidence::new(&story.case.pod.id, "log", words, "log").at(story.case.last_refusal),
    };
    let mut finding = Finding::new(subject, confidence, headline, primary)
        .explains(story.symptoms.iter().copied())
        .supported_by([Evidence::new(
            &story.case.pod.id,
            format!("spec.containers[{}]", story.case.container.name),
            format!("takes {} as {}", what(&story.given), story.given.via.words()),
            "spec",
        )
        .of(&story.case.pod.meta)]);
    if let Some(object) = story.given.object.filter(|o| o.id == *subject) {
        finding = finding.link(Link::Object, &object.id, LinkState::Broken, format!("{} is wrong", what(&story.given)));
    }
    finding.link(Link::Backend, &story.case.victim, LinkState::Affected, "is refused")
}

/// Evidence that names a key and what was seen of it.
pub fn of_key(story: &Story<'_>, given: &Given<'_>, seen: impl Into<String>, at: Option<Time>) -> Evidence {
    match given.object {
        Some(object) => Evidence::new(&object.id, format!("data[{}]", given.key), seen, "list").of(&object.meta).at(at),
        None => Evidence::new(&story.case.pod.id, given.via.words(), seen, "spec"),
    }
}

/// Corrects the value at its owner of record, and makes the containers that took it anew.
pub fn plan(view: &View<'_>, story: &Story<'_>, why: &str) -> Plan {
    let Some(object) = story.given.object else {
        return missing::edit_template(view, &story.case.victim, format!("{}: {why}", story.given.via.words()));
    };
    let mut plan = missing::set_keys(view, &object.id, &[story.given.key.to_string()], why);
    if story.given.via.is_snapshot() {
        for victim in &story.victims {
            plan.steps.push(restart(victim));
        }
    }
    plan
}

pub fn restart(victim: &Id) -> Step {
    Step::on(
        victim,
        format!("restart {victim} so that it takes the new value"),
        crate::plan::Effect::Restart { workload: victim.clone() },
    )
    .change("nothing; its pods are made anew")
    .command(crate::plan::restart_command(victim))
    .precondition("the login works with the new value")
    .inverse("none is needed: the template does not change")
    .after("new containers hold the present value and are let in")
}

/// The rollout or restart that made the refused run begin, where it came after the change.
pub fn trigger(view: &View<'_>, story: &Story<'_>, changed: Option<Time>) -> Option<Trigger> {
    let (started, changed) = (story.case.pod.meta.created?, changed?);
    if started < changed {
        return None;
    }
    let restarted = view
        .revision_of(story.case.pod)
        .and_then(|r| r.restarted_at)
        .or_else(|| view.workload(&story.case.victim).and_then(|w| w.restarted_at))
        .filter(|at| *at >= changed);
    Some(match restarted {
        Some(at) => Trigger { object: story.case.victim.clone(), what: "rollout restart".to_owned(), at: Some(at) },
        None => Trigger {
            object: story.case.pod.id.clone(),
            what: "a new pod took the value".to_owned(),
            at: Some(started),
        },
    })
}

/// Whether a sync operator writes the object from a source.
pub fn source_of(view: &View<'_>, given: &Given<'_>) -> Option<Id> {
    match view.record_of(given.object?) {
        Record::Sync(id) => Some(id),
        _ => None,
    }
}
