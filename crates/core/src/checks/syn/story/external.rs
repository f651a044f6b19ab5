//! ExternalSecrets as links: what each reads, through which store, into which Secret, and how it stands.

use std::collections::BTreeMap;

use crate::coverage::Seen;
use crate::objects::{CustomResource, DataObject, ExternalSecret, Id, Kind, SecretStore};
use crate::symptoms::{Class, Statement, Symptom, SymptomIx};
use crate::time::Time;
use crate::verdict::Evidence;
use crate::view::View;

/// One ExternalSecret with what hangs on it.
pub(crate) struct Sync<'a> {
    pub es: &'a ExternalSecret,
    pub target: Id,
    pub secret: Seen<&'a DataObject>,
    pub store_id: Option<Id>,
    pub store: Option<&'a SecretStore>,
    /// Generators that it draws from, as far as they were seen.
    pub generators: Vec<&'a CustomResource>,
}

/// All ExternalSecrets, in the order of their ids.
pub(super) fn all<'a>(view: &View<'a>) -> Vec<Sync<'a>> {
    view.snap.external_secrets.iter().filter(|e| e.id.kind == Kind::ExternalSecret).map(|es| of(view, es)).collect()
}

fn of<'a>(view: &View<'a>, es: &'a ExternalSecret) -> Sync<'a> {
    let namespace = &*es.id.namespace;
    let name = es.target.name.as_deref().unwrap_or(&es.id.name);
    let target = Id::new(Kind::Secret, namespace, name);
    let named = es.store.as_ref().or_else(|| es.sources.iter().find(|s| is_store(&s.kind)));
    let store_id = named.map(|s| store_id(&s.kind, namespace, &s.name));
    let store = store_id.as_ref().and_then(|id| view.store(&id.kind, namespace, &id.name).seen());
    let generators = es
        .sources
        .iter()
        .filter(|s| !is_store(&s.kind))
        .filter_map(|s| {
            view.snap
                .custom
                .iter()
                .find(|c| c.id.kind == s.kind && *c.id.namespace == *namespace && c.id.name == s.name)
        })
        .collect();
    Sync { es, secret: view.secret(namespace, name), target, store_id, store, generators }
}

fn is_store(kind: &Kind) -> bool {
    matches!(kind, Kind::SecretStore | Kind::ClusterSecretStore)
}

/// The store that a reference in a namespace means.
pub(super) fn store_id(kind: &Kind, namespace: &str, name: &str) -> Id {
    if *kind == Kind::ClusterSecretStore {
        Id::new(Kind::ClusterSecretStore, "", name)
    } else {
        Id::new(Kind::SecretStore, namespace, name)
    }
}

