//! Plans as data: ordered steps that mend an incident, each with its precondition, risk and inverse.

mod simulate;

pub use simulate::simulate;

use crate::objects::Id;

/// Ordered steps. Carrying them out is the work of another crate, which has no choices left to make.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Plan {
    pub steps: Vec<Step>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    pub title: String,
    /// The owner of record that is changed: never a copy that its owner would write over. `None` outside Kubernetes.
    pub target: Option<Id>,
    /// What changes, by key names; never values.
    pub change: String,
    /// A command that can be pasted; values are read from stdin only.
    pub command: Option<String>,
    /// What must hold before: uid, resourceVersion, owner.
    pub precondition: String,
    pub risk: Risk,
    pub inverse: String,
    /// What will be true afterwards.
    pub after: String,
    pub effect: Effect,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Risk {
    /// Changes nothing that runs.
    Safe,
    /// A person should read it first.
    Review,
    /// Only a person can do it.
    Manual,
}

impl Risk {
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Review => "review",
            Self::Manual => "manual",
        }
    }
}

/// What the step does to the world, for the simulation of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Something outside the cluster (a registry, Vault, Git) is put right, and what depends on it follows.
    External,
    /// The object will exist, with these keys.
    Create {
        object: Id,
        keys: Vec<String>,
    },
    /// The keys of the object will have new, good values; missing ones appear.
    SetKeys {
        object: Id,
        keys: Vec<String>,
    },
    /// The object is replaced or edited otherwise, so that it is no longer at fault.
    Mend {
        object: Id,
    },
    Delete {
        object: Id,
    },
    /// The template of the workload is corrected; its pods are made anew.
    EditTemplate {
        workload: Id,
    },
    /// The pods of the workload are made anew from the same template.
    Restart {
        workload: Id,
    },
    /// Nothing but time passes.
    Wait,
}

/// The command that makes the pods of a workload anew from the same template, for each kind in its own way: only Deployments,
/// StatefulSets and DaemonSets know `rollout restart`.
pub fn restart_command(workload: &Id) -> String {
    use crate::objects::Kind;
    let (name, namespace) = (&workload.name, &workload.namespace);
    match workload.kind {
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => {
            format!(
                "kubectl rollout restart {workload} -n {namespace} && kubectl rollout status {workload} -n {namespace}"
            )
        }
        Kind::Rollout => format!("kubectl argo rollouts restart {name} -n {namespace}"),
        Kind::Pod => format!("kubectl get pod {name} -n {namespace} -o yaml | kubectl replace --force -f -"),
        Kind::Job => format!("kubectl delete pod -n {namespace} -l job-name={name}   # the Job makes them anew"),
        Kind::CronJob => {
            format!("kubectl create job -n {namespace} --from=cronjob/{name} {name}-now   # or wait for its next run")
        }
        _ => format!("kubectl delete pod -n {namespace} POD   # one at a time"),
    }
}

/// The command that writes one key in place, without touching the others: the value comes on stdin, so it is in no argument
/// list and in no history.
pub fn set_key_command(object: &Id, key: &str) -> String {
    let field = if object.kind == crate::objects::Kind::Secret { "stringData" } else { "data" };
    format!(
        "kubectl patch {} {} -n {} --type=merge --patch-file=/dev/stdin   # on stdin: {{\"{field}\": {{\"{key}\": ...}}}}",
        object.kind.name().to_ascii_lowercase(),
        object.name,
        object.namespace
    )
}

impl Plan {
    pub fn new(steps: Vec<Step>) -> Self {
        Self { steps }
    }
}

impl Step {
    /// A step that changes an object in the cluster.
    pub fn on(target: &Id, title: impl Into<String>, effect: Effect) -> Self {
        Self {
            title: title.into(),
            target: Some(target.clone()),
            change: String::new(),
            command: None,
            precondition: String::new(),
            risk: Risk::Review,
            inverse: String::new(),
            after: String::new(),
            effect,
        }
    }

    /// A step that only a person outside the cluster can take.
    pub fn outside(title: impl Into<String>, after: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            target: None,
            change: String::new(),
            command: None,
            precondition: String::new(),
            risk: Risk::Manual,
            inverse: String::new(),
            after: after.into(),
            effect: Effect::External,
        }
    }

    pub fn change(mut self, change: impl Into<String>) -> Self {
        self.change = change.into();
        self
    }

    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    pub fn precondition(mut self, precondition: impl Into<String>) -> Self {
        self.precondition = precondition.into();
        self
    }

    pub fn risk(mut self, risk: Risk) -> Self {
        self.risk = risk;
        self
    }

    pub fn inverse(mut self, inverse: impl Into<String>) -> Self {
        self.inverse = inverse.into();
        self
    }

    pub fn after(mut self, after: impl Into<String>) -> Self {
        self.after = after.into();
        self
    }
}
