//! What components said: events, log lines, audit lines, waiting texts. Texts are read at once and not kept.

use std::sync::Arc;

use super::{Id, Str};
use crate::messages::Reading;
use crate::time::Time;

/// A text that was read: what it means and the identifiers in it. The text itself is gone, since it may hold values.
pub type Said = Arc<Reading>;

/// An Event of either API (core/v1 and events.k8s.io/v1).
#[derive(Clone, Debug)]
pub struct Event {
    /// The object that it is about.
    pub about: Id,
    pub about_uid: Option<Str>,
    /// From `fieldPath: spec.containers{NAME}` and its init form.
    pub container: Option<Str>,
    pub reason: Str,
    pub warning: bool,
    /// First and last time of the series, from whichever of firstTimestamp, lastTimestamp, eventTime, series and
    /// creationTimestamp exist.
    pub first: Option<Time>,
    pub last: Option<Time>,
    /// How often, at least 1.
    pub count: u32,
    /// `source.component` or `reportingController`.
    pub component: Str,
    /// `source.host` or the reporting instance, where it names a node.
    pub node: Option<Str>,
    pub said: Said,
}

/// What was recognised in one container's log.
#[derive(Clone, Debug)]
pub struct Log {
    /// Known from the layout of the bundle, else `None`: then the pod's name decides if it is unique.
    pub namespace: Option<Str>,
    pub pod: Str,
    pub container: Option<Str>,
    /// The log of the container's previous run.
    pub previous: bool,
    pub lines: u32,
    /// In the order of first appearance; equal readings are one hit.
    pub hits: Vec<LogHit>,
    pub first_at: Option<Time>,
    pub last_at: Option<Time>,
}

/// One kind of line in a log.
#[derive(Clone, Debug)]
pub struct LogHit {
    pub said: Said,
    /// Times of the first and last such line, where lines carry one.
    pub first: Option<Time>,
    pub last: Option<Time>,
    pub count: u32,
    /// 1-based line numbers of the first and last such line: they order hits of logs without times.
    pub first_line: u32,
    pub last_line: u32,
}

/// A write that the API server's audit log recorded, refused ones included.
#[derive(Clone, Debug)]
pub struct AuditWrite {
    pub object: Id,
    pub subresource: Option<Str>,
    /// `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verb: Str,
    pub user: Str,
    pub user_agent: Str,
    /// `fieldManager` of the request's URI: tells a controller from a person who share one login, and names the entry of
    /// managedFields that the write left. `None` where the request named none.
    pub manager: Option<Str>,
    pub at: Time,
    /// HTTP status of the answer.
    pub code: u16,
    pub uid: Option<Str>,
    pub resource_version: Option<u64>,
    /// The server's message on refusals.
    pub said: Option<Said>,
}

impl AuditWrite {
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.code)
    }
}
