//! Splits YAML into documents and lists into items, by lines and indentation, without parsing.

use super::json::{CUT_OFF, Header, Sink};
use super::window::Window;

/// Parsers of YAML hold about twelve times their text. The API server's limit of 1.5 MiB is well below.
const ITEM_CAP: usize = 4 << 20;

const TOO_LARGE: &str = "object over 4 MiB, not read";
const FLOW: &str = "list in flow style, not read: use what `-o yaml` or `-o json` prints";

/// Whether a line may begin a document in block style.
pub(super) fn begins(line: &[u8]) -> bool {
    if line.starts_with(b"- ") {
        return true;
    }
    let Some(colon) = memchr::memchr(b':', line) else { return false };
    colon > 0
        && matches!(line.get(colon + 1), None | Some(b' ' | b'\n' | b'\r'))
        && line[..colon].iter().all(|b| b.is_ascii_alphanumeric() || b"_-./\"'".contains(b))
}

/// Whether a line ends the document before it: a marker, or something that no block mapping holds in its first column.
pub(super) fn ends(line: &[u8]) -> bool {
    let marker = |m: &[u8]| line.starts_with(m) && matches!(line.get(3), None | Some(b' ' | b'\n' | b'\r' | b'\t'));
    marker(b"---") || marker(b"...") || line.starts_with(b"{") || line.starts_with(b"==== START logs ")
}

/// Reads the document at the start of the window. Says whether there was anything of Kubernetes in it.
pub(super) fn document(w: &mut Window, sink: &mut dyn Sink) -> bool {
    let mut header = Header::default();
    let mut root = Root::Other;
    let mut at = 0;
    let mut flow = false;
    while let Some(length) = line_at(w, at) {
        let line = &w.data()[at..at + length];
        if at > 0 && ends(line) {
            break;
        }
        if let Some(rest) = value_of(line, b"items") {
            if let Some(content) = items_follow(rest) {
                w.consume_lines(at + length);
                return list(w, sink, header, content);
            }
            flow = true;
        }
        if line.starts_with(b"- ") && !header.says_anything() && root == Root::Other {
            // A bare sequence of objects.
            w.consume_lines(at);
            let kinds = [&b"apiVersion"[..], b"kind", b"metadata"];
            if kinds.iter().any(|kind| w.data()[2..].trim_ascii_start().starts_with(kind)) {
                return list(w, sink, header, true);
            }
            pass_over(w);
            return false;
        }
        header.line(line, &mut root);
        at += length;
        if at > ITEM_CAP {
            if header.says_anything() {
                sink.damage(w.position(), TOO_LARGE);
            }
            w.consume_lines(at);
            pass_over(w);
            return header.says_anything();
        }
    }
    let ours = header.kind.is_some() && header.api_version.is_some();
    if flow && header.kind.as_deref().is_some_and(|kind| kind.ends_with("List")) {
        sink.damage(w.position(), FLOW);
    } else if ours {
        sink.text(&w.data()[..at], w.position(), false);
    }
    w.consume_lines(at);
    ours
}

/// Passes over the rest of a document.
fn pass_over(w: &mut Window) {
    while let Some(length) = line_at(w, 0) {
        if ends(&w.data()[..length]) {
            return;
        }
        w.consume_lines(length);
    }
}

/// What stands after `items:`: `Some(true)` if items follow, `Some(false)` if there are none.
fn items_follow(rest: &[u8]) -> Option<bool> {
    match uncommented(rest) {
        b"" => Some(true),
        b"[]" | b"null" | b"~" => Some(false),
        _ => None,
    }
}

/// The items, and what follows them in the List.
fn list(w: &mut Window, sink: &mut dyn Sink, mut header: Header, content: bool) -> bool {
    sink.list(&header);
    let bare = !header.says_anything() && w.data().starts_with(b"- ");
    if content && !items(w, sink, header.kind.is_some() || bare) {
        sink.list_end(&header);
        return true;
    }
    let mut root = Root::Other;
    while let Some(length) = line_at(w, 0) {
        let line = &w.data()[..length];
        if ends(line) {
            break;
        }
        header.line(line, &mut root);
        w.consume_lines(length);
    }
    sink.list_end(&header);
    true
}

