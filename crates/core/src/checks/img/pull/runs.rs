//! Containers whose image was had: the healthy side that a failed pull is compared with.

use std::collections::BTreeMap;

use crate::image::ImageRef;
use crate::objects::{ContainerState, Pod};
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

/// All of them, by registry.
pub(crate) struct Runs<'a> {
    by_domain: BTreeMap<String, Vec<Run<'a>>>,
}

impl<'a> Runs<'a> {
    pub(super) fn of(view: &View<'a>) -> Self {
        let mut by_domain: BTreeMap<String, Vec<Run<'a>>> = BTreeMap::new();
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
                let (mut pulling, mut pulled) = (None, None);
                for event in view.events_about(&pod.id) {
                    if event.container.as_deref().is_some_and(|c| c != &*status.name) {
                        continue;
                    }
                    match &*event.reason {
                        "Pulling" => pulling = pulling.max(event.last),
                        "Pulled" => pulled = pulled.max(event.last),
                        _ => {}
                    }
                }
                let domain = image.domain().to_owned();
                by_domain.entry(domain).or_default().push(Run {
                    pod,
                    image,
                    pulled: pulled.filter(|_| pulling.is_some()),
                    cached: pulled.is_some() && pulling.is_none(),
                    since,
                });
            }
        }
        Self { by_domain }
    }

    /// Those with images of one registry, in the order of pods.
    pub(crate) fn from(&self, domain: &str) -> impl Iterator<Item = &Run<'a>> {
        self.by_domain.get(domain).into_iter().flatten()
    }

    /// Those with the same image, tag and digest included.
    pub(crate) fn with_image(&self, image: &ImageRef) -> impl Iterator<Item = &Run<'a>> {
        self.from(image.domain()).filter(move |r| r.image == *image)
    }

    /// Those that list this pull secret of their namespace and have an image of this registry.
    pub(crate) fn with_secret(&self, namespace: &str, secret: &str, domain: &str) -> impl Iterator<Item = &Run<'a>> {
        self.from(domain).filter(move |r| {
            &*r.pod.id.namespace == namespace && r.pod.spec.pull_secrets.iter().any(|s| &**s == secret)
        })
    }
}
