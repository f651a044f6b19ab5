//! Secrets and ConfigMaps: key names and facts about values, never a value.

use std::sync::Arc;

use super::{Id, Meta, Str};
use crate::keyring::{DockerConfigFacts, Malformed};
use crate::time::{Interval, Time};
use crate::value::EqTag;

/// A Secret or a ConfigMap, by `id.kind`.
#[derive(Clone, Debug)]
pub struct DataObject {
    pub id: Id,
    pub meta: Meta,
    /// `type` of a Secret; `None` for ConfigMaps and where only metadata were seen.
    pub secret_type: Option<Str>,
    pub immutable: bool,
    /// Sorted by name. Empty if `keys_unseen`.
    pub keys: Vec<KeyFacts>,
    /// Only metadata were collected: the keys are not known.
    pub keys_unseen: bool,
    pub payload: SecretPayload,
    pub last_applied: Option<LastApplied>,
}

impl DataObject {
    pub fn key(&self, name: &str) -> Option<&KeyFacts> {
        self.keys.iter().find(|k| &*k.name == name)
    }

    /// The newest interval in which any key changed; the creation where nothing better is known.
    pub fn data_changed(&self) -> Interval {
        self.keys
            .iter()
            .map(|k| k.changed)
            .filter(|i| !i.is_unknown())
            .max_by_key(|i| i.until.or(i.after))
            .unwrap_or(Interval::between(self.meta.created, None))
    }
}

/// What the payload of a typed Secret is.
#[derive(Clone, Debug, Default)]
pub enum SecretPayload {
    #[default]
    None,
    /// `.dockerconfigjson` or `.dockercfg` was there, whatever the type of the Secret says.
    Docker(Arc<DockerConfigFacts>),
    /// It does not parse: the kubelet then fails the pull of every image of the pod.
    MalformedDocker(Malformed),
    Certificate(CertFacts),
    Helm(HelmRelease),
}

#[derive(Clone, Debug)]
pub struct KeyFacts {
    pub name: Str,
    /// In `binaryData` of a ConfigMap.
    pub binary: bool,
    /// The value was replaced by its length in this dump (`N bytes long`) or redacted: facts about it are not known.
    pub elided: bool,
    pub value: Arc<ValueFacts>,
    /// When this key last changed, as far as managedFields tell, and which manager owns it.
    pub changed: Interval,
    pub manager: Option<Str>,
}

/// What can be said about a value without saying the value.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ValueFacts {
    /// Length in bytes. Shown only as "empty" or "not empty".
    pub len: u32,
    /// `None` where the value was elided.
    pub tag: Option<EqTag>,
    /// Tag of the value without surrounding white space and quotes, where that differs from `tag`.
    pub trimmed: Option<EqTag>,
    /// Tag of what the value decodes to, where it is base64 of printable text.
    pub decoded: Option<EqTag>,
    pub ends_in_newline: bool,
    pub has_carriage_return: bool,
    /// Leading or trailing blank other than a final newline.
    pub has_outer_space: bool,
    pub has_outer_quotes: bool,
    /// Looks like a stand-in that was never replaced (`changeme`, `TODO`, `<password>`).
    pub placeholder: bool,
    /// Is it JSON (an object or an array)? `Some(false)` only where it begins like JSON and does not parse.
    pub json: Option<bool>,
    pub is_pem: bool,
    /// Claims of a JSON Web Token: issued at, expires at.
    pub jwt: Option<(Option<Time>, Option<Time>)>,
    /// Kind of token by its public prefix (`hvs.`, `ghp_`, `AKIA`, ...).
    pub token_kind: Option<&'static str>,
    /// Issue time inside a user name that a Vault database role made (`v-...-UNIXTIME`).
    pub vault_user_issued: Option<Time>,
    /// The value is a URL or a connection string.
    pub url: Option<Box<UrlFacts>>,
    /// Has characters that break an unquoted URL or shell word (`@:/#%?` and blanks).
    pub url_unsafe: bool,
    /// The value itself where it is an identifier and not a secret: a host, a port, a user or a database name. Filled only
    /// by key name (see `facts::identifier`), never for keys that look like credentials.
    pub identifier: Option<Str>,
    /// Has the shape of a credential (high-entropy token, private key, known prefix, URL with a password).
    pub credential_shaped: bool,
}

/// The parts of a URL or connection string that are identifiers, and tags of its password.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct UrlFacts {
    pub scheme: Option<Str>,
    pub host: Option<Str>,
    pub port: Option<u16>,
    pub user: Option<Str>,
    pub database: Option<Str>,
    pub password: Option<EqTag>,
    /// The authority does not parse: an unescaped character in user info or host.
    pub broken: bool,
}

/// Facts about `tls.crt` (public data) and its key.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CertFacts {
    pub not_before: Option<Time>,
    pub not_after: Option<Time>,
    pub names: Vec<Str>,
    pub issuer: Option<Str>,
    pub serial: Option<Str>,
    /// Certificates in `tls.crt`.
    pub chain_length: u32,
    /// `Some(false)` if the key is certainly not the certificate's.
    pub key_matches: Option<bool>,
    /// `tls.crt` holds no readable certificate.
    pub unreadable: bool,
    /// Certificates in `ca.crt`: subject-key tags, to compare bundles.
    pub ca_tags: Vec<EqTag>,
}

/// A Helm release record (`helm.sh/release.v1`), by its labels.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HelmRelease {
    pub release: Option<Str>,
    pub revision: Option<i64>,
    pub status: Option<Str>,
}

/// What is learnt of `kubectl.kubernetes.io/last-applied-configuration` while decoding; the text is dropped.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LastApplied {
    /// `kind` inside: External Secrets copies its own last-applied to the Secret.
    pub kind: Option<Str>,
    pub size: u32,
    /// Key names of `data` and `stringData` inside, with equality tags of the values, sorted.
    pub keys: Vec<(Str, Option<EqTag>)>,
}
