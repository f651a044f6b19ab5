//! Pull secrets that are named and not there (IMG-02, IMG-03).

use super::runs::secrets_in;
use super::words::{list_change, misspelt};
use super::{Facts, Listed, Runs, Verdict};
use crate::image::ImageRef;
use crate::keyring::Keyring;
use crate::objects::{DataObject, Id, Kind, SecretPayload};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Link, LinkState};
use crate::view::View;

/// The verdict on one missing pull secret.
pub(super) fn judge(
    view: &View<'_>,
    runs: &Runs<'_>,
    f: &Facts<'_>,
    image: &ImageRef,
    absent: &Listed<'_>,
    sure: Confidence,
) -> Verdict {
    let name = &*absent.id.name;
    let copies: Vec<&DataObject> = runs
        .secrets_named(name)
        .iter()
        .copied()
        .filter(|o| o.id.namespace != absent.id.namespace)
        .filter(|o| o.secret_type.as_deref().is_none_or(|t| t.starts_with("kubernetes.io/dockerc")))
        .collect();
    let copy = copies.iter().find(|o| covers(o, image)).or(copies.first());
    let change = deletion(view, runs, f, absent);
    let was_there = change.is_some();
    let v = match copy {
        Some(copy) if !was_there => {
            let headline = format!(
                "pull secret {name} exists only in namespace {}, and {} looks for it in {}",
                copy.id.namespace, f.victim, absent.id.namespace
            );
            Verdict::new("IMG-03", &absent.id, sure, headline, absent.absence(f))
                .and([Evidence::new(&copy.id, "metadata.namespace", "a Secret of this name is here", "spec")
                    .of(&copy.meta)])
                .other(&copy.id)
                .not("IMG-02", "a Secret of this name exists in another namespace")
        }
        _ => {
            let said = if was_there { "no longer exists" } else { "does not exist" };
            let headline = format!("pull secret {name} of {} {said}: {} cannot be pulled", f.victim, f.image_text);
            let mut v = Verdict::new("IMG-02", &absent.id, sure, headline, absent.absence(f));
            if let Some(near) = near(view, absent, image) {
                v = v
                    .note(format!("{} exists, covers the registry, and is spelt nearly alike", near.id))
                    .other(&near.id);
            }
            if let Some(copy) = copy {
                v = v.note(format!("a Secret of this name is in namespace {}", copy.id.namespace)).other(&copy.id);
            }
            v.not("IMG-03", "no Secret of this name was seen in another namespace")
        }
    };
    let v = if was_there {
        v.open("OBJ-02", &absent.id, "the same fault, seen from the object: it was deleted while in use")
    } else {
        v
    };
    v.and([absent.reference(f), f.answer("the registry refused the pull without it")])
        .changed(list_change(view, f).filter(|l| !l.before.contains(&absent.id.name)).map(|l| l.change))
        .changed(change)
        .not("IMG-04", "no credential could be sent")
        .not("IMG-06", "there is no Secret whose keys could match")
        .link(Link::Object, &absent.id, LinkState::Broken, "does not exist")
        .link(Link::Registry, &f.victim, LinkState::Affected, format!("{} refuses the pull", f.domain()))
}

fn covers(secret: &DataObject, image: &ImageRef) -> bool {
    match &secret.payload {
        SecretPayload::Docker(facts) => !Keyring::new(&[(&*secret.id.name, &**facts)]).lookup(image).matches.is_empty(),
        _ => false,
    }
}

/// A Secret of the namespace whose name is nearly the missing one, and that covers the image.
fn near<'a>(view: &View<'a>, absent: &Listed<'_>, image: &ImageRef) -> Option<&'a DataObject> {
    secrets_in(view, &absent.id.namespace).iter().find(|o| misspelt(&o.id.name, &absent.id.name) && covers(o, image))
}

/// Evidence that it was there: the audit log's word, or pods that pulled with it before.
fn deletion(view: &View<'_>, runs: &Runs<'_>, f: &Facts<'_>, absent: &Listed<'_>) -> Option<Change> {
    let id: &Id = &absent.id;
    if let Some(write) = view.audited_deletion(id).or_else(|| {
        let all = view.audited_collection_deletion(&Kind::Secret, &id.namespace)?;
        // A collection deletion hits it only if it was there before.
        view.writes_of(id).any(|w| w.at <= all.at).then_some(all)
    }) {
        return Some(Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" });
    }
    let until = absent.not_retrieved.as_ref().and_then(|s| s.first).or(f.pod.meta.created);
    let last_use = runs
        .with_secret(&id.namespace, &id.name, f.domain())
        .filter(|r| r.pod.id != f.pod.id && retrieved_when_pulled(view, r, &id.name))
        .filter_map(|r| r.pulled)
        .filter(|t| until.is_none_or(|u| *t <= u))
        .max()?;
    Some(Change { when: Interval::between(Some(last_use), until), by: None, source: "events" })
}

/// The pod really pulled, and the kubelet did not complain about this Secret by then.
fn retrieved_when_pulled(view: &View<'_>, run: &super::Run<'_>, secret: &str) -> bool {
    let Some(pulled) = run.pulled else { return false };
    !view.events_about(&run.pod.id).any(|e| {
        &*e.reason == "FailedToRetrieveImagePullSecret"
            && e.first.is_none_or(|t| t <= pulled)
            && e.said.fields.secrets.as_deref().is_some_and(|s| crate::messages::Fields::split(s).any(|n| n == secret))
    })
}