impl<'a> Sync<'a> {
    pub(super) fn id(&self) -> &'a Id {
        &self.es.id
    }

    /// The Ready condition; `None` while the operator has said nothing.
    pub(super) fn ready(&self) -> Option<bool> {
        self.es.conditions.iter().find(|c| &*c.kind == "Ready").and_then(|c| c.status)
    }

    /// When Ready last flipped.
    pub(super) fn flipped(&self) -> Option<Time> {
        self.es.conditions.iter().find(|c| &*c.kind == "Ready").and_then(|c| c.changed)
    }

    /// Seconds between two reads; `None` where it does not read again by design.
    pub(super) fn interval(&self) -> Option<i64> {
        match self.es.refresh_policy.as_deref() {
            Some("CreatedOnce" | "OnChange") => None,
            // external-secrets apis/externalsecrets/v1: the default is one hour, zero means never again.
            _ => Some(self.es.refresh_seconds.unwrap_or(3600)).filter(|s| *s > 0),
        }
    }

    /// Why it does not read again, in words, where that is by design.
    pub(super) fn by_design(&self) -> Option<(&'static str, String)> {
        match self.es.refresh_policy.as_deref() {
            Some(policy @ ("CreatedOnce" | "OnChange")) => {
                Some(("spec.refreshPolicy", format!("refresh policy {policy}")))
            }
            _ if self.es.refresh_seconds == Some(0) => Some(("spec.refreshInterval", "refresh interval 0".to_owned())),
            _ => None,
        }
    }

    /// What it reads, as one path where there is one.
    pub(super) fn remote(&self) -> Option<&'a str> {
        let path = self.es.data.iter().map(|d| &*d.remote_key).find(|k| !k.is_empty());
        path.or_else(|| self.generators.iter().find_map(|g| scalar(g, "spec.path")))
    }

    /// It reads a path of a dynamic engine through a plain store.
    pub(super) fn reads_dynamic_path(&self) -> bool {
        let dynamic = |text: &str| {
            text.split('/').any(|part| matches!(part, "creds" | "static-creds")) && !text.contains("static-creds")
        };
        self.es.data.iter().any(|d| dynamic(&d.remote_key))
    }

    /// The address of the source, which several stores may share.
    pub(super) fn server(&self) -> Option<&'a str> {
        let of_store = self.store.and_then(|s| s.vault.as_ref()).and_then(|v| v.server.as_deref());
        of_store.or_else(|| self.generators.iter().find_map(|g| scalar(g, "spec.provider.server")))
    }

    /// Whether the operator made the Secret's present data at its creation and never since.
    pub(super) fn never_rewritten(&self) -> Option<bool> {
        let secret = self.secret.seen()?;
        let changed = secret.data_changed();
        Some(changed.until.or(changed.after)? <= secret.meta.created?)
    }

    /// When the target's data last changed.
    pub(super) fn data_changed(&self) -> Option<Time> {
        let changed = self.secret.seen()?.data_changed();
        changed.until.or(changed.after)
    }

    pub(super) fn symptom<'v>(&self, view: &'v View<'_>) -> Option<&'v Symptom> {
        sync_symptom(view, self.id())
    }

    pub(super) fn evidence(&self, path: &str, seen: impl Into<String>, source: &'static str) -> Evidence {
        Evidence::new(self.id(), path, seen, source).of(&self.es.meta)
    }
}

/// The failure that a resource reports about itself.
pub(super) fn sync_symptom<'v>(view: &'v View<'_>, id: &Id) -> Option<&'v Symptom> {
    view.symptoms().iter().find(|s| s.class == Class::Sync && s.victim == *id)
}

pub(super) fn scalar<'a>(custom: &'a CustomResource, path: &str) -> Option<&'a str> {
    custom.scalars.iter().find(|(p, _)| &**p == path).map(|(_, v)| &**v)
}

pub(super) fn time(custom: &CustomResource, path: &str) -> Option<Time> {
    custom.times.iter().find(|(p, _)| &**p == path).map(|(_, t)| *t)
}

/// Symptoms of containers and pods that wait for a Secret which the kubelet says is not there, by Secret.
pub(crate) fn waiting_for(view: &View<'_>) -> BTreeMap<Id, Vec<SymptomIx>> {
    use crate::messages::{Fields, ObjectKind, Signal};
    let mut found: BTreeMap<Id, Vec<SymptomIx>> = BTreeMap::new();
    for symptom in view.symptoms() {
        let absent = |s: &Statement| match s.said.signal {
            Some(Signal::ObjectNotFound(ObjectKind::Secret)) => s.said.fields.secret.as_deref().map(str::to_owned),
            Some(Signal::PullSecretNotFound) if symptom.class == Class::Pull => {
                s.said.fields.secrets.as_deref().map(str::to_owned)
            }
            _ => None,
        };
        let namespace = &symptom.victim.namespace;
        for names in symptom.said.iter().filter_map(absent) {
            for name in Fields::split(&names) {
                let id = Id::new(Kind::Secret, namespace, name);
                // A pull secret that is there now was only late in the kubelet's cache.
                if view.secret(namespace, name).seen().is_some() && symptom.class == Class::Pull {
                    continue;
                }
                let list = found.entry(id).or_default();
                if !list.contains(&symptom.ix) {
                    list.push(symptom.ix);
                }
            }
        }
    }
    found
}
