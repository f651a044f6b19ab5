//! Placeholder until the keyring lands: replace this whole file.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DockerConfigFacts {}
