//! Finds values in outputs, whatever simple encoding they were put in.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// The encodings in which a value could leave by accident, by name.
pub fn encodings(value: &str) -> Vec<(&'static str, String)> {
    let bytes = value.as_bytes();
    let hex: String = spelled(bytes, |b| format!("{b:02x}"));
    let mut all = vec![
        ("raw", value.to_owned()),
        ("base64", STANDARD.encode(bytes)),
        ("base64 without padding", STANDARD_NO_PAD.encode(bytes)),
        ("base64url", URL_SAFE.encode(bytes)),
        ("base64url without padding", URL_SAFE_NO_PAD.encode(bytes)),
        ("hex", hex.clone()),
        ("upper-case hex", hex.to_ascii_uppercase()),
        ("percent", spelled(bytes, |b| format!("%{b:02X}"))),
        ("JSON escapes", spelled(value.chars(), |c| format!("\\u{:04x}", c as u32))),
        ("YAML escapes", spelled(bytes, |b| format!("\\x{b:02x}"))),
        ("Rust debug of bytes", format!("{bytes:?}").trim_matches(|c| c == '[' || c == ']').to_owned()),
        ("reversed", value.chars().rev().collect()),
        ("base64 of base64", STANDARD.encode(STANDARD.encode(bytes))),
        ("UTF-16 in hex", spelled(value.encode_utf16(), |u| format!("{u:04x}"))),
    ];
    // Inside a longer text the value starts at any of three offsets of a base64 group: the middle of each form is constant.
    for (name, pad) in [("base64 at offset 1", 1), ("base64 at offset 2", 2)] {
        let mut shifted = vec![b'-'; pad];
        shifted.extend_from_slice(bytes);
        let text = STANDARD_NO_PAD.encode(&shifted);
        all.push((name, text[4..text.len() - 3].to_owned()));
    }
    all
}

fn spelled<T>(units: impl IntoIterator<Item = T>, write: impl Fn(T) -> String) -> String {
    units.into_iter().map(write).collect::<Vec<_>>().concat()
}

pub struct Scanner {
    needles: Vec<(String, String)>,
}

impl Scanner {
    pub fn new(values: &[String]) -> Self {
        let mut needles = Vec::new();
        for value in values {
            for (encoding, text) in encodings(value) {
                needles.push((format!("{encoding} of {}", &value[..8]), text));
            }
            // A part of a value is a leak as well.
            needles.push((format!("half of {}", &value[..8]), value[value.len() / 2..].to_owned()));
        }
        Self { needles }
    }

    /// What was found, by encoding; also across line breaks and blanks, where wrapping could have cut it.
    pub fn hits(&self, text: &str) -> Vec<String> {
        let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        self.needles
            .iter()
            .filter(|(_, needle)| text.contains(needle.as_str()) || joined.contains(&needle.replace(' ', "")))
            .map(|(name, _)| name.clone())
            .collect()
    }
}
