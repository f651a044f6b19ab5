//! REF-03: an optional reference hides that what it names is not there.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::report::{create_command, edit_template};
use crate::coverage::{Seen, Unseen};
use crate::messages::Signal;
use crate::objects::{Container, Id, Kind, Pod, Reference, Via, VolumeSource};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::{is_refusal, sources};

pub static CARD: Card = Card {
    code: "REF-03",
    slug: "optional-hides",
    title: "optional: true hides that something is absent",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::Medium,
    needs: &[Need::decides(Kind::Secret, Scope::Named), Need::decides(Kind::ConfigMap, Scope::Named)],
    neighbours: &[
        Neighbour { code: "CON-11", decided_by: "whether the application asks for what the reference would give" },
        Neighbour { code: "DEL-10", decided_by: "whether the failing container itself has the reference" },
        Neighbour { code: "OBJ-06", decided_by: "whether the key is there without bytes, or is not there at all" },
        Neighbour { code: "OBJ-02", decided_by: "whether the object was there once" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("optional_hides/explain.md"),
    judge,
};

/// An optional reference to something that is not there, and how it shows.
struct Hidden<'v> {
    object: Id,
    key: Option<String>,
    path: String,
    /// The application names exactly what the reference would give.
    named: Option<(&'v Statement, String)>,
}

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut findings: Vec<Finding> = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let Some(container) = pod.spec.containers.iter().find(|c| Some(&c.name) == symptom.container.as_ref()) else {
            continue;
        };
        let hidden = hidden(view, symptom, pod, container, out);
        if hidden.is_empty() {
            continue;
        }
        let named = hidden.iter().any(|h| h.named.is_some());
        let lacks = symptom.signal(|s| is_refusal(s) || matches!(s, Signal::EnvUnset | Signal::FileMissing));
        if !named && (lacks.is_none() || given_anyway(view, pod, container, symptom)) {
            continue;
        }
        let finding = finding(view, symptom, pod, &hidden);
        match findings.iter_mut().find(|f| f.subject == finding.subject) {
            Some(known) => known.explains.extend(finding.explains),
            None => findings.push(finding),
        }
    }
    for finding in findings {
        out.violated(finding);
    }
}

/// The container is refused with a credential that it does get: then the optional one is beside the point.
fn given_anyway<'a>(view: &View<'a>, pod: &'a Pod, container: &'a Container, symptom: &Symptom) -> bool {
    let by_refusal = symptom.signal(is_refusal).is_some();
    by_refusal && sources(view, pod, container).iter().any(|s| s.part.is_credential())
}

fn hidden<'a, 'v>(
    view: &'v View<'a>,
    symptom: &'v Symptom,
    pod: &'a Pod,
    container: &'a Container,
    out: &mut Verdicts,
) -> Vec<Hidden<'v>> {
    let mut found = Vec::new();
    let given = sources(view, pod, container);
    for (reference, path) in view.references(pod).iter() {
        if !reference.optional || !is_for(reference, pod, container) {
            continue;
        }
        let object =
            Id { kind: reference.kind.clone(), namespace: pod.id.namespace.clone(), name: reference.name.clone() };
        let absent = match view.data(&object.kind, &object.namespace, &object.name) {
            Seen::Absent(_) => true,
            Seen::Seen(live) => {
                reference.key.as_deref().is_some_and(|key| !live.keys_unseen && live.key(key).is_none())
            }
            Seen::Unseen(why) => {
                if named(symptom, reference, pod, container).is_some() {
                    unseen(&symptom.victim, &object, why, out);
                }
                false
            }
        };
        let provided =
            matches!(&reference.via, Via::Env { variable } if given.iter().any(|s| s.via.variable() == Some(variable)));
        if absent && !provided {
            let named = named(symptom, reference, pod, container);
            found.push(Hidden {
                object,
                key: reference.key.as_ref().map(ToString::to_string),
                path: path.clone(),
                named,
            });
        }
    }
    found
}

fn unseen(victim: &Id, object: &Id, why: Unseen, out: &mut Verdicts) {
    out.unseen(victim, format!("{object} in namespace {}", object.namespace), why);
}

fn is_for(reference: &Reference, pod: &Pod, container: &Container) -> bool {
    match &reference.via {
        Via::Env { .. } | Via::EnvFrom => reference.container.as_ref() == Some(&container.name),
        Via::Volume { volume } | Via::Projected { volume } => {
            let is_data = pod.spec.volumes.iter().any(|v| {
                v.name == *volume && matches!(v.source, VolumeSource::Data { .. } | VolumeSource::Projected { .. })
            });
            is_data && container.mounts.iter().any(|m| m.volume == *volume)
        }
        _ => false,
    }
}

