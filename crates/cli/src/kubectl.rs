//! The same program under the name by which kubectl finds plugins.

use std::process::ExitCode;

fn main() -> ExitCode {
    keytrace::run(std::env::args_os())
}
