//! The shape of one value, and tags by which it can be compared.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{identifier, url};
use crate::objects::ValueFacts;
use crate::time::Time;
use crate::value::{SecretValue, Tagger};

/// Values longer than this are files, not credentials: they are tagged and tried as JSON or PEM only.
const LONGEST_CREDENTIAL: usize = 8 * 1024;

/// Learns all that may be known about a value. `name` is the key of a Secret or ConfigMap or the name of a variable: it
/// decides whether the value is an identifier that may be shown.
pub fn of(name: &str, value: &SecretValue, tagger: &Tagger) -> ValueFacts {
    let bytes = value.expose();
    let tag = tagger.tag(bytes);
    let mut facts =
        ValueFacts { len: u32::try_from(bytes.len()).unwrap_or(u32::MAX), tag: Some(tag), ..ValueFacts::default() };
    let Ok(text) = std::str::from_utf8(bytes) else { return facts };
    facts.ends_in_newline = text.ends_with('\n');
    facts.has_carriage_return = text.contains('\r');
    facts.json = json(text);
    facts.is_pem = text.contains("-----BEGIN ");
    facts.credential_shaped = facts.is_pem && text.contains("PRIVATE KEY-----");
    if text.len() > LONGEST_CREDENTIAL {
        return facts;
    }
    let line = text.trim_end_matches(['\n', '\r']);
    let bare = line.trim();
    facts.has_outer_space = bare.len() != line.len();
    let unquoted = unquote(bare);
    facts.has_outer_quotes = unquoted.len() != bare.len();
    if unquoted.len() != text.len() {
        facts.trimmed = Some(tagger.tag(unquoted.as_bytes()));
    }
    facts.decoded = decoded(unquoted).map(|v| tagger.tag(v.expose()));
    facts.placeholder = is_placeholder(unquoted);
    facts.jwt = jwt(unquoted);
    facts.token_kind = token_kind(unquoted);
    facts.vault_user_issued = vault_user_issued(unquoted);
    facts.url = url(unquoted, tagger).map(Box::new);
    facts.url_unsafe = facts.url.is_none()
        && unquoted.contains(['@', ':', '/', '#', '%', '?', '[', ']', ' ', '\t', '&', '"', '\'', '\\', '$', '`']);
    facts.credential_shaped |= facts.jwt.is_some()
        || facts.token_kind.is_some()
        || facts.url.as_ref().is_some_and(|u| u.password.is_some())
        || is_random(unquoted);
    if !facts.credential_shaped && !facts.placeholder {
        facts.identifier = identifier(name, unquoted).map(Into::into);
    }
    facts
}

/// Without one pair of equal quotes around it.
fn unquote(text: &str) -> &str {
    let inner = |quote| text.strip_prefix(quote).and_then(|t: &str| t.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// Whether it is JSON, if it begins like an object or an array. INI sections and templates begin otherwise.
fn json(text: &str) -> Option<bool> {
    let text = text.trim();
    let next = |open: char| text.strip_prefix(open).map(|rest| rest.trim_start().chars().next());
    let like_json = match (next('{'), next('[')) {
        (Some(first), _) => matches!(first, Some('"' | '}')),
        (_, Some(first)) => matches!(first, Some('"' | '{' | '[' | ']' | '-' | '0'..='9')),
        _ => false,
    };
    like_json.then(|| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// What base64 of printable text decodes to.
fn decoded(text: &str) -> Option<SecretValue> {
    let text = text.trim_end_matches(['\n', '\r']);
    if text.len() < 8 || !text.len().is_multiple_of(4) {
        return None;
    }
    let value = SecretValue::new(STANDARD.decode(text).ok()?);
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let is_text = std::str::from_utf8(value.expose()).is_ok_and(|t| t.chars().all(printable));
    is_text.then_some(value)
}

fn is_placeholder(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "changeme",
        "replaceme",
        "fixme",
        "todo",
        "tbd",
        "placeholder",
        "dummy",
        "notset",
        "unset",
        "fillme",
        "fillmein",
        "insertme",
        "setme",
        "examplepassword",
        "mypassword",
        "yourpassword",
        "yourpasswordhere",
        "yoursecrethere",
        "yourtokenhere",
        "yourapikey",
        "yourapikeyhere",
        "redacted",
        "hidden",
    ];
    if text.is_empty() {
        return false;
    }
    let enclosed = |open: &str, close: &str| text.len() > 2 && text.starts_with(open) && text.ends_with(close);
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.');
    if enclosed("<", ">") && text[1..text.len() - 1].chars().all(is_word) {
        return true;
    }
    if enclosed("${", "}") || enclosed("{{", "}}") || enclosed("%(", ")s") {
        return true;
    }
    if text.len() > 32 {
        return false;
    }
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    WORDS.contains(&plain.as_str())
        || plain.starts_with("changeme")
        || (text.len() >= 3 && text.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '.')))
}

/// Claims of a JSON Web Token: issued at, expires at. Neither need be there.
fn jwt(text: &str) -> Option<(Option<Time>, Option<Time>)> {
    #[derive(Deserialize)]
    struct Claims {
        iat: Option<f64>,
        exp: Option<f64>,
    }
    let mut parts = text.split('.');
    let (head, body) = (parts.next()?, parts.next()?);
    if !head.starts_with("eyJ") || parts.next().is_none() || parts.next().is_some() {
        return None;
    }
    let body = SecretValue::new(URL_SAFE_NO_PAD.decode(body.trim_end_matches('=')).ok()?);
    let claims: Claims = serde_json::from_slice(body.expose()).ok()?;
    let time = |seconds: Option<f64>| seconds.filter(|s| s.is_finite()).map(|s| Time(s as i64));
    Some((time(claims.iat), time(claims.exp)))
}

/// The kind of a token by its published prefix.
fn token_kind(text: &str) -> Option<&'static str> {
    const PREFIXES: &[(&str, usize, &str)] = &[
        ("hvs.", 20, "Vault service token"),
        ("hvb.", 20, "Vault batch token"),
        ("hvr.", 20, "Vault recovery token"),
        ("ghp_", 36, "GitHub personal token"),
        ("github_pat_", 40, "GitHub personal token"),
        ("gho_", 36, "GitHub OAuth token"),
        ("ghs_", 36, "GitHub app token"),
        ("ghu_", 36, "GitHub user token"),
        ("glpat-", 20, "GitLab personal token"),
        ("gldt-", 20, "GitLab deploy token"),
        ("AKIA", 20, "AWS access key id"),
        ("ASIA", 20, "AWS session key id"),
        ("AIza", 35, "Google API key"),
        ("ya29.", 20, "Google access token"),
        ("xoxb-", 20, "Slack token"),
        ("xoxp-", 20, "Slack token"),
        ("xapp-", 20, "Slack token"),
        ("sk_live_", 20, "Stripe key"),
        ("rk_live_", 20, "Stripe key"),
        ("npm_", 36, "npm token"),
        ("dckr_pat_", 20, "Docker Hub token"),
        ("dp.st.", 20, "Doppler token"),
        ("pypi-", 40, "PyPI token"),
        ("SG.", 40, "SendGrid key"),
    ];
    if text.contains(char::is_whitespace) {
        return None;
    }
    PREFIXES.iter().find(|(prefix, least, _)| text.len() >= *least && text.starts_with(prefix)).map(|(.., kind)| *kind)
}

