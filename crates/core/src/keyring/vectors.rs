//! Compares this module with recorded answers of the real keyring, one JSON object a line.
//!
//! `lab/keyring-oracle/README.md` describes the form. Differences name fields and positions, never values.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::config::{self, DockerConfig, Entry};
use super::go::to_valid_utf8;
use super::{DockerConfigFacts, Keyring, PullSecretKind};
use crate::image::ImageRef;
use crate::value::Tagger;

/// How one vector came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Agreement {
    /// Both fail, for the image or for a malformed Secret.
    BothFail {
        /// Whether the recorded error is word for word what this module expects, where it expects certain words.
        words: Option<bool>,
    },
    /// Both find nothing.
    NothingFound,
    /// Both find the same credentials in the same order, as far as the order is determined.
    SameCredentials {
        /// Some of the order is random in the kubelet, so that part was compared as a multiset.
        partly_unordered: bool,
    },
    Differs(Difference),
}

/// In what an answer differs from the recorded one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Difference {
    /// Only the recorded answer is an error.
    ErrorExpected,
    /// Only the answer of this module is an error.
    ErrorUnexpected,
    /// `found` differs from whether there are credentials.
    Found,
    /// The numbers of credentials differ.
    Count { expected: usize, ours: usize },
    /// The credentials from this position on, and as many as one rank has, differ.
    Credential { at: usize },
}

/// The line is no vector; the number is the column at which that shows, 0 if it is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadVector(pub usize);

impl fmt::Display for BadVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a keyring vector (column {})", self.0)
    }
}

impl std::error::Error for BadVector {}

#[derive(Deserialize)]
struct Vector {
    secrets: Option<Vec<VectorSecret>>,
    image: String,
    error: Option<String>,
    #[serde(default)]
    found: bool,
    creds: Option<Vec<VectorCred>>,
}

#[derive(Deserialize)]
struct VectorSecret {
    #[serde(default)]
    name: String,
    #[serde(default, rename = "type")]
    kind: String,
    data: Option<BTreeMap<String, Option<String>>>,
}

/// The six fields of the runtime's `AuthConfig`, and the Secret that the credential came from.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Default)]
#[serde(rename_all = "PascalCase", default)]
struct VectorCred {
    username: String,
    password: String,
    auth: String,
    server_address: String,
    identity_token: String,
    registry_token: String,
    secret: String,
}

/// Compares one line with what this module makes of its Secrets and its image.
pub fn compare(line: &str) -> Result<Agreement, BadVector> {
    let vector: Vector = serde_json::from_str(line).map_err(|e| BadVector(e.column()))?;
    // Its words are not compared; an empty text is none.
    let error = vector.error.as_deref().filter(|text| !text.is_empty());
    let (ours, undetermined) = match (answer(&vector)?, error) {
        (Answer::Fails(words), Some(error)) => {
            return Ok(Agreement::BothFail { words: words.map(|words| words == error) });
        }
        (Answer::Fails(_), None) => return Ok(Agreement::Differs(Difference::ErrorUnexpected)),
        (Answer::Sends { .. }, Some(_)) => return Ok(Agreement::Differs(Difference::ErrorExpected)),
        (Answer::Sends { creds, undetermined }, None) => (creds, undetermined),
    };
    let mut expected = vector.creds.unwrap_or_default();
    Ok(match differ(&mut expected, ours, vector.found) {
        Some(difference) => Agreement::Differs(difference),
        None if expected.is_empty() => Agreement::NothingFound,
        None => Agreement::SameCredentials { partly_unordered: undetermined },
    })
}

enum Answer {
    /// The kubelet fails, with these words if they are known.
    Fails(Option<String>),
    /// It sends these, each with its rank.
    Sends { creds: Vec<(usize, VectorCred)>, undetermined: bool },
}

fn answer(vector: &Vector) -> Result<Answer, BadVector> {
    let Ok(image) = ImageRef::parse(&vector.image) else { return Ok(Answer::Fails(None)) };
    // The tags are not looked at here, so that any key will do.
    let tagger = Tagger::new(0, [0; 32]);
    let mut configs: Vec<(&str, DockerConfig, DockerConfigFacts)> = Vec::new();
    for secret in vector.secrets.as_deref().unwrap_or_default() {
        let kind = PullSecretKind::of_type(&secret.kind);
        let payload = kind.data_key().and_then(|key| secret.data.as_ref()?.get(key)?.as_deref());
        let payload = decode_data(payload.unwrap_or_default())?;
        if payload.is_empty() {
            continue;
        }
        let config = match config::decode(kind, &payload) {
            Ok(config) => config,
            Err(fault) => return Ok(Answer::Fails(fault.kubelet_text())),
        };
        let facts = DockerConfigFacts::of(kind, &config, &tagger);
        configs.push((&secret.name, config, facts));
    }

    let secrets: Vec<(&str, &DockerConfigFacts)> = configs.iter().map(|(name, _, facts)| (*name, facts)).collect();
    let lookup = Keyring::new(&secrets).lookup(&image);
    let creds = lookup
        .matches
        .iter()
        .map(|found| {
            let (name, config, _) = &configs[found.secret_index];
            (found.rank, sent(name, &config.entries[found.entry_index]))
        })
        .collect();
    Ok(Answer::Sends { creds, undetermined: lookup.undetermined })
}

