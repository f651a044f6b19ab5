//! Who uses a Secret or a ConfigMap: pods, templates and ServiceAccounts.

use std::collections::BTreeMap;

use super::View;
use crate::objects::{Id, Kind, Pod, Reference, Str};
use crate::references;

/// One use of an object.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// The topmost owner for pods, the workload for templates, the ServiceAccount for its lists.
    pub workload: Id,
    /// The pod, where a pod uses it; `None` for a template without a pod of its own.
    pub pod: Option<Id>,
    pub reference: Reference,
    /// Field path within the pod spec.
    pub path: String,
}

/// Uses by kind, namespace and name of what is used.
pub(super) type Index = BTreeMap<(Kind, Str, Str), Vec<Consumer>>;

impl View<'_> {
    /// Every use of a Secret or ConfigMap by a pod, or by a workload's current template.
    pub fn consumers(&self, kind: &Kind, namespace: &str, name: &str) -> &[Consumer] {
        let index = self.consumers.get_or_init(|| build(self));
        index.get(&(kind.clone(), namespace.into(), name.into())).map(Vec::as_slice).unwrap_or_default()
    }

    /// References of a pod with their field paths.
    pub fn references(&self, pod: &Pod) -> Vec<(Reference, String)> {
        references::of(&pod.spec)
    }
}

fn build(view: &View<'_>) -> Index {
    let mut index = Index::new();
    let mut add = |namespace: &Str, workload: &Id, pod: Option<&Id>, spec| {
        for (reference, path) in references::of(spec) {
            let key = (reference.kind.clone(), namespace.clone(), reference.name.clone());
            index.entry(key).or_default().push(Consumer {
                workload: workload.clone(),
                pod: pod.cloned(),
                reference,
                path,
            });
        }
    };
    for pod in &view.snap.pods {
        if !pod.is_finished() {
            add(&pod.id.namespace, &view.top_owner(pod), Some(&pod.id), &pod.spec);
        }
    }
    for workload in &view.snap.workloads {
        // Old revisions keep their templates; only what would make new pods counts as a use.
        if matches!(workload.id.kind, Kind::ReplicaSet | Kind::ControllerRevision) {
            continue;
        }
        if let Some(template) = &workload.template {
            let top = view.top_owner_of(&workload.id, &workload.meta);
            add(&workload.id.namespace, &top, None, template);
        }
    }
    index
}
