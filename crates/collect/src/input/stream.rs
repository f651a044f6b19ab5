//! Tells what a stream of bytes is by its content, and takes it apart into objects, log lines and audit lines.

use std::io::{BufRead, ErrorKind, Read};
use std::sync::Arc;

use keytrace_core::coverage::{Position, Unseen};

use super::json::{self, Header, Next, Sink};
use super::reading::{List, Reading};
use super::window::Window;
use super::work::{Doc, What};
use super::yaml;
use crate::wire::LogPlace;

/// Logs up to this length are handed to a worker; longer ones are read in place.
const SHORT_LOG: usize = 1 << 20;
/// Objects of a list that are kept while the kind of the list is not known yet.
const PENDING: usize = 32 << 20;

/// Reads text: objects in JSON and YAML, one after the other or in lists, audit lines, logs, and logs in frames.
pub(super) fn text(reading: &mut Reading, w: &mut Window, file: u32, given: bool) {
    if w.require(3) && w.data().starts_with(b"\xef\xbb\xbf") {
        w.consume_lines(3);
    }
    w.require(64 << 10);
    if is_audit(w.data()) {
        return audit(reading, w, file);
    }
    if is_vault_audit(w.data()) {
        return reading.note(file, Position::Whole, "audit log of Vault: not read yet");
    }
    if let Some(place) = reading.log_place(file)
        && !is_objects(w.data())
        && !w.data().starts_with(START)
    {
        return log(reading, w, file, place);
    }
    let mut other_lines = 0_u64;
    let mut objects = false;
    loop {
        blank(w);
        let Some(first) = w.byte(0) else { break };
        if first == b'{' || first == b'[' {
            objects = true;
            let mut sink = FileSink::new(reading, file);
            if json::document(w, &mut sink) == Next::Stop && !resync(w) {
                break;
            }
            continue;
        }
        let length = line_length(w);
        let line = &w.data()[..length];
        if let Some(place) = frame(line) {
            w.consume_lines(length);
            objects = true;
            framed_log(reading, w, file, place);
            continue;
        }
        // A marker, a comment or a directive belongs to the document after it.
        if yaml::ends(line) || matches!(first, b'#' | b'%') {
            let skip = if line.starts_with(b"--- {") { 4 } else { length };
            w.consume_lines(skip);
            continue;
        }
        if yaml::begins(line) {
            objects |= yaml::document(w, &mut FileSink::new(reading, file));
            continue;
        }
        if other_lines == 0 {
            said_by_kubectl(reading, file, line);
        }
        other_lines += 1;
        w.consume_lines(length);
    }
    report_failure(reading, w, file);
    if !objects {
        reading.unrelated += 1;
        if given && reading.file(file).refused.is_none() {
            reading.note(file, Position::Whole, "no Kubernetes objects, log or audit log in it");
        }
    }
}

fn report_failure(reading: &mut Reading, w: &Window, file: u32) {
    if let Some(kind) = w.failure() {
        reading.damage(file, 0, Position::Byte(w.offset()), &failure(kind));
    }
}

/// Why a stream ended before its end.
pub(super) fn failure(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::UnexpectedEof => "the input is cut off".to_owned(),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => "compressed data are damaged".to_owned(),
        ErrorKind::FileTooLarge => "expands to more than 300 times its size, not read further".to_owned(),
        kind => format!("reading failed: {kind}"),
    }
}

/// Passes over white space.
fn blank(w: &mut Window) {
    loop {
        let data = w.data();
        let count = data.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(data.len());
        w.consume_lines(count);
        if !w.data().is_empty() || !w.more() {
            return;
        }
    }
}

/// Length of the first line with its end. A line longer than an object may be counts as several.
fn line_length(w: &mut Window) -> usize {
    let mut from = 0;
    loop {
        if let Some(at) = memchr::memchr(b'\n', &w.data()[from..]) {
            return from + at + 1;
        }
        from = w.data().len();
        if from > json::ITEM_CAP || !w.more() {
            return from;
        }
    }
}

/// After damage, goes on where a line holds a single bracket: no string of JSON spans lines, and all brackets within a
/// document of kubectl are indented.
fn resync(w: &mut Window) -> bool {
    loop {
        let data = w.data();
        for newline in memchr::memmem::find_iter(data, b"\n{") {
            if matches!(data.get(newline + 2), Some(b'\n' | b'\r')) {
                w.consume_lines(newline + 1);
                return true;
            }
        }
        let done = w.data().len().saturating_sub(2);
        w.consume_lines(done);
        if !w.more() {
            return false;
        }
    }
}

