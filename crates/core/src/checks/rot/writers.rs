//! Who wrote an object in turn: people, controllers, Helm and `kubectl apply`, and who undid whose write.

use crate::objects::{AuditWrite, Id, Meta};
use crate::time::Time;
use crate::view::View;

/// What kind of writer a field manager is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hand {
    /// A person with a client: `kubectl edit`, `kubectl patch`, a dashboard.
    Person,
    /// `kubectl apply`, client-side or server-side, from a file.
    Apply,
    Helm,
    /// Something that reconciles: Argo CD, Flux, an operator, a service account.
    Controller,
}

/// One write with its writer.
#[derive(Clone, Debug)]
pub struct Write {
    pub by: String,
    pub user: Option<String>,
    pub hand: Hand,
    pub at: Time,
    pub source: &'static str,
}

/// A write was made, another writer changed it, and the first wrote again.
#[derive(Clone, Debug)]
pub struct Reversal {
    /// The write that was undone.
    pub fix: Write,
    /// The write that undid it.
    pub back: Write,
}

pub(super) fn hand(manager: &str, user: &str) -> Hand {
    match manager {
        "kubectl-client-side-apply" | "kubectl" => Hand::Apply,
        "helm" => Hand::Helm,
        // What a GitOps controller writes for a chart is its own doing, not that of Helm.
        _ if manager.starts_with("kubectl-") => Hand::Person,
        "" if user.starts_with("system:serviceaccount:") => Hand::Controller,
        "" => Hand::Person,
        "Mozilla" | "node-fetch" | "k9s" | "Lens" | "OpenLens" | "dashboard" | "Headlamp" | "curl" => Hand::Person,
        _ => Hand::Controller,
    }
}

fn of_audit(write: &AuditWrite) -> Write {
    let agent = write.user_agent.split('/').next().unwrap_or_default();
    let manager = write.manager.as_deref().unwrap_or(match agent {
        // Without a field manager kubectl's own name does not say which command it was.
        "kubectl" => "kubectl-edit",
        agent if !write.user.starts_with("system:") => agent,
        _ => "",
    });
    Write {
        by: if manager.is_empty() { write.user.to_string() } else { manager.to_owned() },
        user: Some(write.user.to_string()),
        hand: hand(manager, &write.user),
        at: write.at,
        source: "audit",
    }
}

/// Writes of an object in the audit log, oldest first; deletions are left out.
pub(super) fn audited(view: &View<'_>, id: &Id) -> Vec<Write> {
    view.writes_of(id).filter(|w| !w.verb.starts_with("delete") && !marks_only(w)).map(of_audit).collect()
}

/// `kubectl label` and `kubectl annotate` change no data and no spec.
fn marks_only(write: &AuditWrite) -> bool {
    write.manager.as_deref().is_some_and(|m| matches!(m, "kubectl-label" | "kubectl-annotate"))
}

/// The last write and the different one before it, if the last writer had written earlier: it wrote back what it had.
pub(super) fn reversal(view: &View<'_>, id: &Id, until: Option<Time>) -> Option<Reversal> {
    let writes: Vec<Write> =
        audited(view, id).into_iter().filter(|w| until.is_none_or(|until| w.at <= until)).collect();
    let back = writes.last()?;
    let fix = writes.iter().rev().find(|w| w.by != back.by)?;
    let earlier = writes.iter().any(|w| w.by == back.by && w.at <= fix.at);
    (earlier && fix.at <= back.at).then(|| Reversal { fix: fix.clone(), back: back.clone() })
}

/// A person's write and then one of the GitOps controller that keeps the object. The audit log need not reach back to the
/// controller's earlier write: that it keeps the object says that it wrote what it has.
pub(super) fn put_back_by_owner(view: &View<'_>, id: &Id, meta: &Meta, until: Time) -> Option<Reversal> {
    gitops_owner(meta)?;
    let writes: Vec<Write> = audited(view, id).into_iter().filter(|w| w.at <= until).collect();
    let [.., fix, back] = writes.as_slice() else { return None };
    let kept_before = meta.created.is_some_and(|made| made < fix.at);
    (kept_before && fix.hand == Hand::Person && back.hand == Hand::Controller)
        .then(|| Reversal { fix: fix.clone(), back: back.clone() })
}

/// The newest field manager of a key or, without one, of anything in the object.
pub(super) fn newest_manager(meta: &Meta, field: Option<&str>) -> Option<Write> {
    let of = |all: bool| {
        meta.managed
            .iter()
            .filter(|m| m.subresource.is_none())
            .filter(|m| all || field.is_some_and(|f| m.owns(f)))
            .max_by_key(|m| m.time)
    };
    let entry = of(false).or_else(|| of(field.is_none()))?;
    let hand = if entry.apply && &*entry.manager == "kubectl" { Hand::Apply } else { hand(&entry.manager, "") };
    Some(Write { by: entry.manager.to_string(), user: None, hand, at: entry.time?, source: "managedFields" })
}

/// What marks an object as kept by a GitOps controller: its name for the report, and the marker.
pub(super) fn gitops_owner(meta: &Meta) -> Option<(String, &'static str)> {
    const MARKS: [(&str, &str); 6] = [
        ("argocd.argoproj.io/instance", "Argo CD application"),
        ("argocd.argoproj.io/tracking-id", "Argo CD application"),
        ("kustomize.toolkit.fluxcd.io/name", "Flux Kustomization"),
        ("helm.toolkit.fluxcd.io/name", "Flux HelmRelease"),
        ("fleet.cattle.io/bundle-id", "Fleet bundle"),
        ("configsync.gke.io/declared-version", "Config Sync"),
    ];
    for (mark, what) in MARKS {
        if let Some(value) = meta.label(mark).or_else(|| meta.annotation(mark)) {
            // The tracking id begins with the application's name.
            let name = value.split(':').next().unwrap_or_default();
            return Some((format!("{what} {name}").trim_end().to_owned(), mark));
        }
    }
    let controller = meta.managed.iter().find(|m| {
        matches!(
            &*m.manager,
            "argocd-controller"
                | "argocd-application-controller"
                | "kustomize-controller"
                | "helm-controller"
                | "fleetagent"
        )
    })?;
    Some((controller.manager.to_string(), "metadata.managedFields"))
}

/// The Helm release that an object belongs to.
pub(super) fn helm_release(meta: &Meta) -> Option<&str> {
    meta.annotation("meta.helm.sh/release-name").filter(|name| !name.is_empty()).or_else(|| {
        let helm = meta.label("app.kubernetes.io/managed-by") == Some("Helm")
            || meta.managed.iter().any(|m| &*m.manager == "helm");
        helm.then(|| meta.label("app.kubernetes.io/instance")).flatten()
    })
}
