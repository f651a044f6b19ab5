//! The kubelet's image-pull keyring: which credentials it would send for an image, in which order, and why not others.
//!
//! Upstream: k8s.io/kubernetes v1.36.3, `pkg/credentialprovider/{config,keyring}.go`,
//! `pkg/credentialprovider/secrets/secrets.go` and `pkg/kubelet/images/image_manager.go`. The emulation is compared
//! with the real code by `tests/keyring.rs`; `lab/keyring-oracle` makes the vectors.
//!
//! [`parse`] turns the payload of one pull secret into facts without values, [`Keyring`] looks an image up in the
//! facts of all pull secrets of a pod, and [`explain`] says why a key does not match.

mod cached;
mod config;
mod explain;
mod facts;
mod go;
mod lookup;
pub mod vectors;

pub use cached::{
    Access, AskReason, CacheFacts, Decision, FailReason, KubeletVersion, MissingFact, Origin, PullPolicy, UseReason,
    VerificationPolicy, cached_image_use,
};
pub use config::{Fault, Field, Malformed};
pub use explain::{Alias, KeyTrap, Mismatch, Near, explain, nearest, trap};
pub use facts::{
    AuthField, DockerConfigFacts, EntryFacts, PasswordShape, RegistryKey, TokenForm, TokenKind, TokenTimes,
    UsernameKind,
};
pub use go::json::JsonKind;
pub use go::url::UrlFault;
pub use lookup::{Keyring, Lookup, Match, Via};

use crate::value::{SecretValue, Tagger};

/// What the `type` of a Secret means to the kubelet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PullSecretKind {
    /// `kubernetes.io/dockerconfigjson`, read from the key `.dockerconfigjson`.
    DockerConfigJson,
    /// `kubernetes.io/dockercfg`, read from the key `.dockercfg`: the map inside `auths` alone.
    Dockercfg,
    /// Any other type, such as `Opaque`: ignored without a word, whatever its keys hold.
    Other,
}

impl PullSecretKind {
    pub fn of_type(text: &str) -> Self {
        match text {
            "kubernetes.io/dockerconfigjson" => Self::DockerConfigJson,
            "kubernetes.io/dockercfg" => Self::Dockercfg,
            _ => Self::Other,
        }
    }

    /// The kind that a key of `data` belongs to, whatever the type of its Secret says.
    pub fn of_data_key(key: &str) -> Self {
        match key {
            ".dockerconfigjson" => Self::DockerConfigJson,
            ".dockercfg" => Self::Dockercfg,
            _ => Self::Other,
        }
    }

    /// The only key of `data` that the kubelet reads for this type.
    pub fn data_key(self) -> Option<&'static str> {
        match self {
            Self::DockerConfigJson => Some(".dockerconfigjson"),
            Self::Dockercfg => Some(".dockercfg"),
            Self::Other => None,
        }
    }
}

/// A Secret as far as image pulls go. The value is dropped once [`PullSecret::parse`] has made facts of it.
#[derive(Debug)]
pub struct PullSecret {
    pub name: String,
    pub kind: PullSecretKind,
    /// The decoded value under [`PullSecretKind::data_key`], if the key is there.
    pub payload: Option<SecretValue>,
}

impl PullSecret {
    pub fn parse(&self, tagger: &Tagger) -> Parsed {
        parse(self.kind, self.payload.as_ref(), tagger)
    }
}

/// What the kubelet makes of one pull secret.
#[derive(Clone, PartialEq, Debug)]
pub enum Parsed {
    /// Passed over: the pull goes on as if the Secret were not listed.
    NotUsed(NotUsed),
    /// One such Secret in the list makes every pull of the pod fail, public images included.
    Malformed(Malformed),
    Entries(DockerConfigFacts),
}

/// Why a listed Secret is passed over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NotUsed {
    /// The type is none of the two that the kubelet reads.
    WrongType,
    /// The type is right and its key is absent.
    KeyMissing,
    /// The key is there and has no bytes.
    Empty,
}

/// Reads a pull secret. `payload` is the decoded value under [`PullSecretKind::data_key`]; an elided value must not be
/// passed, since it would be judged as what it is not.
pub fn parse(kind: PullSecretKind, payload: Option<&SecretValue>, tagger: &Tagger) -> Parsed {
    if kind == PullSecretKind::Other {
        return Parsed::NotUsed(NotUsed::WrongType);
    }
    let Some(payload) = payload else { return Parsed::NotUsed(NotUsed::KeyMissing) };
    if payload.is_empty() {
        return Parsed::NotUsed(NotUsed::Empty);
    }
    match config::decode(kind, payload.expose()) {
        Ok(config) => Parsed::Entries(DockerConfigFacts::of(kind, &config, tagger)),
        Err(fault) => Parsed::Malformed(fault),
    }
}

/// The pull secrets that a pod is created with: `Admit` of `plugin/pkg/admission/serviceaccount/admission.go`.
///
/// The ServiceAccount's list counts only if the pod's own is empty, and only at creation: later edits of the
/// ServiceAccount never reach a pod that exists. Mirror pods of static pods get nothing from it, so for them it is to be
/// passed empty.
pub fn effective_pull_secrets<'a, S>(of_pod: &'a [S], of_service_account_at_creation: &'a [S]) -> &'a [S] {
    if of_pod.is_empty() { of_service_account_at_creation } else { of_pod }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_with_its_own_list_gets_nothing_from_the_service_account() {
        assert_eq!(effective_pull_secrets(&["a"], &["b"]), ["a"]);
        assert_eq!(effective_pull_secrets(&[], &["b"]), ["b"]);
    }

    #[test]
    fn only_the_right_type_with_a_filled_key_is_read() {
        let tagger = Tagger::new(1, [1; 32]);
        let value = |text: &str| SecretValue::new(text.as_bytes().to_vec());
        let kind = PullSecretKind::of_type("Opaque");
        assert_eq!(parse(kind, Some(&value("{}")), &tagger), Parsed::NotUsed(NotUsed::WrongType));
        let kind = PullSecretKind::of_type("kubernetes.io/dockerconfigjson");
        assert_eq!(parse(kind, None, &tagger), Parsed::NotUsed(NotUsed::KeyMissing));
        assert_eq!(parse(kind, Some(&value("")), &tagger), Parsed::NotUsed(NotUsed::Empty));
        assert!(matches!(parse(kind, Some(&value("{}")), &tagger), Parsed::Entries(_)));
        assert!(matches!(parse(kind, Some(&value("[]")), &tagger), Parsed::Malformed(_)));
    }
}
