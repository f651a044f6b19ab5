//! CON-03: a process writes to, or changes the owner of, a file on a delivered volume, which is always read-only.

use super::delivered::{self, May};
use super::steps;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{Container, Id, Kind, Pod, VolumeSource};
use crate::plan::Plan;
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CON-03",
    slug: "read-only-mount",
    title: "The process writes to a delivered volume, which is read-only",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::Named)],
    neighbours: &[
        Neighbour { code: "CON-01", decided_by: "whether the process may read the file by its mode" },
        Neighbour {
            code: "CLU-09",
            decided_by: "whether the path lies on a Secret or ConfigMap volume or on the container's own file system",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("read_only_mount/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some((pod, container)) = steps::failing(view, symptom) else { continue };
        let said =
            symptom.said.iter().filter(|s| s.said.says(Signal::ReadOnlyFs) || s.said.says(Signal::FilePermission));
        for statement in said {
            unseen(view, symptom, pod, container, statement, out);
            if let Some(finding) = finding(view, symptom, pod, container, statement) {
                found.push(finding);
                break;
            }
        }
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

fn finding(view: &View<'_>, symptom: &Symptom, pod: &Pod, container: &Container, said: &Statement) -> Option<Finding> {
    let path = delivered::plain_path(said.said.fields.path.as_deref()?);
    let place = delivered::covering(&pod.spec, container, &path)?;
    if !delivered::delivers(&place.volume.source) {
        return None;
    }
    let erofs = said.said.says(Signal::ReadOnlyFs);
    if !erofs {
        // EACCES on a file that may be read: for a user other than root the kernel tests the mode before it looks whether
        // the file system is read-only.
        let files = place.files(view, &pod.id.namespace);
        let mode = files.list.iter().find(|f| f.path == path)?.mode;
        if delivered::may(&pod.spec, container, mode, 4) != May::Yes || mode & 0o111 == 0 && ended_126(pod, container) {
            return None;
        }
    }
    let confidence = if erofs { Confidence::Certain } else { Confidence::Possible };
    let spec = Evidence::new(
        &pod.id,
        format!("{}.volumeMounts[{}]", steps::container_path(pod, &container.name), place.mount.path),
        "a Secret or ConfigMap volume: the kubelet mounts these read-only".to_owned(),
        "spec",
    );
    let headline = format!("container {} of {} writes to the delivered file {path}", container.name, symptom.victim);
    let seen = if erofs { "read-only file system" } else { "permission denied although the mode lets it read" };
    let mut finding =
        Finding::new(&symptom.victim, confidence, headline, steps::evidence(said, format!("{seen}: {path}")))
            .explains([symptom.ix])
            .supported_by([spec])
            .link(Link::Consumption, &symptom.victim, LinkState::Broken, format!("writes to {path}"));
    if erofs {
        finding = finding.rules_out("CON-01", "the error is about writing, not about a right to read");
    }
    if let Some((own, _)) = steps::revisions(view, pod) {
        finding = finding.changed(Some(steps::template_change(view, &symptom.victim, own)));
    }
    let step = steps::edit_template(view, &symptom.victim, "give the process a copy that it may write")
        .change(format!(
            "an init container that copies volume {} to an emptyDir mounted at {}; or leave the chown, chmod or edit out of the entry script",
            place.volume.name, place.mount.path
        ))
        .after("the entry script works on its own copy; the copy does not follow the object (DEL-12)");
    Some(finding.plan(Plan::new(vec![step])))
}

/// Without the object nobody knows which mode the denied file has, where the volume does not list its items.
fn unseen(view: &View<'_>, symptom: &Symptom, pod: &Pod, container: &Container, said: &Statement, out: &mut Verdicts) {
    let Some(path) = said.said.fields.path.as_deref().map(delivered::plain_path) else { return };
    let Some(place) = delivered::covering(&pod.spec, container, &path) else { return };
    if let VolumeSource::Data { kind, name, items, .. } = &place.volume.source
        && items.is_empty()
        && !said.said.says(Signal::ReadOnlyFs)
    {
        let id = Id::new(kind.clone(), &pod.id.namespace, name);
        out.need(&symptom.victim, &id, view.data(kind, &id.namespace, name));
    }
}

fn ended_126(pod: &Pod, container: &Container) -> bool {
    use crate::objects::ContainerState as S;
    let is = |state: &S| matches!(state, S::Terminated { exit_code: 126, .. });
    pod.status(&container.name).is_some_and(|s| is(&s.state) || s.last.as_ref().is_some_and(is))
}
