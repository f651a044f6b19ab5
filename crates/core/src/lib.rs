//! Thinks: objects, snapshot, graph, checks, incidents and plans, without any I/O.

pub mod card;
pub mod checks;
pub mod coverage;
pub mod diagnose;
pub mod edits;
pub mod facts;
pub mod image;
mod incidents;
pub mod keyring;
pub mod messages;
pub mod objects;
pub mod plan;
pub mod rbac;
pub mod references;
pub mod report;
pub mod snapshot;
pub mod symptoms;
pub mod time;
pub mod trace;
pub mod value;
pub mod verdict;
pub mod view;
