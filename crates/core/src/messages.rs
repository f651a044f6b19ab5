//! Placeholder until the reader of messages lands: replace this whole file.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Reading {}
