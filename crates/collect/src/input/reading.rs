//! The state of one read: files, lists in them, and what the workers need to know of both.

use std::collections::BTreeMap;
use std::sync::Arc;

use keytrace_core::coverage::{Position, Unseen};
use keytrace_core::objects::{Kind, Str};

use super::json::Header;
use super::layout::Place;
use super::work::{Doc, Feeder};
use crate::wire::LogPlace;

/// All that the reading thread holds.
pub(super) struct Reading<'scope> {
    pub feeder: Feeder<'scope>,
    pub files: Vec<File>,
    /// Files that hold nothing about a cluster.
    pub unrelated: usize,
    /// Loose documents of the file that is being read: objects, and audit events.
    current: Option<(Arc<Doc>, Arc<Doc>)>,
    pub buffer: Vec<u8>,
}

/// One file, or one entry of an archive.
#[derive(Debug)]
pub(super) struct File {
    pub name: Str,
    /// Its folder: files of one folder were collected together.
    pub folder: Str,
    pub place: Place,
    pub lists: Vec<List>,
    /// The server refused, instead of giving what the file is named for.
    pub refused: Option<Unseen>,
    /// What a bundle says that it could not collect: kind, namespace (empty: all), reason.
    pub refusals: Vec<(Kind, Str, Unseen)>,
}

/// What is known of a list in a file once it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// It did not end.
    Open,
    /// A `v1` List, as kubectl makes them, or a bare array.
    Any { continues: bool },
    /// A list of one kind, as the API server makes them.
    Typed { kind: String, continues: bool },
}

impl List {
    pub fn of(header: &Header) -> Self {
        match header.item_kind() {
            Some(kind) => Self::Typed { kind: kind.to_owned(), continues: header.continues },
            None => Self::Any { continues: header.continues },
        }
    }
}

impl<'scope> Reading<'scope> {
    pub fn new(feeder: Feeder<'scope>) -> Self {
        Self { feeder, files: Vec::new(), unrelated: 0, current: None, buffer: Vec::new() }
    }

    /// Begins a file; its number is the answer.
    pub fn begin(&mut self, name: &str, folder: &str, place: Place) -> u32 {
        let name: Str = name.into();
        let id = self.files.len() as u32;
        let doc = |audit| {
            Arc::new(Doc {
                file: Arc::clone(&name),
                id: (id, 0),
                namespace: place.namespace.clone(),
                list_kind: None,
                list_api_version: None,
                audit,
            })
        };
        self.current = Some((doc(false), doc(true)));
        self.files.push(File {
            name,
            folder: folder.into(),
            place,
            lists: vec![List::Open],
            refused: None,
            refusals: Vec::new(),
        });
        id
    }

    pub fn file(&self, file: u32) -> &File {
        &self.files[file as usize]
    }

    pub fn file_mut(&mut self, file: u32) -> &mut File {
        &mut self.files[file as usize]
    }

    pub fn log_place(&self, file: u32) -> Option<LogPlace> {
        self.file(file).place.log.clone()
    }

    /// The document that stands for the single objects of the file that was begun last.
    pub fn loose(&self, file: u32, audit: bool) -> Arc<Doc> {
        let (objects, events) = self.current.as_ref().expect("a file is begun before its content is read");
        debug_assert_eq!(objects.id.0, file);
        Arc::clone(if audit { events } else { objects })
    }

    pub fn begin_list(&mut self, file: u32, header: &Header) -> Arc<Doc> {
        let number = self.file(file).lists.len() as u32;
        self.file_mut(file).lists.push(List::Open);
        let loose = self.loose(file, false);
        let named = || self.file(file).place.kind.as_ref().map(|kind| Str::from(kind.name()));
        let list_kind = match header.kind.as_deref() {
            // Its items name their own kinds, and those of a bare array in a file named for a kind may not.
            Some("List") => None,
            Some("PartialObjectMetadataList") => named(),
            Some(_) => header.item_kind().map(Str::from),
            None => named(),
        };
        Arc::new(Doc {
            file: Arc::clone(&loose.file),
            id: (file, number),
            namespace: loose.namespace.clone(),
            list_kind,
            list_api_version: header.api_version.as_deref().map(Str::from),
            audit: is_audit_list(header),
        })
    }

    /// The same list, now that its kind is known.
    pub fn named_list(doc: &Doc, header: &Header) -> Arc<Doc> {
        Arc::new(Doc {
            file: Arc::clone(&doc.file),
            id: doc.id,
            namespace: doc.namespace.clone(),
            list_kind: header.item_kind().map(Str::from),
            list_api_version: header.api_version.as_deref().map(Str::from),
            audit: is_audit_list(header),
        })
    }

    pub fn end_list(&mut self, file: u32, list: u32, what: List) {
        self.file_mut(file).lists[list as usize] = what;
    }

    pub fn refused(&mut self, file: u32, why: Unseen) {
        self.file_mut(file).refused = Some(why);
    }

    /// A `Status` in place of objects: the server's refusal.
    pub fn status(&mut self, file: u32, item: &[u8]) {
        #[derive(serde::Deserialize)]
        struct Status {
            #[serde(default)]
            reason: String,
        }
        let why = match serde_json::from_slice::<Status>(item) {
            Ok(status) if matches!(status.reason.as_str(), "Forbidden" | "Unauthorized") => Unseen::Forbidden,
            Ok(status) if matches!(status.reason.as_str(), "Timeout" | "ServerTimeout") => Unseen::TimedOut,
            _ => Unseen::NotCollected,
        };
        self.refused(file, why);
    }

    pub fn damage(&mut self, file: u32, list: u32, at: Position, what: &str) {
        self.feeder.problem(file, list, at, what, true);
    }

    /// Says something about a file that is no damage.
    pub fn note(&mut self, file: u32, at: Position, what: &str) {
        self.feeder.problem(file, 0, at, what, false);
    }
}

fn is_audit_list(header: &Header) -> bool {
    header.kind.as_deref() == Some("EventList")
        && header.api_version.as_deref().is_some_and(|version| version.starts_with("audit.k8s.io/"))
}

/// Files by the folder that they lie in.
pub(super) fn by_folder(files: &[File]) -> BTreeMap<&str, Vec<u32>> {
    let mut folders: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (id, file) in files.iter().enumerate() {
        folders.entry(&file.folder).or_default().push(id as u32);
    }
    folders
}
