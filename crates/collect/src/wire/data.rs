//! Secrets and ConfigMaps: each value becomes facts and is dropped.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keytrace_core::facts;
use keytrace_core::keyring::{self, Parsed, PullSecretKind};
use keytrace_core::objects::{DataObject, HelmRelease, KeyFacts, Kind, Meta, SecretPayload, ValueFacts};
use keytrace_core::value::SecretValue;
use serde::Deserialize;

use super::meta::{Entries, WireMeta, key_changed};
use super::state::State;
use super::text::{OrNull, Pairs, Text};
use super::{Context, Fault};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireData<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    #[serde(rename = "type")]
    secret_type: Option<Text<'a>>,
    immutable: Option<bool>,
    data: Option<Pairs<'a, Text<'a>>>,
    string_data: Option<Pairs<'a, Text<'a>>>,
    binary_data: Option<Pairs<'a, Text<'a>>>,
}

/// The keys of a TLS Secret: chain, private key, and the bundle that cert-manager adds.
const TLS_KEYS: [&str; 3] = ["tls.crt", "tls.key", "ca.crt"];

/// How a value is written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Plain,
    Base64,
}

impl WireData<'_> {
    /// `metadata_only` for items of a PartialObjectMetadataList.
    pub fn fold(&self, kind: Kind, metadata_only: bool, context: &Context, state: &mut State) -> Result<(), Fault> {
        let is_secret = kind == Kind::Secret;
        let meta = self.metadata.fold(&mut state.names);
        let id = state.id(kind, &self.metadata, context);
        let mut keys = Vec::new();
        let mut payload = SecretPayload::None;
        let mut tls = [None, None, None];
        let release = is_secret.then(|| helm_release(&meta, self.secret_type.as_deref(), state)).flatten();
        let lists = [
            (&self.data, if is_secret { Form::Base64 } else { Form::Plain }, false),
            (&self.string_data, Form::Plain, false),
            (&self.binary_data, Form::Base64, true),
        ];
        for (list, form, binary) in lists {
            for (name, text) in list.iter().flat_map(|pairs| pairs.iter()) {
                // The body of a release holds whole charts with their values: its size is all that is learnt.
                let (value, elided) = match (release.is_some(), elided(text, form)) {
                    (true, _) => (None, false),
                    (_, true) => (None, true),
                    _ => (decoded(text, form), false),
                };
                let facts = match &value {
                    Some(value) => facts::of(name, value, &state.tagger),
                    None if release.is_some() => ValueFacts { len: text.len() as u32, ..ValueFacts::default() },
                    None => ValueFacts::default(),
                };
                if let Some(docker) = value.as_ref().and_then(|v| docker(name, v, state)).filter(|_| is_secret) {
                    payload = docker;
                }
                if is_secret && let Some(slot) = TLS_KEYS.iter().position(|k| *k == &**name) {
                    tls[slot] = value;
                }
                let (changed, manager) = key_changed(&meta.managed, &field(name, binary), meta.created);
                let key =
                    KeyFacts { name: state.names.get(name), binary, elided, value: Arc::new(facts), changed, manager };
                keys.push(key);
            }
        }
        // What comes later wins, and so `stringData` over `data`; the sort keeps equal ones in their order.
        keys.reverse();
        keys.sort_by(|a: &KeyFacts, b| a.name.cmp(&b.name));
        keys.dedup_by(|later, first| later.name == first.name);
        if let [Some(chain), key, bundle] = &tls {
            let facts = facts::certificate(chain, key.as_ref(), bundle.as_ref(), &state.tagger);
            payload = SecretPayload::Certificate(facts);
        }
        if let Some(release) = release {
            payload = SecretPayload::Helm(release);
        }
        let last_applied = self.metadata.annotations.last_applied.as_ref();
        let object = DataObject {
            secret_type: self.secret_type.as_ref().and_then(|t| state.names.filled(t)),
            immutable: self.immutable == Some(true),
            keys,
            keys_unseen: metadata_only,
            payload,
            last_applied: last_applied.map(|text| facts::last_applied(text, &state.tagger)),
            id,
            meta,
        };
        state.out.data.push(object);
        Ok(())
    }
}

/// Registry credentials by the name of the key, whatever the type of the Secret says.
fn docker(key: &str, value: &SecretValue, state: &State) -> Option<SecretPayload> {
    let kind = [PullSecretKind::DockerConfigJson, PullSecretKind::Dockercfg]
        .into_iter()
        .find(|kind| kind.data_key() == Some(key))?;
    match keyring::parse(kind, Some(value), &state.tagger) {
        Parsed::Entries(facts) => Some(SecretPayload::Docker(Arc::new(facts))),
        Parsed::Malformed(fault) => Some(SecretPayload::MalformedDocker(fault)),
        Parsed::NotUsed(_) => None,
    }
}

fn field(key: &str, binary: bool) -> String {
    format!("{}.{key}", if binary { "binaryData" } else { "data" })
}

/// `None` where it is no base64, which no API server stores but a manifest can hold.
fn decoded(text: &str, form: Form) -> Option<SecretValue> {
    match form {
        Form::Plain => Some(SecretValue::new(text.as_bytes().to_vec())),
        Form::Base64 if text.bytes().any(|b| b.is_ascii_whitespace()) => {
            // Manifests wrap long values; Go's decoder passes over line breaks.
            let packed = SecretValue::new(text.bytes().filter(|b| !b.is_ascii_whitespace()).collect());
            STANDARD.decode(packed.expose()).ok().map(SecretValue::new)
        }
        Form::Base64 => STANDARD.decode(text.as_bytes()).ok().map(SecretValue::new),
    }
}

/// Whether the dump's maker replaced the value: must-gather writes `N bytes long`, support bundles `***HIDDEN***`.
fn elided(text: &str, form: Form) -> bool {
    let stands_in = |text: &str| {
        let text = text.trim();
        text.contains("***HIDDEN***")
            || text.strip_suffix(" bytes long").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()) && !n.is_empty())
    };
    if stands_in(text) {
        return true;
    }
    form == Form::Base64
        && text.len() < 64
        && decoded(text, form).is_some_and(|v| std::str::from_utf8(v.expose()).is_ok_and(stands_in))
}

fn helm_release(meta: &Meta, secret_type: Option<&str>, state: &mut State) -> Option<HelmRelease> {
    let is_release = secret_type == Some("helm.sh/release.v1")
        || (secret_type.is_none() && meta.label("owner") == Some("helm") && meta.label("version").is_some());
    is_release.then(|| HelmRelease {
        release: meta.label("name").map(|n| state.names.get(n)),
        revision: meta.label("version").and_then(|v| v.parse().ok()),
        status: meta.label("status").map(|s| state.names.get(s)),
    })
}
