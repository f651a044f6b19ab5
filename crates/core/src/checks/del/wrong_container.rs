//! DEL-10: the Secret or ConfigMap is delivered to another container of the pod than the one that needs it.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::{delivered, steps};
use crate::messages::Signal;
use crate::objects::{Container, EnvSource, Id, Kind, Pod, Rule};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::{Provider, sources};

pub static CARD: Card = Card {
    code: "DEL-10",
    slug: "wrong-container",
    title: "Delivered to another container or phase than the one that needs it",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::Named), Need::sharpens(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "CON-11", decided_by: "whether another container of the pod is given that name or path" },
        Neighbour { code: "REF-03", decided_by: "whether the failing container itself has the reference, as optional" },
        Neighbour { code: "OBJ-01", decided_by: "whether the object exists" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("wrong_container/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms() {
        let Some((pod, container)) = steps::failing(view, symptom) else { continue };
        let finding = match symptom.class {
            Class::App | Class::Crash => symptom.said.iter().find_map(|said| {
                let given = match said.said.signal? {
                    Signal::EnvUnset => variable(view, pod, container, said.said.fields.env_name.as_deref()?),
                    Signal::FileMissing => file(view, pod, container, said.said.fields.path.as_deref()?),
                    _ => None,
                }?;
                Some(finding(view, symptom, pod, container, said, &given))
            }),
            Class::Config => deadlock(view, symptom, pod, container),
            _ => None,
        };
        found.extend(finding);
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

/// What another container has that this one lacks.
struct Given<'p> {
    what: String,
    to: &'p Container,
    path: String,
    object: Id,
}

fn variable<'a>(view: &View<'a>, pod: &'a Pod, container: &'a Container, name: &str) -> Option<Given<'a>> {
    let mine = container.env.iter().any(|e| &*e.name == name)
        || sources(view, pod, container).iter().any(|s| s.via.variable() == Some(name));
    if mine {
        return None;
    }
    pod.spec.containers.iter().filter(|c| c.name != container.name).find_map(|other| {
        let path = |rest: &str| format!("{}.{rest}", steps::container_path(pod, &other.name));
        let direct = other.env.iter().find(|e| &*e.name == name).and_then(|e| match &e.source {
            EnvSource::Key { kind, name: object, .. } => Some(Id::new(kind.clone(), &pod.id.namespace, object)),
            _ => None,
        });
        if let Some(object) = direct {
            return Some(Given {
                what: format!("variable {name}"),
                to: other,
                path: path(&format!("env[{name}]")),
                object,
            });
        }
        let whole = sources(view, pod, other)
            .into_iter()
            .find(|s| matches!(&s.via, Provider::EnvFrom { variable } if &**variable == name))?;
        let object = whole.object?.id.clone();
        Some(Given { what: format!("variable {name}"), to: other, path: path("envFrom"), object })
    })
}

fn file<'a>(view: &View<'_>, pod: &'a Pod, container: &'a Container, path: &str) -> Option<Given<'a>> {
    let path = delivered::plain_path(path);
    let delivers =
        |c: &'a Container| delivered::covering(&pod.spec, c, &path).filter(|p| delivered::delivers(&p.volume.source));
    if delivers(container).is_some() {
        return None;
    }
    pod.spec.containers.iter().filter(|c| c.name != container.name).find_map(|other| {
        let place = delivers(other)?;
        let files = place.files(view, &pod.id.namespace);
        let file = files.list.iter().find(|f| f.path == path || delivered::below(&f.path, &path).is_some());
        if file.is_none() && files.complete {
            return None;
        }
        let object = file.map(|f| f.object.clone()).or_else(|| files.list.first().map(|f| f.object.clone()));
        Some(Given {
            what: path.clone(),
            to: other,
            path: format!("{}.volumeMounts[{}]", steps::container_path(pod, &other.name), place.mount.path),
            object: object.unwrap_or_else(|| pod.id.clone()),
        })
    })
}

