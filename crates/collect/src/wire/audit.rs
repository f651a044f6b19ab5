//! Audit logs of API servers: writes, and the span of time that the log covers.

use std::borrow::Cow;
use std::hash::BuildHasher;

use keytrace_core::facts;
use keytrace_core::messages::Surface;
use keytrace_core::objects::{AuditWrite, Id, Kind};
use serde::Deserialize;

use super::Fault;
use super::state::State;
use super::text::{List, OrNull, Stamp, Text};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireAudit<'a> {
    #[serde(borrow, rename = "auditID")]
    audit_id: Text<'a>,
    kind: Text<'a>,
    stage: Text<'a>,
    verb: Text<'a>,
    user: OrNull<WireUser<'a>>,
    impersonated_user: OrNull<WireUser<'a>>,
    user_agent: Text<'a>,
    #[serde(rename = "requestURI")]
    request_uri: Text<'a>,
    object_ref: OrNull<WireObjectRef<'a>>,
    response_status: OrNull<WireAnswer<'a>>,
    response_object: OrNull<WireResponse<'a>>,
    request_received_timestamp: Stamp,
    stage_timestamp: Stamp,
    items: List<WireAudit<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireUser<'a> {
    #[serde(borrow)]
    username: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireObjectRef<'a> {
    #[serde(borrow)]
    resource: Text<'a>,
    subresource: Text<'a>,
    namespace: Text<'a>,
    name: Text<'a>,
    uid: Text<'a>,
    api_group: Text<'a>,
    resource_version: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireAnswer<'a> {
    code: Option<u16>,
    #[serde(borrow)]
    message: Text<'a>,
}

/// Only who the object is: its body can hold values.
#[derive(Deserialize, Default)]
#[serde(default)]
struct WireResponse<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireResponseMeta<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireResponseMeta<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    namespace: Text<'a>,
    uid: Text<'a>,
    resource_version: Text<'a>,
}

/// Reads one line, or one document with a list of entries.
pub(crate) fn line(line: &[u8], state: &mut State) -> Result<(), Fault> {
    let entry: WireAudit = super::parse(line)?;
    if entry.items.is_empty() {
        return entry.fold(state);
    }
    entry.items.iter().try_for_each(|e| e.fold(state))
}

impl WireAudit<'_> {
    fn fold(&self, state: &mut State) -> Result<(), Fault> {
        let at = self.stage_timestamp.0.or(self.request_received_timestamp.0);
        let Some(at) = at.filter(|_| &*self.kind == "Event" || !self.audit_id.is_empty()) else {
            return Err(Fault::skipped("not an audit entry"));
        };
        let coverage = &mut state.out.coverage;
        coverage.audit = true;
        coverage.audit_from = Some(coverage.audit_from.map_or(at, |from| from.min(at)));
        coverage.audit_until = coverage.audit_until.max(Some(at));
        let is_write = matches!(&*self.verb, "create" | "update" | "patch" | "delete" | "deletecollection");
        if !is_write || &*self.stage != "ResponseComplete" || self.is_noise() {
            return Ok(());
        }
        let key = state.audit_hasher.hash_one(&*self.audit_id);
        if !self.audit_id.is_empty() && !state.audited.insert(key) {
            return Ok(());
        }
        state.out.coverage.audit_writes += 1;
        let object = &self.object_ref;
        let answer = &self.response_object.metadata;
        let kind =
            Kind::from_plural(&object.resource).unwrap_or_else(|| Kind::Other(state.names.get(&object.resource)));
        let namespace = object.namespace.filled().unwrap_or(&answer.namespace);
        let name = object.name.filled().unwrap_or(&answer.name);
        let code = self.response_status.code.unwrap_or_default();
        let refused = !(200..300).contains(&code) && !self.response_status.message.is_empty();
        let user = self.impersonated_user.username.filled().unwrap_or(&self.user.username);
        let write = AuditWrite {
            object: Id { namespace: state.names.get(namespace), name: state.names.get(name), kind },
            subresource: state.names.filled(&object.subresource),
            verb: state.names.get(&self.verb),
            user: state.names.get(user),
            user_agent: state.names.get(&self.user_agent),
            manager: field_manager(&self.request_uri).map(|m| state.names.get(&m)),
            at,
            code,
            uid: state.names.filled(&object.uid).or_else(|| state.names.filled(&answer.uid)),
            resource_version: answer.resource_version.parse().or_else(|_| object.resource_version.parse()).ok(),
            said: refused.then(|| state.read(&self.response_status.message, Surface::ApiError)),
        };
        state.out.audit.push(write);
        Ok(())
    }

    /// Writes that change nothing that a check asks for, and that are most of any audit log.
    fn is_noise(&self) -> bool {
        let object = &self.object_ref;
        let succeeded = self.response_status.code.is_some_and(|c| (200..300).contains(&c));
        let resource = &*object.resource;
        let reports = matches!(resource, "pods" | "nodes") && matches!(&*object.subresource, "status" | "binding");
        let reviews = resource.ends_with("reviews") && !resource.contains("webhook");
        let plumbing = matches!(resource, "events" | "leases" | "endpoints" | "endpointslices");
        let _ = &object.api_group;
        succeeded && (reports || reviews || plumbing || &*object.subresource == "token")
    }
}

/// `fieldManager` of a request's URI.
fn field_manager(uri: &str) -> Option<Cow<'_, str>> {
    let query = uri.split_once('?')?.1;
    let manager = query.split('&').find_map(|p| p.strip_prefix("fieldManager="))?;
    (!manager.is_empty()).then(|| facts::percent_decoded(manager))
}
