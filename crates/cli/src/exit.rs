//! Exit codes and the errors that lead to them.

use std::process::ExitCode;

use thiserror::Error;

/// How a run ended. The numbers are promised to scripts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// 0: ran, and nothing at or above `--fail-on`.
    Clean,
    /// 1: a live incident at or above `--fail-on`.
    Incident,
    /// 2: bad usage, or a name that does not exist.
    Usage,
    /// 3: the input was damaged, or something that was not seen could explain a failure.
    Incomplete,
}

impl Exit {
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Clean => 0,
            Self::Incident => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
        })
    }
}

/// What was tried and went wrong, each with the object and the next step.
#[derive(Debug, Error)]
pub enum Failure {
    #[error("cannot read the input")]
    Read(#[from] keytrace_collect::ReadError),
    #[error(
        "the input holds no Kubernetes objects: give what `kubectl get -o json` prints, or a folder of it (`keytrace collect-command` prints the line)"
    )]
    NothingSeen,
    #[error(
        "nothing to read: give --from PATH (a dump, a folder, or - for stdin); `keytrace collect-command` prints the kubectl line that makes one"
    )]
    NoInput,
    #[error("{asked} is not in the input{}", near_words(.near))]
    NoSuchObject { asked: String, near: Vec<String> },
    #[error("{asked:?} is no KIND/NAME: say for example deploy/api, pod/api-0 or secret/db")]
    NoSubject { asked: String },
    #[error("there is no failure mode {asked:?}{}: `keytrace explain --list` shows all", near_words(.near))]
    NoSuchCode { asked: String, near: Vec<String> },
    #[error("cannot write {path}")]
    Write { path: String, source: std::io::Error },
    #[error("no random numbers to be had from the operating system: {0}")]
    Random(String),
    #[error("{0:?} is no time: write it as 2026-01-31T10:00:00Z")]
    BadTime(String),
    #[error("the output {0:?} does not exist for this command: use text, json or yaml")]
    BadOutput(String),
}

fn near_words(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

impl Failure {
    pub fn exit(&self) -> Exit {
        match self {
            Self::Read(_) | Self::NothingSeen | Self::Write { .. } | Self::Random(_) => Exit::Incomplete,
            _ => Exit::Usage,
        }
    }
}