/// Items up to a line that belongs to none. `false` if the input was cut off in the last one.
fn items(w: &mut Window, sink: &mut dyn Sink, end_is_sound: bool) -> bool {
    let mut indent = None;
    let mut scratch = Vec::new();
    while let Some(first) = line_at(w, 0) {
        let line = &w.data()[..first];
        if is_blank(line) {
            w.consume_lines(first);
            continue;
        }
        let spaces = leading_spaces(line);
        let dash = line.get(spaces) == Some(&b'-') && matches!(line.get(spaces + 1), None | Some(b' ' | b'\n' | b'\r'));
        if !dash || *indent.get_or_insert(spaces) != spaces {
            return true;
        }
        let Some((end, ended)) = item_end(w, spaces, first) else {
            sink.damage(w.position(), TOO_LARGE);
            skip_item(w, spaces);
            continue;
        };
        if !ended && !end_is_sound {
            // kubectl writes the kind of the list after its items, so that this is not where it ends.
            sink.damage(w.position(), CUT_OFF);
            w.consume_lines(end);
            return false;
        }
        scratch.clear();
        dedent(&w.data()[..end], spaces, &mut scratch);
        sink.text(&scratch, w.position(), true);
        w.consume_lines(end);
    }
    true
}

/// Where an item ends whose dash stands behind `spaces`, and whether a line follows it. `None` if it is too large.
fn item_end(w: &mut Window, spaces: usize, first: usize) -> Option<(usize, bool)> {
    let mut end = first;
    while let Some(length) = line_at(w, end) {
        let line = &w.data()[end..end + length];
        if leading_spaces(line) <= spaces && !is_blank(line) {
            return Some((end, true));
        }
        end += length;
        if end > ITEM_CAP {
            return None;
        }
    }
    Some((end, false))
}

/// Passes over an item without keeping it.
fn skip_item(w: &mut Window, spaces: usize) {
    let mut first = true;
    while let Some(length) = line_at(w, 0) {
        let line = &w.data()[..length];
        if !first && leading_spaces(line) <= spaces && !is_blank(line) {
            return;
        }
        first = false;
        w.consume_lines(length);
    }
}

/// Writes an item of a sequence as a document of its own.
fn dedent(item: &[u8], spaces: usize, out: &mut Vec<u8>) {
    let mut width = None;
    for line in item.split_inclusive(|b| *b == b'\n') {
        let known = match width {
            Some(known) => known,
            None if is_blank(line) => continue,
            None => {
                let after_dash = if out.is_empty() && line.get(spaces) == Some(&b'-') { spaces + 1 } else { 0 };
                let content = after_dash + leading_spaces(&line[after_dash..]);
                if uncommented(&line[content..]).is_empty() {
                    // A dash alone: the next line says how far the item is indented.
                    continue;
                }
                *width.insert(content)
            }
        };
        let first = out.is_empty();
        let cut = if first { known } else { leading_spaces(line).min(known) };
        out.extend_from_slice(&line[cut..]);
    }
}

/// Where the lines of `metadata.managedFields` stand in an object in block style with two spaces of indentation.
pub(super) fn managed_fields(text: &[u8]) -> Option<std::ops::Range<usize>> {
    let mut root_is_metadata = false;
    let mut from = 0;
    // Content of block scalars is indented further than the key it belongs to, so that what stands behind two spaces
    // below `metadata:` is a key of it.
    for line in text.split_inclusive(|b| *b == b'\n') {
        let at = from;
        from += line.len();
        match line {
            [b' ', b' ', rest @ ..] if root_is_metadata && rest.starts_with(b"managedFields:") => {
                if !uncommented(&rest[b"managedFields:".len()..]).is_empty() {
                    return None;
                }
                let inner = text[from..].split_inclusive(|b| *b == b'\n');
                let length = inner
                    .take_while(|line| leading_spaces(line) > 2 || line.starts_with(b"  - ") || is_blank(line))
                    .map(<[u8]>::len)
                    .sum::<usize>();
                return Some(at..from + length);
            }
            [b' ' | b'#' | b'\n' | b'\r', ..] => {}
            _ => root_is_metadata = line.starts_with(b"metadata:"),
        }
    }
    None
}

/// The `kind` of an object in block style.
pub(super) fn kind_of(text: &[u8]) -> Option<&str> {
    let value = if let Some(value) = text.strip_prefix(b"kind: ") {
        value
    } else {
        &text[memchr::memmem::find(text, b"\nkind: ")? + b"\nkind: ".len()..]
    };
    std::str::from_utf8(scalar(&value[..memchr::memchr(b'\n', value).unwrap_or(value.len())])).ok()
}

/// Length of the line at `at` with its end; `None` at the end of the stream. Longer lines than an object may be count
/// as several.
pub(super) fn line_at(w: &mut Window, at: usize) -> Option<usize> {
    let mut from = at;
    loop {
        if let Some(found) = memchr::memchr(b'\n', w.data().get(from..)?) {
            return Some(from + found + 1 - at);
        }
        from = w.data().len();
        if from - at > 2 * ITEM_CAP || !w.more() {
            return (from > at).then_some(from - at);
        }
    }
}

