//! Repository chores, run as `cargo xtask COMMAND`.

use std::process::ExitCode;

mod keyring_vectors;

const USAGE: &str = "usage: cargo xtask COMMAND

  keyring-vectors FILE   compare the keyring with recorded answers of the real one";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["keyring-vectors", rest @ ..] => keyring_vectors::run(rest),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
