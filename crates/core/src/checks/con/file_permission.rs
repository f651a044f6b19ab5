//! CON-01: the process may not read (or execute) a file that was delivered to it, by the file's mode, owner and groups.

use super::delivered::{self, May, Place};
use super::steps;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{Container, ContainerState, Id, Kind, Pod};
use crate::plan::Plan;
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CON-01",
    slug: "file-permission",
    title: "The process may not read a delivered file: mode and owner against user and group",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::Named),
        Need::sharpens(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::ConfigMap, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "RBC-01", decided_by: "an errno on a file path, or an HTTP 403 from the API server" },
        Neighbour {
            code: "CON-03",
            decided_by: "whether the process may read the file by its mode: then it tried to write",
        },
        Neighbour {
            code: "CLU-09",
            decided_by: "whether the path lies on a Secret or ConfigMap volume or on a data volume",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("file_permission/explain.md"),
    judge,
};

/// What the process was kept from doing, and to what.
struct Denied<'p> {
    place: Place<'p>,
    /// Path, object and key where the file is known.
    path: Option<String>,
    object: Option<Id>,
    mode: u32,
    right: u32,
    confidence: Confidence,
}

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms() {
        if !matches!(symptom.class, Class::App | Class::Crash | Class::Start) {
            continue;
        }
        let Some((pod, container)) = steps::failing(view, symptom) else { continue };
        let finding = symptom.said.iter().filter(|s| s.said.says(Signal::FilePermission)).find_map(|s| {
            denied(view, symptom, pod, container, s).map(|d| finding(view, symptom, pod, container, s, &d))
        });
        found.extend(finding);
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

fn denied<'p>(
    view: &View<'_>,
    symptom: &Symptom,
    pod: &'p Pod,
    container: &'p Container,
    statement: &Statement,
) -> Option<Denied<'p>> {
    let namespace = &pod.id.namespace;
    let Some(path) = statement.said.fields.path.as_deref() else {
        // The text names no file: only a file that certainly cannot be read ties it to a delivery.
        return delivered::places(&pod.spec, container).find_map(|place| {
            let file = place
                .files(view, namespace)
                .list
                .into_iter()
                .find(|f| delivered::may(&pod.spec, container, f.mode, 4) == May::No)?;
            Some(Denied {
                place,
                path: Some(file.path),
                object: Some(file.object),
                mode: file.mode,
                right: 4,
                confidence: Confidence::Likely,
            })
        });
    };
    let path = delivered::plain_path(path);
    let place = delivered::covering(&pod.spec, container, &path)?;
    if !delivered::delivers(&place.volume.source) {
        return None;
    }
    let files = place.files(view, namespace);
    let file = files.list.iter().find(|f| f.path == path);
    if file.is_none() && files.complete {
        // A directory, or a file that the process wants to make.
        return None;
    }
    let mode = file.map_or(place.default_mode(), |f| f.mode);
    let mut right = 4;
    if symptom.class == Class::Start || ended_with(pod, container, 126) {
        right = 1;
    }
    let known = file.is_some();
    let confidence = match delivered::may(&pod.spec, container, mode, right) {
        May::Yes => return None,
        May::No if known => Confidence::Certain,
        May::No | May::ImageDecides => Confidence::Likely,
    };
    let object = file.map(|f| f.object.clone());
    Some(Denied { place, path: Some(path), object, mode, right, confidence })
}

/// The shell's exit code 126 says that a command was found and could not be executed.
fn ended_with(pod: &Pod, container: &Container, code: i32) -> bool {
    let is =
        |state: &ContainerState| matches!(state, ContainerState::Terminated { exit_code, .. } if *exit_code == code);
    pod.status(&container.name).is_some_and(|s| is(&s.state) || s.last.as_ref().is_some_and(is))
}

fn finding(
    view: &View<'_>,
    symptom: &Symptom,
    pod: &Pod,
    container: &Container,
    statement: &Statement,
    denied: &Denied<'_>,
) -> Finding {
    let verb = if denied.right == 1 { "execute" } else { "read" };
    let path = denied.path.as_deref().unwrap_or(&denied.place.mount.path);
    let headline =
        format!("container {} of {} may not {verb} {path} (mode {:04o})", container.name, symptom.victim, denied.mode);
    let user = container.run_as.user.or(pod.spec.run_as.user);
    let group = container.run_as.group.or(pod.spec.run_as.group);
    let ids = |id: Option<i64>| id.map_or("as the image says".to_owned(), |id| id.to_string());
    let primary = steps::evidence(statement, format!("permission denied on {path}"));
    let spec = Evidence::new(
        &pod.id,
        format!("spec.volumes[{}]", denied.place.volume.name),
        format!(
            "delivered as root:{} with mode {:04o}",
            ids(pod.spec.fs_group.or(Some(0))),
            delivered::effective_mode(&pod.spec, denied.mode)
        ),
        "spec",
    );
    let runs = Evidence::new(
        &pod.id,
        format!("{}.securityContext", steps::container_path(pod, &container.name)),
        format!(
            "user {}, group {}, fsGroup {}",
            ids(user),
            ids(group),
            pod.spec.fs_group.map_or("not set".to_owned(), |g| g.to_string())
        ),
        "spec",
    );
    let mut finding = Finding::new(&symptom.victim, denied.confidence, headline, primary)
        .explains([symptom.ix])
        .supported_by([spec, runs])
        .link(Link::Consumption, &symptom.victim, LinkState::Broken, format!("may not {verb} {path}"))
        .rules_out("RBC-01", "the refusal is an errno on a file path, not an answer of the API server");
    if let Some(object) = &denied.object {
        finding = finding.link(Link::Object, object, LinkState::Ok, "delivered");
    }
    if let Some((own, _)) = steps::revisions(view, pod) {
        finding = finding.changed(Some(steps::template_change(view, &symptom.victim, own)));
    }
    finding.plan(plan(view, &symptom.victim, denied, group.or(user)))
}

fn plan(view: &View<'_>, workload: &Id, denied: &Denied<'_>, group: Option<i64>) -> Plan {
    if denied.right == 1 {
        let step = steps::edit_template(view, workload, "deliver the script with the execute bit")
            .change(format!("defaultMode (or the item's mode) 0555 on volume {}", denied.place.volume.name))
            .after("the kubelet writes the file with mode 0555 and the container starts it");
        return Plan::new(vec![step]);
    }
    let group = group.filter(|g| *g != 0);
    let which = group.map_or("the group that the process runs with".to_owned(), |g| g.to_string());
    let mut step = steps::edit_template(view, workload, format!("set the pod's fsGroup to {which}"))
        .change("spec.securityContext.fsGroup of the pod template; the mode may stay as it is, never 0444 for a key")
        .after("the kubelet gives the files to that group with read rights, and the process is in the group");
    if let Some(command) =
        group.and_then(|g| steps::patch_command(workload, &format!(r#"{{"securityContext":{{"fsGroup":{g}}}}}"#)))
    {
        step = step.command(command);
    }
    Plan::new(vec![step])
}
