//! Who owns a pod, and which revision it came from.

use super::View;
use crate::objects::{Id, Kind, Meta, Pod, Workload};

impl<'a> View<'a> {
    /// The topmost built-in owner of a pod (or its Argo Rollout); the pod itself if it has none.
    pub fn top_owner(&self, pod: &Pod) -> Id {
        match self.snap.pods.binary_search_by(|o| o.id.cmp(&pod.id)) {
            Ok(i) if i < self.top_owner_of_pod.len() => self.top_owner_of_pod[i].clone(),
            _ => self.top_owner_of(&pod.id, &pod.meta),
        }
    }

    pub(crate) fn top_owner_of(&self, id: &Id, meta: &Meta) -> Id {
        let mut current = id.clone();
        let mut owner = meta.controller().cloned();
        let hash = meta.label("pod-template-hash").map(str::to_owned);
        // Four steps are more than any built-in chain has; the bound keeps hostile loops finite.
        for _ in 0..4 {
            let Some(o) = owner.filter(|o| o.kind.makes_pods()) else { break };
            current = Id { kind: o.kind.clone(), namespace: current.namespace.clone(), name: o.name.clone() };
            match self.workload(&current) {
                Some(workload) => owner = workload.meta.controller().cloned(),
                None => {
                    // The ReplicaSet was not collected; its name is its Deployment's and the template hash.
                    if current.kind == Kind::ReplicaSet
                        && let Some(name) = hash.as_deref().and_then(|h| o.name.strip_suffix(h)?.strip_suffix('-'))
                    {
                        current = Id::new(Kind::Deployment, &current.namespace, name);
                    }
                    break;
                }
            }
        }
        current
    }

    /// The revision (ReplicaSet or ControllerRevision) that a pod was made from.
    pub fn revision_of(&self, pod: &Pod) -> Option<&'a Workload> {
        let owner = pod.meta.controller()?;
        if owner.kind == Kind::ReplicaSet {
            return self.workload(&Id::new(Kind::ReplicaSet, &pod.id.namespace, &owner.name));
        }
        let revision = pod.meta.label("controller-revision-hash")?;
        self.workload(&Id::new(Kind::ControllerRevision, &pod.id.namespace, revision)).or_else(|| {
            // DaemonSet pods carry the bare hash.
            self.workload(&Id::new(Kind::ControllerRevision, &pod.id.namespace, &format!("{}-{revision}", owner.name)))
        })
    }
}
