//! Whatever holds a pod template: Deployments, their revisions, Jobs, CronJobs and the like.

use std::sync::Arc;

use super::{Condition, Id, Meta, PodSpec, Str};
use crate::time::Time;

/// A workload or one of its revisions (ReplicaSet, ControllerRevision).
#[derive(Clone, Debug)]
pub struct Workload {
    pub id: Id,
    pub meta: Meta,
    /// `None` where only metadata were seen.
    pub template: Option<Arc<PodSpec>>,
    /// `kubectl.kubernetes.io/restartedAt` of the template.
    pub restarted_at: Option<Time>,
    /// Labels of the template, sorted.
    pub template_labels: Vec<(Str, Str)>,
    /// Annotations of the template under the rule of [`Meta::annotations`].
    pub template_annotations: Vec<(Str, Str)>,
    /// `deployment.kubernetes.io/revision`, or `revision` of a ControllerRevision.
    pub revision: Option<i64>,
    /// `deployment.kubernetes.io/revision-history`: earlier numbers of a ReplicaSet that was rolled back to.
    pub revision_history: Vec<i64>,
    /// `spec.replicas` or `desiredNumberScheduled`; `None` if the spec does not say.
    pub desired: Option<i64>,
    pub replicas: i64,
    pub ready: i64,
    pub updated: i64,
    pub available: i64,
    pub observed_generation: Option<i64>,
    pub paused: bool,
    /// CronJobs and Jobs.
    pub suspended: bool,
    pub strategy: Strategy,
    pub conditions: Vec<Condition>,
    /// CronJobs: `lastSuccessfulTime`; Jobs: `completionTime`.
    pub last_success: Option<Time>,
    /// CronJobs: `lastScheduleTime`.
    pub last_schedule: Option<Time>,
    /// StatefulSets: `status.currentRevision` and `status.updateRevision`.
    pub current_revision: Option<Str>,
    pub update_revision: Option<Str>,
}

/// How a workload replaces its pods.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Strategy {
    /// `RollingUpdate`, `Recreate`, `OnDelete`.
    pub kind: Option<Str>,
    /// As written: a number or a percentage.
    pub max_unavailable: Option<Str>,
    pub max_surge: Option<Str>,
    pub partition: Option<i64>,
}
