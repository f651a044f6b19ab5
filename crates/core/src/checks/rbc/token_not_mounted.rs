//! RBC-04: an application needs the API, and its pod gets no ServiceAccount token.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Seen;
use crate::messages::{Caller, Signal};
use crate::objects::{Container, Id, Kind, Pod, ProjectedSource, VolumeSource};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-04",
    slug: "token-not-mounted",
    title: "An application needs the API, and its pod has no token",
    link: Link::Access,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::sharpens(Kind::ServiceAccount, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "RBC-01", decided_by: "whether the refusal names the ServiceAccount or system:anonymous" },
        Neighbour { code: "RBC-05", decided_by: "whether the pod mounts a token at all" },
        Neighbour {
            code: "CON-11",
            decided_by: "whether the missing file is the token or a path of the application's own",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("token_not_mounted/explain.md"),
    judge,
};

/// Where client libraries look (kubernetes/client-go, `rest/config.go`, `InClusterConfig`).
const TOKEN_DIR: &str = "run/secrets/kubernetes.io/serviceaccount";

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some(statement) = symptom.said.iter().find(|s| lacks_token(s)) else { continue };
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let Some(container) = pod.spec.containers.iter().find(|c| symptom.container.as_deref() == Some(&*c.name))
        else {
            continue;
        };
        if mounts_token(pod, container) {
            out.satisfied(&symptom.victim);
            continue;
        }
        out.violated(finding(view, symptom, statement, pod));
    }
}

/// The log says that the token file is not there, or that the API server saw nobody.
fn lacks_token(statement: &Statement) -> bool {
    let said = &statement.said;
    said.signals.iter().any(|s| match s {
        Signal::FileMissing | Signal::FileIsDirectory => {
            said.fields.path.as_deref().is_some_and(|p| p.contains(TOKEN_DIR))
        }
        Signal::ApiForbidden(Caller::Anonymous) | Signal::ApiNoLogin => true,
        _ => false,
    })
}

/// Whether the container sees a token: the volume that admission adds, or one made by hand at the same place.
fn mounts_token(pod: &Pod, container: &Container) -> bool {
    container.mounts.iter().any(|mount| {
        if mount.path.trim_end_matches('/').ends_with("secrets/kubernetes.io/serviceaccount") {
            return true;
        }
        pod.spec.volumes.iter().any(|v| {
            v.name == mount.volume
                && matches!(&v.source, VolumeSource::Projected { sources, .. }
                    if sources.iter().any(|s| matches!(s, ProjectedSource::ServiceAccountToken { audience: None, .. })))
        })
    })
}

fn finding(view: &View<'_>, symptom: &Symptom, statement: &Statement, pod: &Pod) -> Finding {
    let account = Id::new(Kind::ServiceAccount, &pod.id.namespace, &pod.spec.service_account);
    let of_account = match view.service_account(&pod.id.namespace, &pod.spec.service_account) {
        Seen::Seen(account) => account.automount,
        _ => None,
    };
    // The pod's field overrides the ServiceAccount's.
    let (confidence, where_off, why) = match (pod.spec.automount, of_account) {
        (Some(false), _) => (Confidence::Certain, &pod.id, "automountServiceAccountToken is false in the template"),
        (None, Some(false)) => {
            (Confidence::Certain, &account, "automountServiceAccountToken is false on its ServiceAccount")
        }
        _ => (Confidence::Likely, &pod.id, "its pod mounts no token"),
    };
    let path =
        if where_off.kind == Kind::Pod { "spec.automountServiceAccountToken" } else { "automountServiceAccountToken" };
    let anonymous = statement.said.says(Signal::ApiForbidden(Caller::Anonymous));
    let seen = if anonymous {
        "the API server refused system:anonymous"
    } else if statement.said.says(Signal::ApiNoLogin) {
        "the client found no token and fell back to localhost"
    } else {
        "the application did not find its token file"
    };
    Finding::new(
        &symptom.victim,
        confidence,
        format!("{} needs the API and has no token: {why}", symptom.victim),
        Evidence::new(&statement.object, statement.path.clone(), seen, statement.channel.source()).at(statement.last),
    )
    .supported_by([
        Evidence::new(where_off, path, why, "spec"),
        Evidence::new(&pod.id, "spec.volumes", "no ServiceAccount token among them", "spec"),
    ])
    .explains([symptom.ix])
    .link(Link::Access, &account, LinkState::Unknown, "its rights were not asked for: no token was sent")
    .link(Link::Delivery, &symptom.victim, LinkState::Broken, "no token is mounted")
    .rules_out("RBC-01", "the API server never saw the ServiceAccount")
    .rules_out("RBC-05", "there is no token that could be stale")
    .plan(plan(&symptom.victim, &account))
}

fn plan(workload: &Id, account: &Id) -> Plan {
    Plan::new(vec![
        Step::on(
            workload,
            format!("let only {workload} mount the token"),
            Effect::EditTemplate { workload: workload.clone() },
        )
        .change("spec.template.spec.automountServiceAccountToken: true (it overrides the ServiceAccount's)")
        .command(format!(
            "kubectl patch {} {} -n {} --type=merge -p '{{\"spec\":{{\"template\":{{\"spec\":{{\"automountServiceAccountToken\":true}}}}}}}}'",
            workload.kind.name().to_ascii_lowercase(),
            workload.name,
            workload.namespace
        ))
        .precondition(format!("the application is meant to use the API as {account}"))
        .risk(Risk::Review)
        .inverse("kubectl rollout undo, or set the field back to false")
        .after("new pods have the volume kube-api-access-*"),
    ])
}
