//! Workloads and their revisions.

use std::sync::Arc;

use keytrace_core::objects::{Kind, PodSpec, Strategy, Workload};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::meta::{Entries, WireMeta, pairs};
use super::pod::{WireCondition, conditions};
use super::state::State;
use super::text::{List, OrNull, Presence, Stamp, Text};
use super::{Context, Fault};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireWorkload<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    spec: Option<WireWorkloadSpec<'a>>,
    status: Option<WireWorkloadStatus<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireWorkloadSpec<'a> {
    replicas: Option<i64>,
    #[serde(borrow)]
    template: Option<WireTemplate<'a>>,
    job_template: Option<WireJobTemplate<'a>>,
    paused: Option<bool>,
    suspend: Option<bool>,
    parallelism: Option<i64>,
    strategy: Option<WireStrategy<'a>>,
    update_strategy: Option<WireStrategy<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireTemplate<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Presence>>,
    spec: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireJobTemplate<'a> {
    #[serde(borrow)]
    spec: Option<WireJobSpec<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireJobSpec<'a> {
    #[serde(borrow)]
    template: Option<WireTemplate<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireStrategy<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    rolling_update: Option<WireRollingUpdate<'a>>,
    /// Rollouts name their strategy by field.
    canary: Presence,
    blue_green: Presence,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireRollingUpdate<'a> {
    #[serde(borrow)]
    max_unavailable: Text<'a>,
    max_surge: Text<'a>,
    partition: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireWorkloadStatus<'a> {
    replicas: Option<i64>,
    ready_replicas: Option<i64>,
    updated_replicas: Option<i64>,
    available_replicas: Option<i64>,
    /// Some Rollouts wrote a hash here once.
    #[serde(borrow)]
    observed_generation: Text<'a>,
    desired_number_scheduled: Option<i64>,
    current_number_scheduled: Option<i64>,
    number_ready: Option<i64>,
    updated_number_scheduled: Option<i64>,
    number_available: Option<i64>,
    active: Presence,
    ready: Option<i64>,
    succeeded: Option<i64>,
    conditions: List<WireCondition<'a>>,
    last_successful_time: Stamp,
    completion_time: Stamp,
    last_schedule_time: Stamp,
    current_revision: Text<'a>,
    update_revision: Text<'a>,
}

impl WireStrategy<'_> {
    fn fold(&self, state: &mut State) -> Strategy {
        let kind = match (self.canary.0, self.blue_green.0) {
            (true, _) => "Canary",
            (_, true) => "BlueGreen",
            _ => &self.kind,
        };
        let rolling = self.rolling_update.as_ref();
        Strategy {
            kind: state.names.filled(kind),
            max_unavailable: rolling.and_then(|r| state.names.filled(&r.max_unavailable)),
            max_surge: rolling.and_then(|r| state.names.filled(&r.max_surge)),
            partition: rolling.and_then(|r| r.partition),
        }
    }
}

/// The parts of a workload that its template gives.
#[derive(Default)]
struct Template {
    spec: Option<Arc<PodSpec>>,
    labels: Vec<(keytrace_core::objects::Str, keytrace_core::objects::Str)>,
    annotations: Vec<(keytrace_core::objects::Str, keytrace_core::objects::Str)>,
}

impl WireTemplate<'_> {
    fn fold(&self, state: &mut State) -> Result<Template, Fault> {
        let spec = self.spec.map(|text| state.spec(text.get())).transpose()?.map(|(spec, _)| spec);
        Ok(Template {
            spec,
            labels: pairs(&self.metadata.labels, &mut state.names),
            annotations: pairs(&self.metadata.annotations.kept, &mut state.names),
        })
    }
}

