//! The parts of Go's standard library that decide which credential the kubelet sends.
//!
//! Rust's own parsers differ from them in just the places that break pulls (letter case of JSON keys, repeated
//! keys, damaged UTF-8, newlines in base64, ports and escapes in URLs), so they are written out here. Upstream: Go
//! 1.26, with which kubelet 1.36 is built.

pub(super) mod base64;
pub(super) mod glob;
pub(super) mod json;
pub(super) mod url;

/// The first character of `s` and its bytes, as `utf8.DecodeRune`: a bad byte counts as U+FFFD of width 1.
pub(super) fn decode_rune(s: &[u8]) -> (char, usize) {
    let width = match s.first() {
        None => return (char::REPLACEMENT_CHARACTER, 0),
        Some(0..=0x7f) => 1,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        Some(_) => return (char::REPLACEMENT_CHARACTER, 1),
    };
    s.get(..width)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.chars().next())
        .map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, width))
}

/// Text in which every bad byte became U+FFFD, as `encoding/json` writes strings.
pub(super) fn to_valid_utf8(s: &[u8]) -> String {
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while !rest.is_empty() {
        let (c, width) = decode_rune(rest);
        out.push(c);
        rest = &rest[width..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bad_byte_becomes_one_replacement_character() {
        assert_eq!(to_valid_utf8(b"a\xe2\x82z"), "a\u{fffd}\u{fffd}z");
        assert_eq!(to_valid_utf8("a€😀".as_bytes()), "a€😀");
        assert_eq!(to_valid_utf8(b"\xed\xa0\x80"), "\u{fffd}\u{fffd}\u{fffd}");
    }
}
