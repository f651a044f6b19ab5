//! One row of the tables: a wording, what it means, and the place upstream that it stands for.

use super::class::Class;
use super::context::Context;
use super::signal::Signal;

/// A wording and its reading. Rows are written with [`pat`] and the methods below.
#[derive(Clone, Copy)]
pub(super) struct Pattern {
    pub id: &'static str,
    pub class: Class,
    /// 90: the wording is unique to its cause. 70: clear within its context. 50: a common wording of it. 30: a
    /// general wording. 10: a last resort.
    pub weight: u8,
    /// All must occur, in any order, without regard to case. `a|b` means either. The rarest comes first.
    pub anchors: &'static [&'static str],
    /// None of these may occur.
    pub never: &'static [&'static str],
    /// Must match too, if not empty. `<field>` captures a field, `<*>` skips a few words.
    pub regex: &'static str,
    /// Other causes that the same wording can have, likeliest first.
    pub also: &'static [Class],
    /// Failure modes, where they are narrower than those of the class.
    pub codes: &'static [&'static str],
    pub signal: Option<Signal>,
    /// At least one of these must hold, if any is given.
    pub within: Context,
    /// None of these may hold.
    pub outside: Context,
    /// Sets `Fields::anonymous`.
    pub anonymous: bool,
    /// Project, file or function, and versions where they matter.
    pub stands_for: &'static str,
    pub why: &'static str,
    #[cfg(test)]
    pub examples: &'static [&'static str],
}

/// Begins a row.
pub(super) const fn pat(id: &'static str, class: Class, weight: u8) -> Pattern {
    Pattern {
        id,
        class,
        weight,
        anchors: &[],
        never: &[],
        regex: "",
        also: &[],
        codes: &[],
        signal: None,
        within: Context::NONE,
        outside: Context::NONE,
        anonymous: false,
        stands_for: "",
        why: "",
        #[cfg(test)]
        examples: &[],
    }
}

impl Pattern {
    pub const fn on(mut self, anchors: &'static [&'static str]) -> Self {
        self.anchors = anchors;
        self
    }

    pub const fn never(mut self, never: &'static [&'static str]) -> Self {
        self.never = never;
        self
    }

    pub const fn re(mut self, regex: &'static str) -> Self {
        self.regex = regex;
        self
    }

    pub const fn also(mut self, also: &'static [Class]) -> Self {
        self.also = also;
        self
    }

    pub const fn codes(mut self, codes: &'static [&'static str]) -> Self {
        self.codes = codes;
        self
    }

    pub const fn signal(mut self, signal: Signal) -> Self {
        self.signal = Some(signal);
        self
    }

    pub const fn within(mut self, context: Context) -> Self {
        self.within = context;
        self
    }

    pub const fn outside(mut self, context: Context) -> Self {
        self.outside = context;
        self
    }

    pub const fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    pub const fn stands_for(mut self, place: &'static str) -> Self {
        self.stands_for = place;
        self
    }

    pub const fn why(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    /// Texts in the real wording with invented names. A test proves that the row is the one that reads them.
    #[cfg_attr(not(test), allow(unused_mut, unused_variables, reason = "only tests carry the examples"))]
    pub const fn eg(mut self, examples: &'static [&'static str]) -> Self {
        #[cfg(test)]
        {
            self.examples = examples;
        }
        self
    }
}
