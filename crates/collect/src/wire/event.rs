//! Events of both APIs.

use keytrace_core::messages::Surface;
use keytrace_core::objects::{Event, Id, Kind};
use serde::Deserialize;

use super::meta::{WireMeta, kind};
use super::state::State;
use super::text::{OrNull, Presence, Stamp, Text};
use super::{Context, Fault};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireEvent<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Presence>>,
    #[serde(alias = "regarding")]
    involved_object: OrNull<WireAbout<'a>>,
    reason: Text<'a>,
    #[serde(alias = "note")]
    message: Text<'a>,
    #[serde(rename = "type")]
    kind: Text<'a>,
    #[serde(alias = "deprecatedFirstTimestamp")]
    first_timestamp: Stamp,
    #[serde(alias = "deprecatedLastTimestamp")]
    last_timestamp: Stamp,
    #[serde(alias = "deprecatedCount")]
    count: Option<u32>,
    event_time: Stamp,
    series: OrNull<WireSeries>,
    #[serde(alias = "deprecatedSource")]
    source: OrNull<WireEventSource<'a>>,
    #[serde(alias = "reportingController")]
    reporting_component: Text<'a>,
    reporting_instance: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireAbout<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    namespace: Text<'a>,
    name: Text<'a>,
    uid: Text<'a>,
    field_path: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireSeries {
    count: Option<u32>,
    last_observed_time: Stamp,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireEventSource<'a> {
    #[serde(borrow)]
    component: Text<'a>,
    host: Text<'a>,
}

/// Normal events whose text says something: which image, from where, and whether it was there before.
const TELLING: &[&str] = &["Pulled", "Pulling", "BackOff"];

impl WireEvent<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        state.id(Kind::Event, &self.metadata, context);
        let about = &self.involved_object;
        let of = kind(&about.kind, &mut state.names);
        // Events about cluster objects lie in `default`, and some say so of their object.
        let namespace = if of.is_namespaced() {
            about.namespace.filled().or(self.metadata.namespace.filled()).or(context.namespace).unwrap_or_default()
        } else {
            ""
        };
        let about_id = Id { namespace: state.names.get(namespace), name: state.names.get(&about.name), kind: of };
        let created = self.metadata.creation_timestamp.0;
        let known =
            [self.first_timestamp.0, self.event_time.0, self.last_timestamp.0, self.series.last_observed_time.0];
        let warning = &*self.kind == "Warning";
        let said = if warning || TELLING.contains(&&*self.reason) {
            state.read(&self.message, Surface::Event { reason: &self.reason })
        } else {
            state.nothing_said()
        };
        let component = self.source.component.filled().unwrap_or(&self.reporting_component);
        let instance = self.reporting_instance.filled().filter(|_| &*self.reporting_component == "kubelet");
        let event = Event {
            about: about_id,
            about_uid: state.names.filled(&about.uid),
            container: container(&about.field_path).map(|c| state.names.get(c)),
            reason: state.names.get(&self.reason),
            warning,
            first: known.into_iter().flatten().min().or(created),
            last: known.into_iter().flatten().max().or(created),
            count: self.series.count.unwrap_or_default().max(self.count.unwrap_or_default()).max(1),
            component: state.names.get(component),
            node: self.source.host.filled().or(instance).map(|n| state.names.get(n)),
            said,
        };
        state.out.events.push(event);
        Ok(())
    }
}

/// The name in `spec.containers{NAME}`, `spec.initContainers{NAME}` or `spec.ephemeralContainers{NAME}`.
fn container(path: &str) -> Option<&str> {
    path.split_once("ontainers{")?.1.strip_suffix('}')
}
