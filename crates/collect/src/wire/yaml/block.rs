//! The YAML that Go's emitter writes, straight to JSON: block maps and lists of plain, quoted and literal scalars.
//!
//! Whatever else YAML allows (anchors, tags, filled flow collections, folded scalars, complex keys, tabs) is left to the full
//! parser, which is many times slower. Plain scalars resolve as in `sigs.k8s.io/yaml` (YAML 1.1): `yes` is true and `0400`
//! is octal.

/// Deeper nesting occurs in no object.
const DEEPEST: usize = 64;

/// Converts a document, or says that it is not of the simple kind.
pub(super) fn to_json(text: &str) -> Option<Vec<u8>> {
    if memchr::memchr(b'\r', text.as_bytes()).is_some() || text.starts_with('\u{feff}') {
        return None;
    }
    let mut reader = Reader { text, at: 0, indent: 0, out: Vec::with_capacity(text.len()), marks: None };
    reader.document()?;
    Some(reader.out)
}

/// The line, counted from 1, of the entry that the byte at `offset` of the JSON belongs to.
pub(super) fn line_of(text: &str, offset: usize) -> Option<u64> {
    let mut reader = Reader { text, at: 0, indent: 0, out: Vec::new(), marks: Some(Vec::new()) };
    reader.document()?;
    let marks = reader.marks.unwrap_or_default();
    let (_, at) = marks.iter().rev().find(|(written, _)| *written <= offset)?;
    Some(memchr::memchr_iter(b'\n', &text.as_bytes()[..*at]).count() as u64 + 1)
}

struct Reader<'a> {
    text: &'a str,
    /// Where the content of the current line, or of the current entry of a list, begins.
    at: usize,
    /// The column of that content.
    indent: usize,
    out: Vec<u8>,
    /// How much was written when each entry began, and where in the text that was; kept only to find a fault.
    marks: Option<Vec<(usize, usize)>>,
}

/// What follows a key or a dash on its line.
enum Rest<'a> {
    /// Nothing but a comment.
    Nothing,
    Text(&'a str),
}

