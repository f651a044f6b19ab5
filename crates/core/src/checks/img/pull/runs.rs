//! Containers whose image was had: the healthy side that a failed pull is compared with.

use std::collections::BTreeMap;

use crate::image::ImageRef;
use crate::objects::{ContainerState, DataObject, Kind, Pod, Str};
use crate::time::Time;
use crate::view::View;

/// One container that has its image.
pub(crate) struct Run<'a> {
    pub pod: &'a Pod,
    pub image: ImageRef,
    /// When the image was really pulled for it; `None` where it was on the node already, or no Event tells.
    pub pulled: Option<Time>,
    /// An Event says that the image was on the node already.
    pub cached: bool,
    pub since: Option<Time>,
}

/// All of them, with the indices that keep a judgement from looking at every pod.
#[derive(Default)]
pub(crate) struct Runs<'a> {
    all: Vec<Run<'a>>,
    by_domain: BTreeMap<String, Vec<usize>>,
    by_repository: BTreeMap<String, Vec<usize>>,
    /// By namespace and pull secret.
    by_secret: BTreeMap<(Str, Str), Vec<usize>>,
    /// The newest real pull from each registry on each node.
    newest: BTreeMap<String, BTreeMap<&'a str, usize>>,
    secrets_by_name: BTreeMap<&'a str, Vec<&'a DataObject>>,
}

impl<'a> Runs<'a> {
    pub(super) fn of(view: &View<'a>) -> Self {
        let mut found = Self::default();
        for secret in view.snap.data.iter().filter(|o| o.id.kind == Kind::Secret) {
            found.secrets_by_name.entry(&secret.id.name).or_default().push(secret);
        }
        for pod in &view.snap.pods {
            for status in &pod.statuses {
                let since = match &status.state {
                    ContainerState::Running { since } => *since,
                    ContainerState::Terminated { started, .. } => *started,
                    // A crashing container waits with its image on the node.
                    ContainerState::Waiting { .. } if status.restarts > 0 && status.image_id.is_some() => None,
                    _ => continue,
                };
                let Some(spec) = pod.spec.containers.iter().find(|c| c.name == status.name) else { continue };
                let Ok(image) = ImageRef::parse(&spec.image) else { continue };
                let (pulling, pulled) = pull_events(view, pod, &status.name);
                found.add(Run {
                    pod,
                    image,
                    pulled: pulled.filter(|_| pulling.is_some()),
                    cached: pulled.is_some() && pulling.is_none(),
                    since,
                });
            }
        }
        found
    }

    fn add(&mut self, run: Run<'a>) {
        let index = self.all.len();
        let domain = run.image.domain().to_owned();
        if run.pulled.is_some()
            && let Some(node) = run.pod.node.as_deref()
        {
            let newest = self.newest.entry(domain.clone()).or_default().entry(node).or_insert(index);
            if self.all.get(*newest).is_some_and(|known| known.pulled < run.pulled) {
                *newest = index;
            }
        }
        self.by_domain.entry(domain).or_default().push(index);
        self.by_repository.entry(run.image.repository().to_owned()).or_default().push(index);
        for secret in &run.pod.spec.pull_secrets {
            self.by_secret.entry((run.pod.id.namespace.clone(), secret.clone())).or_default().push(index);
        }
        self.all.push(run);
    }

    /// Those with images of one registry, in the order of pods.
    pub(crate) fn from(&self, domain: &str) -> impl Iterator<Item = &Run<'a>> {
        self.by_domain.get(domain).into_iter().flatten().map(|i| &self.all[*i])
    }

    /// Those with the same image, tag and digest included.
    pub(crate) fn with_image(&self, image: &ImageRef) -> impl Iterator<Item = &Run<'a>> {
        self.with_repository(image).filter(move |r| r.image == *image)
    }

    /// Those with any tag of the image's repository.
    pub(crate) fn with_repository(&self, image: &ImageRef) -> impl Iterator<Item = &Run<'a>> {
        self.by_repository.get(image.repository()).into_iter().flatten().map(|i| &self.all[*i])
    }

    /// Images of one registry, each repository once.
    pub(crate) fn repositories(&self, domain: &str) -> impl Iterator<Item = ImageRef> {
        let prefix = format!("{domain}/");
        self.by_repository
            .range(prefix.clone()..)
            .take_while(move |(name, _)| name.starts_with(&prefix))
            .filter_map(|(_, of)| Some(self.all[*of.first()?].image.clone()))
    }

    /// Those that list this pull secret of their namespace and have an image of this registry.
    pub(crate) fn with_secret(&self, namespace: &str, secret: &str, domain: &str) -> impl Iterator<Item = &Run<'a>> {
        let of = self.by_secret.get(&(namespace.into(), secret.into())).into_iter().flatten();
        of.map(|i| &self.all[*i]).filter(move |r| r.image.domain() == domain)
    }

    /// A pull from the registry on another node at or after a time.
    pub(crate) fn pulled_on_another_node(&self, domain: &str, node: Option<&str>, after: Time) -> Option<&Run<'a>> {
        let nodes = self.newest.get(domain)?;
        let found = nodes.iter().find(|(on, i)| node != Some(**on) && self.all[**i].pulled.is_some_and(|t| t >= after));
        found.map(|(_, i)| &self.all[*i])
    }

    /// Secrets of this name in all namespaces that were seen.
    pub(crate) fn secrets_named(&self, name: &str) -> &[&'a DataObject] {
        self.secrets_by_name.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

fn pull_events(view: &View<'_>, pod: &Pod, container: &Str) -> (Option<Time>, Option<Time>) {
    let (mut pulling, mut pulled) = (None, None);
    for event in view.events_about(&pod.id) {
        if event.container.as_deref().is_some_and(|c| c != &**container) {
            continue;
        }
        match &*event.reason {
            "Pulling" => pulling = pulling.max(event.last),
            "Pulled" => pulled = pulled.max(event.last),
            _ => {}
        }
    }
    (pulling, pulled)
}

/// The Secrets of one namespace. The snapshot's list is sorted by kind, namespace and name.
pub(super) fn secrets_in<'a>(view: &View<'a>, namespace: &str) -> &'a [DataObject] {
    let data = &view.snap.data;
    let key = |o: &DataObject| (o.id.kind.clone(), o.id.namespace.clone());
    let from = data.partition_point(|o| key(o) < (Kind::Secret, namespace.into()));
    let until = data.partition_point(|o| key(o) <= (Kind::Secret, namespace.into()));
    &data[from..until]
}

/// The pods of one namespace.
pub(super) fn pods_in<'a>(view: &View<'a>, namespace: &str) -> &'a [Pod] {
    let pods = &view.snap.pods;
    let from = pods.partition_point(|p| &*p.id.namespace < namespace);
    let until = pods.partition_point(|p| &*p.id.namespace <= namespace);
    &pods[from..until]
}
