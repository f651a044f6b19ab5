//! The labelled messages are read within the targets: the true class among the candidates, and first where the text decides.

use keytrace_core::messages::{Class, Surface, line_time, read, read_on};
use serde::Deserialize;

/// Share of messages whose true class is among the candidates, in percent.
const WITHIN: usize = 97;
/// Share of the messages that decide by themselves whose true class comes first, in percent.
const FIRST: usize = 90;

#[derive(Deserialize)]
struct Labelled {
    message: String,
    cause: String,
    ambiguous_alone: bool,
    negative: bool,
}

fn labelled(lines: &str) -> Vec<Labelled> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// Reads all messages and returns what missed, in words.
fn judge(messages: &[Labelled]) -> (usize, usize, usize, Vec<String>) {
    let (mut within, mut clear, mut first) = (0, 0, 0);
    let mut missed = Vec::new();
    for labelled in messages {
        let cause = Class::parse(&labelled.cause).unwrap_or_else(|| panic!("no class {}", labelled.cause));
        let reading = read(&labelled.message);
        let classes: Vec<Class> = reading.candidates.iter().map(|candidate| candidate.class).collect();
        let is_within = classes.contains(&cause);
        let is_first = classes.first() == Some(&cause);
        within += usize::from(is_within);
        if !labelled.ambiguous_alone {
            clear += 1;
            first += usize::from(is_first);
        }
        if !is_within || (!labelled.ambiguous_alone && !is_first) {
            missed.push(format!(
                "{}{} <- {:?} {} | {}",
                if is_within { "second: " } else { "MISSED: " },
                labelled.cause,
                classes,
                reading.candidates[0].pattern,
                labelled.message.chars().take(300).collect::<String>()
            ));
        }
        // A fault that is none of secret delivery must not be shown as one, unless the text alone cannot tell.
        if labelled.negative && !labelled.ambiguous_alone && !reading.class().is_negative() {
            missed.push(format!("TAKEN FOR A SECRET FAULT: {} as {:?}", labelled.message, reading.class()));
        }
    }
    (within, clear, first, missed)
}

fn holds(lines: &str) {
    let messages = labelled(lines);
    let (within, clear, first, missed) = judge(&messages);
    let report =
        format!("{within} of {} within, {first} of {clear} clear ones first\n{}", messages.len(), missed.join("\n"));
    assert!(within * 100 >= WITHIN * messages.len() && first * 100 >= FIRST * clear, "{report}");
    assert!(!missed.iter().any(|line| line.starts_with("TAKEN")), "{report}");
}

#[test]
fn the_sample_is_read_within_its_targets() {
    holds(include_str!("messages/dev.jsonl"));
}

#[test]
fn messages_from_the_field_are_read_within_the_targets() {
    holds(include_str!("messages/field.jsonl"));
}

/// A known message with pieces cut, doubled, replaced and framed, as tools and people do to texts.
fn mutated(seeds: &[String], mut draw: u64) -> String {
    let mut next = |bound: usize| {
        // SplitMix64: the same texts in every run.
        draw = draw.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = draw;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    };
    let mut text: Vec<char> = seeds[next(seeds.len())].chars().collect();
    for _ in 0..=next(6) {
        let at = next(text.len() + 1);
        match next(6) {
            0 => text.truncate(at),
            1 => drop(text.drain(..at)),
            2 => text.insert(at, ['"', '\\', '\n', '<', '>', 'é', '\u{1b}', '\u{201c}', '%', '\0'][next(10)]),
            3 => {
                let other: Vec<char> = seeds[next(seeds.len())].chars().collect();
                text.splice(at..at, other);
            }
            4 => text = text.iter().flat_map(|c| c.escape_default()).collect(),
            _ => text.iter_mut().skip(at).take(3).for_each(|c| *c = '/'),
        }
        text.truncate(1_200);
    }
    text.into_iter().collect()
}

fn seeds() -> Vec<String> {
    [include_str!("messages/dev.jsonl"), include_str!("messages/field.jsonl")]
        .into_iter()
        .flat_map(labelled)
        .map(|labelled| labelled.message)
        .collect()
}