impl Reader<'_> {
    fn document(&mut self) -> Option<()> {
        if !self.next_line()? {
            return None;
        }
        self.block(0, 0)?;
        self.at_end().then_some(())
    }

    fn mark(&mut self) {
        if let Some(marks) = &mut self.marks {
            marks.push((self.out.len(), self.at));
        }
    }

    /// Goes on to the first line with content from `at`, which stands at the start of a line. `false` at the end.
    fn next_line(&mut self) -> Option<bool> {
        loop {
            let line = line(&self.text[self.at..]);
            let content = line.trim_start_matches(' ');
            if content.is_empty() || content.starts_with('#') {
                if self.at + line.len() >= self.text.len() {
                    self.at = self.text.len();
                    return Some(false);
                }
                self.at += line.len() + 1;
                continue;
            }
            // Markers, directives and tabs are for the full parser.
            let indent = line.len() - content.len();
            if content.starts_with('\t') || (indent == 0 && (line.starts_with("---") || line.starts_with("..."))) {
                return None;
            }
            self.indent = indent;
            self.at += indent;
            return Some(true);
        }
    }

    fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Whether the current content is an entry of a list.
    fn at_dash(&self) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        rest.first() == Some(&b'-') && matches!(rest.get(1), None | Some(b' ' | b'\n'))
    }

    /// A list or a map whose first entry is the current content, at least `least` columns in.
    fn block(&mut self, least: usize, depth: usize) -> Option<()> {
        if depth > DEEPEST || self.indent < least {
            return None;
        }
        if self.at_dash() { self.list(self.indent, depth) } else { self.map(self.indent, depth) }
    }

    fn map(&mut self, indent: usize, depth: usize) -> Option<()> {
        self.out.push(b'{');
        let mut first = true;
        while !self.at_end() && self.indent == indent && !self.at_dash() {
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            self.mark();
            let rest = line(&self.text[self.at..]);
            let after = self.key(rest)?;
            self.out.push(b':');
            let value = &rest[after..];
            self.at += after + value.len() - value.trim_start_matches(' ').len();
            match trimmed(value)? {
                Rest::Nothing => {
                    self.end_line();
                    let more = self.next_line()?;
                    if more && self.indent > indent {
                        self.block(indent + 1, depth + 1)?;
                    } else if more && self.indent == indent && self.at_dash() {
                        self.list(indent, depth + 1)?;
                    } else {
                        self.out.extend_from_slice(b"null");
                    }
                }
                Rest::Text(text) => self.scalar(text, indent)?,
            }
        }
        self.out.push(b'}');
        // Anything between the columns of two levels is an error.
        (self.at_end() || self.indent < indent || (self.indent == indent && self.at_dash())).then_some(())
    }

    fn list(&mut self, indent: usize, depth: usize) -> Option<()> {
        self.out.push(b'[');
        let mut first = true;
        while !self.at_end() && self.indent == indent && self.at_dash() {
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            self.mark();
            let rest = line(&self.text[self.at + 1..]);
            match trimmed(rest)? {
                Rest::Nothing => {
                    self.at += 1;
                    self.end_line();
                    if self.next_line()? && self.indent > indent {
                        self.block(indent + 1, depth + 1)?;
                    } else {
                        self.out.extend_from_slice(b"null");
                    }
                }
                Rest::Text(text) => {
                    let start = rest.len() - rest.trim_start_matches(' ').len();
                    self.at += 1 + start;
                    self.indent = indent + 1 + start;
                    if self.at_dash() || is_entry(text)? {
                        self.block(indent + 1, depth + 1)?;
                    } else {
                        self.scalar(text, indent)?;
                    }
                }
            }
        }
        self.out.push(b']');
        (self.at_end() || self.indent <= indent).then_some(())
    }

    /// Moves behind the end of the current line.
    fn end_line(&mut self) {
        let left = line(&self.text[self.at..]).len();
        self.at = (self.at + left + 1).min(self.text.len());
    }

    /// Writes the key at the start of `rest`, and gives the position behind its colon.
    fn key(&mut self, rest: &str) -> Option<usize> {
        match rest.as_bytes().first()? {
            b'"' => {
                let end = quoted_end(rest)?;
                self.double_quoted(&rest[1..end - 1])?;
                colon(rest, end)
            }
            b'\'' => {
                let end = quoted_end(rest)?;
                let text = rest[1..end - 1].replace("''", "'");
                string(&mut self.out, &text);
                colon(rest, end)
            }
            first if !starts_plain(*first, rest) => None,
            _ => {
                let end = plain_key_end(rest)?;
                let key = rest[..end].trim_end_matches(' ');
                // Merge keys, and comments that swallow the colon.
                if key == "<<" || key.contains(" #") || key.contains('\t') {
                    return None;
                }
                string(&mut self.out, key);
                Some(end + 1)
            }
        }
    }

    /// A value that begins on the current line, whose lines that follow stand deeper than `parent`. Leaves the reader at
    /// the next content.
    fn scalar(&mut self, text: &str, parent: usize) -> Option<()> {
        match text.as_bytes()[0] {
            b'"' => self.folded_quoted(parent, b'"')?,
            b'\'' => self.folded_quoted(parent, b'\'')?,
            b'|' => return self.literal(text, parent),
            b'{' | b'[' => {
                if text != "{}" && text != "[]" {
                    return None;
                }
                self.out.extend_from_slice(text.as_bytes());
                self.end_line();
            }
            first if !starts_plain(first, text) => return None,
            _ => return self.plain(parent),
        }
        self.next_line()?;
        // A quoted or flow value that goes on below would be an error.
        (self.at_end() || self.indent <= parent).then_some(())
    }

    fn plain(&mut self, parent: usize) -> Option<()> {
        let (first, is_whole) = plain_content(line(&self.text[self.at..]))?;
        let mut end = self.at + line(&self.text[self.at..]).len();
        self.end_line();
        if !self.next_line()? || self.indent <= parent {
            plain_scalar(&mut self.out, first);
            return Some(());
        }
        if !is_whole {
            return None;
        }
        // Lines that follow are joined by a blank, or by as many line breaks as there are empty lines between.
        let mut joined = first.to_owned();
        loop {
            let gap = &self.text[end..self.at - self.indent];
            if gap.bytes().any(|b| b != b'\n') {
                return None;
            }
            match gap.len() {
                0 | 1 => joined.push(' '),
                breaks => joined.extend(std::iter::repeat_n('\n', breaks - 1)),
            }
            let (content, is_whole) = plain_content(line(&self.text[self.at..]))?;
            if !is_whole {
                return None;
            }
            joined.push_str(content);
            end = self.at + line(&self.text[self.at..]).len();
            self.end_line();
            if !self.next_line()? || self.indent <= parent {
                break;
            }
        }
        string(&mut self.out, &joined);
        Some(())
    }

    /// A quoted scalar that may go on over several lines. Ends at the start of the line behind it.
    fn folded_quoted(&mut self, parent: usize, quote: u8) -> Option<()> {
        let rest = &self.text[self.at..];
        let end = quoted_end(rest)?;
        let body = &rest[1..end - 1];
        let folded;
        let body = if memchr::memchr(b'\n', body.as_bytes()).is_some() {
            folded = fold(body, parent, quote)?;
            folded.as_str()
        } else {
            body
        };
        if quote == b'"' {
            self.double_quoted(body)?;
        } else if memchr::memchr(b'\'', body.as_bytes()).is_some() {
            let text = body.replace("''", "'");
            string(&mut self.out, &text);
        } else {
            string(&mut self.out, body);
        }
        self.at += end;
        // Only a comment may follow.
        let tail = line(&self.text[self.at..]);
        if !tail.trim_matches(' ').is_empty() && !tail.trim_start_matches(' ').starts_with('#') {
            return None;
        }
        if tail.starts_with('#') {
            return None;
        }
        self.end_line();
        Some(())
    }

    /// Writes the content of a double-quoted scalar.
    fn double_quoted(&mut self, body: &str) -> Option<()> {
        if memchr::memchr(b'\\', body.as_bytes()).is_none() {
            string(&mut self.out, body);
            return Some(());
        }
        let mut text = String::with_capacity(body.len());
        let mut chars = body.chars();
        while let Some(c) = chars.next() {
            if c != '\\' {
                text.push(c);
                continue;
            }
            let code = |chars: &mut std::str::Chars, digits: usize| {
                let hex: String = chars.take(digits).collect();
                (hex.len() == digits && hex.bytes().all(|b| b.is_ascii_hexdigit()))
                    .then(|| u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32))
                    .flatten()
            };
            text.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '"' => '"',
                '\\' => '\\',
                '/' => '/',
                ' ' => ' ',
                '0' => '\0',
                'a' => '\u{7}',
                'b' => '\u{8}',
                'v' => '\u{b}',
                'f' => '\u{c}',
                'e' => '\u{1b}',
                'N' => '\u{85}',
                '_' => '\u{a0}',
                'L' => '\u{2028}',
                'P' => '\u{2029}',
                'x' => code(&mut chars, 2)?,
                'u' => code(&mut chars, 4)?,
                'U' => code(&mut chars, 8)?,
                _ => return None,
            });
        }
        string(&mut self.out, &text);
        Some(())
    }

    /// A literal block scalar `|`, with its chomping and an explicit indentation.
    fn literal(&mut self, header: &str, parent: usize) -> Option<()> {
        let (mut explicit, mut chomp) = (None, None);
        let header = header[1..].split(" #").next().unwrap_or_default().trim_end_matches(' ');
        for mark in header.bytes() {
            match mark {
                b'1'..=b'9' if explicit.is_none() => explicit = Some(usize::from(mark - b'0')),
                b'+' | b'-' if chomp.is_none() => chomp = Some(mark),
                _ => return None,
            }
        }
        self.end_line();
        let mut text = String::new();
        // An indicator counts from the parent, whose column a list inside a map hides: only maps are told here.
        let mut column = explicit.map(|e| parent + e);
        let mut blank = 0;
        let mut most_blank = 0;
        while self.at < self.text.len() {
            let line = line(&self.text[self.at..]);
            let spaces = line.len() - line.trim_start_matches(' ').len();
            let is_blank = spaces == line.len();
            if is_blank && column.is_none_or(|c| spaces <= c) {
                most_blank = most_blank.max(if column.is_none() { spaces } else { 0 });
                blank += 1;
            } else {
                let column = *column.get_or_insert(spaces);
                if column <= parent || spaces < column {
                    break;
                }
                if most_blank > column || line.as_bytes().get(spaces) == Some(&b'\t') && spaces == 0 {
                    return None;
                }
                most_blank = 0;
                text.extend(std::iter::repeat_n('\n', blank));
                blank = 0;
                text.push_str(&line[column..]);
                text.push('\n');
            }
            // The last line of the input may have no break of its own.
            if self.at + line.len() >= self.text.len() {
                if !is_blank && chomp != Some(b'-') {
                    return None;
                }
                self.at = self.text.len();
            } else {
                self.at += line.len() + 1;
            }
        }
        match chomp {
            Some(b'-') => {
                let end = text.trim_end_matches('\n').len();
                text.truncate(end);
            }
            // How many line breaks stay is for the full parser where there is no content.
            Some(_) if text.is_empty() => return None,
            Some(_) => text.extend(std::iter::repeat_n('\n', blank)),
            None => {}
        }
        string(&mut self.out, &text);
        self.next_line()?;
        (self.at_end() || self.indent <= parent).then_some(())
    }
}

