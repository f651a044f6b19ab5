//! Goes through sources: files, folders, archives and standard input.

use std::cell::Cell;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use keytrace_core::coverage::{Position, Unseen};
use keytrace_core::objects::Str;
use keytrace_core::time::Time;

use super::archive::{self, Content, Entry, Gunzip};
use super::layout::{self, Place, Role};
use super::reading::Reading;
use super::sniff::{self, Format};
use super::window::Window;
use super::{ReadError, Source, stream};

/// Folders within folders.
const DEPTH: usize = 64;
/// Archives within archives.
const NESTED: usize = 4;
/// Files of one read, in folders and archives together.
const ENTRIES: usize = 1_000_000;
/// Small files that are read whole: errors and stamps of bundles.
const SMALL: u64 = 1 << 20;

/// What is known after all sources were read.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// The sources, as given.
    pub names: Vec<Str>,
    /// When the capture says that it was made.
    pub stamp: Option<Time>,
    /// The same by the clock of a place whose time zone is not known.
    pub local_stamp: Option<Time>,
    entries: usize,
    /// Reports that are not read, each said once.
    sos: bool,
    velero: bool,
}

/// Where a stream of bytes comes from.
struct Origin<'a> {
    /// For people.
    name: &'a str,
    /// The part of the name that the layout of a dump may be read from.
    path: &'a str,
    /// The user named it, so that it is worth a word if it holds nothing.
    given: bool,
    /// In how many archives it lies.
    nested: usize,
}

/// Reads all sources. An error only if none of them could be opened.
pub(super) fn sources(reading: &mut Reading, sources: &[Source]) -> Result<Walked, ReadError> {
    let mut walked = Walked::default();
    let mut failures = Vec::new();
    for source in sources {
        match source {
            Source::Stdin => {
                walked.names.push("stdin".into());
                let origin = Origin { name: "stdin", path: "", given: true, nested: 0 };
                bytes(reading, &mut walked, &origin, &mut io::stdin().lock());
            }
            Source::Memory { name, bytes: content } => {
                walked.names.push(name.clone());
                let origin = Origin { name, path: name, given: true, nested: 0 };
                bytes(reading, &mut walked, &origin, &mut &**content);
            }
            Source::Path(path) => {
                let name = shown(path);
                let opened = fs::metadata(path).and_then(|metadata| {
                    if metadata.is_dir() { fs::read_dir(path).map(|_| None) } else { fs::File::open(path).map(Some) }
                });
                match opened {
                    Ok(None) => {
                        walked.names.push(name.as_str().into());
                        folder(reading, &mut walked, path, &name, 0);
                    }
                    Ok(Some(mut file)) => {
                        walked.names.push(name.as_str().into());
                        let origin = Origin { name: &name, path: &name, given: true, nested: 0 };
                        bytes(reading, &mut walked, &origin, &mut file);
                    }
                    Err(error) => failures.push((path, name, error)),
                }
            }
        }
    }
    if walked.names.is_empty()
        && let Some((path, _, source)) = failures.pop()
    {
        return Err(ReadError::Open { path: path.clone(), source });
    }
    for (_, name, error) in failures {
        unopened(reading, &name, &error);
    }
    Ok(walked)
}

/// Reads bytes as if they were a file of this name.
#[cfg(test)]
pub(super) fn memory(reading: &mut Reading, name: &str, mut content: &[u8]) -> Walked {
    let mut walked = Walked::default();
    let origin = Origin { name, path: name, given: true, nested: 0 };
    bytes(reading, &mut walked, &origin, &mut content);
    walked
}

/// A path for people: no control characters, since the name of a file may hold anything.
fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn unopened(reading: &mut Reading, name: &str, error: &io::Error) {
    let id = reading.begin(name, folder_of(name), Place::default());
    reading.damage(id, 0, Position::Whole, &format!("cannot be opened: {}", error.kind()));
}

fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn folder(reading: &mut Reading, walked: &mut Walked, path: &Path, name: &str, depth: usize) {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return unopened(reading, name, &error),
    };
    // In the order of names, so that problems and duplicates come out alike on every file system.
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        walked.entries += 1;
        if walked.entries > ENTRIES {
            return too_many(reading, name);
        }
        // Links could lead anywhere, or in circles.
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        let child = format!("{}/{}", name.trim_end_matches('/'), shown(Path::new(&entry.file_name())));
        if kind.is_dir() && depth < DEPTH {
            if entry.file_name() != ".git" {
                folder(reading, walked, &path, &child, depth + 1);
            }
        } else if kind.is_file() {
            match fs::File::open(&path) {
                Ok(mut file) => {
                    let origin = Origin { name: &child, path: &child, given: false, nested: 0 };
                    bytes(reading, walked, &origin, &mut file);
                }
                Err(error) => unopened(reading, &child, &error),
            }
        } else {
            reading.unrelated += 1;
        }
    }
}

fn too_many(reading: &mut Reading, name: &str) {
    let id = reading.begin(name, name, Place::default());
    reading.damage(id, 0, Position::Whole, "more than a million files; the rest is not read");
}

