//! `keytrace demo`: an incident that ships with the program, through the ordinary reader.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use keytrace_collect::Source;
use keytrace_core::diagnose::{Question, diagnose};
use keytrace_render::text::Asked;

use super::why::rendered;
use super::{print, read};
use crate::args::{Demo, Global};
use crate::exit::{Exit, Failure};

/// The dump, file by file.
static FILES: &[(&str, &str)] = &include!("demo_files.rs");

pub fn run(demo: &Demo, global: &Global) -> Result<Exit, Failure> {
    if let Some(dir) = &demo.write {
        return write(dir);
    }
    let sources: Vec<Source> =
        FILES.iter().map(|(name, text)| Source::Memory { name: (*name).into(), bytes: text.as_bytes() }).collect();
    let snapshot = read(&sources, None, global)?;
    let report = diagnose(&snapshot, &Question::default());
    print(&rendered(&report, Asked::Everything, global, false));
    Ok(Exit::Clean)
}

fn write(dir: &Path) -> Result<Exit, Failure> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| Failure::Write { path, source }
    };
    for (name, text) in FILES {
        let path = dir.join(name);
        let folder = path.parent().unwrap_or(dir);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed(folder))?;
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed(&path))?;
        file.write_all(text.as_bytes()).map_err(failed(&path))?;
    }
    eprintln!("wrote {} files; next: keytrace why --from {}", FILES.len(), dir.display());
    Ok(Exit::Clean)
}
