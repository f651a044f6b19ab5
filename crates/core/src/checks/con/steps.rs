//! Steps and times that several plans about templates and stale processes share.

use crate::objects::{Container, Id, Kind, Meta, Pod, Workload};
use crate::plan::{Effect, Risk, Step, restart_command};
use crate::symptoms::{Statement, Symptom};
use crate::time::Interval;
use crate::verdict::{Change, Evidence, Finding, Trigger};
use crate::view::View;

/// Findings about one subject become one: the first keeps its words, the others add evidence, symptoms and victims.
pub(in crate::checks) fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for next in findings {
        let Some(kept) = out.iter_mut().find(|f| f.subject == next.subject && f.latent == next.latent) else {
            out.push(next);
            continue;
        };
        kept.confidence = kept.confidence.min(next.confidence);
        for evidence in next.evidence {
            // A few pods prove a point; hundreds of like lines bury it.
            if kept.evidence.len() < 8 && !kept.evidence.contains(&evidence) {
                kept.evidence.push(evidence);
            }
        }
        for ix in next.explains {
            if !kept.explains.contains(&ix) {
                kept.explains.push(ix);
            }
        }
        for victim in next.victims {
            if !kept.victims.contains(&victim) {
                kept.victims.push(victim);
            }
        }
        for object in next.affects {
            if !kept.affects.contains(&object) {
                kept.affects.push(object);
            }
        }
        for link in next.chain {
            if !kept.chain.iter().any(|l| l.link == link.link && l.object == link.object) {
                kept.chain.push(link);
            }
        }
        kept.changed = kept.changed.take().or(next.changed);
        kept.trigger = kept.trigger.take().or(next.trigger);
    }
    out
}

/// A statement as evidence, in our words.
pub(in crate::checks) fn evidence(statement: &Statement, seen: impl Into<String>) -> Evidence {
    Evidence::new(&statement.object, statement.path.clone(), seen, statement.channel.source())
        .at(statement.last.or(statement.first))
}

/// The pod and the container that a symptom is about.
pub(in crate::checks) fn failing<'a>(view: &View<'a>, symptom: &Symptom) -> Option<(&'a Pod, &'a Container)> {
    let pod = view.pod(symptom.pod.as_ref()?)?;
    let name = symptom.container.as_deref()?;
    Some((pod, pod.spec.containers.iter().find(|c| &*c.name == name)?))
}

/// Field path of a container in its pod's spec, such as `spec.initContainers[0]`.
pub(in crate::checks) fn container_path(pod: &Pod, name: &str) -> String {
    use crate::objects::ContainerRole as R;
    let list_of = |role: R| match role {
        R::Init | R::Sidecar => "initContainers",
        R::Main => "containers",
        R::Ephemeral => "ephemeralContainers",
    };
    let Some(at) = pod.spec.containers.iter().position(|c| &*c.name == name) else { return "spec".to_owned() };
    let list = list_of(pod.spec.containers[at].role);
    let index = pod.spec.containers[..at].iter().filter(|c| list_of(c.role) == list).count();
    format!("spec.{list}[{index}]")
}

/// The revision that a pod was made from and the one before it, by revision number.
pub(in crate::checks) fn revisions<'a>(view: &View<'a>, pod: &Pod) -> Option<(&'a Workload, Option<&'a Workload>)> {
    let own = view.revision_of(pod)?;
    let before = view.revisions_of(&view.top_owner(pod)).rfind(|r| r.id != own.id && r.revision < own.revision);
    Some((own, before))
}

/// How one container's image changed with the revision that its pod was made from.
pub(in crate::checks) struct ImageChange {
    pub change: Change,
    pub trigger: Trigger,
}

/// Whether the rollout that made this pod changed the container's image.
pub(in crate::checks) fn image_change(view: &View<'_>, pod: &Pod, container: &Container) -> Option<ImageChange> {
    let (own, before) = revisions(view, pod)?;
    let old = before?.template.as_ref()?.containers.iter().find(|c| c.name == container.name)?;
    if old.image == container.image {
        return None;
    }
    let workload = view.top_owner(pod);
    let change = template_change(view, &workload, own);
    let trigger = Trigger {
        object: workload,
        what: format!("rollout of another image of container {}", container.name),
        at: own.meta.created,
    };
    Some(ImageChange { change, trigger })
}

/// When and by whom the template of a revision came to be: the audited write just before it, else its own creation.
pub(in crate::checks) fn template_change(view: &View<'_>, workload: &Id, revision: &Workload) -> Change {
    let created = revision.meta.created;
    let write = view
        .writes_of(workload)
        .rev()
        .find(|w| created.is_none_or(|c| w.at <= c && c.since(w.at) <= 60) && &*w.verb != "delete");
    match write {
        Some(write) => Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" },
        None => {
            Change { when: created.map_or(Interval::default(), Interval::at), by: None, source: "creationTimestamp" }
        }
    }
}

