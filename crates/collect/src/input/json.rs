//! Splits a stream of JSON documents into objects, exactly, in a bounded window.

use keytrace_core::coverage::Position;

use super::scan::Scanner;
use super::window::Window;

/// No object of the API server comes near: etcd takes 1.5 MiB, and kubectl's indentation at most triples it.
pub(super) const ITEM_CAP: usize = 16 << 20;

/// What the members of a List around its items say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: Option<String>,
    pub api_version: Option<String>,
    /// The server had more: this is one page of a longer list.
    pub continues: bool,
}

/// Takes what a document holds.
pub(super) trait Sink {
    /// A List begins; its header holds what came before the items.
    fn list(&mut self, header: &Header);
    /// A whole object, which begins at byte `at` of the stream. `in_list`: it belongs to the List begun last.
    fn item(&mut self, item: &[u8], at: u64, in_list: bool);
    /// The same in YAML, as a document of its own.
    fn text(&mut self, item: &[u8], at: Position, in_list: bool);
    /// The List ended; its header is complete now.
    fn list_end(&mut self, header: &Header);
    /// Something in the stream could not be read.
    fn damage(&mut self, at: Position, what: &'static str);
}

/// Whether more documents can follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Go,
    /// What follows cannot be told apart from what was damaged.
    Stop,
}

pub(super) const CUT_OFF: &str = "the input ends inside an object";
const CUT_LIST: &str = "the input ends inside a list";
const UNBALANCED: &str = "object that does not end where its text says";
const TOO_LARGE: &str = "object over 16 MiB, not read";
const NOT_JSON: &str = "not valid JSON";

/// Reads the document that begins with `{` or `[` at the start of the window.
pub(super) fn document(w: &mut Window, sink: &mut dyn Sink) -> Next {
    if w.byte(0) == Some(b'[') {
        w.consume(1);
        let header = Header::default();
        sink.list(&header);
        let next = elements(w, sink);
        sink.list_end(&header);
        return next;
    }
    object(w, sink)
}

/// An object that may turn out to be a List. It is kept in the window until that is known.
fn object(w: &mut Window, sink: &mut dyn Sink) -> Next {
    let mut header = Header::default();
    let mut at = 1;
    loop {
        at = space(w, at);
        match w.byte(at) {
            Some(b'}') => {
                sink.item(&w.data()[..=at], w.offset(), false);
                w.consume(at + 1);
                return Next::Go;
            }
            Some(b'"') => {}
            Some(_) => return stop(w, sink, at, NOT_JSON),
            None => return stop(w, sink, 0, CUT_OFF),
        }
        let Some((key, value)) = member(w, at) else { return broken(w, sink, at) };
        if &w.data()[key.clone()] == b"items" && w.byte(value) == Some(b'[') {
            w.consume(value + 1);
            return list(w, sink, header);
        }
        let Some(end) = value_end(w, value) else { return broken(w, sink, 0) };
        header.read(&w.data()[key], &w.data()[value..end]);
        at = end;
    }
}

/// The items and what follows them in the List.
fn list(w: &mut Window, sink: &mut dyn Sink, mut header: Header) -> Next {
    sink.list(&header);
    let next = elements(w, sink);
    if next == Next::Stop {
        sink.list_end(&header);
        return next;
    }
    loop {
        let skip = space(w, 0);
        w.consume(skip);
        match w.byte(0) {
            Some(b'}') => {
                w.consume(1);
                sink.list_end(&header);
                return Next::Go;
            }
            Some(b'"') => {}
            other => {
                sink.damage(byte(w, 0), if other.is_some() { NOT_JSON } else { CUT_LIST });
                sink.list_end(&header);
                return Next::Stop;
            }
        }
        let read = member(w, 0).and_then(|(key, value)| Some((key, value, value_end(w, value)?)));
        let Some((key, value, end)) = read else {
            sink.damage(byte(w, 0), CUT_LIST);
            sink.list_end(&header);
            return Next::Stop;
        };
        header.read(&w.data()[key], &w.data()[value..end]);
        w.consume(end);
    }
}

