//! Decodes the payload of a pull secret as the kubelet does, values included; they are dropped once facts are made.
//!
//! Upstream: k8s.io/kubernetes v1.36.3, `pkg/credentialprovider/config.go` and
//! `pkg/credentialprovider/secrets/secrets.go`.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use super::PullSecretKind;
use super::go::base64;
use super::go::json::{self, Cursor, JsonKind, SyntaxFault};
use crate::value::SecretValue;

/// A decoded payload: what the keyring would hold, and what stands beside it.
pub(crate) struct DockerConfig {
    /// In the order of the text; a repeated key stands where its last copy stands.
    pub entries: Vec<Entry>,
    /// `auths` is an object, even if an empty one. Always true for `.dockercfg`, which has no such level.
    pub auths_present: bool,
    pub creds_store: bool,
    pub cred_helpers: bool,
    /// Members beside `auths` that look like entries: the shape of `.dockercfg` under the wrong type.
    pub misplaced: Vec<String>,
    /// Keys that stand more than once; only the last copy counts.
    pub repeated: Vec<String>,
}

/// One registry's credential. Bytes may be no UTF-8 when they come out of `auth`.
pub(crate) struct Entry {
    pub key: String,
    pub username: Vec<u8>,
    pub password: SecretValue,
    /// What `username` and `password` say where a non-empty `auth` overrides them.
    pub overridden: Option<(Vec<u8>, SecretValue)>,
    pub identity_token: bool,
    pub registry_token: bool,
}

/// Why the payload makes every pull of the pod fail, public images included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    pub fault: Fault,
    /// Byte offset in the payload: of the bad byte, or of the value that has the wrong kind or content.
    pub offset: usize,
    /// The registry key whose entry is at fault, if an entry is.
    pub key: Option<String>,
}

/// What is wrong with a payload. No variant holds any of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// No JSON: a byte that may not stand there, such as a comma too much.
    Syntax,
    /// The JSON ends too early.
    Truncated,
    /// Nested deeper than Go reads.
    TooDeep,
    /// The value of this member, or the whole payload, has the wrong kind.
    Kind { field: Field, found: JsonKind },
    /// `auth` is not base64; the number is the one in `illegal base64 data at input byte N`.
    AuthBase64 { input_byte: usize },
    /// `auth` decodes to a text without a colon.
    AuthNoColon,
}

/// The member that a [`Fault::Kind`] is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Field {
    Payload,
    Auths,
    HttpHeaders,
    Entry,
    Username,
    Password,
    Email,
    Auth,
}

impl Malformed {
    /// The kubelet's own words, which are the pod's waiting reason and message, where they hold nothing of the payload.
    pub fn kubelet_text(&self) -> Option<String> {
        match self.fault {
            Fault::Truncated => Some("unexpected end of JSON input".to_owned()),
            Fault::AuthBase64 { input_byte } => Some(format!("illegal base64 data at input byte {input_byte}")),
            Fault::AuthNoColon => {
                Some("unable to parse auth field, must be formatted as base64(username:password)".to_owned())
            }
            Fault::Syntax | Fault::TooDeep | Fault::Kind { .. } => None,
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            Fault::Syntax => write!(f, "not JSON from byte {} on", self.offset),
            Fault::Truncated => write!(f, "the JSON is cut off after {} bytes", self.offset),
            Fault::TooDeep => write!(f, "the JSON is nested too deeply at byte {}", self.offset),
            Fault::Kind { field, found } => {
                write!(f, "{} is {} at byte {}", field.describe(), found.describe(), self.offset)
            }
            Fault::AuthBase64 { input_byte } => write!(f, "auth is not base64 from its byte {input_byte} on"),
            Fault::AuthNoColon => f.write_str("auth decodes to a text without a colon"),
        }
    }
}

impl Field {
    fn describe(self) -> &'static str {
        match self {
            Self::Payload => "the payload",
            Self::Auths => "auths",
            Self::HttpHeaders => "HttpHeaders",
            Self::Entry => "an entry",
            Self::Username => "username",
            Self::Password => "password",
            Self::Email => "email",
            Self::Auth => "auth",
        }
    }
}

