//! Pods: identity, node, conditions and container states.

use keytrace_core::messages::Surface;
use keytrace_core::objects::{Condition, ContainerRole, ContainerState, ContainerStatus, Kind, Pod, PodSpec, Str};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::meta::WireMeta;
use super::state::State;
use super::text::{List, OrNull, Presence, Stamp, Text};
use super::{Context, Fault};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WirePod<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Presence>>,
    spec: Option<&'a RawValue>,
    status: OrNull<WireStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireStatus<'a> {
    #[serde(borrow)]
    phase: Text<'a>,
    reason: Text<'a>,
    start_time: Stamp,
    conditions: List<WireCondition<'a>>,
    init_container_statuses: List<WireContainerStatus<'a>>,
    container_statuses: List<WireContainerStatus<'a>>,
    ephemeral_container_statuses: List<WireContainerStatus<'a>>,
}

/// A condition of any kind; some write other names for the time of the last change.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireCondition<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    status: Text<'a>,
    reason: Text<'a>,
    message: Text<'a>,
    last_transition_time: Stamp,
    last_update_time: Stamp,
    last_heartbeat_time: Stamp,
}

impl WireCondition<'_> {
    pub fn fold(&self, state: &mut State) -> Condition {
        // An unquoted `True` is a boolean in YAML.
        let status = match &*self.status {
            "True" | "true" => Some(true),
            "False" | "false" => Some(false),
            _ => None,
        };
        let message = state.said(&self.message, Surface::Condition { reason: &self.reason });
        Condition {
            kind: state.names.get(&self.kind),
            status,
            reason: state.names.get(&self.reason),
            message,
            changed: self.last_transition_time.0.or(self.last_update_time.0),
            heartbeat: self.last_heartbeat_time.0,
        }
    }
}

pub(crate) fn conditions(conditions: &List<WireCondition>, state: &mut State) -> Vec<Condition> {
    conditions.iter().map(|c| c.fold(state)).collect()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireContainerStatus<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    image: Text<'a>,
    #[serde(rename = "imageID")]
    image_id: Text<'a>,
    ready: Option<bool>,
    restart_count: Option<u32>,
    state: Option<WireState<'a>>,
    last_state: Option<WireState<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireState<'a> {
    #[serde(borrow)]
    waiting: Option<Waiting<'a>>,
    running: Option<Running>,
    terminated: Option<Terminated<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Waiting<'a> {
    #[serde(borrow)]
    reason: Text<'a>,
    message: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Running {
    started_at: Stamp,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Terminated<'a> {
    #[serde(borrow)]
    reason: Text<'a>,
    message: Text<'a>,
    exit_code: Option<i32>,
    started_at: Stamp,
    finished_at: Stamp,
}

impl WireState<'_> {
    fn fold(&self, state: &mut State) -> ContainerState {
        if let Some(waiting) = &self.waiting {
            return ContainerState::Waiting {
                reason: state.names.get(&waiting.reason),
                said: state.said(&waiting.message, Surface::Waiting { reason: &waiting.reason }),
            };
        }
        if let Some(running) = &self.running {
            return ContainerState::Running { since: running.started_at.0 };
        }
        match &self.terminated {
            Some(end) => ContainerState::Terminated {
                reason: state.names.get(&end.reason),
                exit_code: end.exit_code.unwrap_or_default(),
                said: state.said(&end.message, Surface::Terminated { reason: &end.reason }),
                started: end.started_at.0,
                finished: end.finished_at.0,
            },
            None => ContainerState::Unknown,
        }
    }
}

impl WireContainerStatus<'_> {
    fn fold(&self, role: ContainerRole, spec: &PodSpec, state: &mut State) -> ContainerStatus {
        let role = spec.containers.iter().find(|c| *c.name == *self.name).map_or(role, |c| c.role);
        let last = self.last_state.as_ref().map(|s| s.fold(state));
        ContainerStatus {
            name: state.names.get(&self.name),
            role,
            image: state.names.get(&self.image),
            image_id: state.names.filled(&self.image_id),
            ready: self.ready == Some(true),
            restarts: self.restart_count.unwrap_or_default(),
            state: self.state.as_ref().map_or(ContainerState::Unknown, |s| s.fold(state)),
            last: last.filter(|s| *s != ContainerState::Unknown),
        }
    }
}

impl WirePod<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let (spec, node): (_, Option<Str>) = state.spec(self.spec.map_or("{}", RawValue::get))?;
        let id = state.id(Kind::Pod, &self.metadata, context);
        let status = &self.status;
        let lists = [
            (ContainerRole::Init, &status.init_container_statuses),
            (ContainerRole::Main, &status.container_statuses),
            (ContainerRole::Ephemeral, &status.ephemeral_container_statuses),
        ];
        let mut statuses = Vec::with_capacity(lists.iter().map(|(_, list)| list.len()).sum());
        for (role, list) in lists {
            statuses.extend(list.iter().map(|s| s.fold(role, &spec, state)));
        }
        let meta = self.metadata.fold(&mut state.names);
        let mirror = meta.annotation("kubernetes.io/config.mirror").is_some();
        let pod = Pod {
            id,
            meta,
            spec,
            node,
            phase: state.names.get(&status.phase),
            reason: state.names.filled(&status.reason),
            started: status.start_time.0,
            conditions: conditions(&status.conditions, state),
            statuses,
            mirror,
        };
        state.out.pods.push(pod);
        Ok(())
    }
}