/// The text up to the next line break.
fn line(text: &str) -> &str {
    memchr::memchr(b'\n', text.as_bytes()).map_or(text, |end| &text[..end])
}

/// The rest of a line without blanks and comments around it.
fn trimmed(rest: &str) -> Option<Rest<'_>> {
    let text = rest.trim_matches(' ');
    if text.is_empty() || (text.starts_with('#') && rest.starts_with(' ')) {
        return Some(Rest::Nothing);
    }
    // A value must be parted from its colon or dash by a blank.
    (rest.starts_with(' ') && !text.starts_with('\t')).then_some(Rest::Text(text))
}

/// Whether a plain scalar may begin so. Signs that begin something else are not for this reader.
fn starts_plain(first: u8, text: &str) -> bool {
    match first {
        b'-' | b'?' | b':' => matches!(text.as_bytes().get(1), Some(b) if !matches!(b, b' ' | b'\t')),
        b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
        | b'`' | b'\t' => false,
        _ => true,
    }
}

/// Whether the content of a list's entry is the first entry of a map.
fn is_entry(text: &str) -> Option<bool> {
    match text.as_bytes()[0] {
        b'"' | b'\'' => Some(quoted_end(text).is_some_and(|end| colon(text, end).is_some())),
        first if starts_plain(first, text) => Some(plain_key_end(text).is_some()),
        // `[]` and `{}` are values; `? ` and the like are left to the full parser by whoever reads the value.
        _ => Some(false),
    }
}

