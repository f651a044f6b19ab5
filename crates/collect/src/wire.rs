//! The wire layer: JSON, YAML, log and audit text in, thin facts out, nothing else kept.

mod fault;

use std::io::BufRead;
use std::sync::Arc;

use keytrace_core::objects::{Kind, Str};
use keytrace_core::snapshot::Snapshot;
use keytrace_core::value::Tagger;

pub use fault::Fault;

/// What is known about an item from where it was found.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The file that it came from, for provenance.
    pub file: &'a Str,
    /// Namespace by the layout of the bundle, for items that state none.
    pub namespace: Option<&'a str>,
    /// Kind of the items of the surrounding List (`Pod` for a `PodList`), for items that state none.
    pub list_kind: Option<&'a str>,
    /// `apiVersion` of the surrounding List, for items that state none.
    pub list_api_version: Option<&'a str>,
}

/// What an item was: the input layer derives from it which kinds were collected in which namespaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    pub kind: Kind,
    /// Empty for cluster objects.
    pub namespace: Str,
}

/// Whether `managedFields` of this kind are decoded. Those of all others are cut out before an item is parsed: they are
/// nearly half of all bytes of a dump.
pub fn reads_managed_fields(kind: &str) -> bool {
    !matches!(
        kind,
        "Pod"
            | "ReplicaSet"
            | "ControllerRevision"
            | "Node"
            | "Event"
            | "Lease"
            | "Endpoints"
            | "EndpointSlice"
            | "CSINode"
    )
}

/// Bounds of the fold.
#[derive(Clone, Debug)]
pub struct FoldOptions {
    /// Distinct recognised kinds of lines that are kept of one log.
    pub log_hits: usize,
    /// Bytes of a log line that are read; the rest of a longer line is passed over.
    pub log_line: usize,
}

impl Default for FoldOptions {
    fn default() -> Self {
        Self { log_hits: 200, log_line: 16 * 1024 }
    }
}

/// Whose log a text is.
#[derive(Clone, Debug)]
pub struct LogPlace {
    pub namespace: Option<Str>,
    pub pod: Str,
    pub container: Option<Str>,
    pub previous: bool,
}

/// Folds items, one after the other, into facts. Use one per thread, and [`Part::merge`] at the end.
#[derive(Debug)]
pub struct Folder {
    tagger: Arc<Tagger>,
    options: FoldOptions,
    part: Part,
}

impl Folder {
    pub fn new(tagger: Arc<Tagger>, options: FoldOptions) -> Self {
        Self { tagger, options, part: Part::default() }
    }

    /// Folds one object in JSON, and says what it was.
    pub fn json(&mut self, _item: &[u8], _context: &Context) -> Result<Folded, Fault> {
        let _ = (&self.tagger, &self.options);
        Err(Fault { offset_in_item: None, line_in_item: None, what: String::new(), skip: true })
    }

    /// Folds one object in YAML, and says what it was.
    pub fn yaml(&mut self, _item: &str, _context: &Context) -> Result<Folded, Fault> {
        Err(Fault { offset_in_item: None, line_in_item: None, what: String::new(), skip: true })
    }

    /// Folds one line of an API server's audit log.
    pub fn audit_line(&mut self, _line: &[u8]) -> Result<(), Fault> {
        Ok(())
    }

    /// Reads the log of one run of one container.
    pub fn log(&mut self, _place: LogPlace, _reader: &mut dyn BufRead) -> Result<(), Fault> {
        Ok(())
    }

    pub fn finish(self) -> Part {
        self.part
    }
}

/// The facts of one folder.
#[derive(Debug, Default)]
pub struct Part {
    snapshot: Snapshot,
}

impl Part {
    /// Joins the facts of several folders into one snapshot, which is not sealed yet.
    pub fn merge(parts: Vec<Self>) -> Snapshot {
        parts.into_iter().map(|p| p.snapshot).next().unwrap_or_default()
    }
}
