//! What an application says it lacks although the kubelet had nothing to complain of: a key that a whole object lost
//! (OBJ-05), or a name that a rollout dropped from the template (REF-04).

use super::other_name::{akin, covered_before, given_elsewhere, same_name_before};
use super::{delivered, steps};
use crate::checks::del::hidden_by_mount;
use crate::messages::Signal;
use crate::objects::{Container, DataObject, Pod, ProjectedSource, VolumeSource};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Trigger};
use crate::view::View;

/// A key that an application asks for and the object that should have it lacks.
pub(in crate::checks) struct LostKey<'a> {
    pub object: &'a DataObject,
    pub key: String,
    /// A key that the object has under a like name.
    pub near: Option<String>,
    pub change: Option<Change>,
    pub confidence: Confidence,
}

/// Findings for OBJ-05 by the application's own words: `envFrom` and whole volumes give what the object has, so that the
/// kubelet never misses anything.
pub(in crate::checks) fn lost_keys(view: &View<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (symptom, pod, container, said) in cases(view) {
        let Some(lost) = lost_variable(view, symptom, pod, container, said)
            .or_else(|| lost_file(view, symptom, pod, container, said))
        else {
            continue;
        };
        let id = &lost.object.id;
        let near = lost.near.as_deref().map_or(String::new(), |n| format!("; it has {n}"));
        let mut finding = Finding::new(
            id,
            lost.confidence,
            format!("{} asks for key {} that {id} does not have{near}", symptom.victim, lost.key),
            steps::evidence(said, format!("asks for what key {} would give", lost.key)),
        )
        .explains([symptom.ix])
        .supported_by([Evidence::new(id, "data", format!("has no key {}{near}", lost.key), "spec")
            .at(lost.change.as_ref().and_then(|c| c.when.until))])
        .changed(lost.change)
        .link(Link::Object, id, LinkState::Broken, format!("key {} is not there", lost.key))
        .link(Link::Consumption, &symptom.victim, LinkState::Affected, "looks for it");
        if lost.confidence != Confidence::Likely {
            finding = finding.unless("CON-11", &symptom.victim, "whether the object ever had that key");
        }
        found.push(finding.plan(Plan::new(vec![
            steps::restore(id, Some(&lost.object.meta), std::slice::from_ref(&lost.key)),
            steps::restart(&symptom.victim, format!("restart {}", symptom.victim)).after("it finds the key"),
        ])));
    }
    steps::merged(found)
}

/// Findings for REF-04 by the application's own words: the former revision gave the name, the new one does not.
pub(in crate::checks) fn dropped(view: &View<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (symptom, pod, container, said) in cases(view) {
        let fields = &said.said.fields;
        let what = match said.said.signal {
            Some(Signal::EnvUnset) => fields.env_name.as_deref().filter(|name| {
                !container.env.iter().any(|e| &*e.name == *name)
                    && same_name_before(view, pod, container, name)
                    && !given_elsewhere(view, pod, container, name)
            }),
            _ => fields.path.as_deref().filter(|path| {
                delivered::covering(&pod.spec, container, path).is_none() && covered_before(view, pod, container, path)
            }),
        };
        let Some(what) = what else { continue };
        let Some((own, _)) = steps::revisions(view, pod) else { continue };
        let workload = &symptom.victim;
        let change = steps::template_change(view, workload, own);
        found.push(
            Finding::new(
                workload,
                Confidence::Likely,
                format!("a rollout of {workload} dropped {what}, which container {} asks for", container.name),
                steps::evidence(said, format!("asks for {what}")),
            )
            .explains([symptom.ix])
            .supported_by([Evidence::new(
                &own.id,
                "spec.template",
                format!("the revision before gave {what}, this one does not"),
                "spec",
            )
            .at(own.meta.created)])
            .trigger(Some(Trigger {
                object: workload.clone(),
                what: "rollout of the revision that dropped it".to_owned(),
                at: change.when.until,
            }))
            .changed(Some(change))
            .link(Link::Reference, workload, LinkState::Broken, format!("{what} is not given any more"))
            .rules_out("CON-11", "the former template gave the very name")
            .plan(Plan::new(vec![
                Step::on(
                    workload,
                    "go back to the revision that gives it",
                    Effect::EditTemplate { workload: workload.clone() },
                )
                .change(format!("the reference that gave {what}"))
                .command(format!("kubectl rollout undo {workload} -n {}", workload.namespace))
                .precondition("the object that it names still exists; keep the change where the template comes from")
                .risk(Risk::Review)
                .inverse(format!("kubectl rollout undo {workload} -n {}", workload.namespace))
                .after("the container finds what it asks for"),
            ])),
        );
    }
    steps::merged(found)
}