/// Position of the colon that ends a plain key.
fn plain_key_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b':', bytes).find(|at| matches!(bytes.get(at + 1), None | Some(b' ')))
}

/// Position behind the colon that follows a quoted key.
fn colon(text: &str, end: usize) -> Option<usize> {
    let blanks = text[end..].len() - text[end..].trim_start_matches(' ').len();
    let at = end + blanks;
    let bytes = text.as_bytes();
    (bytes.get(at) == Some(&b':') && matches!(bytes.get(at + 1), None | Some(b' '))).then_some(at + 1)
}

/// Position behind the closing quote of a scalar that begins with its opening quote.
fn quoted_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    if bytes[0] == b'"' {
        loop {
            at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes[at] == b'"' {
                return Some(at + 1);
            }
            at += 2;
        }
    }
    loop {
        at += memchr::memchr(b'\'', bytes.get(at..)?)? + 1;
        if bytes.get(at) != Some(&b'\'') {
            return Some(at);
        }
        at += 1;
    }
}

/// A line of a plain scalar without its comment, and whether there was none. `None` where it holds what only a map may.
fn plain_content(line: &str) -> Option<(&str, bool)> {
    let text = line.trim_matches(' ');
    let end = memchr::memmem::find(text.as_bytes(), b" #");
    let content = text[..end.unwrap_or(text.len())].trim_end_matches(' ');
    (!content.contains('\t') && plain_key_end(content).is_none()).then_some((content, end.is_none()))
}

