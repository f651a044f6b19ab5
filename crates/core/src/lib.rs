//! Thinks: objects, snapshot, graph, checks, incidents and plans, without any I/O.

pub mod time;
pub mod value;