/// The first line, as far as it is in the window.
fn first_line(data: &[u8]) -> &[u8] {
    &data[..memchr::memchr(b'\n', data).unwrap_or(data.len())]
}

/// Whether the text is JSON lines of the API server's audit log.
fn is_audit(data: &[u8]) -> bool {
    let line = first_line(data);
    line.starts_with(b"{")
        && json::kind_of(line) == Some("Event")
        && memchr::memmem::find(line, b"\"audit.k8s.io/").is_some()
}

fn is_vault_audit(data: &[u8]) -> bool {
    let line = first_line(data);
    let has = |what: &[u8]| memchr::memmem::find(line, what).is_some();
    line.starts_with(b"{")
        && (has(b"\"type\":\"request\"") || has(b"\"type\":\"response\""))
        && has(b"\"request\":{")
        && has(b"\"mount_")
}

/// Whether the text begins with Kubernetes objects, and not with log lines that happen to be JSON.
fn is_objects(data: &[u8]) -> bool {
    let start = data.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(data.len());
    let head = &data[start..];
    if !matches!(head.first(), Some(b'{' | b'[')) {
        return head.starts_with(b"apiVersion:") || head.starts_with(b"---\napiVersion:");
    }
    // The first key of a line of a log is its level, time or message.
    let keys = [&b"\"apiVersion\""[..], b"\"kind\"", b"\"items\"", b"\"metadata\""];
    let first = memchr::memchr(b'"', head).map_or(&b""[..], |at| &head[at..]);
    keys.iter().any(|key| first.starts_with(key))
}

/// Reads an audit log line by line.
fn audit(reading: &mut Reading, w: &mut Window, file: u32) {
    let doc = reading.loose(file, true);
    loop {
        let at = w.position();
        let length = line_length(w);
        if length == 0 {
            break;
        }
        let line = w.data()[..length].trim_ascii();
        if line.len() > json::ITEM_CAP {
            reading.damage(file, 0, at, "line over 16 MiB, not read");
        } else if !line.is_empty() {
            reading.feeder.text(&doc, What::Audit, line, at);
        }
        w.consume_lines(length);
    }
    report_failure(reading, w, file);
}

/// Reads a log whose place is known from the file's name.
fn log(reading: &mut Reading, w: &mut Window, file: u32, place: LogPlace) {
    let doc = reading.loose(file, false);
    if !w.require(SHORT_LOG) {
        let length = w.data().len();
        reading.feeder.text(&doc, What::Log(place), w.data(), Position::Line(1));
        w.consume(length);
    } else {
        reading.feeder.long_log(&doc, place, &mut std::io::BufReader::new(&mut *w));
    }
    report_failure(reading, w, file);
}

const START: &[u8] = b"==== START logs for container ";
const END: &[u8] = b"==== END logs for container ";

/// The frame that `kubectl cluster-info dump` puts around a log
/// (kubectl pkg/cmd/clusterinfo/clusterinfo_dump.go): `==== START logs for container C of pod NS/POD ====`.
fn frame(line: &[u8]) -> Option<LogPlace> {
    let text = std::str::from_utf8(line.strip_prefix(START)?).ok()?;
    let (container, pod) = text.trim_end().strip_suffix(" ====")?.split_once(" of pod ")?;
    let (namespace, pod) = pod.split_once('/')?;
    Some(LogPlace {
        namespace: Some(namespace.into()),
        pod: pod.into(),
        container: Some(container.into()),
        previous: false,
    })
}

fn framed_log(reading: &mut Reading, w: &mut Window, file: u32, place: LogPlace) {
    let doc = reading.loose(file, false);
    let mut frame = Frame { w, ready: 0 };
    reading.feeder.long_log(&doc, place, &mut frame);
    // Whoever reads a log may stop early; its frame ends where it ends.
    while let Ok(rest) = frame.fill_buf() {
        let length = rest.len();
        if length == 0 {
            break;
        }
        frame.consume(length);
    }
    let length = line_length(w);
    if w.data().starts_with(END) {
        w.consume_lines(length);
    }
}

/// Reads up to the line that closes the frame.
struct Frame<'a, 'r> {
    w: &'a mut Window<'r>,
    /// Bytes of the window that are known to lie in the frame. At 0 the window stands at the beginning of a line, or
    /// within one that is too long to hold.
    ready: usize,
}