impl WireWorkload<'_> {
    pub fn fold(&self, kind: Kind, context: &Context, state: &mut State) -> Result<(), Fault> {
        let none = WireWorkloadSpec::default();
        let spec = self.spec.as_ref().unwrap_or(&none);
        let job = spec.job_template.as_ref().and_then(|j| j.spec.as_ref()).and_then(|j| j.template.as_ref());
        let template = spec.template.as_ref().or(job).map(|t| t.fold(state)).transpose()?.unwrap_or_default();
        let id = state.id(kind, &self.metadata, context);
        let none = WireWorkloadStatus::default();
        let status = self.status.as_ref().unwrap_or(&none);
        let strategy = spec.strategy.as_ref().or(spec.update_strategy.as_ref());
        let mut workload = blank(id, self.metadata.fold(&mut state.names), template);
        workload.desired = status.desired_number_scheduled.or(spec.replicas).or(spec.parallelism);
        workload.replicas = status.current_number_scheduled.or(status.replicas).unwrap_or_default();
        workload.ready = status.number_ready.or(status.ready_replicas).or(status.ready).unwrap_or_default();
        workload.updated = status.updated_number_scheduled.or(status.updated_replicas).unwrap_or_default();
        workload.available =
            status.number_available.or(status.available_replicas).or(status.succeeded).unwrap_or_default();
        workload.observed_generation = status.observed_generation.parse().ok();
        workload.paused = spec.paused == Some(true);
        workload.suspended = spec.suspend == Some(true);
        workload.strategy = strategy.map(|s| s.fold(state)).unwrap_or_default();
        workload.conditions = conditions(&status.conditions, state);
        workload.last_success = status.last_successful_time.0.or(status.completion_time.0);
        workload.last_schedule = status.last_schedule_time.0;
        workload.current_revision = state.names.filled(&status.current_revision);
        workload.update_revision = state.names.filled(&status.update_revision);
        state.out.workloads.push(workload);
        Ok(())
    }
}

fn blank(id: keytrace_core::objects::Id, meta: keytrace_core::objects::Meta, template: Template) -> Workload {
    let restarted = template.annotations.iter().find(|(k, _)| &**k == "kubectl.kubernetes.io/restartedAt");
    let history = meta.annotation("deployment.kubernetes.io/revision-history").unwrap_or_default();
    Workload {
        restarted_at: restarted.and_then(|(_, v)| keytrace_core::time::Time::parse(v)),
        revision: meta.annotation("deployment.kubernetes.io/revision").and_then(|r| r.parse().ok()),
        revision_history: history.split(',').filter_map(|r| r.trim().parse().ok()).collect(),
        id,
        meta,
        template: template.spec,
        template_labels: template.labels,
        template_annotations: template.annotations,
        desired: None,
        replicas: 0,
        ready: 0,
        updated: 0,
        available: 0,
        observed_generation: None,
        paused: false,
        suspended: false,
        strategy: Strategy::default(),
        conditions: Vec::new(),
        last_success: None,
        last_schedule: None,
        current_revision: None,
        update_revision: None,
    }
}

/// A ControllerRevision: `data` is the patch that restores the template of a StatefulSet or DaemonSet.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WireRevision<'a> {
    #[serde(borrow)]
    metadata: OrNull<WireMeta<'a, Entries<'a>>>,
    revision: Option<i64>,
    data: Option<WireRevisionData<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireRevisionData<'a> {
    #[serde(borrow)]
    spec: Option<WireJobSpec<'a>>,
}

impl WireRevision<'_> {
    pub fn fold(&self, context: &Context, state: &mut State) -> Result<(), Fault> {
        let template = self.data.as_ref().and_then(|d| d.spec.as_ref()).and_then(|s| s.template.as_ref());
        let template = template.map(|t| t.fold(state)).transpose()?.unwrap_or_default();
        let id = state.id(Kind::ControllerRevision, &self.metadata, context);
        let mut workload = blank(id, self.metadata.fold(&mut state.names), template);
        workload.revision = self.revision;
        state.out.workloads.push(workload);
        Ok(())
    }
}
