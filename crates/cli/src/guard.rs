//! Keeps memory from leaving through a core file or a panic message.

use std::io::Write as _;

/// No core files, no ptrace by the same user, and a panic hook that prints the place and no payload (a payload can hold
/// a piece of the input).
pub fn install() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    // Both can be refused in odd sandboxes; the run goes on, since neither is promised as more than a best effort.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    std::panic::set_hook(Box::new(|info| {
        let place =
            info.location().map_or_else(|| "an unknown place".to_owned(), |l| format!("{}:{}", l.file(), l.line()));
        let _ = writeln!(
            std::io::stderr(),
            "keytrace: a bug at {place} (version {}); nothing was changed. Please report this line; it holds no data of yours.",
            env!("CARGO_PKG_VERSION")
        );
    }));
}
