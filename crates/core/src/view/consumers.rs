//! Who uses a Secret or a ConfigMap: pods, templates and ServiceAccounts.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::View;
use crate::objects::{Id, Kind, Pod, PodSpec, Reference, Str};
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

/// References of a spec with their field paths.
pub type References = Rc<[(Reference, String)]>;

/// Uses by kind, namespace and name of what is used. Pods of one template share their references, so that the index grows
/// with templates and not with pods.
pub(super) struct Index {
    groups: Vec<Group>,
    uses: BTreeMap<(Kind, Str, Str), Vec<(usize, usize)>>,
}

/// All that share one spec in one namespace.
struct Group {
    references: References,
    users: Vec<(Id, Option<Id>)>,
}

impl View<'_> {
    /// Every use of a Secret or ConfigMap by a pod, or by a workload's current template.
    pub fn consumers(&self, kind: &Kind, namespace: &str, name: &str) -> Vec<Consumer> {
        let index = self.consumers.get_or_init(|| build(self));
        let uses = index.uses.get(&(kind.clone(), namespace.into(), name.into()));
        let mut found = Vec::new();
        for (group, at) in uses.into_iter().flatten() {
            let group = &index.groups[*group];
            let (reference, path) = &group.references[*at];
            found.extend(group.users.iter().map(|(workload, pod)| Consumer {
                workload: workload.clone(),
                pod: pod.clone(),
                reference: reference.clone(),
                path: path.clone(),
            }));
        }
        found
    }

    /// References of a pod with their field paths.
    pub fn references(&self, pod: &Pod) -> References {
        self.references_of(&pod.spec)
    }

    /// References of a spec with their field paths. Made once for each spec: thousands of pods share one.
    pub fn references_of(&self, spec: &Arc<PodSpec>) -> References {
        let mut known = self.references.borrow_mut();
        known.entry(Arc::as_ptr(spec)).or_insert_with(|| references::of(spec).into()).clone()
    }
}

fn build(view: &View<'_>) -> Index {
    let mut index = Index { groups: Vec::new(), uses: BTreeMap::new() };
    let mut known: FxHashMap<(Str, *const PodSpec), usize> = FxHashMap::default();
    let mut add = |namespace: &Str, workload: Id, pod: Option<&Id>, spec: &Arc<PodSpec>| {
        let group = *known.entry((namespace.clone(), Arc::as_ptr(spec))).or_insert_with(|| {
            let references = view.references_of(spec);
            for (at, (reference, _)) in references.iter().enumerate() {
                let key = (reference.kind.clone(), namespace.clone(), reference.name.clone());
                index.uses.entry(key).or_default().push((index.groups.len(), at));
            }
            index.groups.push(Group { references, users: Vec::new() });
            index.groups.len() - 1
        });
        index.groups[group].users.push((workload, pod.cloned()));
    };
    for pod in view.snap.pods.iter().filter(|p| !p.is_finished()) {
        add(&pod.id.namespace, view.top_owner(pod), Some(&pod.id), &pod.spec);
    }
    for workload in &view.snap.workloads {
        // Old revisions keep their templates; only what would make new pods counts as a use.
        if matches!(workload.id.kind, Kind::ReplicaSet | Kind::ControllerRevision) {
            continue;
        }
        if let Some(template) = &workload.template {
            let top = view.top_owner_of(&workload.id, &workload.meta);
            add(&workload.id.namespace, top, None, template);
        }
    }
    index
}
