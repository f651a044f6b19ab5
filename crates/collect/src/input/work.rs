//! Hands items in batches to workers, each with its own folder, and collects what they say about them.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Scope, ScopedJoinHandle};

use keytrace_core::coverage::Position;
use keytrace_core::objects::{Kind, Str};
use keytrace_core::value::Tagger;

use super::{json, yaml};
use crate::wire::{Context, Fault, FoldOptions, Folded, Folder, LogPlace, Part, reads_managed_fields};

/// Bytes at which a batch is handed over. It fits the second-level cache.
const BATCH: usize = 256 << 10;
/// Problems that are kept of one file; of the others only their number.
const PROBLEMS: usize = 20;

/// What all items of one document share. Documents that are single objects share one for their file.
#[derive(Debug)]
pub(super) struct Doc {
    pub file: Str,
    /// Index of the file, and of the list within it; list 0 holds the file's single objects.
    pub id: (u32, u32),
    pub namespace: Option<Str>,
    pub list_kind: Option<Str>,
    pub list_api_version: Option<Str>,
    /// Items are lines or objects of an audit log.
    pub audit: bool,
}

/// One item of a batch.
struct Piece {
    doc: Arc<Doc>,
    what: What,
    from: usize,
    to: usize,
    at: Position,
    /// What was cut out of the item, as position and length: bytes of JSON, lines of YAML.
    cut: (usize, usize),
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Json,
    Yaml,
    Audit,
    Log(LogPlace),
}

#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

/// How many objects of each kind and namespace a document held.
pub(super) type Tally = BTreeMap<(u32, u32), BTreeMap<(Kind, Str), usize>>;

/// What was wrong in one file, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct FileProblems {
    pub kept: Vec<(Position, String, bool)>,
    pub dropped: usize,
    pub damage: bool,
    /// Documents in which something was damaged.
    pub docs: std::collections::BTreeSet<u32>,
    /// Items of no interest.
    pub skipped: usize,
}

impl FileProblems {
    pub fn add(&mut self, doc: u32, at: Position, what: String, damage: bool) {
        self.damage |= damage;
        if damage {
            self.docs.insert(doc);
        }
        self.kept.push((at, what, damage));
        if self.kept.len() > 2 * PROBLEMS {
            self.trim();
        }
    }

    fn join(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.dropped += other.dropped;
        self.damage |= other.damage;
        self.docs.extend(other.docs);
        self.skipped += other.skipped;
    }

    /// Keeps the first ones, whichever thread found them.
    pub fn trim(&mut self) {
        self.kept.sort();
        self.dropped += self.kept.len().saturating_sub(PROBLEMS);
        self.kept.truncate(PROBLEMS);
    }
}

pub(super) type Problems = BTreeMap<u32, FileProblems>;

/// Everything that the workers found.
pub(super) struct Yield {
    pub parts: Vec<Part>,
    pub tally: Tally,
    pub problems: Problems,
}

/// One thread's share of the work.
struct Worker {
    folder: Folder,
    tally: Tally,
    problems: Problems,
}

impl Worker {
    fn new(tagger: &Arc<Tagger>, options: &FoldOptions) -> Self {
        Self {
            folder: Folder::new(Arc::clone(tagger), options.clone()),
            tally: Tally::new(),
            problems: Problems::new(),
        }
    }

    fn batch(&mut self, batch: &Batch) {
        for piece in &batch.pieces {
            self.piece(piece, &batch.bytes[piece.from..piece.to]);
        }
    }

    fn piece(&mut self, piece: &Piece, bytes: &[u8]) {
        let doc = &*piece.doc;
        let context = Context {
            file: &doc.file,
            namespace: doc.namespace.as_deref(),
            list_kind: doc.list_kind.as_deref(),
            list_api_version: doc.list_api_version.as_deref(),
        };
        match &piece.what {
            What::Json => match self.folder.json(bytes, &context) {
                Ok(folded) => self.count(doc, folded),
                Err(fault) if fault.skip => self.skip(doc),
                Err(fault) => self.mend(piece, bytes, &context, fault),
            },
            What::Yaml => match std::str::from_utf8(bytes) {
                Ok(text) => match self.folder.yaml(text, &context) {
                    Ok(folded) => self.count(doc, folded),
                    Err(fault) => self.fault(piece, 0, fault),
                },
                Err(error) => {
                    let fault = Fault {
                        offset_in_item: None,
                        line_in_item: Some(lines(&bytes[..error.valid_up_to()]) + 1),
                        what: "invalid UTF-8".to_owned(),
                        skip: false,
                    };
                    self.fault(piece, 0, fault);
                }
            },
            What::Audit => {
                if let Err(fault) = self.folder.audit_line(bytes) {
                    self.fault(piece, 0, fault);
                }
            }
            What::Log(place) => {
                if let Err(fault) = self.folder.log(place.clone(), &mut &*bytes) {
                    self.fault(piece, 0, fault);
                }
            }
        }
    }

