//! What is kept of a pull secret once its values are dropped: keys, usernames, tags and shapes.

use super::PullSecretKind;
use super::config::{DockerConfig, Entry};
use super::go::to_valid_utf8;
use super::go::url::{self, Url, UrlFault};
use crate::time::Time;
use crate::value::{EqTag, SecretValue, Tagger};

/// One readable pull secret, without values.
#[derive(Clone, PartialEq, Debug)]
pub struct DockerConfigFacts {
    pub kind: PullSecretKind,
    /// `auths` is an object, even if an empty one. Without it the Secret matches nothing, silently. Always true for
    /// `.dockercfg`, which has no such level.
    pub auths_present: bool,
    /// In the order of the text. The kubelet's own order of two keys that mean one registry is random.
    pub entries: Vec<EntryFacts>,
    /// A `credsStore` member, which the kubelet does not read.
    pub creds_store: bool,
    /// A `credHelpers` member, which the kubelet does not read.
    pub cred_helpers: bool,
    /// Names of members beside `auths` that look like entries: `.dockercfg` content under the other type.
    pub misplaced: Vec<String>,
    /// Keys that stand more than once; only the last copy counts.
    pub repeated: Vec<String>,
}

/// One entry, without its password.
#[derive(Clone, PartialEq, Debug)]
pub struct EntryFacts {
    /// The key as written, which may be shown.
    pub key: String,
    pub registry: RegistryKey,
    /// The username that is sent. Bytes that are no UTF-8 are replaced.
    pub username: String,
    pub username_kind: UsernameKind,
    /// When a minted user was issued, for names that end in a Unix time as Vault makes them.
    pub username_issued: Option<Time>,
    /// The tag of the password that is sent.
    pub password: EqTag,
    /// The tag of username and password together, as they are sent.
    pub credential: EqTag,
    pub password_shape: PasswordShape,
    /// Times that the password itself states.
    pub token: Option<TokenTimes>,
    pub auth: AuthField,
    pub identity_token: bool,
    pub registry_token: bool,
}

/// What the `auth` field does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum AuthField {
    /// Absent or empty: `username` and `password` are sent.
    Absent,
    /// The only source of the credential.
    Alone,
    /// `username` and `password` stand beside it and say the same.
    Agrees,
    /// `username` and `password` stand beside it, say something else, and are overridden.
    Disagrees {
        /// The username that is not sent differs.
        username: bool,
        /// The tag of the password that is not sent, if there is one.
        stated: Option<EqTag>,
    },
}

/// What becomes of an entry's key.
#[derive(Clone, PartialEq, Debug)]
pub enum RegistryKey {
    /// `url.Parse` refuses it: the kubelet logs a line and passes the entry over.
    Unreadable(UrlFault),
    /// It is in the index, though it may still be one that no image can match.
    Indexed(IndexKey),
}

/// A key of the kubelet's index: scheme, user, query and `/v1`, `/v2` before a slash are gone.
#[derive(Clone, PartialEq, Debug)]
pub struct IndexKey {
    pub(super) bytes: Vec<u8>,
    /// The key parsed a second time, as each lookup does; `None` where that fails, so that it never matches.
    pub(super) url: Option<Url>,
}

impl IndexKey {
    /// The key as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> String {
        to_valid_utf8(&self.bytes)
    }
}

