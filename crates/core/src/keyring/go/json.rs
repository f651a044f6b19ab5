//! `encoding/json` of Go: well-formedness, strings, and member names compared without case.
//!
//! Positions are byte offsets into the text. Nothing here ever carries a piece of the text in an error.

use zeroize::Zeroizing;

use super::decode_rune;

/// Deepest nesting that Go reads.
const MAX_DEPTH: usize = 10_000;

/// Why a text is not JSON, and at which byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SyntaxFault {
    /// The byte at this offset may not stand there. Go feeds a space after the last byte, so that the offset is the
    /// length where the text ends inside a number, a word or an escape.
    Unexpected(usize),
    /// The text ends in a string or between tokens before its value does.
    Truncated(usize),
    /// More than 10 000 arrays and objects inside each other.
    TooDeep(usize),
}

/// What kind of value begins at a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JsonKind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

#[derive(Clone, Copy)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// Checks the whole text, as `checkValid` does before anything is decoded.
pub(crate) fn check(text: &[u8]) -> Result<(), SyntaxFault> {
    // `true` is an object, `false` an array.
    let mut open: Vec<bool> = Vec::new();
    let mut expect = Expect::Value;
    let mut i = 0;
    let mut done = false;
    while i < text.len() {
        let byte = text[i];
        if is_space(byte) {
            i += 1;
            continue;
        }
        if done {
            return Err(SyntaxFault::Unexpected(i));
        }
        match (expect, byte) {
            (Expect::Value | Expect::ValueOrEnd, b'{' | b'[') => {
                if open.len() == MAX_DEPTH {
                    return Err(SyntaxFault::TooDeep(i));
                }
                open.push(byte == b'{');
                expect = if byte == b'{' { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
                i += 1;
                continue;
            }
            (Expect::Key | Expect::KeyOrEnd, b'"') => {
                i = string_end(text, i)?;
                expect = Expect::Colon;
                continue;
            }
            (Expect::Colon, b':') => {
                expect = Expect::Value;
                i += 1;
                continue;
            }
            (Expect::CommaOrEnd, b',') => {
                expect = if open.last() == Some(&true) { Expect::Key } else { Expect::Value };
                i += 1;
                continue;
            }
            (Expect::KeyOrEnd, b'}') | (Expect::ValueOrEnd, b']') => {
                open.pop();
                i += 1;
            }
            (Expect::CommaOrEnd, b'}' | b']') if open.last() == Some(&(byte == b'}')) => {
                open.pop();
                i += 1;
            }
            (Expect::Value | Expect::ValueOrEnd, _) => i = scalar_end(text, i)?,
            _ => return Err(SyntaxFault::Unexpected(i)),
        }
        // A value has ended.
        if open.is_empty() {
            done = true;
        } else {
            expect = Expect::CommaOrEnd;
        }
    }
    if done { Ok(()) } else { Err(SyntaxFault::Truncated(text.len())) }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The offset after the string that begins at `start`.
fn string_end(text: &[u8], start: usize) -> Result<usize, SyntaxFault> {
    let mut i = start + 1;
    while let Some(&byte) = text.get(i) {
        match byte {
            b'"' => return Ok(i + 1),
            b'\\' => match text.get(i + 1) {
                Some(b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"') => i += 2,
                Some(b'u') => {
                    for k in i + 2..i + 6 {
                        if !text.get(k).is_some_and(u8::is_ascii_hexdigit) {
                            return Err(SyntaxFault::Unexpected(k));
                        }
                    }
                    i += 6;
                }
                _ => return Err(SyntaxFault::Unexpected(i + 1)),
            },
            0..0x20 => return Err(SyntaxFault::Unexpected(i)),
            _ => i += 1,
        }
    }
    Err(SyntaxFault::Truncated(text.len()))
}

fn scalar_end(text: &[u8], start: usize) -> Result<usize, SyntaxFault> {
    match text[start] {
        b'"' => string_end(text, start),
        b't' => word_end(text, start, b"true"),
        b'f' => word_end(text, start, b"false"),
        b'n' => word_end(text, start, b"null"),
        b'-' | b'0'..=b'9' => number_end(text, start),
        _ => Err(SyntaxFault::Unexpected(start)),
    }
}

fn word_end(text: &[u8], start: usize, word: &[u8]) -> Result<usize, SyntaxFault> {
    for (k, want) in word.iter().enumerate() {
        if text.get(start + k) != Some(want) {
            return Err(SyntaxFault::Unexpected(start + k));
        }
    }
    Ok(start + word.len())
}

fn number_end(text: &[u8], start: usize) -> Result<usize, SyntaxFault> {
    let digits = |from: usize| -> Result<usize, SyntaxFault> {
        if !text.get(from).is_some_and(u8::is_ascii_digit) {
            return Err(SyntaxFault::Unexpected(from));
        }
        Ok(from + text[from..].iter().take_while(|b| b.is_ascii_digit()).count())
    };
    let first = start + usize::from(text[start] == b'-');
    let mut i = if text.get(first) == Some(&b'0') { first + 1 } else { digits(first)? };
    if text.get(i) == Some(&b'.') {
        i = digits(i + 1)?;
    }
    if matches!(text.get(i), Some(b'e' | b'E')) {
        i += 1;
        if matches!(text.get(i), Some(b'+' | b'-')) {
            i += 1;
        }
        i = digits(i)?;
    }
    Ok(i)
}

/// Walks a text that [`check`] has accepted.
pub(crate) struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    /// `text` must have passed [`check`]; on any other text the walk ends early, without a panic.
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The offset and the kind of the value that comes next.
    pub fn peek(&mut self) -> (usize, JsonKind) {
        self.skip_space();
        let kind = match self.text.get(self.at) {
            Some(b'{') => JsonKind::Object,
            Some(b'[') => JsonKind::Array,
            Some(b'"') => JsonKind::String,
            Some(b't' | b'f') => JsonKind::Bool,
            Some(b'n') | None => JsonKind::Null,
            Some(_) => JsonKind::Number,
        };
        (self.at, kind)
    }

    /// Enters the object that comes next. Then [`Cursor::member`] gives its members.
    pub fn enter(&mut self) {
        self.skip_space();
        self.at += 1;
    }

    /// The name of the next member, with the cursor before its value; `None` past the last one.
    pub fn member(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        self.skip_space();
        if self.text.get(self.at) == Some(&b',') {
            self.at += 1;
            self.skip_space();
        }
        if self.text.get(self.at) != Some(&b'"') {
            self.at += 1;
            return None;
        }
        let name = self.string();
        self.skip_space();
        self.at += 1;
        Some(name)
    }

    /// The string that comes next, unquoted: bad UTF-8 and lone surrogates have become U+FFFD.
    pub fn string(&mut self) -> Zeroizing<Vec<u8>> {
        self.skip_space();
        let end = string_end(self.text, self.at).unwrap_or(self.text.len());
        let inner = self.text.get(self.at + 1..end.saturating_sub(1)).unwrap_or_default();
        self.at = end;
        unquote(inner)
    }

    /// Passes over the value that comes next.
    pub fn skip(&mut self) {
        self.skip_space();
        let mut depth = 0_usize;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'"' => self.at = string_end(self.text, self.at).unwrap_or(self.text.len()),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                byte if is_space(byte) => self.at += 1,
                _ => self.at = scalar_end(self.text, self.at).unwrap_or(self.text.len()),
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_space(&mut self) {
        while self.text.get(self.at).is_some_and(|b| is_space(*b)) {
            self.at += 1;
        }
    }
}

/// What stands between the quotes, with escapes resolved.
fn unquote(s: &[u8]) -> Zeroizing<Vec<u8>> {
    // One byte becomes at most three, so that the buffer never moves and leaves a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(s.len() * 3));
    let mut push = |c: char| out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    let mut i = 0;
    while i < s.len() {
        if s[i] != b'\\' {
            let (c, width) = decode_rune(&s[i..]);
            push(c);
            i += width;
            continue;
        }
        match s.get(i + 1) {
            Some(b'u') => {
                let unit = hex4(s, i).unwrap_or(0xfffd);
                i += 6;
                let pair = hex4(s, i).filter(|low| (0xdc00..0xe000).contains(low));
                match (unit, pair) {
                    (0xd800..0xdc00, Some(low)) => {
                        i += 6;
                        push(char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)).unwrap_or('\u{fffd}'));
                    }
                    _ => push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
                }
                continue;
            }
            Some(b'b') => push('\u{8}'),
            Some(b'f') => push('\u{c}'),
            Some(b'n') => push('\n'),
            Some(b'r') => push('\r'),
            Some(b't') => push('\t'),
            Some(&other) => push(char::from(other)),
            None => {}
        }
        i += 2;
    }
    out
}

/// The four digits of the `\uXXXX` that begins at `i`, if one does.
fn hex4(s: &[u8], i: usize) -> Option<u32> {
    let digits = s.get(i..i + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |acc, b| Some(acc << 4 | char::from(*b).to_digit(16)?))
}

/// Whether Go takes the member name for the field: equal without case, where `ſ` is an `s` and `K` (Kelvin) a `k`.
pub(crate) fn names_field(name: &[u8], field: &str) -> bool {
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    name.chars().map(fold).eq(field.chars().map(|c| c.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_agrees_with_another_parser() {
        for text in [
            "{}",
            "[]",
            "null",
            " true ",
            "-0",
            "01",
            "1.",
            "1e5",
            "-",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "[1,]",
            "[1 2]",
            "{",
            "\"a",
            "\"\\x\"",
            "\"\\u12g4\"",
            "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
            "{}x",
            "",
            " ",
            "nul",
            "nulll",
            "{,}",
            "[,]",
            "]",
            "{\"a\":}",
            "\"\u{1}\"",
            "1.5E-3",
            "{1:2}",
            "{\"a\":1]",
            "[1}",
        ] {
            let other = serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert_eq!(check(text.as_bytes()).is_ok(), other, "{text}");
        }
    }

    #[test]
    fn the_fault_has_its_byte() {
        assert_eq!(check(b"{\"a\":x}"), Err(SyntaxFault::Unexpected(5)));
        assert_eq!(check(b"{\"a\":1"), Err(SyntaxFault::Truncated(6)));
        let deep = [vec![b'['; 10_001], vec![b']'; 10_001]].concat();
        assert_eq!(check(&deep), Err(SyntaxFault::TooDeep(10_000)));
        assert_eq!(check(&deep[1..deep.len() - 1]), Ok(()));
    }

    #[test]
    fn strings_are_unquoted_as_in_go() {
        for (text, want) in [
            (&b"\"a\\u00e9\\n\""[..], "aé\n"),
            (b"\"\\ud83d\\ude00\"", "😀"),
            (b"\"\\ud83dx\"", "\u{fffd}x"),
            (b"\"\\ud83d\\ud83d\\ude00\"", "\u{fffd}😀"),
            (b"\"\\ude00\"", "\u{fffd}"),
            (b"\"\xe2\x82\"", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(&**Cursor::new(text).string(), want.as_bytes(), "{want}");
        }
    }

    #[test]
    fn member_names_are_compared_without_case() {
        assert!(names_field(b"Username", "username"));
        assert!(names_field("u\u{17f}ername".as_bytes(), "username"));
        assert!(!names_field(b"user_name", "username"));
    }

    #[test]
    fn skipping_passes_over_exactly_one_value() {
        let text = b"{\"a\":[1,{\"b\":\"]}\"},\"x\"],\"c\":-1.5e3,\"d\":\"v\"}";
        let mut cursor = Cursor::new(text);
        cursor.enter();
        let mut names = Vec::new();
        while let Some(name) = cursor.member() {
            names.push(name.to_vec());
            cursor.skip();
        }
        assert_eq!(names, [b"a", b"c", b"d"]);
    }
}