/// The elements of an array, up to and including its `]`.
fn elements(w: &mut Window, sink: &mut dyn Sink) -> Next {
    // What stands before an item on its own line; kubectl indents all items of a list alike.
    let mut indent: Option<Vec<u8>> = None;
    loop {
        let skip = space(w, 0);
        if indent.is_none()
            && let Some(newline) = memchr::memrchr(b'\n', &w.data()[..skip])
            && w.byte(skip) == Some(b'{')
        {
            indent = Some(w.data()[newline + 1..skip].to_vec());
        }
        w.consume(skip);
        match w.byte(0) {
            Some(b']') => {
                w.consume(1);
                return Next::Go;
            }
            Some(b'{') => match container_end(w, 0) {
                Ok(end) => {
                    sink.item(&w.data()[..end], w.offset(), true);
                    w.consume(end);
                }
                Err(Unended::TooLarge) => {
                    sink.damage(byte(w, 0), TOO_LARGE);
                    if !skip_container(w) {
                        return Next::Stop;
                    }
                }
                Err(Unended::CutOff) => {
                    let Some(end) = indent.as_deref().and_then(|indent| line_end(w.data(), indent)) else {
                        return stop(w, sink, 0, CUT_OFF);
                    };
                    // Strings cannot hold raw newlines, so that this line ends the object whatever is wrong in it.
                    sink.damage(byte(w, 0), UNBALANCED);
                    w.consume(end);
                }
            },
            Some(b'}' | b':') => return stop(w, sink, 0, NOT_JSON),
            Some(_) => {
                sink.damage(byte(w, 0), "element of a list that is no object");
                match value_end(w, 0) {
                    Some(end) if end > 0 => w.consume(end),
                    _ => return Next::Stop,
                }
            }
            None => return stop(w, sink, 0, CUT_LIST),
        }
    }
}

/// End of the line that closes an object whose brackets stand at `indent`.
fn line_end(data: &[u8], indent: &[u8]) -> Option<usize> {
    let mut closing = Vec::with_capacity(indent.len() + 2);
    closing.push(b'\n');
    closing.extend_from_slice(indent);
    closing.push(b'}');
    memchr::memmem::find(data, &closing).map(|at| at + closing.len())
}

fn byte(w: &Window, at: usize) -> Position {
    Position::Byte(w.offset() + at as u64)
}

fn stop(w: &Window, sink: &mut dyn Sink, at: usize, what: &'static str) -> Next {
    sink.damage(byte(w, at), what);
    Next::Stop
}

/// A member or value that does not end: the stream ended, or it is too large.
fn broken(w: &mut Window, sink: &mut dyn Sink, at: usize) -> Next {
    if w.data().len() > ITEM_CAP {
        sink.damage(byte(w, 0), TOO_LARGE);
        return if skip_container(w) { Next::Go } else { Next::Stop };
    }
    let what = if w.byte(at).is_some() && w.more() { NOT_JSON } else { CUT_OFF };
    stop(w, sink, at, what)
}

/// Passes over an object without keeping it. `false` if it does not end.
fn skip_container(w: &mut Window) -> bool {
    let Some(first) = w.byte(0) else { return false };
    let mut scanner = Scanner::new(first);
    loop {
        if let Some(end) = scanner.feed(w.data()) {
            w.consume(end);
            return true;
        }
        w.consume(w.data().len());
        if !w.more() {
            return false;
        }
    }
}

/// The key at `at`, without quotes, and the position of its value.
fn member(w: &mut Window, at: usize) -> Option<(std::ops::Range<usize>, usize)> {
    let end = string_end(w, at)?;
    let colon = space(w, end);
    if w.byte(colon)? != b':' {
        return None;
    }
    let value = space(w, colon + 1);
    w.byte(value)?;
    Some((at + 1..end - 1, value))
}

/// Position of the next byte that is neither space nor comma, or of the end.
fn space(w: &mut Window, mut at: usize) -> usize {
    loop {
        let data = w.data();
        while let Some(byte) = data.get(at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',') {
                return at;
            }
            at += 1;
        }
        if at > ITEM_CAP || !w.more() {
            return at;
        }
    }
}

enum Unended {
    CutOff,
    TooLarge,
}

/// Position just past the object or array at `at`.
fn container_end(w: &mut Window, at: usize) -> Result<usize, Unended> {
    let mut scanner = Scanner::new(w.data()[at]);
    let mut fed = at;
    loop {
        if let Some(end) = scanner.feed(&w.data()[fed..]) {
            return Ok(fed + end);
        }
        fed = w.data().len();
        if fed > ITEM_CAP {
            return Err(Unended::TooLarge);
        }
        if !w.more() {
            return Err(Unended::CutOff);
        }
    }
}

/// Position just past the value at `at`.
fn value_end(w: &mut Window, at: usize) -> Option<usize> {
    match w.byte(at)? {
        b'{' | b'[' => container_end(w, at).ok(),
        b'"' => string_end(w, at),
        _ => {
            let mut end = at;
            while let Some(byte) = w.byte(end) {
                if matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t') {
                    break;
                }
                end += 1;
                if end > ITEM_CAP {
                    return None;
                }
            }
            (end > at).then_some(end)
        }
    }
}

/// Position just past the string at `at`.
fn string_end(w: &mut Window, at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        match w.data().get(from..).and_then(|data| memchr::memchr2(b'"', b'\\', data)) {
            Some(found) if w.data()[from + found] == b'"' => return Some(from + found + 1),
            Some(found) => from += found + 2,
            None => {
                from = from.max(w.data().len());
                if w.data().len() > ITEM_CAP || !w.more() {
                    return None;
                }
            }
        }
    }
}