fn finding(
    view: &View<'_>,
    symptom: &Symptom,
    pod: &Pod,
    container: &Container,
    said: &Statement,
    given: &Given<'_>,
) -> Finding {
    let workload = &symptom.victim;
    let spec = Evidence::new(
        &pod.id,
        given.path.clone(),
        format!("{} is given to container {}", given.what, given.to.name),
        "spec",
    );
    let lacks = Evidence::new(
        &pod.id,
        steps::container_path(pod, &container.name),
        format!("container {} is not given {}", container.name, given.what),
        "spec",
    );
    let mut finding = Finding::new(
        workload,
        Confidence::Likely,
        format!(
            "{workload} gives {} to container {}, and container {} needs it",
            given.what, given.to.name, container.name
        ),
        steps::evidence(said, format!("container {} lacks {}", container.name, given.what)),
    )
    .explains([symptom.ix])
    .supported_by([spec, lacks])
    .link(Link::Delivery, workload, LinkState::Broken, format!("{} goes to container {}", given.what, given.to.name))
    .rules_out("CON-11", "the very name is delivered in this pod, to another container")
    .rules_out("REF-03", "the failing container has no such reference, optional or not");
    if given.object.kind != Kind::Pod {
        finding = finding.link(Link::Object, &given.object, LinkState::Ok, "exists");
    }
    if let Some((own, _)) = steps::revisions(view, pod) {
        finding = finding.changed(Some(steps::template_change(view, workload, own)));
    }
    let step = steps::edit_template(view, workload, format!("give {} to container {}", given.what, container.name))
        .change(format!("copy {} to container {}", given.path, container.name));
    finding.plan(Plan::new(vec![step]))
}

/// An init container waits for an object that, by its rights, only this very pod makes.
fn deadlock(view: &View<'_>, symptom: &Symptom, pod: &Pod, container: &Container) -> Option<Finding> {
    use crate::objects::ContainerRole as R;
    if !matches!(container.role, R::Init | R::Sidecar) {
        return None;
    }
    let said = symptom
        .said
        .iter()
        .find(|s| s.said.signals.iter().any(|s| matches!(s, Signal::ObjectNotFound(_) | Signal::KeyNotFound(_))))?;
    let fields = &said.said.fields;
    let name = fields.secret.as_deref().or(fields.configmap.as_deref())?;
    let resource = if fields.secret.is_some() { "secrets" } else { "configmaps" };
    let makes = |rule: &Rule| {
        rule.resources.iter().any(|r| &**r == resource)
            && rule.names.iter().any(|n| &**n == name)
            && rule.verbs.iter().any(|v| matches!(&**v, "create" | "update" | "patch"))
    };
    let role = view.snap.bindings.iter().find_map(|binding| {
        let mine = binding.subjects.iter().any(|s| {
            &*s.kind == "ServiceAccount" && s.namespace == pod.id.namespace && s.name == pod.spec.service_account
        });
        if !mine || binding.id.namespace != pod.id.namespace {
            return None;
        }
        view.snap.roles.iter().find(|r| {
            r.id.kind == binding.role_kind
                && r.id.name == binding.role_name
                && (r.id.namespace.is_empty() || r.id.namespace == pod.id.namespace)
                && r.rules.iter().any(makes)
        })
    })?;
    let object = Id::new(if resource == "secrets" { Kind::Secret } else { Kind::ConfigMap }, &pod.id.namespace, name);
    let step = Step::on(
        &symptom.victim,
        format!("make {object} before the pod needs it"),
        Effect::EditTemplate { workload: symptom.victim.clone() },
    )
    .change(
        "make the object in an earlier Job or sync wave, or let the init container start without it (optional: true)",
    )
    .risk(Risk::Review)
    .inverse("put the former template back")
    .after("the init container starts");
    Some(
        Finding::new(
            &symptom.victim,
            Confidence::Likely,
            format!(
                "init container {} of {} waits for {object}, which only this pod may make",
                container.name, symptom.victim
            ),
            steps::evidence(said, format!("{object} not found for an init container")),
        )
        .explains([symptom.ix])
        .supported_by([Evidence::new(
            &role.id,
            "rules",
            format!("the pod's ServiceAccount may write {object} by name"),
            "spec",
        )])
        .unless("OBJ-01", &object, "who is to make the object")
        .plan(Plan::new(vec![step])),
    )
}
