//! What control-plane components said about themselves, wherever in the input it was said.

use crate::messages::Signal;
use crate::objects::{Id, Kind, Said};
use crate::symptoms::SymptomIx;
use crate::time::Time;
use crate::verdict::Evidence;
use crate::view::View;

/// One statement with a signal of interest.
pub(super) struct Sighting<'v> {
    pub object: Id,
    pub path: String,
    pub at: Option<Time>,
    pub source: &'static str,
    pub said: &'v Said,
    pub symptom: Option<SymptomIx>,
}

impl Sighting<'_> {
    pub fn evidence(&self, seen: &str) -> Evidence {
        Evidence::new(&self.object, self.path.clone(), seen, self.source).at(self.at)
    }
}

/// Statements of failing things first, then events, logs and refused writes, each in the order of the snapshot.
pub(super) fn of<'v>(view: &'v View<'_>, wanted: impl Fn(Signal) -> bool) -> Vec<Sighting<'v>> {
    let says = |said: &Said| said.signals.iter().any(|s| wanted(*s));
    let mut found = Vec::new();
    for symptom in view.symptoms() {
        for statement in symptom.said.iter().filter(|s| says(&s.said)) {
            found.push(Sighting {
                object: statement.object.clone(),
                path: statement.path.clone(),
                at: statement.last,
                source: statement.channel.source(),
                said: &statement.said,
                symptom: Some(symptom.ix),
            });
        }
    }
    for event in view.snap.events.iter().filter(|e| says(&e.said)) {
        if !found.iter().any(|f| f.object == event.about && f.source == "event" && f.at == event.last) {
            found.push(Sighting {
                object: event.about.clone(),
                path: format!("event {}", event.reason),
                at: event.last,
                source: "event",
                said: &event.said,
                symptom: None,
            });
        }
    }
    for log in &view.snap.logs {
        for hit in log.hits.iter().filter(|h| says(&h.said)) {
            let pod = Id::new(Kind::Pod, log.namespace.as_deref().unwrap_or_default(), &log.pod);
            if found.iter().any(|f| f.source == "log" && f.object.name == pod.name) {
                continue;
            }
            found.push(Sighting {
                object: pod,
                path: format!("log {}", log.container.as_deref().unwrap_or_default()).trim_end().to_owned(),
                at: hit.last,
                source: "log",
                said: &hit.said,
                symptom: None,
            });
        }
    }
    for write in &view.snap.audit {
        if let Some(said) = write.said.as_ref().filter(|s| says(s)) {
            found.push(Sighting {
                object: write.object.clone(),
                path: format!("audit {}", write.verb),
                at: Some(write.at),
                source: "audit",
                said,
                symptom: None,
            });
        }
    }
    found
}

/// The API server as a subject: it is no object of the API.
pub(super) fn api_server() -> Id {
    Id::new(Kind::Other("APIServer".into()), "", "kube-apiserver")
}