    /// An object that is no valid JSON may have swallowed those after it, when a quote is missing or too many. Where
    /// kubectl indented them, each ends at a line of its own, and those that are whole are read.
    fn mend(&mut self, piece: &Piece, bytes: &[u8], context: &Context, fault: Fault) {
        let Some(line) = memchr::memrchr(b'\n', bytes) else {
            return self.fault(piece, 0, fault);
        };
        let closing = &bytes[line..];
        let ends = memchr::memmem::find_iter(bytes, closing).map(|at| at + closing.len());
        let mut from = 0;
        for end in ends {
            let start = from + bytes[from..end].iter().position(|b| *b == b'{').unwrap_or(0);
            if from == 0 && end == bytes.len() {
                return self.fault(piece, 0, fault);
            }
            match self.folder.json(&bytes[start..end], context) {
                Ok(folded) => self.count(&piece.doc, folded),
                Err(fault) => self.fault(piece, start as u64, fault),
            }
            from = end;
        }
    }

    fn count(&mut self, doc: &Doc, folded: Folded) {
        *self.tally.entry(doc.id).or_default().entry((folded.kind, folded.namespace)).or_default() += 1;
    }

    fn skip(&mut self, doc: &Doc) {
        self.problems.entry(doc.id.0).or_default().skipped += 1;
    }

    /// Files a fault with its place in the file. `shift` is where the faulty text begins in the item.
    fn fault(&mut self, piece: &Piece, shift: u64, fault: Fault) {
        if fault.skip {
            return self.skip(&piece.doc);
        }
        let at = match piece.at {
            Position::Byte(start) => {
                let offset = shift + fault.offset_in_item.unwrap_or(0);
                let cut = if offset >= piece.cut.0 as u64 { piece.cut.1 as u64 } else { 0 };
                Position::Byte(start + offset + cut)
            }
            Position::Line(start) => {
                let line = fault.line_in_item.unwrap_or(1).saturating_sub(1);
                let cut = if line >= piece.cut.0 as u64 { piece.cut.1 as u64 } else { 0 };
                Position::Line(start + line + cut)
            }
            Position::Whole => fault.line_in_item.map_or(Position::Whole, Position::Line),
        };
        let (file, doc) = piece.doc.id;
        self.problems.entry(file).or_default().add(doc, at, fault.what, true);
    }
}

fn lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Takes items from the reading thread, and gives them to whichever worker is free; itself, if none is.
pub(super) struct Feeder<'scope> {
    own: Worker,
    current: Batch,
    workers: Vec<ScopedJoinHandle<'scope, Worker>>,
    full: Option<SyncSender<Batch>>,
    free: Receiver<Batch>,
}

