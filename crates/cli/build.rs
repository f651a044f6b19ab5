//! Tells the program how it was built, for `--version`.

fn main() {
    println!("cargo::rustc-env=KEYTRACE_TARGET={}", std::env::var("TARGET").unwrap_or_default());
    println!("cargo::rustc-env=KEYTRACE_PROFILE={}", std::env::var("PROFILE").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
}
