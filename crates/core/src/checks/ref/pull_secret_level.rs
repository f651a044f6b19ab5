//! REF-08: a pull secret was made for the workload, and neither its pods nor their ServiceAccount list it.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::report::edit_template;
use crate::coverage::Seen;
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind, Meta, Pod, SecretPayload};
use crate::symptoms::{Class, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "REF-08",
    slug: "pull-secret-level",
    title: "imagePullSecrets at the wrong level",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Secret, Scope::OwnNamespace),
        Need::decides(Kind::ServiceAccount, Scope::OwnNamespace),
        Need::sharpens(Kind::Deployment, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "IMG-01",
            decided_by: "the manifest: whether it lists pull secrets at a level that the API server drops",
        },
        Neighbour {
            code: "IMG-12",
            decided_by: "whether the ServiceAccount got the pull secret after the pod was made",
        },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("pull_secret_level/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut findings: Vec<Finding> = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::Pull) {
        let anonymous = symptom.signal(|s| {
            matches!(s, Signal::PullUnauthorizedAnonymous | Signal::PullUnauthorized | Signal::PullDeniedAmbiguous)
        });
        let (Some(said), Some(pod)) = (anonymous, symptom.pod.as_ref().and_then(|id| view.pod(id))) else { continue };
        if !pod.spec.pull_secrets.is_empty() {
            continue;
        }
        match view.service_account(&pod.id.namespace, &pod.spec.service_account) {
            Seen::Seen(account) if !account.pull_secrets.is_empty() => continue,
            Seen::Unseen(why) => {
                let account = Id::new(Kind::ServiceAccount, &pod.id.namespace, &pod.spec.service_account);
                out.unseen(&symptom.victim, format!("{account} in namespace {}", pod.id.namespace), why);
                continue;
            }
            _ => {}
        }
        let Some(secret) = meant(view, symptom, pod) else { continue };
        let headline = format!("{} does not list {}, which was made for it", symptom.victim, secret.id);
        let primary = Evidence::new(&pod.id, "spec.imagePullSecrets", "is empty", "spec").of(&pod.meta);
        let finding = Finding::new(&symptom.victim, Confidence::Possible, headline, primary)
            .explains([symptom.ix])
            .supported_by([
                Evidence::new(&secret.id, "type", "is a pull secret of the same release, and nothing lists it", "list").of(&secret.meta),
                Evidence::new(&said.object, said.path.clone(), "the registry was asked without a credential", said.channel.source())
                    .at(said.last),
            ])
            .link(Link::Reference, &symptom.victim, LinkState::Broken, "lists no pull secret")
            .unless("IMG-01", &symptom.victim, "the manifest: whether it lists pull secrets below a container, or under a value that the chart does not render")
            .plan(edit_template(
                view,
                &symptom.victim,
                format!("spec.template.spec.imagePullSecrets: name {}", secret.id.name),
            ));
        match findings.iter_mut().find(|f| f.subject == finding.subject) {
            Some(known) => known.explains.extend(finding.explains),
            None => findings.push(finding),
        }
    }
    for finding in findings {
        out.violated(finding);
    }
}

/// A pull secret of the workload's own release that nothing in the namespace lists.
fn meant<'a>(view: &View<'a>, symptom: &Symptom, pod: &Pod) -> Option<&'a DataObject> {
    let workload = view.workload(&symptom.victim).map_or(&pod.meta, |w| &w.meta);
    let release = release_of(workload).or_else(|| release_of(&pod.meta))?;
    view.snap.data.iter().find(|d| {
        d.id.kind == Kind::Secret
            && d.id.namespace == pod.id.namespace
            && matches!(d.payload, SecretPayload::Docker(_))
            && release_of(&d.meta) == Some(release)
            && view.consumers(&d.id.kind, &d.id.namespace, &d.id.name).is_empty()
            && !view
                .snap
                .service_accounts
                .iter()
                .any(|a| a.id.namespace == d.id.namespace && a.pull_secrets.contains(&d.id.name))
    })
}

fn release_of(meta: &Meta) -> Option<&str> {
    meta.annotation("meta.helm.sh/release-name")
        .filter(|r| !r.is_empty())
        .or_else(|| meta.label("app.kubernetes.io/instance"))
}