/// Who a username stands for, where its form tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UsernameKind {
    /// No username at all, which containerd sends as no credential or as an empty login.
    Empty,
    /// `AWS`: Amazon ECR, whose passwords live for 12 hours.
    Aws,
    /// `oauth2accesstoken`: a Google access token, which lives for one hour.
    GoogleAccessToken,
    /// `_json_key` or `_json_key_base64`: a Google service-account key.
    GoogleJsonKey,
    /// The zero GUID: an Azure Container Registry refresh token, which lives for about three hours.
    AzureToken,
    /// Another GUID: an Azure service principal.
    Guid,
    /// `gitlab-ci-token`: a job token, which dies with its job.
    GitlabJob,
    /// `gitlab+deploy-token-N`.
    GitlabDeployToken,
    /// `x-access-token`: a GitHub App installation token, which lives for one hour.
    GithubAppToken,
    /// `<token>`: Docker's mark for an identity token, which the kubelet does not send.
    DockerIdentityToken,
    /// `iamapikey` or `iambearer`: IBM Cloud.
    Ibm,
    /// `$oauthtoken`: NVIDIA NGC.
    NvidiaNgc,
    /// `name+robot`: a Quay robot.
    QuayRobot,
    /// `robot$name`: a Harbor robot.
    HarborRobot,
    /// `v-...-<unix time>`: minted by a Vault database engine or a plugin in its manner.
    VaultMinted,
    Other,
}

/// What a password looks like. Nothing of it can be told back from these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasswordShape {
    pub empty: bool,
    /// Ends in CR or LF: `echo` without `-n` before `base64`.
    pub trailing_newline: bool,
    /// Begins or ends with another white space, or begins with a line break.
    pub surrounding_space: bool,
    /// Has a control character before its end.
    pub control_character: bool,
    /// False if the bytes are no UTF-8: the kubelet cannot send them to the runtime.
    pub utf8: bool,
    /// The whole is base64 of printable text: encoded once too often.
    pub base64_again: bool,
    /// An unfilled placeholder, such as `{{ ... }}`, `${...}` or `<...>`.
    pub placeholder: bool,
    pub kind: TokenKind,
}

/// Who issued a password, where its form tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TokenKind {
    Unknown,
    Jwt,
    /// An ECR authorization token.
    Ecr,
    /// `ya29.`
    GoogleAccess,
    /// A JSON document with a private key in it.
    GoogleServiceAccountKey,
    /// `hvs.`, `hvb.`, `hvr.`: a Vault token put where a registry password belongs.
    Vault,
    /// `glpat-`, `gldt-`, `glcbt-` and their kin.
    Gitlab,
    /// `ghp_`, `gho_`, `ghs_`, `ghu_`, `ghr_`, `github_pat_`.
    Github,
    /// `dckr_pat_`, `dckr_oat_`.
    DockerHub,
}

/// Times that a token states about itself, in Unix seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenTimes {
    pub form: TokenForm,
    pub issued: Option<Time>,
    pub expires: Option<Time>,
}

/// What kind of token states the times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TokenForm {
    Jwt,
    Ecr,
}

impl DockerConfigFacts {
    pub(crate) fn of(kind: PullSecretKind, config: &DockerConfig, tagger: &Tagger) -> Self {
        Self {
            kind,
            auths_present: config.auths_present,
            entries: config.entries.iter().map(|entry| EntryFacts::of(entry, tagger)).collect(),
            creds_store: config.creds_store,
            cred_helpers: config.cred_helpers,
            misplaced: config.misplaced.clone(),
            repeated: config.repeated.clone(),
        }
    }
}

impl EntryFacts {
    fn of(entry: &Entry, tagger: &Tagger) -> Self {
        let username = to_valid_utf8(&entry.username);
        let username_kind = UsernameKind::of(&username);
        let password = entry.password.expose();
        let (token, token_kind) = read_token(password);
        Self {
            key: entry.key.clone(),
            registry: RegistryKey::of(&entry.key),
            username_issued: (username_kind == UsernameKind::VaultMinted).then(|| minted_at(&username)).flatten(),
            username_kind,
            password: tagger.tag(password),
            credential: tag_pair(&entry.username, &entry.password, tagger),
            password_shape: PasswordShape::of(password, token_kind),
            token,
            auth: auth_field(entry, tagger),
            identity_token: entry.identity_token,
            registry_token: entry.registry_token,
            username,
        }
    }

    /// Whether neither username nor password is sent. The entry still counts as a credential, and hides anonymous pulls.
    pub fn is_empty(&self) -> bool {
        self.username.is_empty() && self.password_shape.empty
    }