fn sent(secret: &str, entry: &Entry) -> VectorCred {
    VectorCred {
        username: to_valid_utf8(&entry.username),
        password: to_valid_utf8(entry.password.expose()),
        secret: secret.to_owned(),
        ..VectorCred::default()
    }
}

fn decode_data(text: &str) -> Result<Vec<u8>, BadVector> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| BadVector(0))
}

fn differ(expected: &mut [VectorCred], ours: Vec<(usize, VectorCred)>, found: bool) -> Option<Difference> {
    if found == ours.is_empty() {
        return Some(Difference::Found);
    }
    if expected.len() != ours.len() {
        return Some(Difference::Count { expected: expected.len(), ours: ours.len() });
    }
    let ranks: Vec<usize> = ours.iter().map(|(rank, _)| *rank).collect();
    let mut ours: Vec<VectorCred> = ours.into_iter().map(|(_, cred)| cred).collect();
    let mut at = 0;
    for group in ranks.chunk_by(|a, b| a == b) {
        let range = at..at + group.len();
        expected[range.clone()].sort();
        ours[range.clone()].sort();
        if expected[range.clone()] != ours[range.clone()] {
            return Some(Difference::Credential { at });
        }
        at = range.end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(image: &str, found: bool, creds: serde_json::Value) -> String {
        // {"auths":{"reg.example":{"auth":"YTpi"},"https://reg.example":{"auth":"YTpj"}}}
        let payload = "eyJhdXRocyI6eyJyZWcuZXhhbXBsZSI6eyJhdXRoIjoiWVRwaSJ9LCJodHRwczovL3JlZy5leGFtcGxlIjp7ImF1dGgiOiJZVHBqIn19fQ==";
        serde_json::json!({
            "secrets": [{"name": "s", "type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": payload}}],
            "image": image, "found": found, "creds": creds,
        })
        .to_string()
    }

    fn cred(password: &str, secret: &str) -> serde_json::Value {
        serde_json::json!({"Username": "a", "Password": password, "Secret": secret})
    }

    #[test]
    fn keys_that_mean_one_registry_compare_in_any_order() {
        let same = Ok(Agreement::SameCredentials { partly_unordered: true });
        let [b, c] = [cred("b", "s"), cred("c", "s")];
        assert_eq!(compare(&line("reg.example/x", true, serde_json::json!([&b, &c]))), same);
        assert_eq!(compare(&line("reg.example/x", true, serde_json::json!([&c, &b]))), same);
    }

    #[test]
    fn every_difference_is_seen() {
        let [b, c] = [cred("b", "s"), cred("c", "s")];
        let other = |v: serde_json::Value| {
            Ok(Agreement::Differs(match compare(&line("reg.example/x", true, v)) {
                Ok(Agreement::Differs(d)) => d,
                other => panic!("{other:?}"),
            })) as Result<Agreement, BadVector>
        };
        assert_eq!(other(serde_json::json!([&b, &b])), Ok(Agreement::Differs(Difference::Credential { at: 0 })));
        assert_eq!(other(serde_json::json!([&b])), Ok(Agreement::Differs(Difference::Count { expected: 1, ours: 2 })));
        assert_eq!(
            other(serde_json::json!([&b, cred("c", "t")])),
            Ok(Agreement::Differs(Difference::Credential { at: 0 }))
        );
        assert_eq!(
            compare(&line("reg.example/x", false, serde_json::json!([&b, &c]))),
            Ok(Agreement::Differs(Difference::Found))
        );
        assert_eq!(
            compare(&line("reg.example/X", true, serde_json::json!([&b, &c]))),
            Ok(Agreement::Differs(Difference::ErrorUnexpected))
        );
        assert_eq!(compare(&line("other.example/x", false, serde_json::json!([]))), Ok(Agreement::NothingFound));
        assert_eq!(compare("{}"), Err(BadVector(2)));
    }
}
