//! What is learnt from a value without keeping it: shape, equality tags, and the parts that are identifiers.

mod certificate;
mod identifier;
mod last_applied;
mod url;
mod value;

pub use certificate::{certificate, key_matches};
pub use identifier::{identifier, looks_secret};
pub use last_applied::last_applied;
pub use url::{percent_decoded, url};
pub use value::of;