    /// Whether the entry holds only a token that the kubelet does not read.
    pub fn token_only(&self) -> bool {
        (self.identity_token || self.registry_token) && self.password_shape.empty
    }
}

fn tag_pair(username: &[u8], password: &SecretValue, tagger: &Tagger) -> EqTag {
    // The length before the username keeps `a` + `bc` and `ab` + `c` apart.
    let mut joined = zeroize::Zeroizing::new(Vec::with_capacity(8 + username.len() + password.len()));
    joined.extend_from_slice(&(username.len() as u64).to_be_bytes());
    joined.extend_from_slice(username);
    joined.extend_from_slice(password.expose());
    tagger.tag(&joined)
}

fn auth_field(entry: &Entry, tagger: &Tagger) -> AuthField {
    match &entry.overridden {
        None => AuthField::Absent,
        Some((user, pass)) if user.is_empty() && pass.is_empty() => AuthField::Alone,
        Some((user, pass)) => {
            // A field that is not written says nothing.
            let username = !user.is_empty() && *user != entry.username;
            let password = !pass.is_empty() && pass.expose() != entry.password.expose();
            if username || password {
                AuthField::Disagrees { username, stated: (!pass.is_empty()).then(|| tagger.tag(pass.expose())) }
            } else {
                AuthField::Agrees
            }
        }
    }
}

impl RegistryKey {
    /// The index key of an entry's key: the loop of `BasicDockerKeyring.Add`.
    pub fn of(key: &str) -> Self {
        // Only lower-case schemes are known; any other becomes a host with an empty port.
        let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
        let parsed = match url::parse(rest.as_bytes()) {
            Ok(parsed) => parsed,
            Err(fault) => return Self::Unreadable(fault),
        };
        let mut path = &*parsed.path;
        if path.starts_with(b"/v2/") || path.starts_with(b"/v1/") {
            path = &path[3..];
        }
        let mut bytes = parsed.host;
        if path != b"/" {
            bytes.extend_from_slice(path);
        }
        let url = url::parse(&bytes).ok();
        Self::Indexed(IndexKey { bytes, url })
    }

    pub fn indexed(&self) -> Option<&IndexKey> {
        match self {
            Self::Unreadable(_) => None,
            Self::Indexed(key) => Some(key),
        }
    }
}

impl UsernameKind {
    fn of(name: &str) -> Self {
        match name {
            "" => Self::Empty,
            "AWS" => Self::Aws,
            "oauth2accesstoken" => Self::GoogleAccessToken,
            "_json_key" | "_json_key_base64" => Self::GoogleJsonKey,
            "00000000-0000-0000-0000-000000000000" => Self::AzureToken,
            "gitlab-ci-token" => Self::GitlabJob,
            "x-access-token" => Self::GithubAppToken,
            "<token>" => Self::DockerIdentityToken,
            "iamapikey" | "iambearer" => Self::Ibm,
            "$oauthtoken" => Self::NvidiaNgc,
            _ if name.starts_with("gitlab+deploy-token-") => Self::GitlabDeployToken,
            _ if name.starts_with("robot$") => Self::HarborRobot,
            _ if name.starts_with("v-") && minted_at(name).is_some() => Self::VaultMinted,
            _ if is_guid(name) => Self::Guid,
            _ if name.split_once('+').is_some_and(|(org, robot)| !org.is_empty() && !robot.is_empty()) => {
                Self::QuayRobot
            }
            _ => Self::Other,
        }
    }
}

/// The Unix time at the end of a minted name. Ten digits reach from 2001 to 2286.
fn minted_at(name: &str) -> Option<Time> {
    let (_, last) = name.rsplit_once('-')?;
    let digits = last.len() == 10 && last.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| last.parse().ok().map(Time)).flatten()
}