impl Read for Frame<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let data = self.fill_buf()?;
        let count = into.len().min(data.len());
        into[..count].copy_from_slice(&data[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Frame<'_, '_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.ready == 0 {
            self.w.require(END.len());
            if !self.w.data().starts_with(END) {
                // Everything up to the last line end but one that may be followed by the closing line.
                let length = line_length(self.w);
                let data = self.w.data();
                let mut closing = memchr::memmem::find_iter(data, END).filter(|at| *at > 0 && data[at - 1] == b'\n');
                self.ready = match closing.next() {
                    Some(at) => at,
                    None => memchr::memrchr(b'\n', data).map_or(length, |at| at + 1),
                };
            }
        }
        Ok(&self.w.data()[..self.ready])
    }

    fn consume(&mut self, bytes: usize) {
        self.w.consume_lines(bytes);
        self.ready -= bytes;
    }
}

/// What kubectl writes in place of objects.
fn said_by_kubectl(reading: &mut Reading, file: u32, line: &[u8]) {
    if line.starts_with(b"Error from server (Forbidden)") {
        reading.refused(file, Unseen::Forbidden);
    } else if line.starts_with(b"Error from server (Timeout)") || line.starts_with(b"Unable to connect to the server") {
        reading.refused(file, Unseen::TimedOut);
    } else if line.starts_with(b"NAME  ") || line.starts_with(b"NAMESPACE  ") {
        reading.note(file, Position::Whole, "a table for people, not read: use `-o json` or `-o yaml`");
    }
}

enum Pending {
    Json(Vec<u8>, u64),
    Yaml(Vec<u8>, Position),
}

/// Gives the objects of one document to the workers.
struct FileSink<'a, 'scope> {
    reading: &'a mut Reading<'scope>,
    file: u32,
    list: Option<Arc<Doc>>,
    /// Items of a list that name no kind, while the list has not named its own yet.
    pending: Vec<Pending>,
    pending_bytes: usize,
    /// The kind of the list stands after its items.
    kind_to_come: bool,
}

impl<'a, 'scope> FileSink<'a, 'scope> {
    fn new(reading: &'a mut Reading<'scope>, file: u32) -> Self {
        Self { reading, file, list: None, pending: Vec::new(), pending_bytes: 0, kind_to_come: false }
    }
}

impl Sink for FileSink<'_, '_> {
    fn list(&mut self, header: &Header) {
        let doc = self.reading.begin_list(self.file, header);
        self.kind_to_come = header.kind.is_none() && doc.list_kind.is_none();
        self.list = Some(doc);
    }

    fn item(&mut self, item: &[u8], at: u64, in_list: bool) {
        if let Some(doc) = self.list.as_ref().filter(|_| in_list) {
            if self.kind_to_come && self.pending_bytes < PENDING && json::kind_of(item).is_none() {
                self.pending_bytes += item.len();
                self.pending.push(Pending::Json(item.to_vec(), at));
            } else {
                self.reading.feeder.json(doc, item, at);
            }
            return;
        }
        let kind = json::kind_of(item);
        if kind == Some("Status") {
            return self.reading.status(self.file, item);
        }
        let audit = kind == Some("Event") && memchr::memmem::find(item, b"\"audit.k8s.io/").is_some();
        let doc = self.reading.loose(self.file, audit);
        self.reading.feeder.json(&doc, item, at);
    }

    fn text(&mut self, item: &[u8], at: Position, in_list: bool) {
        let Some(doc) = self.list.as_ref().filter(|_| in_list) else {
            let doc = self.reading.loose(self.file, false);
            return self.reading.feeder.yaml(&doc, item, at);
        };
        if self.kind_to_come && self.pending_bytes < PENDING && yaml::kind_of(item).is_none() {
            self.pending_bytes += item.len();
            self.pending.push(Pending::Yaml(item.to_vec(), at));
        } else {
            self.reading.feeder.yaml(doc, item, at);
        }
    }

    fn list_end(&mut self, header: &Header) {
        let Some(mut doc) = self.list.take() else { return };
        self.reading.end_list(self.file, doc.id.1, List::of(header));
        if !self.pending.is_empty() {
            doc = Reading::named_list(&doc, header);
            for item in std::mem::take(&mut self.pending) {
                match item {
                    Pending::Json(item, at) => self.reading.feeder.json(&doc, &item, at),
                    Pending::Yaml(item, at) => self.reading.feeder.yaml(&doc, &item, at),
                }
            }
        }
    }

    fn damage(&mut self, at: Position, what: &'static str) {
        let doc = self.list.as_ref().map_or(0, |doc| doc.id.1);
        self.reading.damage(self.file, doc, at, what);
    }
}
