//! What changed when and by whom, from audit lines where there are any, else from field managers and times on objects.

use super::View;
use crate::objects::{AuditWrite, DataObject, Id, Kind, Meta};
use crate::time::{Interval, Time};
use crate::verdict::Change;

/// A writer of a key, oldest write first.
#[derive(Clone, Debug, PartialEq)]
pub struct Writer {
    /// A user name (audit) or a field manager.
    pub name: String,
    pub at: Option<Time>,
    /// `audit` or `managedFields`.
    pub source: &'static str,
    pub verb: String,
}

/// Who wrote an object, as far as is known.
#[derive(Clone, Debug, Default)]
pub struct KeyHistory {
    pub writers: Vec<Writer>,
    /// The audit log covers the object's whole life, so that a write that is not in here did not happen.
    pub complete: bool,
}

impl<'a> View<'a> {
    /// Successful writes of an object in the audit log, oldest first; subresources such as status are left out.
    pub fn writes_of(&self, id: &Id) -> impl DoubleEndedIterator<Item = &'a AuditWrite> + use<'a, '_> {
        self.audit_of(id).filter(|w| w.succeeded() && w.subresource.is_none())
    }

    /// The last change of an object's spec or data: the audit log's word, else the newest field manager's, else its creation.
    pub fn last_change(&self, id: &Id, meta: &Meta) -> Option<Change> {
        if let Some(write) = self.writes_of(id).rev().find(|w| &*w.verb != "delete") {
            return Some(Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" });
        }
        let newest = meta.managed.iter().filter(|m| m.subresource.is_none()).max_by_key(|m| m.time);
        match newest {
            Some(m) if m.time.is_some() => Some(Change {
                when: Interval { after: m.time, until: m.time },
                by: Some(m.manager.to_string()),
                source: "managedFields",
            }),
            _ => meta.created.map(|t| Change { when: Interval::at(t), by: None, source: "creationTimestamp" }),
        }
    }

    /// When a key got the value that it has now. The audit log narrows what managedFields tell and names the user.
    pub fn key_change(&self, object: &DataObject, key: &str) -> Option<Change> {
        let facts = object.key(key)?;
        let mut change = Change {
            when: facts.changed,
            by: facts.manager.as_deref().map(str::to_owned),
            source: if facts.manager.is_some() { "managedFields" } else { "creationTimestamp" },
        };
        let write = self
            .writes_of(&object.id)
            .rev()
            .filter(|w| &*w.verb != "delete")
            .find(|w| facts.changed.until.is_none_or(|until| w.at <= until));
        if let Some(write) = write {
            change = Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" };
        }
        Some(change)
    }

    /// The last change of any key of a Secret or ConfigMap.
    pub fn data_change(&self, object: &DataObject) -> Option<Change> {
        object
            .keys
            .iter()
            .filter_map(|k| self.key_change(object, &k.name))
            .max_by_key(|c| c.when.until.or(c.when.after))
            .or_else(|| self.last_change(&object.id, &object.meta))
    }

    /// All writers of an object, oldest first.
    pub fn history(&self, id: &Id, meta: &Meta) -> KeyHistory {
        let mut writers: Vec<Writer> = self
            .writes_of(id)
            .map(|w| Writer { name: w.user.to_string(), at: Some(w.at), source: "audit", verb: w.verb.to_string() })
            .collect();
        let complete = self.snap.coverage.audit
            && writers.first().is_some_and(|w| w.verb == "create")
            && self.snap.coverage.audit_from.is_some_and(|from| meta.created.is_some_and(|c| from <= c));
        if writers.is_empty() {
            writers = meta
                .managed
                .iter()
                .filter(|m| m.subresource.is_none())
                .map(|m| Writer {
                    name: m.manager.to_string(),
                    at: m.time,
                    source: "managedFields",
                    verb: if m.apply { "apply" } else { "update" }.to_owned(),
                })
                .collect();
            writers.sort_by_key(|w| w.at);
        }
        KeyHistory { writers, complete }
    }

    /// The audit log's word on a deletion, the newest one.
    pub fn audited_deletion(&self, id: &Id) -> Option<&'a AuditWrite> {
        self.writes_of(id).rev().find(|w| &*w.verb == "delete")
    }

    /// Did an audited collection deletion cover this kind and namespace?
    pub fn audited_collection_deletion(&self, kind: &Kind, namespace: &str) -> Option<&'a AuditWrite> {
        self.snap.audit.iter().rev().find(|w| {
            w.succeeded()
                && &*w.verb == "deletecollection"
                && w.object.kind == *kind
                && &*w.object.namespace == namespace
        })
    }
}