fn is_guid(name: &str) -> bool {
    name.len() == 36
        && name.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

impl PasswordShape {
    fn of(bytes: &[u8], kind: TokenKind) -> Self {
        let body = trim_line_end(bytes);
        let text = std::str::from_utf8(bytes).ok();
        Self {
            empty: bytes.is_empty(),
            trailing_newline: body.len() < bytes.len(),
            surrounding_space: std::str::from_utf8(body).is_ok_and(|body| body.trim().len() < body.len()),
            control_character: body.iter().any(u8::is_ascii_control),
            utf8: text.is_some(),
            base64_again: kind == TokenKind::Unknown && is_base64_of_text(body),
            placeholder: text.is_some_and(is_placeholder),
            kind,
        }
    }
}

fn trim_line_end(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|b| *b != b'\n' && *b != b'\r').map_or(0, |i| i + 1);
    &bytes[..kept]
}

/// At least twelve digits, so that a random password is not taken for one.
fn is_base64_of_text(bytes: &[u8]) -> bool {
    bytes.len() >= 12
        && super::go::base64::decode(bytes, bytes.ends_with(b"="))
            .is_ok_and(|decoded| trim_line_end(&decoded).iter().all(|b| (b' '..=b'~').contains(b)))
}

fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let enclosed = |open: &str, close: &str| text.len() > open.len() && text.starts_with(open) && text.ends_with(close);
    enclosed("{{", "}}") || enclosed("${", "}") || enclosed("$(", ")") || enclosed("<", ">")
}

/// The kind of a token and the times that it states.
fn read_token(bytes: &[u8]) -> (Option<TokenTimes>, TokenKind) {
    let body = bytes.trim_ascii();
    for (prefix, kind) in TOKEN_PREFIXES {
        if body.starts_with(prefix.as_bytes()) {
            return (None, *kind);
        }
    }
    if let Some(times) = read_jwt(body) {
        return (Some(times), TokenKind::Jwt);
    }
    if let Some(times) = read_ecr(body) {
        return (Some(times), TokenKind::Ecr);
    }
    if body.first() == Some(&b'{') && serde_json::from_slice::<ServiceAccountKey>(body).is_ok() {
        return (None, TokenKind::GoogleServiceAccountKey);
    }
    (None, TokenKind::Unknown)
}

const TOKEN_PREFIXES: &[(&str, TokenKind)] = &[
    ("hvs.", TokenKind::Vault),
    ("hvb.", TokenKind::Vault),
    ("hvr.", TokenKind::Vault),
    ("ya29.", TokenKind::GoogleAccess),
    ("glpat-", TokenKind::Gitlab),
    ("gldt-", TokenKind::Gitlab),
    ("glcbt-", TokenKind::Gitlab),
    ("glrt-", TokenKind::Gitlab),
    ("glptt-", TokenKind::Gitlab),
    ("ghp_", TokenKind::Github),
    ("gho_", TokenKind::Github),
    ("ghs_", TokenKind::Github),
    ("ghu_", TokenKind::Github),
    ("ghr_", TokenKind::Github),
    ("github_pat_", TokenKind::Github),
    ("dckr_pat_", TokenKind::DockerHub),
    ("dckr_oat_", TokenKind::DockerHub),
];

/// A service-account key is told by these two members; their texts are not kept.
#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only the presence of the members is asked for")]
struct ServiceAccountKey {
    private_key: serde::de::IgnoredAny,
    client_email: serde::de::IgnoredAny,
}

#[derive(serde::Deserialize)]
struct Claims {
    iat: Option<serde_json::Number>,
    exp: Option<serde_json::Number>,
}

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only the presence of the first two members is asked for")]
struct EcrToken {
    payload: serde::de::IgnoredAny,
    datakey: serde::de::IgnoredAny,
    expiration: serde_json::Number,
}

/// `iat` and `exp` of a JSON web token. Its signature is not looked at.
fn read_jwt(bytes: &[u8]) -> Option<TokenTimes> {
    use ::base64::Engine as _;
    let mut parts = bytes.split(|b| *b == b'.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let decode =
        |part: &[u8]| ::base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).ok().map(zeroize::Zeroizing::new);
    serde_json::from_slice::<serde::de::IgnoredAny>(&decode(header)?).ok()?;
    let claims: Claims = serde_json::from_slice(&decode(claims)?).ok()?;
    let time = |n: Option<serde_json::Number>| n.as_ref().and_then(seconds);
    Some(TokenTimes { form: TokenForm::Jwt, issued: time(claims.iat), expires: time(claims.exp) })
}