impl Header {
    /// Reads a member of a List that is not its items.
    pub fn read(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"kind" => self.kind = short_string(value),
            b"apiVersion" => self.api_version = short_string(value),
            b"metadata" if value.len() < 1 << 16 => {
                #[derive(serde::Deserialize)]
                struct Metadata {
                    #[serde(default, rename = "continue")]
                    continues: Option<String>,
                }
                let metadata = serde_json::from_slice::<Metadata>(value);
                self.continues = metadata.is_ok_and(|m| m.continues.is_some_and(|c| !c.is_empty()));
            }
            _ => {}
        }
    }

    /// `Pod` for a `PodList`; none for a List of any kind, whose items name theirs.
    pub fn item_kind(&self) -> Option<&str> {
        self.kind.as_deref()?.strip_suffix("List").filter(|kind| !kind.is_empty())
    }
}

/// A string of a reasonable length without escapes.
fn short_string(value: &[u8]) -> Option<String> {
    let text = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if text.len() > 253 || text.contains(&b'\\') {
        return None;
    }
    String::from_utf8(text.to_vec()).ok()
}

/// The `kind` of an object in JSON, if it stands before too many other members.
pub(super) fn kind_of(item: &[u8]) -> Option<&str> {
    let mut at = 1;
    for _ in 0..12 {
        at += skip_space(item.get(at..)?);
        if *item.get(at)? != b'"' {
            return None;
        }
        let key_end = at + 1 + text_end(&item[at + 1..])?;
        let key = &item[at + 1..key_end];
        at = key_end + 1 + skip_space(item.get(key_end + 1..)?);
        if *item.get(at)? != b':' {
            return None;
        }
        at += 1;
        at += skip_space(item.get(at..)?);
        let start = at;
        at = match *item.get(at)? {
            first @ (b'{' | b'[') => at + Scanner::new(first).feed(&item[at..])?,
            b'"' => at + 2 + text_end(&item[at + 1..])?,
            _ => at + item[at..].iter().position(|b| matches!(b, b',' | b'}'))?,
        };
        if key == b"kind" {
            let value = item[start..at].strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            return std::str::from_utf8(value).ok();
        }
    }
    None
}

fn skip_space(data: &[u8]) -> usize {
    data.iter().position(|b| !matches!(b, b' ' | b'\n' | b'\r' | b'\t' | b',')).unwrap_or(data.len())
}

/// Position of the quote that ends a string.
fn text_end(data: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', data.get(from..)?)?;
        if data[found] == b'"' {
            return Some(found);
        }
        from = found + 2;
    }
}

