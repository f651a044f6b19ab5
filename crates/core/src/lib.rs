//! Thinks: objects, snapshot, graph, checks, incidents and plans, without any I/O.

pub mod coverage;
pub mod image;
pub mod keyring;
pub mod messages;
pub mod objects;
pub mod references;
pub mod snapshot;
pub mod time;
pub mod value;