type Case<'v, 'a> = (&'v Symptom, &'a Pod, &'a Container, &'v Statement);

/// Failing containers with their first statement about a missing variable or file.
fn cases<'v, 'a>(view: &'v View<'a>) -> Vec<Case<'v, 'a>> {
    let failing = view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash));
    failing
        .filter_map(|symptom| {
            let (pod, container) = steps::failing(view, symptom)?;
            let said = symptom.said.iter().find(|s| {
                let fields = &s.said.fields;
                match s.said.signal {
                    Some(Signal::EnvUnset) => fields.env_name.is_some(),
                    Some(Signal::FileMissing) => fields.path.is_some(),
                    _ => false,
                }
            })?;
            Some((symptom, pod, container, said))
        })
        .collect()
}

/// The object was rewritten while its consumer existed: keys can have gone with that.
fn rewritten(view: &View<'_>, symptom: &Symptom, object: &DataObject) -> Option<Change> {
    let change = view.data_change(object)?;
    let at = change.when.until?;
    let created = view.workload(&symptom.victim).and_then(|w| w.meta.created);
    (Some(at) > object.meta.created && created.is_some_and(|c| c < at)).then_some(change)
}

/// A new image that came after the object's last change asks on its own account (CON-11).
fn image_is_newer(view: &View<'_>, pod: &Pod, container: &Container, object: &DataObject) -> bool {
    let rolled = steps::image_change(view, pod, container).and_then(|i| i.trigger.at);
    let changed = view.data_change(object).and_then(|c| c.when.until);
    rolled.is_some() && rolled > changed
}

pub(in crate::checks) fn lost_variable<'a>(
    view: &View<'a>,
    symptom: &Symptom,
    pod: &'a Pod,
    container: &'a Container,
    said: &Statement,
) -> Option<LostKey<'a>> {
    let name = said.said.fields.env_name.as_deref().filter(|_| said.said.signal == Some(Signal::EnvUnset))?;
    if container.env.iter().any(|e| &*e.name == name) || same_name_before(view, pod, container, name) {
        return None;
    }
    container.env_from.iter().filter(|from| !from.optional).find_map(|from| {
        let key = name.strip_prefix(&*from.prefix)?;
        let object = view.data(&from.kind, &pod.id.namespace, &from.name).seen()?;
        if object.keys_unseen || object.key(key).is_some() || image_is_newer(view, pod, container, object) {
            return None;
        }
        let change = rewritten(view, symptom, object)?;
        let near = object.keys.iter().map(|k| &*k.name).find(|k| akin(k, key)).map(str::to_owned);
        Some(LostKey { object, key: key.to_owned(), near, change: Some(change), confidence: Confidence::Likely })
    })
}

fn lost_file<'a>(
    view: &View<'a>,
    symptom: &Symptom,
    pod: &'a Pod,
    container: &'a Container,
    said: &Statement,
) -> Option<LostKey<'a>> {
    if said.said.signal != Some(Signal::FileMissing) || hidden_by_mount::hides(view, symptom) {
        return None;
    }
    let path = delivered::plain_path(said.said.fields.path.as_deref()?);
    let place = delivered::covering(&pod.spec, container, &path)?;
    let key = delivered::below(&path, &place.mount.path).filter(|k| !k.is_empty() && !k.contains('/'))?;
    if place.mount.sub_path.is_some() || place.files(view, &pod.id.namespace).list.iter().any(|f| f.path == path) {
        return None;
    }
    let mut whole = Vec::new();
    match &place.volume.source {
        VolumeSource::Data { kind, name, items, optional: false, .. } if items.is_empty() => whole.push((kind, name)),
        VolumeSource::Projected { sources, .. } => {
            for source in sources {
                if let ProjectedSource::Data { kind, name, items, optional: false } = source
                    && items.is_empty()
                {
                    whole.push((kind, name));
                }
            }
        }
        _ => {}
    }
    let objects = whole.into_iter().filter_map(|(kind, name)| view.data(kind, &pod.id.namespace, name).seen());
    let lost = objects.filter(|o| !o.keys_unseen && !image_is_newer(view, pod, container, o)).map(|object| {
        let near = object.keys.iter().map(|k| &*k.name).find(|k| akin(k, key)).map(str::to_owned);
        let change = rewritten(view, symptom, object);
        let confidence = if change.is_some() { Confidence::Likely } else { Confidence::Possible };
        LostKey { object, key: key.to_owned(), near, change, confidence }
    });
    lost.min_by_key(|l| (l.confidence, l.near.is_none()))
}
