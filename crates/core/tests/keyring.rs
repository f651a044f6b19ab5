//! The keyring against recorded answers of the kubelet's own, and against arbitrary input.
#![allow(clippy::disallowed_methods, reason = "a test may read files")]

use std::path::PathBuf;

use keytrace_core::image::ImageRef;
use keytrace_core::keyring::vectors::{Agreement, compare};
use keytrace_core::keyring::{DockerConfigFacts, Keyring, Parsed, PullSecretKind, explain, nearest, parse, trap};
use keytrace_core::value::{SecretValue, Tagger};
use proptest::prelude::*;
use proptest::sample::select;

#[test]
fn all_recorded_answers_of_the_real_keyring_agree() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/keyring/vectors.jsonl");
    let text = std::fs::read_to_string(&path).expect("the vectors are part of the repository");
    let (mut total, mut found, mut unordered, mut fail, mut words) = (0, 0, 0, 0, 0);
    let mut differing = Vec::new();
    for (number, line) in text.lines().enumerate() {
        total += 1;
        match compare(line).unwrap_or_else(|e| panic!("line {}: {e}", number + 1)) {
            Agreement::BothFail { words: Some(false) } => differing.push((number + 1, "words".to_owned())),
            Agreement::BothFail { words: foreseen } => {
                fail += 1;
                words += usize::from(foreseen.is_some());
            }
            Agreement::NothingFound => {}
            Agreement::SameCredentials { partly_unordered } => {
                found += 1;
                unordered += usize::from(partly_unordered);
            }
            Agreement::Differs(difference) => differing.push((number + 1, format!("{difference:?}"))),
        }
    }
    assert_eq!(differing, [], "of {total} vectors");
    // A file that holds little proves little.
    assert!(total >= 5_000 && found >= 1_500 && unordered >= 100 && fail >= 500 && words >= 100);
}

/// Texts of pieces that are tricky for one of the parsers.
fn pieces(of: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(of), 0..most).prop_map(|parts| parts.concat())
}

fn raw() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40)
}

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u",
    "d83d",
    "0",
    "-1",
    ".",
    "e",
    "null",
    "true",
    " ",
    "\n",
    "\u{1}",
    "{\"auths\":{",
    "\"auths\":",
    "\"reg.example\":",
    "\"auth\":",
    "\"Username\":\"u\"",
    "\"password\":\"p\"",
    "\"YTpi\"",
    "}}",
    "é",
    "\"credHelpers\":{}",
    "\"HttpHeaders\":",
    "{}",
    "\"identitytoken\":\"t\"",
];
const BASE64: &[&str] = &["Y", "T", "p", "i", "YTpi", "=", "\\n", "\\r", " ", "-", "_", "+", "/", "Og", "é", "\\u0000"];
const IMAGE: &[&str] = &[
    "a",
    "b1",
    "A",
    ".",
    "-",
    "_",
    "__",
    "/",
    ":",
    "@",
    "sha256:",
    "localhost",
    "[::1]",
    "5000",
    "docker.io",
    "é",
    "\n",
    " ",
];
const KEY: &[&str] = &[
    "reg",
    "example",
    ".",
    "/",
    ":",
    "@",
    "*",
    "?",
    "[",
    "]",
    "[a-z]",
    "^",
    "-",
    "%",
    "%25",
    "%2f",
    "%ff",
    "#",
    "https://",
    "http://",
    "HTTPS://",
    "/v1/",
    "/v2",
    "5000",
    "[::1]",
    "docker.io",
    "index.docker.io",
    "é",
    " ",
    "\n",
    "\\",
    "\u{7f}",
];

fn tagger() -> Tagger {
    Tagger::new(1, [7; 32])
}

fn read(kind: PullSecretKind, text: &[u8]) -> Parsed {
    parse(kind, Some(&SecretValue::new(text.to_vec())), &tagger())
}