#[test]
fn a_hundred_thousand_mutated_texts_are_read_without_a_panic_and_alike_each_time() {
    let seeds = seeds();
    for i in 0..100_000 {
        let text = mutated(&seeds, i);
        let reading = read(&text);
        assert!(!reading.candidates.is_empty(), "{text}");
        assert!(reading.candidates.len() <= 8);
        line_time(&text);
        if i % 97 == 0 {
            assert_eq!(reading, read(&text), "{text}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2_000))]
    #[test]
    fn arbitrary_texts_are_read_without_a_panic(text in "\\PC{0,300}", reason in "[A-Za-z]{0,20}") {
        let reading = read_on(&text, Surface::Event { reason: &reason });
        proptest::prop_assert!(!reading.candidates.is_empty());
        line_time(&text);
    }
}

#[test]
fn no_field_holds_a_value_that_stands_where_values_stand() {
    for text in [
        "FATAL: password authentication failed for user \"app\" (password: S3CR3T)",
        "cannot parse `postgres://app:S3CR3T@db:5432/shop`: failed to parse as URL",
        "cannot parse `postgres://app:xx/S3CR3T@db:5432/shop`: invalid port",
        "Get \"https://app:S3CR3T@reg.example/v2/?token=S3CR3T\": 401 Unauthorized",
        "amqp://app:S3C#S3CR3T@mq/: invalid userinfo",
        "DB_PASSWORD=S3CR3T is not set",
        "Authorization: Bearer S3CR3T rejected: 401 unauthorized",
        "login failed for user 'app' with password 'S3CR3T'",
        "net/http: invalid header field value \"Bearer S3CR3T\\n\" for key Authorization",
        "Secret \"x\" is invalid: data[token]: Invalid value: \"S3CR3T\"",
        "map[data:map[etcd-ca:S3CR3T]]: error decoding from json: illegal base64 data at input byte 3",
    ] {
        let reading = read(text);
        for (name, value) in reading.fields.iter() {
            assert!(!value.contains("S3CR3T"), "{name} of {text} holds a value");
        }
        assert!(!format!("{reading:?}").contains("S3CR3T"), "{text}");
    }
}

#[test]
fn fields_are_what_the_checks_ask_for() {
    let field = |text: &str, name: &str| {
        read(text).fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into_owned())
    };
    for (text, name, value) in [
        ("Error: couldn't find key API_KEY in Secret shop/mailer", "key", "API_KEY"),
        ("Error: couldn't find key API_KEY in Secret shop/mailer", "namespace", "shop"),
        ("Error: couldn't find key API_KEY in Secret shop/mailer", "secret", "mailer"),
        ("Error: illegal base64 data at input byte 7", "byte_offset", "7"),
        (
            "Unable to retrieve some image pull secrets (edge, hub-2); attempting to pull the image may not succeed.",
            "secrets",
            "edge, hub-2",
        ),
        ("cat: can't open '/etc/app/key': Permission denied", "path", "/etc/app/key"),
        ("fatal: open /etc/ledger/tls.pem: no such file or directory", "path", "/etc/ledger/tls.pem"),
        ("fatal: required environment variable DB_PASSWORD is not set", "env_name", "DB_PASSWORD"),
        ("2026-01-01T00:00:00Z connected to cart-db as cart", "user", "cart"),
        ("2026-01-01T00:00:00Z connected to cart-db as cart", "host", "cart-db"),
        (
            "failed to resolve image: unexpected status from HEAD request to http://reg:5000/v2/a/manifests/1: 401 Unauthorized",
            "http_status",
            "401",
        ),
        (
            "secrets \"x\" is forbidden: User \"system:serviceaccount:shop:cart\" cannot get resource \"secrets\" in API group \"\" in the namespace \"shop\"",
            "user",
            "system:serviceaccount:shop:cart",
        ),
        (
            "configmaps \"f\" is forbidden: User \"system:serviceaccount:a:b\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"a\": RBAC: role.rbac.authorization.k8s.io \"reader\" not found",
            "role",
            "reader",
        ),
        ("error processing spec.data[0] (key: shop/db), err: Secret does not exist", "remote", "shop/db"),
        ("SecretStore \"vault\" is not ready", "store", "vault"),
        (
            "failed to connect to `user=app database=shop`: 10.0.0.7:5432 (db.example): failed SASL auth: FATAL: password authentication failed for user \"app\"",
            "host",
            "db.example",
        ),
    ] {
        assert_eq!(field(text, name).as_deref(), Some(value), "{name} of {text}");
    }
}

#[test]
fn signals_are_what_the_checks_ask_for() {
    use keytrace_core::messages::Signal as S;
    use keytrace_core::messages::{Binding, Caller, Gate, NetFault, ObjectKind, TlsFault};
    let pull = "Failed to pull image \"r/a:1\": failed to pull and unpack image \"r/a:1\": failed to resolve image: ";
    for (text, signal) in [
        ("Error: secret \"a\" not found".to_owned(), S::ObjectNotFound(ObjectKind::Secret)),
        ("MountVolume.SetUp failed for volume \"c\" : configmap \"a\" not found".to_owned(), S::ObjectNotFound(ObjectKind::ConfigMap)),
        ("references non-existent secret key: a".to_owned(), S::KeyNotFound(ObjectKind::Secret)),
        ("failed to sync secret cache: timed out waiting for the condition".to_owned(), S::CacheSyncTimeout(ObjectKind::Secret)),
        ("object \"a\"/\"b\" not registered".to_owned(), S::NotRegistered),
        ("illegal base64 data at input byte 7".to_owned(), S::Base64Pull),
        (format!("{pull}pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials"), S::PullUnauthorizedAnonymous),
        (format!("{pull}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://r/token: 401 Unauthorized"), S::PullUnauthorizedAnonymous),
        (format!("{pull}failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://r/token: 401 Unauthorized"), S::PullUnauthorizedSent),
        (format!("{pull}unexpected status from HEAD request to https://r/v2/a/manifests/1: 401 Unauthorized"), S::PullUnauthorizedSent),
        (format!("{pull}unexpected status from HEAD request to https://r/v2/a/manifests/1: 403 Forbidden\ndenied: Your authorization token has expired. Reauthenticate and try again."), S::PullTokenExpired),
        (format!("{pull}unexpected status from HEAD request to https://r/v2/a/manifests/1: 403 Forbidden\ndenied"), S::PullForbidden),
        (format!("{pull}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"), S::PullDeniedAmbiguous),
        (format!("{pull}r/a:1: not found"), S::PullNotFound),
        ("no match for platform in manifest sha256:aa: not found".to_owned(), S::PullPlatform),
        (format!("{pull}failed to do request: Head \"https://r/v2/\": dial tcp: lookup r: no such host"), S::PullNetwork(NetFault::Dns)),
        (format!("{pull}failed to do request: Head \"https://r/v2/\": http: server gave HTTP response to HTTPS client"), S::PullTls(TlsFault::HttpOnHttps)),
        (format!("{pull}failed to do request: Head \"https://r/v2/\": x509: certificate signed by unknown authority"), S::PullTls(TlsFault::UnknownAuthority)),
        (format!("{pull}unexpected status from HEAD request to https://r/v2/a/manifests/1: 503 Service Unavailable"), S::PullServerError),
        (format!("{pull}unexpected status from HEAD request to https://r/v2/a/manifests/1: 429 Too Many Requests\ntoomanyrequests"), S::PullRateLimited),
        ("Back-off pulling image \"r/a:1\"".to_owned(), S::BackOffPull),
        ("Failed to apply default image tag \"R/A:1\": couldn't parse image name \"R/A:1\": invalid reference format".to_owned(), S::InvalidImageName),
        ("pods \"a\" is forbidden: error looking up service account s/b: serviceaccount \"b\" not found".to_owned(), S::ServiceAccountNotFound),
        ("secrets is forbidden: User \"system:serviceaccount:a:b\" cannot list resource \"secrets\" in API group \"\" in the namespace \"a\"".to_owned(), S::ApiForbidden(Caller::ServiceAccount)),
        ("pods \"a\" is forbidden: User \"system:anonymous\" cannot get resource \"pods\" in API group \"\" in the namespace \"a\"".to_owned(), S::ApiForbidden(Caller::Anonymous)),
        ("pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no".to_owned(), S::AdmissionDenied(Gate::ValidatingPolicy)),
        ("Code: 403. Errors: * service account name not authorized".to_owned(), S::RoleUnbound(Binding::Name)),
        ("Code: 400. Errors: * invalid role name \"x\"".to_owned(), S::RoleUnbound(Binding::RoleMissing)),
        ("Internal error occurred: unable to transform key \"/registry/secrets/a/b\": no matching key was found for the provided AES transformer".to_owned(), S::DecryptAtRest),
        ("Error: container has runAsNonRoot and image will run as root".to_owned(), S::RunAsNonRoot),
        ("exec /bin/web: exec format error".to_owned(), S::ExecFormat),
    ] {
        assert_eq!(read(&text).signal, Some(signal), "{text}");
    }
}

#[test]
fn a_list_of_errors_keeps_what_each_attempt_said() {
    use keytrace_core::messages::Signal;
    let reading = read(
        "Failed to pull image \"r/a:1\": [failed to pull and unpack image \"r/a:1\": failed to resolve image: failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://r/token: 401 Unauthorized, failed to pull and unpack image \"r/a:1\": failed to resolve image: unexpected status from HEAD request to https://r/v2/a/manifests/1: 503 Service Unavailable]",
    );
    assert!(reading.aggregated);
    assert!(reading.says(Signal::PullUnauthorizedSent) && reading.says(Signal::PullServerError), "{reading:?}");
}
