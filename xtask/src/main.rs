//! Repository chores, run as `cargo xtask COMMAND`.

use std::process::ExitCode;

mod bench;
mod generate;
mod generate_dump;
mod keyring_vectors;
mod tidy;

const USAGE: &str = "usage: cargo xtask COMMAND

  generate [--check]     write docs/reference, or say what is stale
  tidy                   rules of the house that no compiler checks
  bench [--check]        speed and memory on a generated dump of 20,000 pods
  keyring-vectors FILE   compare the keyring with recorded answers of the real one";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["generate"] => generate::run(false),
        ["generate", "--check"] => generate::run(true),
        ["tidy"] => tidy::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["keyring-vectors", rest @ ..] => keyring_vectors::run(rest),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The top of the workspace.
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| ".".into(), std::path::Path::to_path_buf)
}
