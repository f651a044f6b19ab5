//! The flags and commands, with their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Traces every key from its source to the container: what broke, since when, because of what, and how to mend it.
#[derive(Parser, Debug)]
#[command(name = "keytrace", version, long_version = long_version(), max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 nothing at or above --fail-on · 1 a live incident · 2 bad usage or unknown name · 3 not enough was seen\n\nExamples:\n  keytrace demo\n  keytrace collect-command -n shop\n  keytrace why --from incident/\n  keytrace why deploy/api -n shop --from dump/\n  keytrace explain IMG-06"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

fn long_version() -> &'static str {
    concat!(
        env!("CARGO_PKG_VERSION"),
        "\nreport: keytrace.dev/v1beta1\ntarget: ",
        env!("KEYTRACE_TARGET"),
        "\nprofile: ",
        env!("KEYTRACE_PROFILE")
    )
}

#[derive(Args, Debug, Clone)]
pub struct Global {
    /// Output: text, json, yaml or markdown
    #[arg(short = 'o', long = "output", global = true, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub color: When,
    /// Write JSON without line breaks
    #[arg(long, global = true)]
    pub compact: bool,
    /// Threads for reading (default: all cores)
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Output {
    Text,
    Json,
    Yaml,
    Markdown,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Say what is broken, why, since when, and what to do
    Why(Why),
    /// Show the chain of an object up to its source and down to its consumers
    Trace(Trace),
    /// Explain a failure mode, or what an error message means
    Explain(Explain),
    /// Diagnose an incident that ships with the program; no cluster needed
    Demo(Demo),
    /// Print the kubectl command that gathers what --from needs
    CollectCommand(CollectCommand),
    /// Print the completion script of a shell
    Completions(Completions),
}

/// Where facts come from.
#[derive(Args, Debug, Clone, Default)]
pub struct Input {
    /// Read a dump instead of a cluster: a file, a folder, an archive, or - for stdin (repeatable)
    #[arg(long = "from", value_name = "PATH")]
    pub from: Vec<PathBuf>,
    /// Only this namespace
    #[arg(short = 'n', long, value_name = "NS")]
    pub namespace: Option<String>,
    /// All namespaces (the default with --from)
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,
    /// Ask nothing beyond what was given (implied by --from)
    #[arg(long)]
    pub offline: bool,
    /// Judge as of this time (RFC 3339) instead of the input's own
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
}

#[derive(Args, Debug)]
pub struct Why {
    /// KIND/NAME, for example deploy/api; without it everything that fails
    #[arg(value_name = "KIND/NAME")]
    pub subject: Option<String>,
    #[command(flatten)]
    pub input: Input,
    /// Show every incident in full
    #[arg(long)]
    pub all: bool,
    /// Exit 1 from this severity on
    #[arg(long, value_enum, default_value_t = FailOn::Medium)]
    pub fail_on: FailOn,
    /// Let latent risks count for --fail-on
    #[arg(long)]
    pub fail_on_latent: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Never,
}

#[derive(Args, Debug)]
pub struct Trace {
    /// KIND/NAME, for example secret/db
    #[arg(value_name = "KIND/NAME")]
    pub subject: String,
    #[command(flatten)]
    pub input: Input,
}

#[derive(Args, Debug)]
pub struct Explain {
    /// Failure mode, for example IMG-06
    #[arg(value_name = "CODE", required_unless_present_any = ["list", "message"])]
    pub code: Option<String>,
    /// List all failure modes
    #[arg(long)]
    pub list: bool,
    /// Say what an error message means; - reads it from stdin
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["code", "list"], allow_hyphen_values = true)]
    pub message: Option<String>,
}

#[derive(Args, Debug)]
pub struct Demo {
    /// Write the dump of the demo to this folder, for `keytrace why --from DIR`
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct CollectCommand {
    /// Only this namespace
    #[arg(short = 'n', long, value_name = "NS")]
    pub namespace: Option<String>,
    /// All namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,
    /// Leave Secrets out; questions about their content then stay unknown
    #[arg(long)]
    pub without_secrets: bool,
    /// Leave logs out; what only the application says stays unknown
    #[arg(long)]
    pub without_logs: bool,
}

#[derive(Args, Debug)]
pub struct Completions {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
