//! CON-11: the application asks for another variable or path than the template delivers, mostly since a new image.

use super::{asked, delivered, steps};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{Container, EnvSource, Kind, Pod};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::sources;

pub static CARD: Card = Card {
    code: "CON-11",
    slug: "other-name",
    title: "The application asks for another name or path than is delivered",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::Named),
        Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "REF-04", decided_by: "whether the last revision changed the references or the image" },
        Neighbour { code: "DEL-10", decided_by: "whether another container of the pod is given that name or path" },
        Neighbour { code: "OBJ-05", decided_by: "whether the object had the key before" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("other_name/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some((pod, container)) = steps::failing(view, symptom) else { continue };
        let finding = symptom.said.iter().find_map(|s| match s.said.signal {
            Some(Signal::EnvUnset) => variable(view, symptom, pod, container, s),
            Some(Signal::FileMissing) => file(view, symptom, pod, container, s),
            _ => None,
        });
        found.extend(finding);
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

fn variable<'a>(
    view: &View<'a>,
    symptom: &Symptom,
    pod: &'a Pod,
    container: &'a Container,
    said: &Statement,
) -> Option<Finding> {
    let name = said.said.fields.env_name.as_deref()?;
    // Asked for by the template and still unset: an optional reference or an empty value, not another name.
    if container.env.iter().any(|e| &*e.name == name) || given_elsewhere(view, pod, container, name) {
        return None;
    }
    let given = sources(view, pod, container);
    let near = given
        .iter()
        .filter(|s| s.object.is_some())
        .filter_map(|s| Some((s.via.variable()?, s)))
        .find(|(variable, _)| akin(variable, name));
    let image = steps::image_change(view, pod, container);
    if asked::lost_variable(view, symptom, pod, container, said).is_some() {
        return None;
    }
    if same_name_before(view, pod, container, name) {
        // The former template gave it: the reference went away with the rollout (REF-04).
        return None;
    }
    let confidence = match (&near, &image) {
        (_, Some(_)) if given.iter().any(|s| s.object.is_some() && s.via.variable().is_some()) => Confidence::Likely,
        (Some(_), None) => Confidence::Possible,
        _ => return None,
    };
    let (what, object) = match near {
        Some((variable, source)) => (format!("gives {variable} instead"), source.object),
        None => ("does not give it".to_owned(), given.iter().find_map(|s| s.object)),
    };
    let spec = Evidence::new(
        &pod.id,
        format!("{}.env", steps::container_path(pod, &container.name)),
        format!("the template {what}"),
        "spec",
    );
    let asked = format!("variable {name}");
    Some(finish(
        view,
        symptom,
        pod,
        container,
        said,
        &Asked { what: &asked, spec, confidence, object: object.map(|o| o.id.clone()), image },
    ))
}

fn file<'a>(
    view: &View<'a>,
    symptom: &Symptom,
    pod: &'a Pod,
    container: &'a Container,
    said: &Statement,
) -> Option<Finding> {
    let path = delivered::plain_path(said.said.fields.path.as_deref()?);
    let name = path.rsplit('/').next().filter(|n| !n.is_empty())?;
    if pod.spec.containers.iter().any(|other| {
        other.name != container.name
            && delivered::covering(&pod.spec, other, &path).is_some_and(|p| delivered::delivers(&p.volume.source))
    }) {
        return None;
    }
    let image = steps::image_change(view, pod, container);
    let own = delivered::covering(&pod.spec, container, &path).filter(|p| delivered::delivers(&p.volume.source));
    let mut near: Option<(String, crate::objects::Id)> = None;
    let mut any = None;
    for place in delivered::places(&pod.spec, container) {
        for file in place.files(view, &pod.id.namespace).list {
            let last = file.path.rsplit('/').next().unwrap_or_default();
            let same = last == name || &*file.key == name || akin(last, name);
            if near.is_none() && same && file.path != path {
                near = Some((file.path.clone(), file.object.clone()));
            }
            any.get_or_insert((file.path, file.object));
        }
        // Where the keys were not seen, the mount itself is what is delivered.
        any.get_or_insert_with(|| (place.mount.path.to_string(), pod.id.clone()));
    }
    let mounted_before = own.is_none() && covered_before(view, pod, container, &path);
    if mounted_before {
        return None;
    }
    let confidence = match (&image, &near, own.is_some()) {
        // Below the mount itself a missing file is first a missing key, unless only the image changed.
        (Some(_), _, true) if keys_older_than_image(view, pod, own.as_ref()) => Confidence::Likely,
        (Some(_), Some(_), false) => Confidence::Likely,
        (Some(_), None, false) if looks_delivered(&path, any.as_ref()) => Confidence::Likely,
        (None, Some(_), false) => Confidence::Possible,
        _ => return None,
    };
    let (there, object) = near.or(any)?;
    let spec = Evidence::new(
        &pod.id,
        format!("{}.volumeMounts", steps::container_path(pod, &container.name)),
        format!("the template delivers {there}"),
        "spec",
    );
    let object = Some(object).filter(|o| o.kind != Kind::Pod);
    Some(finish(view, symptom, pod, container, said, &Asked { what: &path, spec, confidence, object, image }))
}

struct Asked<'t> {
    what: &'t str,
    spec: Evidence,
    confidence: Confidence,
    object: Option<crate::objects::Id>,
    image: Option<steps::ImageChange>,
}