/// Where the contents of `metadata.managedFields` stand in an object, without the brackets around them.
///
/// A quote that stands unescaped before the word opens a string in sound JSON, and the colon after it says that it is
/// a key, so that the search needs no parser.
pub(super) fn managed_fields(item: &[u8]) -> Option<std::ops::Range<usize>> {
    const KEY: &[u8] = b"\"managedFields\":";
    let mut from = 0;
    loop {
        let found = from + memchr::memmem::find(&item[from..], KEY)?;
        let after = found + KEY.len();
        let open = after + skip_space(&item[after..]);
        from = after;
        if item.get(open) != Some(&b'[') || (found > 0 && item[found - 1] == b'\\') {
            continue;
        }
        let end = open + Scanner::new(b'[').feed(&item[open..])?;
        return Some(open + 1..end - 1);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// What came out of a stream.
    #[derive(Default, Debug)]
    struct Seen {
        items: Vec<(Vec<u8>, u64, bool)>,
        headers: Vec<Header>,
        damage: Vec<(Position, &'static str)>,
    }

    impl Sink for Seen {
        fn list(&mut self, _: &Header) {}
        fn item(&mut self, item: &[u8], at: u64, in_list: bool) {
            self.items.push((item.to_vec(), at, in_list));
        }
        fn list_end(&mut self, header: &Header) {
            self.headers.push(header.clone());
        }
        fn text(&mut self, _: &[u8], _: Position, _: bool) {}
        fn damage(&mut self, at: Position, what: &'static str) {
            self.damage.push((at, what));
        }
    }

    /// Gives a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn split(text: &[u8], step: usize) -> Seen {
        let mut reader = Drip(text, step);
        let mut w = Window::new(&mut reader, Vec::new());
        let mut seen = Seen::default();
        loop {
            let skip = space(&mut w, 0);
            w.consume(skip);
            if w.byte(0).is_none() || document(&mut w, &mut seen) == Next::Stop {
                return seen;
            }
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z{}\\[\\]\",:\\\\\n é]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z{}\"\\\\]{0,6}", inner, 0..6)
                    .prop_map(|map| Value::from(map.into_iter().collect::<serde_json::Map<_, _>>())),
            ]
        })
    }

    fn objects() -> impl Strategy<Value = Value> {
        prop::collection::btree_map("[b-h]{1,6}", values(), 0..6)
            .prop_map(|map| Value::from(map.into_iter().collect::<serde_json::Map<_, _>>()))
    }

    fn text(value: &Value, indent: usize) -> Vec<u8> {
        if indent == 0 {
            return serde_json::to_vec(value).expect("a value");
        }
        let indent = " ".repeat(indent);
        let mut out = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
        serde::Serialize::serialize(value, &mut serde_json::Serializer::with_formatter(&mut out, formatter))
            .expect("a value");
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn items_are_those_that_a_full_parser_finds(
            items in prop::collection::vec(objects(), 0..8),
            indent in 0usize..5,
            step in 1usize..200,
            typed in any::<bool>(),
        ) {
            let list = if typed {
                json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": "x"}, "items": items})
            } else {
                json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})
            };
            let seen = split(&text(&list, indent), step);
            prop_assert_eq!(&seen.damage, &vec![]);
            let found: Vec<Value> =
                seen.items.iter().map(|(item, _, _)| serde_json::from_slice(item).expect("an object")).collect();
            prop_assert_eq!(found, items);
            prop_assert_eq!(seen.headers[0].kind.as_deref(), Some(if typed { "PodList" } else { "List" }));
            prop_assert_eq!(seen.headers[0].continues, typed);
        }

        #[test]
        fn documents_follow_each_other_with_or_without_space(
            docs in prop::collection::vec(objects(), 1..6), indent in 0usize..3, gap in "[ \n]{0,3}", step in 1usize..99,
        ) {
            let mut all = Vec::new();
            for doc in &docs {
                all.extend(text(doc, indent));
                all.extend(gap.as_bytes());
            }
            let seen = split(&all, step);
            let found: Vec<Value> =
                seen.items.iter().map(|(item, _, _)| serde_json::from_slice(item).expect("an object")).collect();
            prop_assert_eq!(found, docs);
            for (item, at, _) in &seen.items {
                prop_assert_eq!(&all[*at as usize..*at as usize + item.len()], &item[..]);
            }
        }

        #[test]
        fn what_was_complete_before_a_cut_is_found_and_the_cut_is_reported(
            items in prop::collection::vec(objects(), 1..8), indent in 0usize..3, cut in 0.0f64..1.0,
        ) {
            let all = text(&json!({"items": items, "kind": "List"}), indent);
            let whole = split(&all, 1 << 20);
            let length = (all.len() as f64 * cut) as usize;
            let seen = split(&all[..length], 1 << 20);
            prop_assert_eq!(seen.damage.len(), usize::from(length > 0));
            let expected = whole.items.iter().filter(|(item, at, _)| *at as usize + item.len() <= length).count();
            prop_assert_eq!(seen.items.len(), expected);
        }

        #[test]
        fn managed_fields_are_cut_where_a_full_parser_finds_them(value in values(), other in values(), indent in 0usize..3) {
            let item = json!({"kind": "Pod", "metadata": {"a": other, "managedFields": [value], "name": "x"}});
            let mut bytes = text(&item, indent);
            let range = managed_fields(&bytes).expect("they are there");
            bytes.drain(range);
            let left: Value = serde_json::from_slice(&bytes).expect("still valid");
            let mut wanted = item;
            wanted["metadata"]["managedFields"] = json!([]);
            prop_assert_eq!(left, wanted);
        }

        #[test]
        fn any_text_is_split_without_a_panic(text in "[{}\\[\\]\",:\\\\a1 \n]{0,200}", step in 1usize..50) {
            split(text.as_bytes(), step);
        }
    }

    #[test]
    fn a_stray_quote_spoils_one_indented_object_only() {
        let list = b"{\n    \"items\": [\n        {\n            \"a\": \"x\"\n        },\n        {\n            \"b\": \"y\n        },\n        {\n            \"c\": 1\n        }\n    ]\n}\n";
        let seen = split(list, 1 << 20);
        assert_eq!(seen.damage.len(), 1);
        assert_eq!(seen.items.len(), 2);
    }

    #[test]
    fn the_kind_is_found_behind_data_and_only_at_the_top() {
        assert_eq!(kind_of(br#"{"apiVersion":"v1","data":{"kind":"Pod"},"kind":"Secret"}"#), Some("Secret"));
        assert_eq!(kind_of(br#"{"metadata":{"kind":"Pod"}}"#), None);
        assert_eq!(kind_of(b"{"), None);
    }
}
