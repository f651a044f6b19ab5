//! The input layer: paths, standard input and archives in, one object, log or audit line after the other out.

mod archive;
mod cover;
#[cfg(test)]
mod hostile;
mod json;
mod layout;
mod reading;
mod scan;
mod sniff;
mod stream;
mod walk;
mod window;
mod work;
mod yaml;

use std::path::PathBuf;
use std::sync::Arc;

use keytrace_core::coverage::{Coverage, Position, Problem};
use keytrace_core::snapshot::Snapshot;
use keytrace_core::time::Time;
use keytrace_core::value::Tagger;

use crate::wire::{FoldOptions, Part};
use reading::{File, Reading};
use walk::Walked;
use work::{Feeder, Problems};

/// How to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that read and fold, the calling one included; 0 counts as 1.
    pub threads: usize,
    /// Random bytes, drawn anew for every run: equality of values is compared under this key.
    pub tag_key: [u8; 32],
    /// The instant at which the input is to be judged, if the user states one.
    pub as_of: Option<Time>,
    pub fold: FoldOptions,
}

impl Options {
    /// One thread, no stated time.
    pub fn new(tag_key: [u8; 32]) -> Self {
        Self { threads: 1, tag_key, as_of: None, fold: FoldOptions::default() }
    }
}

/// Where to read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, folder or archive.
    Path(PathBuf),
    /// Standard input, once.
    Stdin,
    /// Bytes of the program itself, as if they were a file of this name.
    Memory { name: keytrace_core::objects::Str, bytes: &'static [u8] },
}

/// Nothing at all could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot open {}", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("nothing to read")]
    NoSources,
}

/// Reads everything that `sources` hold into one sealed snapshot.
///
/// What could not be read is in its coverage, with file and position. An error only if no source could be opened.
pub fn read(sources: &[Source], options: &Options) -> Result<Snapshot, ReadError> {
    if sources.is_empty() {
        return Err(ReadError::NoSources);
    }
    let tagger = Arc::new(Tagger::new(1, options.tag_key));
    std::thread::scope(|scope| {
        let mut reading = Reading::new(Feeder::new(scope, options.threads, &tagger, &options.fold));
        let walked = walk::sources(&mut reading, sources);
        // The workers must end even if there is nothing for them.
        walked.map(|walked| collected(reading, walked, options))
    })
}

/// Joins what the workers found, and adds what it covers.
fn collected(reading: Reading, walked: Walked, options: &Options) -> Snapshot {
    let Reading { feeder, files, unrelated, .. } = reading;
    let found = feeder.finish();
    let mut snapshot = Part::merge(found.parts);
    cover::cover(&mut snapshot, &files, &found.tally, &found.problems);
    problems(&mut snapshot.coverage, &files, found.problems);
    snapshot.coverage.sources.extend(walked.names);
    if unrelated > 0 {
        snapshot.coverage.problems.push(Problem {
            file: "".into(),
            at: Position::Whole,
            what: format!("{unrelated} files hold nothing about a cluster, passed over").into(),
            damage: false,
        });
    }
    snapshot.seal(options.as_of.or(walked.stamp));
    if let (true, Some(local), Some(newest)) = (snapshot.as_of_is_lower_bound, walked.local_stamp, snapshot.as_of) {
        // Time zones differ by quarters of an hour, and the capture was made after the newest thing in it: this is the
        // earliest instant at which a clock somewhere showed the stamp.
        snapshot.seal(Some(newest.plus(local.since(newest).rem_euclid(900))));
    }
    snapshot
}

fn problems(coverage: &mut Coverage, files: &[File], found: Problems) {
    for (file, problems) in found {
        let name = &files[file as usize].name;
        let mut add = |at, what: String, damage| {
            coverage.problems.push(Problem { file: name.clone(), at, what: what.into(), damage });
        };
        for (at, what, damage) in problems.kept {
            add(at, what, damage);
        }
        if problems.dropped > 0 {
            add(Position::Whole, format!("{} more like these", problems.dropped), problems.damage);
        }
    }
}