fn finish(
    view: &View<'_>,
    symptom: &Symptom,
    pod: &Pod,
    container: &Container,
    said: &Statement,
    asked: &Asked<'_>,
) -> Finding {
    let workload = &symptom.victim;
    let mut finding = Finding::new(
        workload,
        asked.confidence,
        format!(
            "container {} of {workload} asks for {}, which the template does not deliver",
            container.name, asked.what
        ),
        steps::evidence(said, format!("asks for {}", asked.what)),
    )
    .explains([symptom.ix])
    .supported_by([asked.spec.clone()])
    .link(Link::Consumption, workload, LinkState::Broken, format!("asks for {}", asked.what))
    .rules_out("DEL-10", "no other container of the pod is given it");
    if let Some(object) = &asked.object {
        finding = finding.link(Link::Object, object, LinkState::Ok, "delivered under another name");
    }
    if let Some(image) = &asked.image {
        finding = finding
            .supported_by([Evidence::new(
                &pod.id,
                format!("{}.image", steps::container_path(pod, &container.name)),
                "the last revision changed the image",
                "spec",
            )
            .at(image.trigger.at)])
            .changed(Some(image.change.clone()))
            .trigger(Some(image.trigger.clone()));
    }
    let mut plan = Vec::new();
    if asked.image.is_some() {
        plan.push(
            Step::on(
                workload,
                "go back to the image that asks for what is delivered",
                Effect::EditTemplate { workload: workload.clone() },
            )
            .change(format!("image of container {}", container.name))
            .command(format!("kubectl rollout undo {workload} -n {}", workload.namespace))
            .precondition("the former revision served; keep the change where the template comes from")
            .risk(Risk::Review)
            .inverse(format!("kubectl rollout undo {workload} -n {}", workload.namespace))
            .after("the former image finds its name or path"),
        );
    }
    plan.push(
        steps::edit_template(view, workload, format!("or deliver {} as well", asked.what))
            .change("add the name or path that is asked for beside the old one, until no older image runs"),
    );
    finding.plan(Plan::new(plan))
}

/// Another container of the pod has that variable: then it was given to the wrong one (DEL-10).
pub(in crate::checks) fn given_elsewhere<'a>(view: &View<'a>, pod: &'a Pod, container: &Container, name: &str) -> bool {
    pod.spec.containers.iter().filter(|c| c.name != container.name).any(|other| {
        other.env.iter().any(|e| &*e.name == name && !matches!(e.source, EnvSource::Literal(_)))
            || sources(view, pod, other).iter().any(|s| s.object.is_some() && s.via.variable() == Some(name))
    })
}

pub(in crate::checks) fn same_name_before(view: &View<'_>, pod: &Pod, container: &Container, name: &str) -> bool {
    former_container(view, pod, container).is_some_and(|old| old.env.iter().any(|e| &*e.name == name))
}

pub(in crate::checks) fn covered_before(view: &View<'_>, pod: &Pod, container: &Container, path: &str) -> bool {
    former_container(view, pod, container)
        .is_some_and(|old| old.mounts.iter().any(|m| delivered::below(path, &m.path).is_some() && &*m.path != "/"))
}

fn former_container<'a>(view: &View<'a>, pod: &Pod, container: &Container) -> Option<&'a Container> {
    let (_, before) = steps::revisions(view, pod)?;
    before?.template.as_ref()?.containers.iter().find(|c| c.name == container.name)
}

/// The object behind the mount was last changed before the image was.
fn keys_older_than_image(view: &View<'_>, pod: &Pod, place: Option<&delivered::Place<'_>>) -> bool {
    let Some(place) = place else { return false };
    let created = steps::revisions(view, pod).and_then(|(own, _)| own.meta.created);
    let files = place.files(view, &pod.id.namespace);
    files.complete
        && files.list.iter().all(|f| {
            view.data(&f.object.kind, &f.object.namespace, &f.object.name)
                .seen()
                .and_then(|o| view.data_change(o))
                .is_some_and(|c| c.when.until.is_some() && c.when.until < created)
        })
}

/// The path resembles a place for delivered files rather than one for programs, libraries or data.
fn looks_delivered(path: &str, any: Option<&(String, crate::objects::Id)>) -> bool {
    any.is_some()
        && ["/etc/", "/run/secrets/", "/var/run/secrets/", "/secrets/", "/config/", "/certs/", "/conf/"]
            .iter()
            .any(|dir| path.starts_with(dir))
}

/// Whether two names differ only in how one and the same thing is called: the same words in other order, case or number,
/// or one with a word more.
pub(in crate::checks) fn akin(a: &str, b: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        name.split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(|w| {
                let w = w.to_ascii_lowercase();
                match w.as_str() {
                    "pass" | "passwd" | "pwd" | "pw" => "password".to_owned(),
                    "postgres" | "postgresql" | "pg" | "mysql" | "database" => "db".to_owned(),
                    "uri" | "dsn" => "url".to_owned(),
                    "user" => "username".to_owned(),
                    _ => w,
                }
            })
            .collect()
    };
    let (a, b) = (words(a), words(b));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    !short.is_empty() && long.len() - short.len() <= 1 && short.iter().all(|w| long.contains(w))
}

#[cfg(test)]
mod tests {
    use super::akin;

    #[test]
    fn names_of_one_thing_are_akin() {
        assert!(akin("DB_PASS", "DB_PASSWORD"));
        assert!(akin("DATABASE_URL", "DB_URI"));
        assert!(akin("client.pem", "tls-client.pem"));
        assert!(akin("PASSWORD", "DB_PASSWORD"));
        assert!(!akin("DB_USER", "DB_PASSWORD"));
        assert!(!akin("API_KEY", "DB_PASSWORD"));
    }
}