/// A correction of a workload's template, at the owner of record where one is marked on the workload.
pub(in crate::checks) fn edit_template(view: &View<'_>, workload: &Id, title: impl Into<String>) -> Step {
    let owner = view.workload(workload).and_then(|w| keeper(&w.meta));
    let precondition = match &owner {
        Some(owner) => format!("make the change where {owner} takes it from; a live edit would be undone"),
        None => "no other tool owns the template; its newest revision is still the one that fails".to_owned(),
    };
    Step::on(workload, title, Effect::EditTemplate { workload: workload.clone() })
        .precondition(precondition)
        .risk(Risk::Review)
        .inverse(undo(workload))
        .after("new pods start with the corrected template")
}

/// A strategic-merge patch of the pod template, as a command that can be pasted.
pub(in crate::checks) fn patch_command(workload: &Id, pod_spec: &str) -> Option<String> {
    let inner = match workload.kind {
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::ReplicaSet => {
            format!(r#"{{"spec":{{"template":{{"spec":{pod_spec}}}}}}}"#)
        }
        Kind::CronJob => format!(r#"{{"spec":{{"jobTemplate":{{"spec":{{"template":{{"spec":{pod_spec}}}}}}}}}}}"#),
        _ => return None,
    };
    Some(format!("kubectl patch {workload} -n {} --patch '{inner}'", workload.namespace))
}

/// The pods of a workload are made anew, a few at a time.
pub(in crate::checks) fn restart(workload: &Id, title: impl Into<String>) -> Step {
    let step = Step::on(workload, title, Effect::Restart { workload: workload.clone() })
        .change("no field; the pods are made anew from the same template")
        .command(restart_command(workload))
        .risk(Risk::Review)
        .inverse("none is needed: the template stays the same");
    match workload.kind {
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => {
            step.precondition("maxUnavailable is small and a PodDisruptionBudget holds; one workload at a time")
        }
        Kind::Rollout => step.precondition("one workload at a time"),
        Kind::Pod => step.precondition("nothing makes this pod anew by itself: keep its manifest").risk(Risk::Manual),
        Kind::Job | Kind::CronJob => {
            step.precondition("the work may be done again from its beginning").risk(Risk::Manual)
        }
        _ => step.precondition("one pod at a time; wait until the new one is ready"),
    }
}

fn undo(workload: &Id) -> String {
    match workload.kind {
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => {
            format!("kubectl rollout undo {workload} -n {}", workload.namespace)
        }
        _ => "put the former template back".to_owned(),
    }
}

/// Who keeps a workload's manifest, by the marks of GitOps tools and Helm.
pub(in crate::checks) fn keeper(meta: &Meta) -> Option<String> {
    if let Some(tracking) = meta.annotation("argocd.argoproj.io/tracking-id") {
        let app = tracking.split(':').next().filter(|a| !a.is_empty());
        return Some(app.map_or("Argo CD".to_owned(), |a| format!("the Argo CD application {a}")));
    }
    for (label, what) in
        [("kustomize.toolkit.fluxcd.io/name", "Kustomization"), ("helm.toolkit.fluxcd.io/name", "HelmRelease")]
    {
        if let Some(name) = meta.label(label) {
            return Some(format!("the Flux {what} {name}"));
        }
    }
    if let Some(release) = meta.annotation("meta.helm.sh/release-name") {
        return Some(format!("the Helm release {release}"));
    }
    None
}

/// Puts keys (or the whole object, when `keys` is empty) back, at the owner of record where one is marked on it.
pub(in crate::checks) fn restore(object: &Id, meta: Option<&Meta>, keys: &[String]) -> Step {
    let which = if keys.is_empty() { "the object".to_owned() } else { format!("key {}", keys.join(", ")) };
    let effect = if keys.is_empty() {
        Effect::Create { object: object.clone(), keys: Vec::new() }
    } else {
        Effect::SetKeys { object: object.clone(), keys: keys.to_vec() }
    };
    let source =
        meta.and_then(|m| m.owners.iter().find(|o| matches!(o.kind, Kind::ExternalSecret | Kind::SealedSecret)));
    if let Some(owner) = source {
        let owner = Id::new(owner.kind.clone(), &object.namespace, &owner.name);
        return Step::on(&owner, format!("let {owner} deliver {which} of {object} again"), effect)
            .change(format!("what {owner} writes: {which}"))
            .command(format!("kubectl annotate {owner} -n {} force-sync=restore --overwrite", object.namespace))
            .precondition("the source holds the value; the copy is not edited, its owner would write over it")
            .risk(Risk::Review)
            .inverse("none: the operator goes on as before")
            .after(format!("{which} is there again with a good value"));
    }
    let precondition = match meta.and_then(keeper) {
        Some(owner) => format!("restore it where {owner} takes it from"),
        None => "the value is known from its source; no operator owns the object".to_owned(),
    };
    let kind = if object.kind == Kind::Secret { "a stringData object" } else { "a data object" };
    let command = if keys.is_empty() {
        format!("kubectl apply -n {} -f -   # the saved manifest on stdin", object.namespace)
    } else {
        format!(
            "kubectl patch {object} -n {} --type merge --patch-file /dev/stdin   # on stdin: {kind} with {}",
            object.namespace,
            keys.join(", ")
        )
    };
    Step::on(object, format!("restore {which} of {object}"), effect)
        .change(which.clone())
        .command(command)
        .precondition(precondition)
        .risk(Risk::Review)
        .inverse("remove what was added")
        .after(format!("{which} is there again with a good value"))
}