/// Reads one stream of bytes, whatever it is.
fn bytes(reading: &mut Reading, walked: &mut Walked, origin: &Origin, reader: &mut dyn Read) {
    let place = layout::place(origin.path);
    walked.local_stamp = walked.local_stamp.or_else(|| layout::bundle_stamp(origin.path));
    let mut window = Window::new(reader, std::mem::take(&mut reading.buffer));
    window.require(sniff::HEAD);
    match sniff::format(window.data()) {
        Format::Gzip => {
            let packed = Cell::new(0);
            let mut inner = Gunzip::new(&mut window, &packed);
            let path = origin.path.strip_suffix(".gz").unwrap_or(origin.path);
            nested(reading, walked, &Origin { path, nested: origin.nested + 1, ..*origin }, &mut inner);
        }
        Format::Tar => tar(reading, walked, origin, &mut window),
        Format::Named { what, damage } => {
            let id = reading.begin(origin.name, folder_of(origin.name), place);
            if damage {
                reading.damage(id, 0, Position::Whole, what);
            } else {
                reading.note(id, Position::Whole, what);
            }
        }
        Format::Binary if origin.given => {
            let id = reading.begin(origin.name, folder_of(origin.name), place);
            reading.note(id, Position::Whole, "neither text nor an archive that can be read");
        }
        Format::Binary if place.log.is_none() => reading.unrelated += 1,
        Format::Binary | Format::Text => text(reading, walked, origin, place, &mut window),
    }
    reading.buffer = window.into_buffer();
}

fn nested(reading: &mut Reading, walked: &mut Walked, origin: &Origin, reader: &mut dyn Read) {
    if origin.nested > NESTED {
        let id = reading.begin(origin.name, folder_of(origin.name), Place::default());
        return reading.damage(id, 0, Position::Whole, "archives nested too deeply, not read");
    }
    bytes(reading, walked, origin, reader);
}

fn text(reading: &mut Reading, walked: &mut Walked, origin: &Origin, place: Place, w: &mut Window) {
    let once = |said: &mut bool, reading: &mut Reading, what: &str| {
        if !std::mem::replace(said, true) {
            let id = reading.begin(origin.name, folder_of(origin.name), Place::default());
            reading.note(id, Position::Whole, what);
        }
    };
    match place.role {
        Role::Content => {}
        Role::Unrelated => return reading.unrelated += 1,
        Role::Sos => return once(&mut walked.sos, reading, "report of sos: not read yet"),
        Role::Velero => return once(&mut walked.velero, reading, "backup of Velero: not read yet"),
        Role::Stamp => {
            walked.stamp = walked.stamp.max(layout::stamp(&small(w)));
            return;
        }
        Role::Errors => {
            let kind = place.kind.clone();
            let content = small(w);
            let id = reading.begin(origin.name, folder_of(origin.name), place);
            for (namespace, why) in layout::refusals(&content) {
                reading.file_mut(id).refusals.extend(kind.clone().map(|kind| (kind, namespace, why)));
            }
            return;
        }
    }
    let empty = w.byte(0).is_none();
    let named = place.kind.is_some();
    let id = reading.begin(origin.name, folder_of(origin.name), place);
    if !empty {
        return stream::text(reading, w, id, origin.given);
    }
    if let Some(kind) = w.failure() {
        reading.damage(id, 0, Position::Byte(0), &stream::failure(kind));
    } else if named || origin.given {
        // A redirect whose command failed.
        reading.damage(id, 0, Position::Whole, "empty file");
        reading.refused(id, Unseen::Damaged);
    }
}

/// The content of a small file.
fn small(w: &mut Window) -> String {
    let mut content = Vec::new();
    // What is cut off or unreadable here is of no use anyway.
    let _ = w.take(SMALL).read_to_end(&mut content);
    String::from_utf8_lossy(&content).into_owned()
}

fn tar(reading: &mut Reading, walked: &mut Walked, origin: &Origin, w: &mut Window) {
    loop {
        let at = w.offset();
        let damage = |reading: &mut Reading, what: &str| {
            let id = reading.begin(origin.name, folder_of(origin.name), Place::default());
            reading.damage(id, 0, Position::Byte(at), what);
        };
        walked.entries += 1;
        if walked.entries > ENTRIES {
            return too_many(reading, origin.name);
        }
        let entry = archive::next_entry(w);
        if let Some(kind) = w.failure() {
            return damage(reading, &stream::failure(kind));
        }
        match entry {
            Entry::File { name, size } => {
                let path = printable(&name);
                let path = path.strip_prefix("./").unwrap_or(&path);
                let full = format!("{}/{path}", origin.name);
                let mut content = Content::new(w, size);
                let inner = Origin { name: &full, path, given: false, nested: origin.nested + 1 };
                nested(reading, walked, &inner, &mut content);
                if !content.finish() {
                    return damage(reading, "the archive is cut off");
                }
            }
            Entry::Other => reading.unrelated += 1,
            Entry::Nothing => {}
            Entry::Outside => damage(reading, "entry with a path outside of the archive, not read"),
            Entry::End => return,
            Entry::Damaged(what) => return damage(reading, what),
        }
    }
}