/// The member of a List that its lines belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Root {
    Metadata,
    Other,
}

impl Header {
    /// Reads a line of a List that is no item.
    fn line(&mut self, line: &[u8], root: &mut Root) {
        if let Some(value) = value_of(line, b"kind") {
            self.kind = text(value);
        } else if let Some(value) = value_of(line, b"apiVersion") {
            self.api_version = text(value);
        } else if line.starts_with(b"metadata:") {
            *root = Root::Metadata;
            return;
        } else if *root == Root::Metadata
            && let Some(value) = line.strip_prefix(b"  continue:")
        {
            self.continues = text(value).is_some();
        }
        if line.first().is_some_and(|b| !b.is_ascii_whitespace()) {
            *root = Root::Other;
        }
    }

    fn says_anything(&self) -> bool {
        self.kind.is_some() || self.api_version.is_some()
    }
}

/// What stands behind a key in the first column, which may be quoted.
fn value_of<'a>(line: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let quote: &[u8] = match line.first()? {
        quote @ (b'"' | b'\'') => std::slice::from_ref(quote),
        _ => b"",
    };
    line.strip_prefix(quote)?.strip_prefix(key)?.strip_prefix(quote)?.strip_prefix(b":")
}

/// A plain or quoted scalar on its line, if it is no longer than names are.
fn text(value: &[u8]) -> Option<String> {
    let value = scalar(value);
    if value.is_empty() || value.len() > 253 {
        return None;
    }
    String::from_utf8(value.to_vec()).ok()
}

fn scalar(value: &[u8]) -> &[u8] {
    let value = uncommented(value);
    for quote in [b"\"", b"'"] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote)) {
            return inner;
        }
    }
    value
}

/// What stands before a comment, trimmed.
fn uncommented(rest: &[u8]) -> &[u8] {
    let rest = rest.trim_ascii();
    if rest.starts_with(b"#") {
        return b"";
    }
    let end = memchr::memmem::find(rest, b" #").unwrap_or(rest.len());
    rest[..end].trim_ascii_end()
}

fn leading_spaces(line: &[u8]) -> usize {
    line.iter().position(|b| *b != b' ').unwrap_or(line.len())
}

/// Whether a line holds nothing, or only a comment.
fn is_blank(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.is_empty() || line.starts_with(b"#")
}

#[cfg(test)]
mod tests {
    use keytrace_core::coverage::Position;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    #[derive(Default)]
    struct Seen {
        items: Vec<(String, Position)>,
        headers: Vec<Header>,
        damage: Vec<(Position, &'static str)>,
    }

    impl Sink for Seen {
        fn list(&mut self, _: &Header) {}
        fn item(&mut self, _: &[u8], _: u64, _: bool) {}
        fn text(&mut self, item: &[u8], at: Position, _: bool) {
            self.items.push((String::from_utf8(item.to_vec()).expect("text"), at));
        }
        fn list_end(&mut self, header: &Header) {
            self.headers.push(header.clone());
        }
        fn damage(&mut self, at: Position, what: &'static str) {
            self.damage.push((at, what));
        }
    }

    fn split(text: &str) -> Seen {
        let mut reader = text.as_bytes();
        let mut w = Window::new(&mut reader, Vec::new());
        let mut seen = Seen::default();
        while let Some(length) = line_at(&mut w, 0) {
            if ends(&w.data()[..length]) {
                w.consume_lines(length);
            } else {
                document(&mut w, &mut seen);
            }
        }
        seen
    }

