//! Who keeps the record of an object: what a change must be made in so that it is not written over.

use super::View;
use crate::objects::{DataObject, Id, Kind, Meta, Str};

/// The owner of record of a Secret, a ConfigMap or a workload, the most binding first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// An ExternalSecret or another resource of a sync operator writes it from its source.
    Sync(Id),
    /// An Argo CD application; the name is not known where only a label says so.
    Argo(Str),
    /// A Flux Kustomization or HelmRelease.
    Flux(Id),
    /// A Helm release and its namespace.
    Helm(Str, Str),
    /// A manifest that somebody applies.
    Manifest,
    /// Made by hand, or nothing is known.
    Hand,
}

impl Record {
    /// The object that a step changes: the owner where it is in the cluster, else the object itself.
    pub fn target(&self, object: &Id) -> Id {
        match self {
            Self::Sync(id) | Self::Flux(id) => id.clone(),
            _ => object.clone(),
        }
    }

    /// Where the record is kept, as the end of "change it in ...".
    pub fn place(&self) -> String {
        match self {
            Self::Sync(id) => format!("the source that {id} reads"),
            Self::Argo(app) if app.is_empty() => "Git, from where Argo CD syncs it".to_owned(),
            Self::Argo(app) => format!("Git, from where Argo CD application {app} syncs it"),
            Self::Flux(id) => format!("Git, from where Flux {id} applies it"),
            Self::Helm(release, _) => format!("the values of Helm release {release}"),
            Self::Manifest => "the manifest that it is applied from".to_owned(),
            Self::Hand => "the object itself".to_owned(),
        }
    }

    /// What makes the change arrive, once it is made at the owner.
    pub fn push(&self, object: &Id) -> Option<String> {
        let namespace = &object.namespace;
        match self {
            Self::Sync(id) if id.kind == Kind::ExternalSecret => Some(format!(
                "kubectl annotate externalsecret {} -n {namespace} force-sync=$(date +%s) --overwrite",
                id.name
            )),
            Self::Argo(app) if !app.is_empty() => Some(format!("argocd app sync {app}")),
            Self::Flux(id) => Some(format!(
                "flux reconcile {} {} -n {} --with-source",
                id.kind.name().to_ascii_lowercase(),
                id.name,
                id.namespace
            )),
            _ => None,
        }
    }

    /// Whether somebody would write a change of the object itself over.
    pub fn writes_over(&self) -> bool {
        !matches!(self, Self::Hand | Self::Manifest)
    }
}

impl View<'_> {
    /// The owner of record of a Secret or ConfigMap that exists.
    pub fn record_of(&self, object: &DataObject) -> Record {
        if let Some(producer) = self.producer_of(&object.id) {
            return Record::Sync(producer);
        }
        let by_meta = record_of_meta(&object.id, &object.meta);
        if by_meta == Record::Hand
            && object.last_applied.as_ref().is_some_and(|l| l.kind.as_deref() != Some("ExternalSecret"))
        {
            return Record::Manifest;
        }
        by_meta
    }

    /// The resource of an operator that promises to make this Secret or ConfigMap, whether or not it is there.
    pub fn producer_of(&self, object: &Id) -> Option<Id> {
        let external = self.snap.external_secrets.iter().find(|e| {
            e.id.namespace == object.namespace
                && object.kind == Kind::Secret
                && *e.target.name.as_ref().unwrap_or(&e.id.name) == object.name
        });
        if let Some(found) = external {
            return Some(found.id.clone());
        }
        let class = self.snap.provider_classes.iter().find(|c| {
            c.id.namespace == object.namespace
                && object.kind == Kind::Secret
                && c.secret_objects.iter().any(|(name, _)| *name == object.name)
        });
        if let Some(found) = class {
            return Some(found.id.clone());
        }
        let custom = self.snap.custom.iter().find(|c| {
            c.id.namespace == object.namespace
                && match &c.id.kind {
                    Kind::SealedSecret => object.kind == Kind::Secret && c.id.name == object.name,
                    Kind::Certificate | Kind::VaultStaticSecret | Kind::VaultDynamicSecret | Kind::VaultPKISecret => {
                        c.secrets.iter().any(|(name, path)| {
                            *name == object.name && (path.contains("secretName") || path.contains("destination"))
                        })
                    }
                    _ => false,
                }
        });
        custom.map(|c| c.id.clone())
    }
}

/// The owner of record by labels, annotations and owners, for any object.
pub fn record_of_meta(id: &Id, meta: &Meta) -> Record {
    if let Some(owner) = meta.owners.iter().find(|o| {
        matches!(
            o.kind,
            Kind::ExternalSecret
                | Kind::SealedSecret
                | Kind::Certificate
                | Kind::VaultStaticSecret
                | Kind::VaultDynamicSecret
                | Kind::VaultPKISecret
        )
    }) {
        return Record::Sync(Id {
            kind: owner.kind.clone(),
            namespace: id.namespace.clone(),
            name: owner.name.clone(),
        });
    }
    // Without an owner reference (Merge policy) only the writer's name tells.
    if let Some(name) = meta
        .managed
        .iter()
        .find_map(|m| m.manager.strip_prefix("externalsecrets.external-secrets.io/"))
        .filter(|n| !n.contains('/'))
    {
        return Record::Sync(Id::new(Kind::ExternalSecret, &id.namespace, name));
    }
    // A tracking id that describes another object means that this one was copied.
    if let Some(tracking) = meta.annotation("argocd.argoproj.io/tracking-id")
        && tracking.ends_with(&format!(":{}/{}", id.namespace, id.name))
    {
        return Record::Argo(tracking.split(':').next().unwrap_or_default().into());
    }
    for (prefix, kind) in [("kustomize", Kind::Kustomization), ("helm", Kind::HelmRelease)] {
        if let Some(name) = meta.label(&format!("{prefix}.toolkit.fluxcd.io/name")) {
            let namespace = meta.label(&format!("{prefix}.toolkit.fluxcd.io/namespace")).unwrap_or(&id.namespace);
            return Record::Flux(Id::new(kind, namespace, name));
        }
    }
    if let Some(release) = meta.annotation("meta.helm.sh/release-name")
        && !release.is_empty()
    {
        let namespace = meta.annotation("meta.helm.sh/release-namespace").unwrap_or(&id.namespace);
        return Record::Helm(release.into(), namespace.into());
    }
    let by_argo = meta.managed.iter().any(|m| m.manager.starts_with("argocd"));
    if by_argo {
        return Record::Argo(meta.label("argocd.argoproj.io/instance").unwrap_or_default().into());
    }
    let applied = meta.managed.iter().any(|m| m.apply || &*m.manager == "kubectl-client-side-apply");
    if applied { Record::Manifest } else { Record::Hand }
}
