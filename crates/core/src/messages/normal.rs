//! Brings a message into one plain form, so that one pattern fits all nestings of quotes and line breaks.

/// Longest part of a message that is read, in bytes. Causes stand at the beginning; log lines can be endless.
pub(super) const MAX_BYTES: usize = 16 * 1024;

/// Whitespace of any kind becomes one space, escaped quotes become plain ones, terminal colours vanish.
///
/// Messages arrive inside JSON inside log lines inside events, with one level of backslashes for each.
pub(super) fn plain(text: &str) -> Vec<u8> {
    let bytes = cut(text).as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        match b {
            b'\\' => i = escape(bytes, i, &mut out),
            0x1b if bytes.get(i + 1) == Some(&b'[') => {
                i += 2;
                while bytes.get(i).is_some_and(|b| !b.is_ascii_alphabetic()) {
                    i += 1;
                }
                i += 1;
            }
            0..=b' ' | 0x7f => {
                space(&mut out);
                i += 1;
            }
            // The quotation marks of word processors, U+2018 to U+201D, and the no-break space U+00A0.
            0xe2 if bytes.get(i + 1) == Some(&0x80) && matches!(bytes.get(i + 2), Some(0x98 | 0x99)) => {
                out.push(b'\'');
                i += 3;
            }
            0xe2 if bytes.get(i + 1) == Some(&0x80) && matches!(bytes.get(i + 2), Some(0x9c | 0x9d)) => {
                out.push(b'"');
                i += 3;
            }
            0xc2 if bytes.get(i + 1) == Some(&0xa0) => {
                space(&mut out);
                i += 2;
            }
            _ => {
                out.push(b);
                i += 1;
            }
        }
    }
    if out.last() == Some(&b' ') {
        out.pop();
    }
    out
}

fn space(out: &mut Vec<u8>) {
    if out.last().is_none_or(|b| *b != b' ') {
        out.push(b' ');
    }
}

/// Reads a run of backslashes that begins at `i`, and what it escapes. Returns where to go on.
fn escape(bytes: &[u8], mut i: usize, out: &mut Vec<u8>) -> usize {
    while bytes.get(i) == Some(&b'\\') {
        i += 1;
    }
    match bytes.get(i) {
        Some(b'n' | b'r' | b't') => {
            space(out);
            i + 1
        }
        Some(b'u') => match bytes.get(i + 1..i + 5) {
            Some(b"003c" | b"003C") => push(out, b'<', i + 5),
            Some(b"003e" | b"003E") => push(out, b'>', i + 5),
            Some(b"0026") => push(out, b'&', i + 5),
            Some(b"0027") => push(out, b'\'', i + 5),
            Some(b"0022") => push(out, b'"', i + 5),
            _ => push(out, b'\\', i),
        },
        Some(b'"' | b'\'' | b'/' | b'`') => i,
        _ => push(out, b'\\', i),
    }
}

fn push(out: &mut Vec<u8>, byte: u8, next: usize) -> usize {
    out.push(byte);
    next
}

/// The first [`MAX_BYTES`] of the text, cut between two characters.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        String::from_utf8(plain(text)).expect("plain text stays UTF-8")
    }

    #[test]
    fn nested_escapes_and_line_breaks_become_plain() {
        assert_eq!(read(r#"err="secret \\\"a\\\" not found\\n\\tb""#), r#"err="secret "a" not found b""#);
        assert_eq!(read("Code: 403. Errors:\n\n* permission denied\n"), "Code: 403. Errors: * permission denied");
        assert_eq!(read("\u{1b}[31mred\u{1b}[0m \u{201c}x\u{201d}\u{a0}y"), "red \"x\" y");
        assert_eq!(read("<\\u003capi\\u003e"), "<<api>");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "é".repeat(MAX_BYTES);
        assert!(read(&text).len() <= MAX_BYTES);
    }
}