impl JsonKind {
    fn describe(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Decodes a payload that the kubelet would read, that is, one that is not empty.
pub(crate) fn decode(kind: PullSecretKind, text: &[u8]) -> Result<DockerConfig, Malformed> {
    json::check(text).map_err(|fault| {
        let (fault, offset) = match fault {
            SyntaxFault::Unexpected(at) => (Fault::Syntax, at),
            SyntaxFault::Truncated(at) => (Fault::Truncated, at),
            SyntaxFault::TooDeep(at) => (Fault::TooDeep, at),
        };
        Malformed { fault, offset, key: None }
    })?;
    let mut decoder = Decoder { text, cursor: Cursor::new(text), saved: None, entries: Entries::default() };
    let mut config = match kind {
        PullSecretKind::DockerConfigJson => decoder.config_json()?,
        PullSecretKind::Dockercfg | PullSecretKind::Other => decoder.dockercfg()?,
    };
    match decoder.saved {
        Some(fault) => Err(fault),
        None => {
            let (entries, repeated) = decoder.entries.finish();
            config.entries = entries;
            config.repeated = repeated;
            Ok(config)
        }
    }
}

struct Decoder<'t> {
    text: &'t [u8],
    cursor: Cursor<'t>,
    /// The first wrong kind. Go goes on decoding and reports it at the end, unless a graver error comes first.
    saved: Option<Malformed>,
    entries: Entries,
}

/// The Go map of entries, with the order of the text kept.
#[derive(Default)]
struct Entries {
    slots: Vec<Option<Entry>>,
    /// The slot of each key, and whether the key has stood before.
    by_key: BTreeMap<String, (usize, bool)>,
    repeated: Vec<String>,
}

impl Entries {
    fn insert(&mut self, entry: Entry) {
        let key = entry.key.clone();
        let slot = self.slots.len();
        self.slots.push(Some(entry));
        let Some((earlier, known)) = self.by_key.get_mut(&key) else {
            self.by_key.insert(key, (slot, false));
            return;
        };
        self.slots[*earlier] = None;
        *earlier = slot;
        if !std::mem::replace(known, true) {
            self.repeated.push(key);
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    fn finish(self) -> (Vec<Entry>, Vec<String>) {
        (self.slots.into_iter().flatten().collect(), self.repeated)
    }
}

impl Decoder<'_> {
    fn save(&mut self, field: Field, found: JsonKind, offset: usize) {
        if self.saved.is_none() {
            self.saved = Some(Malformed { fault: Fault::Kind { field, found }, offset, key: None });
        }
    }

    fn dockercfg(&mut self) -> Result<DockerConfig, Malformed> {
        let (at, kind) = self.cursor.peek();
        match kind {
            JsonKind::Object => self.entry_map()?,
            JsonKind::Null => {}
            found => self.save(Field::Payload, found, at),
        }
        Ok(DockerConfig { auths_present: true, ..DockerConfig::empty() })
    }

    fn config_json(&mut self) -> Result<DockerConfig, Malformed> {
        let mut config = DockerConfig::empty();
        let (at, kind) = self.cursor.peek();
        if kind != JsonKind::Object {
            if kind != JsonKind::Null {
                self.save(Field::Payload, kind, at);
            }
            return Ok(config);
        }
        self.cursor.enter();
        while let Some(name) = self.cursor.member() {
            let (at, kind) = self.cursor.peek();
            if json::names_field(&name, "auths") {
                match kind {
                    // A second `auths` object adds to the first one; null takes all away.
                    JsonKind::Object => {
                        config.auths_present = true;
                        self.entry_map()?;
                        continue;
                    }
                    JsonKind::Null => {
                        config.auths_present = false;
                        self.entries.clear();
                    }
                    found => self.save(Field::Auths, found, at),
                }
            } else if json::names_field(&name, "HttpHeaders") {
                self.http_headers(at, kind);
                continue;
            } else if json::names_field(&name, "credsStore") {
                config.creds_store |= kind == JsonKind::String;
            } else if json::names_field(&name, "credHelpers") {
                config.cred_helpers |= kind == JsonKind::Object;
            } else if kind == JsonKind::Object && self.looks_like_entry(at) {
                config.misplaced.push(String::from_utf8_lossy(&name).into_owned());
            }
            self.cursor.skip();
        }
        Ok(config)
    }

    /// `map[string]string`: null values and a null map are fine, other kinds are not.
    fn http_headers(&mut self, at: usize, kind: JsonKind) {
        if kind != JsonKind::Object {
            if kind != JsonKind::Null {
                self.save(Field::HttpHeaders, kind, at);
            }
            self.cursor.skip();
            return;
        }
        self.cursor.enter();
        while self.cursor.member().is_some() {
            let (at, kind) = self.cursor.peek();
            if !matches!(kind, JsonKind::String | JsonKind::Null) {
                self.save(Field::HttpHeaders, kind, at);
            }
            self.cursor.skip();
        }
    }

    /// Whether the object at `at` has a member of a registry entry with a text in it.
    fn looks_like_entry(&self, at: usize) -> bool {
        let mut cursor = Cursor::new(&self.text[at..]);
        cursor.enter();
        let mut found = false;
        while let Some(name) = cursor.member() {
            let is_text = cursor.peek().1 == JsonKind::String;
            found |= is_text && ["auth", "username", "password"].iter().any(|f| json::names_field(&name, f));
            cursor.skip();
        }
        found
    }

    fn entry_map(&mut self) -> Result<(), Malformed> {
        self.cursor.enter();
        while let Some(name) = self.cursor.member() {
            // Unquoting has already replaced what is no UTF-8.
            let key = String::from_utf8_lossy(&name).into_owned();
            let entry = self.entry(key.clone()).map_err(|fault| Malformed { key: Some(key), ..fault })?;
            self.entries.insert(entry);
        }
        Ok(())
    }

    /// Decodes an entry. Its faults end the decoding at once, for it is decoded by a method of its own.
    fn entry(&mut self, key: String) -> Result<Entry, Malformed> {
        let mut saved = None;
        let mut wrong = |field, found, offset| {
            saved.get_or_insert(Malformed { fault: Fault::Kind { field, found }, offset, key: None });
        };
        let mut username = Zeroizing::new(Vec::new());
        let mut password = Zeroizing::new(Vec::new());
        let mut auth = Zeroizing::new(Vec::new());
        let mut auth_at = 0;
        let (mut identity_token, mut registry_token) = (false, false);

        let (at, kind) = self.cursor.peek();
        if kind == JsonKind::Object {
            self.cursor.enter();
            while let Some(name) = self.cursor.member() {
                let (at, kind) = self.cursor.peek();
                let field = [
                    (Field::Username, "username"),
                    (Field::Password, "password"),
                    (Field::Email, "email"),
                    (Field::Auth, "auth"),
                ]
                .into_iter()
                .find(|(_, text)| json::names_field(&name, text))
                .map(|(field, _)| field);
                match (field, kind) {
                    (Some(Field::Username), JsonKind::String) => username = self.cursor.string(),
                    (Some(Field::Password), JsonKind::String) => password = self.cursor.string(),
                    (Some(Field::Auth), JsonKind::String) => {
                        auth = self.cursor.string();
                        auth_at = at;
                    }
                    (Some(Field::Email), JsonKind::String) | (Some(_), JsonKind::Null) => self.cursor.skip(),
                    (Some(field), found) => {
                        wrong(field, found, at);
                        self.cursor.skip();
                    }
                    (None, JsonKind::String) if json::names_field(&name, "identitytoken") => {
                        identity_token = !self.cursor.string().is_empty();
                    }
                    (None, JsonKind::String) if json::names_field(&name, "registrytoken") => {
                        registry_token = !self.cursor.string().is_empty();
                    }
                    (None, _) => self.cursor.skip(),
                }
            }
        } else {
            if kind != JsonKind::Null {
                wrong(Field::Entry, kind, at);
            }
            self.cursor.skip();
        }
        if let Some(fault) = saved {
            return Err(fault);
        }

        let mut entry = Entry {
            key,
            username: std::mem::take(&mut *username),
            password: SecretValue::new(std::mem::take(&mut *password)),
            overridden: None,
            identity_token,
            registry_token,
        };
        if !auth.is_empty() {
            let (user, pass) = decode_auth(&auth).map_err(|fault| Malformed { fault, offset: auth_at, key: None })?;
            let stated_user = std::mem::replace(&mut entry.username, user);
            let stated_pass = std::mem::replace(&mut entry.password, pass);
            entry.overridden = Some((stated_user, stated_pass));
        }
        Ok(entry)
    }
}

impl DockerConfig {
    fn empty() -> Self {
        Self {
            entries: Vec::new(),
            auths_present: false,
            creds_store: false,
            cred_helpers: false,
            misplaced: Vec::new(),
            repeated: Vec::new(),
        }
    }
}

/// Splits a non-empty `auth` field into username and password: `decodeDockerConfigFieldAuth`.
pub(crate) fn decode_auth(field: &[u8]) -> Result<(Vec<u8>, SecretValue), Fault> {
    // Go trims white space before it looks for the padding, and then decodes the text untrimmed.
    let trimmed = std::str::from_utf8(field).map_or(field, |text| text.trim().as_bytes());
    let padded = trimmed.ends_with(b"=");
    let decoded =
        base64::decode(field, padded).map_err(|base64::CorruptInput(input_byte)| Fault::AuthBase64 { input_byte })?;
    let colon = decoded.iter().position(|b| *b == b':').ok_or(Fault::AuthNoColon)?;
    Ok((decoded[..colon].to_vec(), SecretValue::new(decoded[colon + 1..].to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: PullSecretKind, text: &str) -> Malformed {
        match decode(kind, text.as_bytes()) {
            Err(fault) => fault,
            Ok(_) => panic!("readable: {text}"),
        }
    }

    #[test]
    fn each_fault_has_its_place_and_the_kubelets_words() {
        let json = PullSecretKind::DockerConfigJson;
        let bad = fault(json, r#"{"auths":{"reg.example":{"auth":"YWxpY2U*"}}}"#);
        assert_eq!((bad.fault, bad.offset), (Fault::AuthBase64 { input_byte: 7 }, 32));
        assert_eq!(bad.key.as_deref(), Some("reg.example"));
        assert_eq!(bad.kubelet_text().as_deref(), Some("illegal base64 data at input byte 7"));
        assert_eq!(fault(json, r#"{"auths":{"r":{"auth":"bm9jb2xvbg"}}}"#).fault, Fault::AuthNoColon);
        assert_eq!(fault(json, r#"{"auths":{"r":{}}"#).fault, Fault::Truncated);
        assert_eq!(fault(json, r#"{"auths":{"r":{},}}"#).offset, 17);
        let wrong = fault(json, r#"{"auths":{"r":{"username":7}}}"#);
        assert_eq!(wrong.fault, Fault::Kind { field: Field::Username, found: JsonKind::Number });
        assert_eq!(wrong.to_string(), "username is a number at byte 26");
        assert_eq!(
            fault(PullSecretKind::Dockercfg, "[]").fault,
            Fault::Kind { field: Field::Payload, found: JsonKind::Array }
        );
    }

    #[test]
    fn a_fault_inside_an_entry_comes_before_a_wrong_kind_beside_it() {
        let text = r#"{"HttpHeaders":1,"auths":{"r":{"auth":"!"}}}"#;
        assert_eq!(fault(PullSecretKind::DockerConfigJson, text).fault, Fault::AuthBase64 { input_byte: 0 });
    }

    #[test]
    fn repeated_members_count_as_in_go() {
        let json = PullSecretKind::DockerConfigJson;
        let read = |text: &str| decode(json, text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
        let config =
            read(r#"{"auths":{"a":{"username":"x","Username":"y"},"b":{},"a":{"USERNAME":"z","username":null}}}"#);
        let names: Vec<_> = config.entries.iter().map(|e| (e.key.as_str(), e.username.as_slice())).collect();
        assert_eq!(names, [("b", &b""[..]), ("a", &b"z"[..])]);
        assert_eq!(config.repeated, ["a"]);
        assert_eq!(read(r#"{"auths":{"a":{}},"AUTHS":{"b":{}}}"#).entries.len(), 2);
        let emptied = read(r#"{"auths":{"a":{}},"auths":null}"#);
        assert!(emptied.entries.is_empty() && !emptied.auths_present);
    }
}
