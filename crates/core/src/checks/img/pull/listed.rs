//! The pull secrets of a pod as the kubelet finds them, and which of their entries it sends for an image.

use super::Facts;
use crate::coverage::{Basis, Seen, Unseen};
use crate::image::ImageRef;
use crate::keyring::{DockerConfigFacts, EntryFacts, Keyring, Malformed, Near, PullSecretKind, nearest};
use crate::messages::{Fields, Signal};
use crate::objects::{DataObject, Id, Kind, Pod, SecretPayload, Str};
use crate::symptoms::{Statement, Symptom};
use crate::verdict::{Confidence, Evidence};
use crate::view::View;

/// One name in a list of pull secrets.
pub(crate) struct Listed<'a> {
    pub id: Id,
    /// Field path in the object that lists it.
    pub path: String,
    pub object: Option<&'a DataObject>,
    pub content: Content<'a>,
    /// The kubelet said that it could not fetch it.
    pub not_retrieved: Option<Statement>,
}

/// What the kubelet makes of it.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    Usable(&'a DockerConfigFacts),
    Malformed(&'a Malformed),
    /// The type is none that is read for pulls; the facts are of the docker config that it holds all the same.
    WrongType(Option<&'a DockerConfigFacts>),
    /// The type is right and its key is absent or empty.
    NoKey,
    /// It does not exist, with how sure that is.
    Missing(Confidence),
    Unseen(Unseen),
}

/// An entry that is sent for an image.
pub(crate) struct Matched<'a> {
    pub secret: Id,
    pub object: Option<&'a DataObject>,
    pub key: String,
    pub entry: &'a EntryFacts,
}

/// Looks up every name of a list.
pub(super) fn of<'a>(view: &View<'a>, pod: &Pod, names: &[Str], symptom: &Symptom) -> Vec<Listed<'a>> {
    let mut found: Vec<Listed<'a>> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let id = Id::new(Kind::Secret, &pod.id.namespace, name);
        if found.iter().any(|l| l.id == id) {
            continue;
        }
        let not_retrieved = symptom.said.iter().filter(|s| s.said.says(Signal::PullSecretNotFound)).find(|s| {
            let fields = &s.said.fields;
            let named = fields.secrets.as_deref().into_iter().chain(fields.secret.as_deref());
            named.flat_map(Fields::split).any(|n| n == &**name)
        });
        let seen = view.secret(&pod.id.namespace, name);
        found.push(Listed {
            content: content(seen, not_retrieved),
            object: seen.seen(),
            id,
            path: format!("spec.imagePullSecrets[{index}]"),
            not_retrieved: not_retrieved.cloned(),
        });
    }
    found
}

fn content<'a>(seen: Seen<&'a DataObject>, not_retrieved: Option<&Statement>) -> Content<'a> {
    let secret = match seen {
        Seen::Seen(secret) => secret,
        Seen::Absent(basis) => {
            // Said again and again it is no slip of the kubelet's cache.
            let heard = not_retrieved.is_some();
            return Content::Missing(if heard || basis == Basis::Stated {
                Confidence::Certain
            } else {
                Confidence::Likely
            });
        }
        Seen::Unseen(why) => {
            return match not_retrieved {
                Some(said) if said.count >= 2 => Content::Missing(Confidence::Certain),
                Some(_) => Content::Missing(Confidence::Likely),
                None => Content::Unseen(why),
            };
        }
    };
    let Some(kind) = secret.secret_type.as_deref().map(PullSecretKind::of_type) else {
        return Content::Unseen(Unseen::MetadataOnly);
    };
    if secret.keys_unseen {
        return if kind == PullSecretKind::Other {
            Content::WrongType(None)
        } else {
            Content::Unseen(Unseen::MetadataOnly)
        };
    }
    let facts = match &secret.payload {
        SecretPayload::Docker(facts) => Some(&**facts),
        _ => None,
    };
    let Some(data_key) = kind.data_key() else { return Content::WrongType(facts) };
    match secret.key(data_key) {
        None => Content::NoKey,
        Some(key) if key.elided => Content::Unseen(Unseen::Elided),
        Some(key) if key.value.len == 0 => Content::NoKey,
        Some(_) => match (&secret.payload, facts) {
            (SecretPayload::MalformedDocker(fault), _) => Content::Malformed(fault),
            (_, Some(facts)) => Content::Usable(facts),
            _ => Content::Unseen(Unseen::Elided),
        },
    }
}

impl<'a> Listed<'a> {
    pub(crate) fn usable(&self) -> Option<&'a DockerConfigFacts> {
        match self.content {
            Content::Usable(facts) => Some(facts),
            _ => None,
        }
    }

    pub(crate) fn missing(&self) -> Option<Confidence> {
        match self.content {
            Content::Missing(sure) => Some(sure),
            _ => None,
        }
    }

    /// The kubelet's word that it could not be fetched, else its absence from the collected objects.
    pub(crate) fn absence(&self, facts: &Facts<'_>) -> Evidence {
        match &self.not_retrieved {
            Some(said) => {
                Evidence::new(&said.object, said.path.clone(), format!("kubelet cannot retrieve {}", self.id), "event")
                    .at(said.last)
                    .of(&facts.pod.meta)
            }
            None => Evidence::new(&self.id, "metadata.name", "not among the Secrets of the namespace", "api"),
        }
    }

    pub(crate) fn reference(&self, facts: &Facts<'_>) -> Evidence {
        Evidence::new(&facts.pod.id, self.path.clone(), format!("names {}", self.id), "spec").of(&facts.pod.meta)
    }
}

/// What a list sends for an image.
pub(crate) struct Sends<'a> {
    pub matched: Vec<Matched<'a>>,
    pub near: Option<Near>,
}

/// The entries of the usable Secrets that are sent for an image, in the kubelet's order, and else the nearest miss.
pub(crate) fn sends<'a>(listed: &[Listed<'a>], image: &ImageRef) -> Sends<'a> {
    let usable: Vec<(&str, &'a DockerConfigFacts)> =
        listed.iter().filter_map(|l| Some((&*l.id.name, l.usable()?))).collect();
    matching(listed, &usable, image)
}

fn matching<'a>(listed: &[Listed<'a>], secrets: &[(&str, &'a DockerConfigFacts)], image: &ImageRef) -> Sends<'a> {
    let keyring = Keyring::new(secrets);
    let mut matched = Vec::new();
    for found in keyring.lookup(image).matches {
        let entry = secrets.get(found.secret_index).and_then(|(_, facts)| facts.entries.get(found.entry_index));
        let of = listed.iter().find(|l| *l.id.name == *found.secret);
        if let (Some(entry), Some(of)) = (entry, of) {
            matched.push(Matched { secret: of.id.clone(), object: of.object, key: found.key, entry });
        }
    }
    let near = if matched.is_empty() { nearest(&keyring, image) } else { None };
    Sends { matched, near }
}
