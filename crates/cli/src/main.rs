//! The `keytrace` command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    keytrace::run(std::env::args_os())
}
