//! Shared strings: equal texts of one folder are one allocation.

use std::collections::HashSet;
use std::sync::Arc;

use keytrace_core::objects::Str;

/// A set of shared strings under a randomly seeded hash, so that chosen names cannot make it slow.
#[derive(Debug, Default)]
pub(crate) struct Interner(HashSet<Str, foldhash::fast::RandomState>);

impl Interner {
    pub fn get(&mut self, text: &str) -> Str {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let shared: Str = Arc::from(text);
        self.0.insert(shared.clone());
        shared
    }

    /// `None` for the empty text.
    pub fn filled(&mut self, text: &str) -> Option<Str> {
        (!text.is_empty()).then(|| self.get(text))
    }
}