/// The statement that names the variable or the file which the reference would give.
fn named<'v>(
    symptom: &'v Symptom,
    reference: &Reference,
    pod: &Pod,
    container: &Container,
) -> Option<(&'v Statement, String)> {
    symptom.said.iter().find_map(|statement| {
        let fields = &statement.said.fields;
        match (&reference.via, statement.said.signal?) {
            (Via::Env { variable }, Signal::EnvUnset) => {
                (fields.env_name.as_deref() == Some(&**variable)).then(|| (statement, format!("variable {variable}")))
            }
            (Via::EnvFrom, Signal::EnvUnset) => {
                let name = fields.env_name.as_deref()?;
                let prefix = container.env_from.iter().find(|f| f.name == reference.name).map_or("", |f| &*f.prefix);
                let elsewhere = container.env.iter().any(|e| &*e.name == name);
                (name.starts_with(prefix) && !elsewhere).then(|| (statement, format!("variable {name}")))
            }
            (Via::Volume { volume } | Via::Projected { volume }, Signal::FileMissing | Signal::FileIsDirectory) => {
                let path = fields.path.as_deref()?;
                let mount = container.mounts.iter().find(|m| {
                    m.volume == *volume
                        && path
                            .strip_prefix(&*m.path)
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || m.path.ends_with('/'))
                })?;
                let file = reference.key.as_deref().and_then(|key| item_path(pod, volume, key));
                let fits = file.is_none_or(|file| path.ends_with(&format!("/{file}")) || mount.sub_path.is_some());
                fits.then(|| (statement, format!("file {path}")))
            }
            _ => None,
        }
    })
}

fn item_path(pod: &Pod, volume: &str, key: &str) -> Option<String> {
    let volume = pod.spec.volumes.iter().find(|v| &*v.name == volume)?;
    match &volume.source {
        VolumeSource::Data { items, .. } => items.iter().find(|i| &*i.key == key).map(|i| i.path.to_string()),
        _ => None,
    }
}

fn finding(view: &View<'_>, symptom: &Symptom, pod: &Pod, hidden: &[Hidden<'_>]) -> Finding {
    let mut ordered: Vec<&Hidden<'_>> = hidden.iter().collect();
    ordered.sort_by_key(|h| h.named.is_none());
    let first = ordered[0];
    let what = |h: &Hidden<'_>| match &h.key {
        Some(key) => format!("key {key} of {}", h.object),
        None => h.object.to_string(),
    };
    let names: Vec<String> = ordered.iter().take(3).map(|h| what(h)).collect();
    let headline =
        format!("{} runs without {}: the reference is optional and hides that", symptom.victim, names.join(" and "));
    let confidence = if first.named.is_some() { Confidence::Likely } else { Confidence::Possible };
    let primary =
        Evidence::new(&pod.id, first.path.clone(), format!("is optional; {} is not there", what(first)), "spec")
            .of(&pod.meta);
    let mut finding = Finding::new(&symptom.victim, confidence, headline, primary).explains([symptom.ix]);
    for h in &ordered {
        if let Some((statement, named)) = &h.named {
            finding = finding.supported_by([Evidence::new(
                &statement.object,
                statement.path.clone(),
                format!("the application lacks {named}"),
                statement.channel.source(),
            )
            .at(statement.last)]);
        }
        finding = finding.link(Link::Object, &h.object, LinkState::Broken, format!("{} is not there", what(h)));
    }
    for h in ordered.iter().skip(1).take(3) {
        finding = finding.supported_by([Evidence::new(
            &pod.id,
            h.path.clone(),
            format!("is optional; {} is not there", what(h)),
            "spec",
        )]);
    }
    let deleted = view.audited_deletion(&first.object);
    finding = match deleted {
        Some(write) => finding.changed(Some(crate::verdict::Change {
            when: crate::time::Interval::at(write.at),
            by: Some(write.user.to_string()),
            source: "audit",
        })),
        None => finding.unless("OBJ-01", &first.object, "whether the object was ever to be made"),
    };
    finding
        .link(Link::Reference, &symptom.victim, LinkState::Affected, "starts all the same")
        .rules_out("DEL-10", "the failing container itself has the reference")
        .plan(plan(view, &symptom.victim, &ordered))
}

fn plan(view: &View<'_>, victim: &Id, hidden: &[&Hidden<'_>]) -> Plan {
    let mut steps: Vec<Step> = Vec::new();
    for h in hidden {
        if let Some(known) = steps.iter_mut().find(|s| s.target.as_ref() == Some(&h.object)) {
            if let (Effect::Create { keys, .. } | Effect::SetKeys { keys, .. }, Some(key)) = (&mut known.effect, &h.key)
            {
                keys.push(key.clone());
            }
            continue;
        }
        let exists = view.data(&h.object.kind, &h.object.namespace, &h.object.name).seen().is_some();
        let keys: Vec<String> = h.key.iter().cloned().collect();
        let effect = if exists {
            Effect::SetKeys { object: h.object.clone(), keys }
        } else {
            Effect::Create { object: h.object.clone(), keys }
        };
        steps.push(
            Step::on(&h.object, format!("make {} with what {} needs", h.object, victim), effect)
                .change("the object or key that the optional reference names")
                .command(create_command(&h.object))
                .precondition("it is still absent")
                .risk(Risk::Review)
                .inverse(format!("delete {} again", h.object))
                .after("the next start of the container gets it; a mounted file appears within two minutes"),
        );
    }
    let mut edit =
        edit_template(view, victim, "optional: true is dropped where the application cannot do without".to_owned());
    steps.append(&mut edit.steps);
    Plan::new(steps)
}
