//! What is learnt from a value without keeping it: shape, equality tags, and the parts that are identifiers.

mod identifier;
mod last_applied;
mod url;
mod value;

pub use identifier::{identifier, looks_secret};
pub use last_applied::last_applied;
pub use url::{percent_decoded, url};
pub use value::of;