/// The `expiration` inside an ECR authorization token, which is base64 of a JSON document.
fn read_ecr(bytes: &[u8]) -> Option<TokenTimes> {
    if bytes.len() < 40 {
        return None;
    }
    let decoded = super::go::base64::decode(bytes, bytes.ends_with(b"=")).ok()?;
    let token: EcrToken = serde_json::from_slice(&decoded).ok()?;
    Some(TokenTimes { form: TokenForm::Ecr, issued: None, expires: seconds(&token.expiration) })
}

fn seconds(number: &serde_json::Number) -> Option<Time> {
    number.as_i64().or_else(|| number.as_f64().map(|f| f as i64)).map(Time)
}

#[cfg(test)]
mod tests {
    use super::super::{Parsed, parse};
    use super::*;

    fn facts(json: &serde_json::Value) -> DockerConfigFacts {
        let payload = SecretValue::new(json.to_string().into_bytes());
        match parse(PullSecretKind::DockerConfigJson, Some(&payload), &Tagger::new(1, [1; 32])) {
            Parsed::Entries(facts) => facts,
            other => panic!("{other:?}"),
        }
    }

    fn entry(json: serde_json::Value) -> EntryFacts {
        facts(&serde_json::json!({ "auths": { "reg.example": json } })).entries.remove(0)
    }

    fn base64(text: &str) -> String {
        use ::base64::Engine as _;
        ::base64::engine::general_purpose::STANDARD.encode(text)
    }

    fn base64url(text: &str) -> String {
        use ::base64::Engine as _;
        ::base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    }

    #[test]
    fn auth_wins_over_username_and_password_and_says_whether_it_agrees() {
        let alone = entry(serde_json::json!({"auth": base64("u:p")}));
        assert_eq!((alone.auth, &*alone.username), (AuthField::Alone, "u"));
        let agrees = entry(serde_json::json!({"username": "u", "password": "p", "auth": base64("u:p")}));
        assert_eq!(agrees.auth, AuthField::Agrees);
        assert_eq!(agrees.credential, alone.credential);
        let other = entry(serde_json::json!({"username": "u", "password": "new", "auth": base64("u:p")}));
        let plain = entry(serde_json::json!({"username": "u", "password": "new"}));
        assert_eq!(plain.auth, AuthField::Absent);
        assert_eq!(other.password, alone.password);
        assert_eq!(other.auth, AuthField::Disagrees { username: false, stated: Some(plain.password) });
    }

    #[test]
    fn tags_tell_where_the_colon_is() {
        let one = entry(serde_json::json!({"username": "a", "password": "bc"}));
        let two = entry(serde_json::json!({"username": "ab", "password": "c"}));
        assert_ne!(one.credential, two.credential);
    }

    #[test]
    fn an_entry_with_only_an_identity_token_sends_nothing() {
        let found =
            entry(serde_json::json!({"auth": base64("00000000-0000-0000-0000-000000000000:"), "identitytoken": "t"}));
        assert!(found.token_only() && !found.is_empty());
        assert_eq!(found.username_kind, UsernameKind::AzureToken);
        let bare = entry(serde_json::json!({"identitytoken": "t"}));
        assert!(bare.token_only() && bare.is_empty());
    }

    #[test]
    fn usernames_tell_their_issuer() {
        for (name, want) in [
            ("AWS", UsernameKind::Aws),
            ("aws", UsernameKind::Other),
            ("_json_key_base64", UsernameKind::GoogleJsonKey),
            ("0a1b2c3d-0000-0000-0000-000000000000", UsernameKind::Guid),
            ("gitlab+deploy-token-7", UsernameKind::GitlabDeployToken),
            ("team+puller", UsernameKind::QuayRobot),
            ("robot$team+puller", UsernameKind::HarborRobot),
            ("v-token-reader-x7-1795323568", UsernameKind::VaultMinted),
            ("v-team-2024", UsernameKind::Other),
        ] {
            assert_eq!(UsernameKind::of(name), want, "{name}");
        }
        let minted = entry(serde_json::json!({"username": "v-token-reader-x7-1795323568", "password": "p"}));
        assert_eq!(minted.username_issued, Some(Time(1_795_323_568)));
    }

