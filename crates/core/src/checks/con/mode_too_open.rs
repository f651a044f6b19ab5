//! CON-02: a strict client refuses a delivered key file because others than its owner may read it.

use super::{delivered, steps};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{Container, Id, Kind, Pod};
use crate::plan::Plan;
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CON-02",
    slug: "mode-too-open",
    title: "A strict client refuses a delivered key file that others may read",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::Named), Need::sharpens(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour {
            code: "CON-01",
            decided_by: "whether the client may not read the file, or refuses that others may",
        },
        Neighbour { code: "OBJ-15", decided_by: "whether the text is about the file's mode or about the key inside" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("mode_too_open/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some((pod, container)) = steps::failing(view, symptom) else { continue };
        let said = || symptom.said.iter().filter(|s| s.said.says(Signal::KeyFileTooOpen));
        // OpenSSH warns in several lines; the one that names the file decides.
        let named = said().filter(|s| s.said.fields.path.is_some());
        found.extend(named.chain(said()).find_map(|s| finding(view, symptom, pod, container, s)));
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

fn finding(view: &View<'_>, symptom: &Symptom, pod: &Pod, container: &Container, said: &Statement) -> Option<Finding> {
    let named = said.said.fields.path.as_deref().map(delivered::plain_path);
    let open = |mode: u32| delivered::effective_mode(&pod.spec, mode).trailing_zeros() < 6;
    let (place, file) = match &named {
        Some(path) => {
            let place = delivered::covering(&pod.spec, container, path)?;
            if !delivered::delivers(&place.volume.source) {
                return None;
            }
            let file = place.files(view, &pod.id.namespace).list.into_iter().find(|f| f.path == *path);
            (place, file)
        }
        None => delivered::places(&pod.spec, container).find_map(|place| {
            let file = place.files(view, &pod.id.namespace).list.into_iter().find(|f| open(f.mode))?;
            Some((place, Some(file)))
        })?,
    };
    let mode = file.as_ref().map_or(place.default_mode(), |f| f.mode);
    if !open(mode) {
        return None;
    }
    let effective = delivered::effective_mode(&pod.spec, mode);
    let confidence = if named.is_some() && file.is_some() { Confidence::Certain } else { Confidence::Likely };
    let path = named.or_else(|| file.as_ref().map(|f| f.path.clone()))?;
    let by_group = pod.spec.fs_group.is_some() && mode.trailing_zeros() >= 6;
    let why = if by_group {
        format!("the volume says {mode:04o}, fsGroup makes the kubelet add group read: {effective:04o}")
    } else {
        format!("the volume delivers it with mode {effective:04o}")
    };
    let evidence = Evidence::new(&pod.id, format!("spec.volumes[{}]", place.volume.name), why, "spec");
    let headline =
        format!("{} is refused by its client in {}: mode {effective:04o} lets others read it", path, symptom.victim);
    let mut finding = Finding::new(
        &symptom.victim,
        confidence,
        headline,
        steps::evidence(said, format!("the client finds {path} too open")),
    )
    .explains([symptom.ix])
    .supported_by([evidence])
    .link(Link::Consumption, &symptom.victim, LinkState::Broken, "refuses the key file's mode")
    .rules_out("CON-01", "the client can read the file: it objects that others can too")
    .plan(plan(view, &symptom.victim, &place.volume.name, by_group));
    if let Some(file) = &file {
        finding = finding.link(Link::Object, &file.object, LinkState::Ok, "delivered");
    }
    if let Some((own, _)) = steps::revisions(view, pod) {
        finding = finding.changed(Some(steps::template_change(view, &symptom.victim, own)));
    }
    Some(finding)
}

fn plan(view: &View<'_>, workload: &Id, volume: &str, by_group: bool) -> Plan {
    let change = if by_group {
        format!(
            "an init container that copies volume {volume} to a memory emptyDir and sets 0400 for the process' own user; or no fsGroup where the process is root"
        )
    } else {
        format!(
            "defaultMode (or the item's mode) 0400 on volume {volume}; with fsGroup or another user also a copy with 0400"
        )
    };
    let step = steps::edit_template(view, workload, "deliver the key file so that only its user may read it")
        .change(change)
        .after("the client accepts the file; a copy does not follow the Secret, so a change needs a restart (DEL-12)");
    Plan::new(vec![step])
}