/// Joins the lines of a quoted scalar: one break is a blank, each empty line a line break.
fn fold(body: &str, parent: usize, quote: u8) -> Option<String> {
    let mut joined = String::with_capacity(body.len());
    let mut lines = body.split('\n').peekable();
    let mut first = true;
    let mut empty = 0;
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        let mut text = line;
        if !first {
            text = text.trim_start_matches(' ');
            if text.starts_with('\t') || (!text.is_empty() && line.len() - text.len() <= parent) {
                return None;
            }
        }
        // A backslash at the end of a line, and blanks before a break, are for the full parser.
        if !is_last {
            let odd = text.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
            if (quote == b'"' && odd) || text.ends_with('\t') {
                return None;
            }
            text = text.trim_end_matches(' ');
        }
        if !first {
            if text.is_empty() && !is_last {
                empty += 1;
                continue;
            }
            if empty == 0 {
                joined.push(' ');
            } else {
                joined.extend(std::iter::repeat_n('\n', empty));
                empty = 0;
            }
        }
        joined.push_str(text);
        first = false;
    }
    Some(joined)
}

/// Writes a plain scalar as what it resolves to.
fn plain_scalar(out: &mut Vec<u8>, text: &str) {
    match text {
        "~" | "null" | "Null" | "NULL" => out.extend_from_slice(b"null"),
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => out.extend_from_slice(b"true"),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => out.extend_from_slice(b"false"),
        _ => match integer(text) {
            Some(Integer::AsWritten) => out.extend_from_slice(text.as_bytes()),
            Some(Integer::Value(value)) => out.extend_from_slice(value.to_string().as_bytes()),
            // Fractions too stay as they are written: no field that is read takes one, and `1.10` is no `1.1` in a text.
            None => string(out, text),
        },
    }
}

enum Integer {
    AsWritten,
    Value(i64),
}

fn integer(text: &str) -> Option<Integer> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || digits.len() > 18 || !digits.as_bytes()[0].is_ascii_digit() {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        if digits == "0" || !digits.starts_with('0') {
            return Some(Integer::AsWritten);
        }
        // A leading zero means octal, as in file modes.
        return i64::from_str_radix(digits, 8).ok().filter(|_| digits.len() == text.len()).map(Integer::Value);
    }
    let radix = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(p, r)| Some((text.strip_prefix(p)?, r)));
    radix
        .and_then(|(digits, radix)| {
            digits.bytes().all(|b| b.is_ascii_alphanumeric()).then(|| i64::from_str_radix(digits, radix).ok()).flatten()
        })
        .map(Integer::Value)
}

/// Writes a JSON string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= b' ' && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[done..at]);
        done = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\r' => out.extend_from_slice(b"\\r"),
            other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[done..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests;