    #[allow(clippy::format_push_string, reason = "the text is short and a test's")]
    /// Writes block style as go-yaml does: sequences stand at the indentation of their key.
    fn emit(value: &Value, indent: usize, out: &mut String) {
        let pad = " ".repeat(indent);
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (i, (key, value)) in map.iter().enumerate() {
                    if i > 0 {
                        out.push_str(&pad);
                    }
                    out.push_str(key);
                    out.push(':');
                    match value {
                        Value::Object(map) if !map.is_empty() => {
                            out.push_str(&format!("\n{pad}  "));
                            emit(value, indent + 2, out);
                        }
                        Value::Array(list) if !list.is_empty() => {
                            out.push_str(&format!("\n{pad}"));
                            emit(value, indent, out);
                        }
                        Value::String(text) if text.contains('\n') && !text.starts_with([' ', '\n']) => {
                            let keep = if text.ends_with('\n') { "+" } else { "-" };
                            out.push_str(&format!(" |{keep}\n"));
                            for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
                                out.push_str(&if line.is_empty() {
                                    "\n".to_owned()
                                } else {
                                    format!("{pad}  {line}\n")
                                });
                            }
                        }
                        _ => out.push_str(&format!(" {value}\n")),
                    }
                }
            }
            Value::Array(list) if !list.is_empty() => {
                for (i, value) in list.iter().enumerate() {
                    if i > 0 {
                        out.push_str(&pad);
                    }
                    out.push_str("- ");
                    emit(value, indent + 2, out);
                }
            }
            _ => out.push_str(&format!("{value}\n")),
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z:#{}\\[\\]\" -]{0,10}".prop_map(Value::from),
            "[a-z](- [a-z:#]{0,4}|\n|items:|---|  managedFields:|kind: ){1,6}[a-z#]".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 30, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                map("[a-z]{1,6}", inner).prop_map(Value::from)
            ]
        })
    }

    fn map(keys: &'static str, values: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
        prop::collection::btree_map(keys, values, 0..5).prop_map(|map| map.into_iter().collect())
    }

    fn object(spec: Map<String, Value>, managed: Vec<Value>) -> Value {
        serde_json::json!({
            "apiVersion": "v1",
            "data": spec,
            "kind": "Pod",
            "metadata": {"annotations": {"x": "y\n  managedFields:\nz"}, "managedFields": managed, "name": "n"},
            "zz": "end",
        })
    }

    fn parse(text: &str) -> Value {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn items_are_those_that_a_full_parser_finds(
            specs in prop::collection::vec(map("[a-z]{1,6}", values()), 0..5), shape in 0..3,
        ) {
            let items: Vec<Value> = specs.into_iter().map(|spec| object(spec, vec![])).collect();
            let mut text = String::new();
            match shape {
                0 => emit(&serde_json::json!({"apiVersion": "v1", "items": items, "kind": "List"}), 0, &mut text),
                1 => emit(&Value::from(items.clone()), 0, &mut text),
                _ => items.iter().for_each(|item| {
                    text.push_str("---\n# Source: chart/templates/x.yaml\n");
                    emit(item, 0, &mut text);
                }),
            }
            if shape == 1 && items.is_empty() {
                return Ok(());
            }
            let seen = split(&text);
            prop_assert_eq!(&seen.damage, &vec![]);
            let found: Vec<Value> = seen.items.iter().map(|(item, _)| parse(item)).collect();
            prop_assert_eq!(&found, &items, "{}", text);
            for (item, at) in &seen.items {
                let Position::Line(line) = at else { panic!("lines are known") };
                let line = text.lines().nth(*line as usize - 1).expect("a line of the text");
                prop_assert!(line.ends_with(item.lines().next().expect("a line")) || line.starts_with('#'));
            }
        }

        #[test]
        fn managed_fields_are_cut_where_a_full_parser_finds_them(
            spec in map("[a-z]{1,6}", values()), managed in prop::collection::vec(values(), 1..4),
        ) {
            let item = object(spec, managed);
            let mut text = String::new();
            emit(&item, 0, &mut text);
            let cut = managed_fields(text.as_bytes()).expect("they are there");
            text.replace_range(cut, "");
            let mut wanted = item;
            wanted["metadata"].as_object_mut().expect("an object").remove("managedFields");
            prop_assert_eq!(parse(&text), wanted);
        }

        #[test]
        fn any_text_is_split_without_a_panic(text in "(items:|kind:|- |  |\n|[a-z:#'\"]|---|metadata:|managedFields:){0,80}") {
            split(&text);
        }
    }

    #[test]
    fn a_list_that_ends_before_its_kind_was_cut_off() {
        let seen = split("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n- apiVersion: v1\n  kind: Po");
        assert_eq!(seen.items.len(), 1);
        assert_eq!(seen.damage, [(Position::Line(5), CUT_OFF)]);
    }

    #[test]
    fn keys_may_be_quoted_and_a_list_in_flow_style_is_said_to_be_lost() {
        let seen = split("\"kind\": \"Pod\"\n'apiVersion': v1\nmetadata: {}\n");
        assert_eq!(seen.items.len(), 1);
        let seen = split("apiVersion: v1\nitems: [{kind: Pod}]\nkind: List\n");
        assert_eq!(seen.damage, [(Position::Line(1), FLOW)]);
    }

    #[test]
    fn indented_items_and_wide_dashes_are_read() {
        let seen = split(
            "kind: PodList\nitems:\n  -   kind: A\n      x: 1\n  -\n    kind: B\n# end\nmetadata:\n  continue: abc\n",
        );
        assert_eq!(
            seen.items.iter().map(|(i, _)| i.as_str()).collect::<Vec<_>>(),
            ["kind: A\nx: 1\n", "kind: B\n# end\n"]
        );
        assert!(seen.headers[0].continues);
    }
}