impl<'scope> Feeder<'scope> {
    /// `threads` counts the calling one.
    pub fn new<'env>(
        scope: &'scope Scope<'scope, 'env>,
        threads: usize,
        tagger: &Arc<Tagger>,
        options: &FoldOptions,
    ) -> Self {
        let others = threads.saturating_sub(1).min(64);
        let (full, batches) = sync_channel::<Batch>(others.max(1) * 2);
        let (give_back, free) = channel();
        let batches = Arc::new(Mutex::new(batches));
        let workers = (0..others)
            .map(|_| {
                let (batches, give_back) = (Arc::clone(&batches), give_back.clone());
                let worker = Worker::new(tagger, options);
                scope.spawn(move || run(worker, &batches, &give_back))
            })
            .collect();
        let full = (others > 0).then_some(full);
        Self { own: Worker::new(tagger, options), current: Batch::default(), workers, full, free }
    }

    /// Adds an object in JSON, without its managedFields if nobody reads those of its kind.
    pub fn json(&mut self, doc: &Arc<Doc>, item: &[u8], at: u64) {
        let kind = doc.list_kind.as_deref().or_else(|| json::kind_of(item));
        let cut = kind.is_some_and(|kind| !reads_managed_fields(kind)).then(|| json::managed_fields(item)).flatten();
        let what = if doc.audit { What::Audit } else { What::Json };
        let Some(cut) = cut else { return self.piece(doc, what, &[item], Position::Byte(at), (0, 0)) };
        let parts = [&item[..cut.start], &item[cut.end..]];
        self.piece(doc, what, &parts, Position::Byte(at), (cut.start, cut.len()));
    }

    /// Adds an object in YAML, likewise.
    pub fn yaml(&mut self, doc: &Arc<Doc>, item: &[u8], at: Position) {
        let kind = doc.list_kind.as_deref().or_else(|| yaml::kind_of(item));
        let cut = kind.is_some_and(|kind| !reads_managed_fields(kind)).then(|| yaml::managed_fields(item)).flatten();
        let Some(cut) = cut else { return self.piece(doc, What::Yaml, &[item], at, (0, 0)) };
        let lines = (lines(&item[..cut.start]) as usize, lines(&item[cut.clone()]) as usize);
        self.piece(doc, What::Yaml, &[&item[..cut.start], &item[cut.end..]], at, lines);
    }

    pub fn text(&mut self, doc: &Arc<Doc>, what: What, text: &[u8], at: Position) {
        self.piece(doc, what, &[text], at, (0, 0));
    }

    fn piece(&mut self, doc: &Arc<Doc>, what: What, parts: &[&[u8]], at: Position, cut: (usize, usize)) {
        let from = self.current.bytes.len();
        for part in parts {
            self.current.bytes.extend_from_slice(part);
        }
        let to = self.current.bytes.len();
        self.current.pieces.push(Piece { doc: Arc::clone(doc), what, from, to, at, cut });
        if to >= BATCH {
            self.hand_over();
        }
    }

    /// Reads a log that is too long to hold.
    pub fn long_log(&mut self, doc: &Arc<Doc>, place: LogPlace, reader: &mut dyn std::io::BufRead) {
        if let Err(fault) = self.own.folder.log(place, reader) {
            let piece =
                Piece { doc: Arc::clone(doc), what: What::Json, from: 0, to: 0, at: Position::Line(1), cut: (0, 0) };
            self.own.fault(&piece, 0, fault);
        }
    }

    pub fn problem(&mut self, file: u32, doc: u32, at: Position, what: &str, damage: bool) {
        self.own.problems.entry(file).or_default().add(doc, at, what.to_owned(), damage);
    }

    fn hand_over(&mut self) {
        let next = self.free.try_recv().unwrap_or_default();
        let mut batch = std::mem::replace(&mut self.current, next);
        if let Some(full) = &self.full {
            match full.try_send(batch) {
                Ok(()) => return,
                Err(TrySendError::Full(back) | TrySendError::Disconnected(back)) => batch = back,
            }
        }
        self.own.batch(&batch);
        batch.reset();
        if self.current.bytes.capacity() == 0 {
            self.current = batch;
        }
    }

    pub fn finish(mut self) -> Yield {
        let last = std::mem::take(&mut self.current);
        self.own.batch(&last);
        drop(self.full.take());
        let mut all = vec![self.own];
        for worker in self.workers {
            match worker.join() {
                Ok(worker) => all.push(worker),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        let mut sum = Yield { parts: Vec::new(), tally: Tally::new(), problems: Problems::new() };
        for worker in all {
            sum.parts.push(worker.folder.finish());
            for (doc, kinds) in worker.tally {
                let known = sum.tally.entry(doc).or_default();
                for (kind, count) in kinds {
                    *known.entry(kind).or_default() += count;
                }
            }
            for (file, problems) in worker.problems {
                sum.problems.entry(file).or_default().join(problems);
            }
        }
        sum.problems.values_mut().for_each(FileProblems::trim);
        sum
    }
}

fn run(mut worker: Worker, batches: &Mutex<Receiver<Batch>>, give_back: &Sender<Batch>) -> Worker {
    loop {
        let batch = match batches.lock() {
            Ok(batches) => batches.recv(),
            // Another worker panicked; its panic is passed on when it is joined.
            Err(_) => return worker,
        };
        let Ok(mut batch) = batch else { return worker };
        worker.batch(&batch);
        batch.reset();
        // Nobody takes it back once the reading thread is done.
        let _ = give_back.send(batch);
    }
}

impl Batch {
    fn reset(&mut self) {
        self.pieces.clear();
        self.bytes.clear();
        if self.bytes.capacity() > 4 * BATCH {
            self.bytes.shrink_to(BATCH);
        }
    }
}
