//! Reads the failure messages of kubelets, runtimes, registries, API servers, operators and client libraries.
//!
//! A message is brought into one plain form, one automaton finds the literal anchors of all wordings at once, and only
//! the rows whose anchors all occur run their expression. Nothing of the text is kept but typed identifiers.

mod class;
mod context;
mod engine;
mod extract;
mod fields;
mod line_time;
mod normal;
mod pattern;
mod signal;
mod tables;

pub use class::Class;
pub use fields::Fields;
pub use line_time::{line_time, line_time_near};
pub use signal::{Binding, Caller, Gate, NetFault, ObjectKind, Signal, TlsFault};

/// Where a message was found. Its reason helps to read a text that is short of words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Surface<'a> {
    /// A Kubernetes Event.
    Event {
        reason: &'a str,
    },
    /// `containerStatuses[].state.waiting`.
    Waiting {
        reason: &'a str,
    },
    /// `state.terminated` or `lastState.terminated`.
    Terminated {
        reason: &'a str,
    },
    /// `status.conditions[]` of any object.
    Condition {
        reason: &'a str,
    },
    /// A line of a container's log.
    Log,
    /// An answer of an API server, or of a tool that passes one on.
    ApiError,
    Unknown,
}

impl Surface<'_> {
    fn reason(&self) -> &str {
        match self {
            Self::Event { reason }
            | Self::Waiting { reason }
            | Self::Terminated { reason }
            | Self::Condition { reason } => reason,
            Self::Log | Self::ApiError | Self::Unknown => "",
        }
    }
}

/// What a message says: its possible causes and the identifiers in it. The text itself is not kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Never empty, the best first, each class once. A text that cannot decide has several.
    pub candidates: Vec<Candidate>,
    pub fields: Fields,
    /// The statement of the best wording that has one.
    pub signal: Option<Signal>,
    /// All statements in the text, [`Self::signal`] first. An aggregated pull error has one for each attempt.
    pub signals: Vec<Signal>,
    /// The text joins the errors of several attempts, `[e1, e2]`, as the kubelet does for several credentials.
    pub aggregated: bool,
}

impl Reading {
    /// The likeliest cause.
    pub fn class(&self) -> Class {
        self.candidates.first().map_or(Class::OtherUnrelated, |candidate| candidate.class)
    }

    /// Whether a wording of the tables was recognised, not only the speaker.
    pub fn is_known(&self) -> bool {
        self.candidates.first().is_some_and(|candidate| {
            candidate.pattern != engine::UNKNOWN && !candidate.pattern.starts_with(tables::fallback::PREFIX)
        })
    }

    pub fn says(&self, signal: Signal) -> bool {
        self.signals.contains(&signal)
    }
}

impl Default for Reading {
    /// What an empty text says: nothing.
    fn default() -> Self {
        read("")
    }
}

/// One possible cause of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    pub class: Class,
    /// Failure modes of reference, likeliest first. Empty when the class is none of them.
    pub codes: &'static [&'static str],
    /// The row of the tables that matched.
    pub pattern: &'static str,
    /// One clause for people.
    pub why: &'static str,
}

/// Reads a message without knowing where it was found.
pub fn read(text: &str) -> Reading {
    engine::read(text, "")
}

/// Reads a message with the help of its place.
pub fn read_on(text: &str, surface: Surface<'_>) -> Reading {
    let reason = surface.reason();
    if text.trim().is_empty() { engine::read(reason, reason) } else { engine::read(text, reason) }
}

#[cfg(test)]
mod tests;
