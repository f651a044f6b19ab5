//! Runs the commands: reads flags, calls the other crates, prints, and decides the exit code.

mod args;
mod commands;
mod exit;
mod guard;
mod progress;
mod subject;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::args::{Cli, Command};
pub use crate::exit::{Exit, Failure};

/// Runs one command line and returns the exit code that design and `--help` promise.
pub fn run(argv: impl Iterator<Item = OsString>) -> ExitCode {
    guard::install();
    let argv: Vec<OsString> = argv.collect();
    let cli = match parse(&argv) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    match dispatch(&cli) {
        Ok(exit) => exit.code(),
        Err(failure) => {
            eprintln!("keytrace: {failure}");
            let mut source = std::error::Error::source(&failure);
            while let Some(cause) = source {
                eprintln!("  because {cause}");
                source = cause.source();
            }
            failure.exit().code()
        }
    }
}

/// Started as a kubectl plugin the usage lines say `kubectl keytrace`.
fn parse(argv: &[OsString]) -> Result<Cli, ExitCode> {
    let as_plugin =
        argv.first().and_then(|p| std::path::Path::new(p).file_stem()).is_some_and(|stem| stem == "kubectl-keytrace");
    let mut command = Cli::command();
    if as_plugin {
        command = command.bin_name("kubectl keytrace");
    }
    let parsed = command.try_get_matches_from(argv).and_then(|m| Cli::from_arg_matches(&m));
    parsed.map_err(|error| {
        // clap prints help and versions to stdout and usage errors to stderr. It never echoes values of flags that take
        // secrets, since there is no such flag.
        let code = if error.use_stderr() { Exit::Usage } else { Exit::Clean };
        let _ = error.print();
        code.code()
    })
}

fn dispatch(cli: &Cli) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Why(why) => commands::why::run(why, &cli.global),
        Command::Trace(trace) => commands::trace::run(trace, &cli.global),
        Command::Explain(explain) => commands::explain::run(explain, &cli.global),
        Command::Demo(demo) => commands::demo::run(demo, &cli.global),
        Command::CollectCommand(collect) => commands::collect_command::run(collect),
        Command::Completions(shell) => {
            clap_complete::generate(shell.shell, &mut Cli::command(), "keytrace", &mut std::io::stdout());
            Ok(Exit::Clean)
        }
    }
}
