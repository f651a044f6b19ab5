//! Steps that the plans of the family share: the Secret through its owner of record, the template, the pods.

use super::{Facts, Verdict};
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::view::View;

/// Puts a good credential into a Secret through its owner of record, and makes the failing pods anew.
pub(crate) fn credential(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict, what: &str) -> Plan {
    let mut steps = vec![secret_step(view, &v.subject, what)];
    steps.extend(remake(facts));
    Plan::new(steps)
}

/// Who would write over a change of this object, if anybody.
struct Owner {
    id: Id,
    words: &'static str,
}

fn owner(view: &View<'_>, secret: &Id) -> Option<Owner> {
    let found = view.secret(&secret.namespace, &secret.name).seen();
    let made_by = |kind: Kind, words| {
        let o = found?.meta.owners.iter().find(|o| o.kind == kind)?;
        Some(Owner { id: Id::new(kind, &secret.namespace, &o.name), words })
    };
    made_by(Kind::ExternalSecret, "the entry at the source that the ExternalSecret reads")
        .or_else(|| made_by(Kind::SealedSecret, "the SealedSecret in Git"))
        .or_else(|| made_by(Kind::VaultStaticSecret, "the entry at the source that the operator reads"))
        .or_else(|| made_by(Kind::VaultDynamicSecret, "the role at the source that the operator reads"))
        .or_else(|| {
            let external = view.snap.external_secrets.iter().find(|e| {
                e.id.namespace == secret.namespace && e.target.name.as_deref().unwrap_or(&e.id.name) == &*secret.name
            })?;
            Some(Owner { id: external.id.clone(), words: "the entry at the source that the ExternalSecret reads" })
        })
        .or_else(|| {
            let meta = &found?.meta;
            if let Some(release) = meta.annotation("meta.helm.sh/release-name") {
                let release = Id::new(Kind::HelmRelease, &secret.namespace, release);
                return Some(Owner { id: release, words: "the values of the Helm release" });
            }
            if let Some(name) = meta.label("kustomize.toolkit.fluxcd.io/name") {
                let namespace = meta.label("kustomize.toolkit.fluxcd.io/namespace").unwrap_or(&secret.namespace);
                return Some(Owner { id: Id::new(Kind::Kustomization, namespace, name), words: "the manifest in Git" });
            }
            let app = meta.annotation("argocd.argoproj.io/tracking-id").and_then(|t| t.split(':').next())?;
            Some(Owner { id: Id::new(Kind::Application, "", app), words: "the manifest in Git" })
        })
}

/// The step that gives a Secret right content. `what` says the change by key names.
pub(crate) fn secret_step(view: &View<'_>, secret: &Id, what: &str) -> Step {
    let keys = view
        .secret(&secret.namespace, &secret.name)
        .seen()
        .map(|o| o.keys.iter().map(|k| k.name.to_string()).collect::<Vec<_>>())
        .filter(|k| !k.is_empty())
        .unwrap_or_else(|| vec![".dockerconfigjson".to_owned()]);
    let exists = view.secret(&secret.namespace, &secret.name).seen().is_some();
    let effect = if exists {
        Effect::SetKeys { object: secret.clone(), keys: keys.clone() }
    } else {
        Effect::Create { object: secret.clone(), keys: keys.clone() }
    };
    if let Some(owner) = owner(view, secret) {
        let mut step = Step::on(&owner.id, format!("{what}: in {}", owner.words), effect)
            .change(format!("{} of {secret}, through its owner {}", keys.join(", "), owner.id))
            .precondition(format!("{} still owns {secret}", owner.id))
            .risk(Risk::Review)
            .inverse("put the entry before back at the owner, and let it sync")
            .after(format!("{secret} holds a docker config that serves the image"));
        if owner.id.kind == Kind::ExternalSecret {
            step = step.command(format!(
                "kubectl annotate externalsecret {} -n {} force-sync=$(date +%s) --overwrite",
                owner.id.name, owner.id.namespace
            ));
        }
        return step;
    }
    let command = format!(
        "kubectl create secret generic {} -n {} --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -",
        secret.name, secret.namespace
    );
    Step::on(secret, what.to_owned(), effect)
        .change(format!("{} of {secret}", keys.join(", ")))
        .command(command)
        .precondition(if exists {
            "nothing else owns the Secret; uid and resourceVersion as seen"
        } else {
            "no Secret of this name exists"
        })
        .risk(Risk::Review)
        .inverse(if exists {
            format!("apply the saved {secret} again")
        } else {
            format!("kubectl delete secret {} -n {}", secret.name, secret.namespace)
        })
        .after(format!("{secret} holds a docker config that serves the image"))
}

/// Makes the failing pods anew, so that nobody waits for the back-off: one step for each workload.
pub(crate) fn remake(facts: &[&Facts<'_>]) -> Vec<Step> {
    let mut steps: Vec<(Id, Vec<String>)> = Vec::new();
    for f in facts {
        let pod = f.pod.id.name.to_string();
        match steps.iter_mut().find(|(victim, _)| *victim == f.victim) {
            Some((_, pods)) if pods.contains(&pod) => {}
            Some((_, pods)) => pods.push(pod),
            None => steps.push((f.victim.clone(), vec![pod])),
        }
    }
    steps
        .into_iter()
        .map(|(victim, mut pods)| {
            let more = if pods.len() > 8 { " (and the others that fail)" } else { "" };
            pods.truncate(8);
            let (title, risk) = if victim.kind == Kind::Pod {
                (format!("make {victim} anew from its manifest"), Risk::Review)
            } else {
                (format!("delete the failing pods of {victim}: they are made anew and pull at once"), Risk::Safe)
            };
            Step::on(&victim, title, Effect::Restart { workload: victim.clone() })
                .change("none; only pods that do not run are replaced")
                .command(format!("kubectl delete pod {} -n {}{more}", pods.join(" "), victim.namespace))
                .precondition("the pods still wait for their image")
                .risk(risk)
                .inverse("none needed")
                .after("the new pods pull the image")
        })
        .collect()
}

/// Corrects the template of every workload that fails.
pub(crate) fn edit_template(facts: &[&Facts<'_>], title: &str, change: &str) -> Vec<Step> {
    let mut victims: Vec<&Id> = facts.iter().map(|f| &f.victim).collect();
    victims.sort();
    victims.dedup();
    victims
        .into_iter()
        .map(|victim| {
            let undo = match victim.kind {
                Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => {
                    format!("kubectl rollout undo {victim} -n {}", victim.namespace)
                }
                _ => "apply the manifest before again".to_owned(),
            };
            Step::on(victim, format!("{title} of {victim}"), Effect::EditTemplate { workload: victim.clone() })
                .change(change.to_owned())
                .command(format!("kubectl edit {victim} -n {}", victim.namespace))
                .precondition("the change is made where the template is kept (chart, Git), else it is written over")
                .risk(Risk::Review)
                .inverse(undo)
                .after("new pods are made from the corrected template")
        })
        .collect()
}