    #[test]
    fn tokens_state_their_times() {
        let claims = base64url(r#"{"iat":1700000000,"exp":1700003600.5,"sub":"x"}"#);
        let jwt = format!("{}.{claims}.c2ln", base64url(r#"{"alg":"RS256"}"#));
        let found = entry(serde_json::json!({"username": "u", "password": jwt}));
        let times =
            TokenTimes { form: TokenForm::Jwt, issued: Some(Time(1_700_000_000)), expires: Some(Time(1_700_003_600)) };
        assert_eq!(found.token, Some(times));

        let ecr = base64(
            r#"{"payload":"cGF5bG9hZA==","datakey":"a2V5","version":"2","type":"DATA_KEY","expiration":1700043200}"#,
        );
        let found = entry(serde_json::json!({"auth": base64(&format!("AWS:{ecr}"))}));
        assert_eq!(found.token.map(|t| (t.form, t.expires)), Some((TokenForm::Ecr, Some(Time(1_700_043_200)))));
        assert_eq!(found.password_shape.kind, TokenKind::Ecr);
        assert!(!found.password_shape.base64_again, "an ECR token is base64 by nature");

        for not_a_token in ["a.b.c", "x.y", "", "a.b.c.d"] {
            assert_eq!(entry(serde_json::json!({"password": not_a_token})).token, None);
        }
    }

    #[test]
    fn the_shape_of_a_password_shows_common_accidents() {
        let shape = |password: &str| entry(serde_json::json!({"username": "u", "password": password})).password_shape;
        assert!(shape("p\n").trailing_newline && !shape("p").trailing_newline);
        assert!(shape(" p").surrounding_space && !shape("p\n").surrounding_space);
        assert!(shape("p\tq").control_character && !shape("p\n").control_character);
        assert!(shape(&base64("correct horse")).base64_again && !shape("correct horse").base64_again);
        assert!(
            shape("{{ .Values.password }}").placeholder
                && shape("<password>").placeholder
                && !shape("p<q>").placeholder
        );
        assert_eq!(shape("hvs.x").kind, TokenKind::Vault);
        let raw = entry(serde_json::json!({"auth": "dTr/"}));
        assert!(!raw.password_shape.utf8);
    }

    #[test]
    fn keys_are_stored_without_scheme_user_and_version() {
        let stored = |key: &str| match RegistryKey::of(key) {
            RegistryKey::Indexed(key) => key.text(),
            RegistryKey::Unreadable(fault) => format!("{fault:?}"),
        };
        for (key, want) in [
            ("https://index.docker.io/v1/", "index.docker.io"),
            ("https://index.docker.io/v1", "index.docker.io/v1"),
            ("http://u:p@reg.example:5000/v2/team?x", "reg.example:5000/team"),
            ("reg.example/", "reg.example"),
            ("HTTPS://reg.example", "HTTPS://reg.example"),
            ("reg example", "HostCharacter"),
        ] {
            assert_eq!(stored(key), want, "{key}");
        }
    }

    #[test]
    fn what_stands_beside_auths_is_noticed() {
        let found = facts(&serde_json::json!({"credHelpers": {"reg.example": "ecr-login"}, "credsStore": "desktop"}));
        assert!(found.cred_helpers && found.creds_store && !found.auths_present && found.entries.is_empty());
        let bare = facts(&serde_json::json!({"reg.example": {"auth": base64("u:p")}}));
        assert_eq!((bare.auths_present, &*bare.misplaced), (false, &["reg.example".to_owned()][..]));
        assert!(facts(&serde_json::json!({"auths": {}})).auths_present);
    }
}
