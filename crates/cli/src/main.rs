//! The `keytrace` command line.
fn main() {}
