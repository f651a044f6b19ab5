//! Looks: turns dumps, manifests, logs and audit files into a snapshot.
pub mod wire;
