//! Looks: turns dumps, manifests, logs and audit files into a snapshot.

mod input;
pub mod wire;

pub use input::{Options, ReadError, Source, read};
