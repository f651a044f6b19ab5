//! One module a command.

pub mod collect_command;
pub mod demo;
pub mod explain;
pub mod trace;
pub mod why;

use std::io::{IsTerminal as _, Write as _};

use keytrace_collect::{Options, Source};
use keytrace_core::snapshot::Snapshot;
use keytrace_core::time::Time;
use keytrace_render::text::Style;

use crate::args::{Global, Input, When};
use crate::exit::Failure;
use crate::progress::Progress;

/// Reads what `--from` names. Nothing else is asked.
pub fn snapshot(input: &Input, global: &Global) -> Result<Snapshot, Failure> {
    if input.from.is_empty() {
        return Err(Failure::NoInput);
    }
    let sources: Vec<Source> = input
        .from
        .iter()
        .map(|path| if path.as_os_str() == "-" { Source::Stdin } else { Source::Path(path.clone()) })
        .collect();
    read(&sources, input.as_of.as_deref(), global)
}

pub fn read(sources: &[Source], as_of: Option<&str>, global: &Global) -> Result<Snapshot, Failure> {
    let as_of = as_of.map(|t| Time::parse(t).ok_or_else(|| Failure::BadTime(t.to_owned()))).transpose()?;
    let mut tag_key = [0; 32];
    getrandom::fill(&mut tag_key).map_err(|e| Failure::Random(e.to_string()))?;
    let threads = global.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let mut options = Options::new(tag_key);
    options.threads = threads;
    options.as_of = as_of;
    let _progress = Progress::start("reading");
    let snapshot = keytrace_collect::read(sources, &options)?;
    let damaged = snapshot.coverage.damaged();
    if !damaged
        && snapshot.ids().is_empty()
        && snapshot.events.is_empty()
        && snapshot.audit.is_empty()
        && !collected(&snapshot)
    {
        return Err(Failure::NothingSeen);
    }
    Ok(snapshot)
}

/// Whether at least one kind was listed, even if the list is empty.
fn collected(snapshot: &Snapshot) -> bool {
    snapshot.coverage.kinds.values().any(|k| k.everywhere.is_some() || !k.namespaces.is_empty())
}

/// Colour only for a terminal that wants it; see <https://no-color.org> and bixense.com/clicolors.
pub fn style(global: &Global, all: bool) -> Style {
    let terminal = std::io::stdout().is_terminal();
    let colour = match global.color {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            !anstyle_query::no_color()
                && (anstyle_query::clicolor_force()
                    || (terminal
                        && anstyle_query::term_supports_ansi_color()
                        && anstyle_query::clicolor() != Some(false)))
        }
    };
    let width = if terminal {
        rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|w| usize::from(w.ws_col)).filter(|w| *w >= 40)
    } else {
        None
    };
    Style { colour, width: width.unwrap_or(110).min(140), all }
}

/// Writes the result. A reader that went away (`| head`) is no error.
pub fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