/// Everything that can be asked of a payload and an image.
fn exercise(parsed: &Parsed, image: Option<&ImageRef>) {
    if let Parsed::Malformed(fault) = parsed {
        let _ = (fault.to_string(), fault.kubelet_text());
    }
    let Parsed::Entries(facts) = parsed else { return };
    let keyring = Keyring::new(&[("one", facts), ("two", facts)]);
    for entry in &facts.entries {
        let _ = trap(entry);
    }
    let Some(image) = image else { return };
    let lookup = keyring.lookup(image);
    for found in &lookup.matches {
        assert_eq!(keyring.entry(found).map(|entry| &entry.key), Some(&found.key));
    }
    for entry in &facts.entries {
        let covers = explain(entry, image).is_none();
        assert!(
            !covers || lookup.matches.iter().any(|found| found.key == entry.key),
            "a covering key is not looked up"
        );
    }
    let _ = nearest(&keyring, image);
}

fn with_entry(key: &str, entry: serde_json::Value) -> DockerConfigFacts {
    let text = serde_json::json!({ "auths": { key: entry } }).to_string();
    match read(PullSecretKind::DockerConfigJson, text.as_bytes()) {
        Parsed::Entries(facts) => facts,
        other => panic!("{other:?}"),
    }
}

proptest! {
    // Five properties of 20 000 inputs each. Nothing is shrunk to a file, so that a run leaves the tree alone.
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_payload_of_dockerconfigjson_panics(text in pieces(JSON, 24), raw in raw(), form in 0..3) {
        let bytes = match form {
            0 => [text.as_bytes(), &raw].concat(),
            1 => format!("{{\"auths\":{{\"reg.example\":{text}}}}}").into_bytes(),
            _ => text.into_bytes(),
        };
        exercise(&read(PullSecretKind::DockerConfigJson, &bytes), ImageRef::parse("reg.example/app").ok().as_ref());
    }

    #[test]
    fn no_payload_of_dockercfg_panics(text in pieces(JSON, 24), raw in raw(), form in 0..3) {
        let bytes = match form {
            0 => [&raw, text.as_bytes()].concat(),
            1 => format!("{{\"reg.example\":{{{text}}}}}").into_bytes(),
            _ => text.into_bytes(),
        };
        exercise(&read(PullSecretKind::Dockercfg, &bytes), ImageRef::parse("reg.example/app").ok().as_ref());
    }

    #[test]
    fn no_auth_field_panics_and_no_password_shows(text in pieces(BASE64, 12)) {
        let json = format!("{{\"auths\":{{\"reg.example\":{{\"auth\":\"{text}\",\"password\":\"sentinel-7f3a\"}}}}}}");
        let parsed = read(PullSecretKind::DockerConfigJson, json.as_bytes());
        let shown = format!("{parsed:?}");
        prop_assert!(!shown.contains("sentinel-7f3a"));
        exercise(&parsed, ImageRef::parse("reg.example/app").ok().as_ref());
    }

    #[test]
    fn no_image_panics_and_a_readable_one_reads_again(text in pieces(IMAGE, 10)) {
        if let Ok(image) = ImageRef::parse(&text) {
            let again = ImageRef::parse(&image.to_string());
            prop_assert_eq!(again.as_ref().map(ImageRef::repository), Ok(image.repository()));
            // A key that is the repository itself covers it, with two exceptions: the brackets of an IPv6 address without
            // a port are a glob, and a leading `v1` or `v2` is taken for the version of the registry's API.
            let facts = with_entry(image.repository(), serde_json::json!({}));
            let covered = !Keyring::new(&[("s", &facts)]).lookup(&image).matches.is_empty();
            let versioned = image.path().starts_with("v1/") || image.path().starts_with("v2/");
            prop_assert!(covered || versioned || image.domain().starts_with('['));
        }
    }

    #[test]
    fn no_key_panics_the_matcher(key in pieces(KEY, 9), image in pieces(IMAGE, 6)) {
        let facts = with_entry(&key, serde_json::json!({"username": "u"}));
        for image in [Ok(image.as_str()), Err("reg.example:5000/example"), Err("docker.io/library/reg")] {
            let image = ImageRef::parse(image.unwrap_or_else(|fixed| fixed)).ok();
            exercise(&Parsed::Entries(facts.clone()), image.as_ref());
        }
    }
}