/// Vault's database plugins end a user's name in the Unix time of its issue: `v-kubernet-app-abc-1795323568`.
fn vault_user_issued(text: &str) -> Option<Time> {
    let last = text.strip_prefix("v-")?.rsplit(['-', '_']).next()?;
    (last.len() == 10 && last.bytes().all(|b| b.is_ascii_digit())).then(|| last.parse().ok().map(Time)).flatten()
}

/// Looks drawn at random: long, of one word, and with many different characters of several classes.
fn is_random(text: &str) -> bool {
    if !(20..=512).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return false;
    }
    let has = |class: fn(&u8) -> bool| text.as_bytes().iter().any(class);
    let hex = text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) && has(u8::is_ascii_digit);
    let classes = [has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit)];
    let mixed = classes.iter().all(|c| *c) && !text.contains(['/', ' ', ',', '(']) && entropy(text.as_bytes()) > 3.6;
    hex || mixed
}

/// Bits for each byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    counts.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / total).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> ValueFacts {
        of("key", &SecretValue::new(text.as_bytes().to_vec()), &Tagger::new(1, [7; 32]))
    }

    #[test]
    fn a_final_newline_blanks_and_quotes_are_seen_and_the_bare_value_compares() {
        let plain = facts("S3cr3t!");
        for (text, newline, blank, quotes) in
            [("S3cr3t!\n", true, false, false), (" S3cr3t!", false, true, false), ("\"S3cr3t!\"\n", true, false, true)]
        {
            let facts = facts(text);
            assert_eq!(facts.trimmed, plain.tag, "{text:?}");
            assert_ne!(facts.tag, plain.tag);
            assert_eq!(
                (facts.ends_in_newline, facts.has_outer_space, facts.has_outer_quotes),
                (newline, blank, quotes)
            );
        }
        assert_eq!(plain.trimmed, None);
    }

    #[test]
    fn a_value_that_was_encoded_twice_compares_with_the_one_that_was_not() {
        assert_eq!(facts("aHVudGVyMi1wYXNz").decoded, facts("hunter2-pass").tag);
        assert_eq!(facts("hunter2-pass").decoded, None);
    }

    #[test]
    fn stand_ins_are_told_from_passwords() {
        for text in ["changeme", "CHANGE_ME", "<your-password>", "${DB_PASSWORD}", "TODO", "xxxxxx", "{{ password }}"] {
            assert!(facts(text).placeholder, "{text}");
        }
        for text in ["Tr6cv-88a", "exchange", "todos-2024", "<a&b>x", ""] {
            assert!(!facts(text).placeholder, "{text}");
        }
    }

    #[test]
    fn json_that_does_not_parse_is_told_from_other_formats() {
        assert_eq!(facts("{\"a\":1}").json, Some(true));
        assert_eq!(facts("{\"a\":1").json, Some(false));
        for other in ["[mysqld]\nport=1", "{{ .Values.x }}", "plain"] {
            assert_eq!(facts(other).json, None, "{other}");
        }
    }

    #[test]
    fn a_token_tells_its_times_and_kind() {
        let token =
            format!("eyJhbGciOiJub25lIn0.{}.c2ln", URL_SAFE_NO_PAD.encode("{\"iat\":1700000000,\"exp\":1700003600}"));
        let facts_of_token = facts(&token);
        assert_eq!(facts_of_token.jwt, Some((Some(Time(1_700_000_000)), Some(Time(1_700_003_600)))));
        assert!(facts_of_token.credential_shaped);
        assert_eq!(facts("AKIAIOSFODNN7EXAMPLE").token_kind, Some("AWS access key id"));
        assert_eq!(facts("v-kubernet-app-x1y2-1795323568").vault_user_issued, Some(Time(1_795_323_568)));
    }
}
