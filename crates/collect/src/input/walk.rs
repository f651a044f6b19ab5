//! Goes through sources: files, folders and standard input.

use std::fs;
use std::io::Read;
use std::path::Path;

use keytrace_core::coverage::Position;
use keytrace_core::objects::Str;
use keytrace_core::time::Time;

use super::layout::{self, Role};
use super::reading::Reading;
use super::window::Window;
use super::{ReadError, Source, stream};

/// Folders within folders.
const DEPTH: usize = 64;
/// Files of one folder, and entries of one archive.
const ENTRIES: usize = 1_000_000;

/// What is known after all sources were read.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// The sources, as given.
    pub names: Vec<Str>,
    /// When the capture says that it was made.
    pub stamp: Option<Time>,
    entries: usize,
}

/// Reads all sources. An error only if none of them could be opened.
pub(super) fn sources(reading: &mut Reading, sources: &[Source]) -> Result<Walked, ReadError> {
    let mut walked = Walked::default();
    let mut failed = None;
    for source in sources {
        match source {
            Source::Stdin => {
                walked.names.push("stdin".into());
                bytes(reading, &mut walked, "stdin", "", &mut std::io::stdin().lock(), true);
            }
            Source::Memory { name, bytes: content } => {
                walked.names.push(name.clone());
                let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
                bytes(reading, &mut walked, name, folder, &mut &**content, true);
            }
            Source::Path(path) => match fs::metadata(path) {
                Ok(metadata) => {
                    let name = shown(path);
                    walked.names.push(name.as_str().into());
                    if metadata.is_dir() {
                        folder(reading, &mut walked, path, &name, 0);
                    } else if let Err(error) = file(reading, &mut walked, path, &name, true) {
                        failed = Some((path, error));
                    }
                }
                Err(error) => failed = Some((path, error)),
            },
        }
        if let Some((path, error)) = failed.take() {
            if sources.len() == 1 {
                return Err(ReadError::Open { path: path.clone(), source: error });
            }
            let id = reading.begin(&shown(path), "", layout::Place::default());
            reading.damage(id, 0, Position::Whole, &format!("cannot be opened: {}", error.kind()));
        }
    }
    if walked.names.is_empty()
        && let Some(Source::Path(path)) = sources.first()
    {
        let source = fs::metadata(path).err().unwrap_or_else(|| std::io::ErrorKind::Other.into());
        return Err(ReadError::Open { path: path.clone(), source });
    }
    Ok(walked)
}

/// A path for people: no control characters, since a file's name may hold anything.
fn shown(path: &Path) -> String {
    path.to_string_lossy().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn folder(reading: &mut Reading, walked: &mut Walked, path: &Path, name: &str, depth: usize) {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            let id = reading.begin(name, name, layout::Place::default());
            return reading.damage(id, 0, Position::Whole, &format!("cannot be opened: {}", error.kind()));
        }
    };
    // In the order of names, so that problems and duplicates come out alike on every file system.
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        walked.entries += 1;
        // Links could lead anywhere, or in circles.
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        let child = format!("{}/{}", name.trim_end_matches('/'), shown(Path::new(&entry.file_name())));
        if kind.is_dir() && depth < DEPTH && walked.entries < ENTRIES {
            if entry.file_name() != ".git" {
                folder(reading, walked, &path, &child, depth + 1);
            }
        } else if kind.is_file()
            && let Err(error) = file(reading, walked, &path, &child, false)
        {
            let id = reading.begin(&child, name, layout::Place::default());
            reading.damage(id, 0, Position::Whole, &format!("cannot be opened: {}", error.kind()));
        }
    }
}

fn file(reading: &mut Reading, walked: &mut Walked, path: &Path, name: &str, given: bool) -> std::io::Result<()> {
    let mut file = fs::File::open(path)?;
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    bytes(reading, walked, name, folder, &mut file, given);
    Ok(())
}

/// Reads one stream of bytes. `given`: the user named it, so that it is worth a word if it holds nothing.
fn bytes(reading: &mut Reading, walked: &mut Walked, name: &str, folder: &str, reader: &mut dyn Read, given: bool) {
    let place = layout::place(name);
    if place.role == Role::Unrelated {
        reading.unrelated += 1;
        return;
    }
    let _ = (&mut *walked, given);
    let id = reading.begin(name, folder, place);
    let mut window = Window::new(reader, std::mem::take(&mut reading.buffer));
    stream::text(reading, &mut window, id);
    reading.buffer = window.into_buffer();
}
