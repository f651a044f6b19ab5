//! No credential of the pod was sent: which link of the list, the Secret, its type or its key is at fault.

use super::decide::{may_still_wait, mirror_host};
use super::words::{image_change, list_change};
use super::{Blind, Content, Facts, Listed, Runs, Verdict, listed, missing, refused, unlisted};
use crate::coverage::Seen;
use crate::image::ImageRef;
use crate::keyring::{Alias, KeyTrap, Mismatch, Near};
use crate::messages::Signal;
use crate::objects::{ContainerState, Id, ServiceAccount};
use crate::verdict::{Change, Confidence, Evidence, Link, LinkState};
use crate::view::View;

/// What the answer says about whether a credential was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// The runtime says that it sent none.
    Anonymous,
    /// One text for no login, no right and no such image.
    Denied,
    /// 401, without a word on what was sent.
    Refused,
    /// 403.
    Forbidden,
    /// The runtime says that a credential was sent: then it was none of the pod's.
    Sent,
    /// No cause is on record.
    Silent,
}

impl Proof {
    pub(super) fn of(f: &Facts<'_>) -> Self {
        match f.signal() {
            Some(Signal::PullUnauthorizedAnonymous) => Self::Anonymous,
            Some(Signal::PullDeniedAmbiguous) => Self::Denied,
            Some(Signal::PullUnauthorized) => Self::Refused,
            Some(Signal::PullForbidden) => Self::Forbidden,
            Some(Signal::PullUnauthorizedSent) => Self::Sent,
            _ => Self::Silent,
        }
    }

    /// How sure a fault of a listed Secret can be: that it is not sent is read from the objects; that this is why the
    /// pull fails, from the answer.
    pub(super) fn cap(self) -> Confidence {
        match self {
            Self::Anonymous | Self::Denied => Confidence::Certain,
            Self::Refused | Self::Forbidden | Self::Silent => Confidence::Likely,
            Self::Sent => Confidence::Possible,
        }
    }
}

pub(super) fn judge<'a>(
    view: &View<'a>,
    runs: &Runs<'a>,
    f: &Facts<'a>,
    image: &ImageRef,
    list: &[Listed<'a>],
    blind: &mut Vec<Blind>,
) -> Option<Verdict> {
    let proof = Proof::of(f);
    let account = view.service_account(&f.pod.id.namespace, &f.pod.spec.service_account);
    if let Seen::Unseen(why) = account {
        blind.push(Blind { codes: &["IMG-12", "IMG-13"], missing: f.account().to_string(), why });
    }
    let of_account = account.seen();
    if list.is_empty() {
        return match of_account.filter(|a| !a.pull_secrets.is_empty() && !f.pod.mirror) {
            Some(account) => unlisted::late(view, runs, f, image, account, proof, blind),
            None => unlisted::none_at_all(view, runs, f, image, account, proof, blind),
        };
    }
    let unseen: Vec<&Listed<'_>> = list.iter().filter(|l| matches!(l.content, Content::Unseen(_))).collect();
    let missing = list.iter().find_map(|l| Some((l, l.missing()?)));
    for l in &unseen {
        if let Content::Unseen(why) = l.content {
            let codes =
                &["IMG-02", "IMG-04", "IMG-05", "IMG-06", "IMG-07", "IMG-08", "IMG-10", "IMG-11", "IMG-16", "IMG-24"];
            blind.push(Blind { codes, missing: format!("{}'s type and keys", l.id), why });
        }
    }
    let sends = listed::sends(list, image);
    // A key that serves another container of the pod, or that is plainly another registry's, was not meant for this image.
    let meant = sends.near.as_ref().filter(|n| is_slip(&n.why) && !serves_another(f, list, n));
    let skipped_over = |l: &&Listed<'_>| matches!(l.content, Content::WrongType(_) | Content::NoKey);
    let wrong_type =
        list.iter().filter(skipped_over).find(|l| covers(l, image)).or_else(|| list.iter().find(skipped_over));
    if unseen.is_empty() {
        if let Some(verdict) = replaced(view, f, image, list, of_account, meant, proof) {
            return Some(verdict);
        }
    } else if missing.is_none() && wrong_type.is_none() {
        let mut v = cannot_tell(f, list, &unseen, proof)?;
        let other = of_account.is_some_and(|a| a.pull_secrets.iter().any(|n| !f.pod.spec.pull_secrets.contains(n)));
        if other && v.code == "IMG-06" {
            v = v.open("IMG-13", &f.victim, "whether a Secret that only the ServiceAccount lists covers the registry");
        }
        return Some(v);
    }
    // What remains unseen may hold the right key, so that nothing below is sure then.
    let cap = if unseen.is_empty() { proof.cap() } else { Confidence::Possible.at_most(proof.cap()) };
    if let Some(l) = wrong_type
        && (covers(l, image) || (missing.is_none() && meant.is_none()) || list.len() == 1)
    {
        return Some(skipped(view, f, image, l, cap));
    }
    match (meant, missing) {
        (Some(near), _) if is_hub_trap(near, image) => Some(hub_alias(view, f, list, near, cap)),
        (Some(near), None) => Some(other_key(view, f, image, list, Some(near), cap)),
        (near, Some((absent, sure))) => {
            // A missing Secret that the kubelet complains about needs nobody else's absence to be a fault.
            let cap = if absent.not_retrieved.is_some() { proof.cap() } else { cap };
            if let Err(why) = view.snap.coverage.of(&crate::objects::Kind::Secret, "") {
                blind.push(Blind { codes: &["IMG-03"], missing: "Secrets of other namespaces".to_owned(), why });
            }
            let mut v = missing::judge(view, runs, f, image, absent, sure.at_most(cap));
            if let Some(near) = near {
                v = v.open(
                    "IMG-06",
                    &secret_of(list, &near.secret, f),
                    "whether the listed Secret that exists was meant for this registry",
                );
            }
            if proof == Proof::Silent {
                v = v.open("IMG-17", &f.victim, "what the runtime said about the pull");
            }
            Some(v)
        }
        (None, None) => {
            if let Some(v) = second_registry(f, image, list, cap) {
                return Some(v);
            }
            if proof == Proof::Silent {
                // An image of another registry that fails for an unknown reason needs no credential at all, perhaps.
                return None;
            }
            let mut v = other_key(view, f, image, list, sends.near.as_ref(), cap);
            if proof == Proof::Denied {
                v.confidence = v.confidence.at_most(Confidence::Likely);
                v = v.open("IMG-17", &f.victim, "whether the repository exists: the answer hides it");
            }
            Some(v)
        }
    }
}

/// Whether a near miss looks like a slip in a key that was meant for this registry.
fn is_slip(why: &Mismatch) -> bool {
    match why {
        Mismatch::Trap(_) | Mismatch::Unreadable(_) | Mismatch::Case | Mismatch::Path { .. } | Mismatch::Typo => true,
        // Two written ports are two registries on one host as often as a slip.
        Mismatch::Port { key, image } => key.is_empty() || image.is_empty(),
        Mismatch::Labels { .. } => true,
        Mismatch::FallbackOnly | Mismatch::Sibling | Mismatch::Registry => false,
    }
}

/// Whether the key is the one that serves another container of the pod.
fn serves_another(f: &Facts<'_>, list: &[Listed<'_>], near: &Near) -> bool {
    f.pod.spec.containers.iter().filter(|c| c.name != f.container).any(|c| {
        ImageRef::parse(&c.image).is_ok_and(|i| {
            listed::sends(list, &i).matched.iter().any(|m| *m.secret.name == *near.secret && m.key == near.key)
        })
    })
}

fn covers(l: &Listed<'_>, image: &ImageRef) -> bool {
    let Content::WrongType(Some(facts)) = l.content else { return false };
    !crate::keyring::Keyring::new(&[(&*l.id.name, facts)]).lookup(image).matches.is_empty()
}

fn secret_of(list: &[Listed<'_>], name: &str, f: &Facts<'_>) -> Id {
    list.iter().find(|l| &*l.id.name == name).map_or_else(|| f.victim.clone(), |l| l.id.clone())
}

/// Registry and credential words of the answer, for evidence.
pub(super) fn refusal(f: &Facts<'_>, proof: Proof) -> Evidence {
    f.answer(match proof {
        Proof::Anonymous => "pull refused: no credential was sent",
        Proof::Denied => "pull denied: no login, no right, or no such image",
        Proof::Refused => "pull answered 401",
        Proof::Forbidden => "pull answered 403",
        Proof::Sent => "pull answered 401 to a credential that is none of the pod's",
        Proof::Silent => "pull fails, the cause is not on record",
    })
}

/// IMG-13: the pod's own list stands in place of the ServiceAccount's, which would do.
#[allow(clippy::too_many_arguments, reason = "all of them decide")]
fn replaced<'a>(
    view: &View<'a>,
    f: &Facts<'a>,
    image: &ImageRef,
    list: &[Listed<'a>],
    account: Option<&'a ServiceAccount>,
    near: Option<&Near>,
    proof: Proof,
) -> Option<Verdict> {
    let account = account?;
    let theirs = listed::of(view, f.pod, &account.pull_secrets, view.symptom(f.symptom));
    let sends = listed::sends(&theirs, image);
    let good = sends.matched.iter().find(|m| !list.iter().any(|l| l.id == m.secret))?;
    // A listed Secret that was meant for this registry and fails to serve it is the nearer fault.
    let meant = near.is_some()
        || list.iter().any(|l| l.missing().is_some() || covers(l, image) || matches!(l.content, Content::NoKey));
    if meant {
        return None;
    }
    let own: Vec<&str> = list.iter().map(|l| &*l.id.name).collect();
    let headline = format!(
        "{} lists {} of its own, so that {} of {} is not used for {}",
        f.victim,
        own.join(", "),
        good.secret,
        account.id,
        f.image_text
    );
    let changed = list_change(view, f).map(|l| l.change);
    let v = Verdict::new("IMG-13", &f.victim, proof.cap(), headline, refusal(f, proof))
        .and(list.iter().map(|l| l.reference(f)))
        .and([Evidence::new(
            &account.id,
            "imagePullSecrets",
            format!("lists {}, which has a key for {}", good.secret, f.domain()),
            "spec",
        )
        .of(&account.meta)])
        .changed(changed)
        .other(&good.secret)
        .link(Link::Reference, &f.victim, LinkState::Broken, "its own list replaces the ServiceAccount's")
        .link(Link::Registry, &f.victim, LinkState::Affected, "no credential is sent")
        .not("IMG-12", "the pod's own list is not empty")
        .not("IMG-04", "no credential was sent");
    let v = match list.iter().find(|l| l.usable().is_some()) {
        Some(l) => v.open("IMG-06", &l.id, "whether the listed Secret was meant to cover this registry"),
        None => v,
    };
    Some(v)
}

/// IMG-08: the type is none that is read, or its key is not there.
fn skipped(view: &View<'_>, f: &Facts<'_>, image: &ImageRef, l: &Listed<'_>, cap: Confidence) -> Verdict {
    let kind = l.object.and_then(|o| o.secret_type.as_deref()).unwrap_or("Opaque");
    let no_key = matches!(l.content, Content::NoKey);
    let sure = match l.content {
        // What it holds is not known or no docker config at all: that its type is all that is wrong is then no more than likely.
        Content::WrongType(None) => cap.at_most(Confidence::Likely),
        _ => cap,
    };
    let headline = if no_key {
        format!(
            "{} has type {kind} without that type's key, so that it is passed over when {} pulls {}",
            l.id, f.victim, f.image_text
        )
    } else {
        format!(
            "{} has type {kind}, which is never used for pulls: {} pulls {} without a login",
            l.id, f.victim, f.image_text
        )
    };
    let mut v = Verdict::new("IMG-08", &l.id, sure, headline, Evidence::new(&l.id, "type", kind, "spec"))
        .and([l.reference(f), refusal(f, Proof::of(f))])
        .changed(l.object.and_then(|o| view.last_change(&o.id, &o.meta)))
        .link(Link::Object, &l.id, LinkState::Broken, format!("type {kind} is passed over"))
        .link(Link::Registry, &f.victim, LinkState::Affected, "no credential is sent")
        .open("OBJ-10", &l.id, "the same fault, seen from the object: its type does not fit its use")
        .not("IMG-02", "the Secret exists")
        .not("IMG-04", "no credential was sent");
    if covers(l, image) {
        v = v.not("IMG-06", "its docker config has a key for the registry");
    } else if matches!(l.content, Content::WrongType(Some(facts)) if !facts.entries.is_empty()) {
        v = v.note("its keys do not cover the image either");
    }
    v
}

pub(super) fn is_hub_trap(near: &Near, image: &ImageRef) -> bool {
    image.is_hub() && matches!(&near.why, Mismatch::Trap(KeyTrap::HubAlias(_) | KeyTrap::VersionTail))
}

/// IMG-07: a name of Docker Hub that no image is matched with.
fn hub_alias(view: &View<'_>, f: &Facts<'_>, list: &[Listed<'_>], near: &Near, cap: Confidence) -> Verdict {
    let subject = secret_of(list, &near.secret, f);
    let why = match &near.why {
        Mismatch::Trap(KeyTrap::HubAlias(Alias::Registry1)) => {
            "it is the host that answers, not the name that is looked up"
        }
        Mismatch::Trap(KeyTrap::VersionTail) => "without its last slash the version counts as a path",
        _ => "it is a web address, not the registry's name",
    };
    let headline = format!(
        "{subject} names Docker Hub as {}, which no image matches: {} pulls {} without a login",
        near.key, f.victim, f.image_text
    );
    let l = list.iter().find(|l| l.id == subject);
    Verdict::new(
        "IMG-07",
        &subject,
        cap,
        headline,
        Evidence::new(&subject, "auths", format!("key {}: {why}", near.key), "spec"),
    )
    .and(l.map(|l| l.reference(f)))
    .and([refusal(f, Proof::of(f))])
    .changed(l.and_then(|l| l.object).and_then(|o| view.data_change(o)))
    .link(Link::Object, &subject, LinkState::Broken, format!("key {} never matches", near.key))
    .link(Link::Registry, &f.victim, LinkState::Affected, "no credential is sent")
    .not("IMG-01", "a pull secret is named")
    .not("IMG-04", "no credential was sent")
    .not("IMG-08", "its type is right")
}

/// IMG-06: no key covers the image.
fn other_key(
    view: &View<'_>,
    f: &Facts<'_>,
    image: &ImageRef,
    list: &[Listed<'_>],
    near: Option<&Near>,
    cap: Confidence,
) -> Verdict {
    let l = near
        .and_then(|n| list.iter().find(|l| *l.id.name == *n.secret))
        .or_else(|| list.iter().find(|l| l.usable().is_some()))
        .or_else(|| list.first());
    let subject = l.map_or_else(|| f.victim.clone(), |l| l.id.clone());
    let keys: Vec<String> = l
        .and_then(|l| l.usable())
        .map(|facts| facts.entries.iter().take(4).map(|e| e.key.clone()).collect())
        .unwrap_or_default();
    let want = match (image.domain(), near.map(|n| &n.why)) {
        (_, Some(Mismatch::Path { .. })) => image.repository().to_owned(),
        (domain, _) => domain.to_owned(),
    };
    let (has, why) = match near {
        Some(n) => (format!("key {}", n.key), miss(&n.why)),
        None if keys.is_empty() => ("no key at all".to_owned(), "it holds no entry for any registry".to_owned()),
        None => (format!("only {}", keys.join(", ")), "these are other registries".to_owned()),
    };
    let headline =
        format!("{subject} has {has} and none for {want}: {} pulls {} without a login", f.victim, f.image_text);
    let mut v = Verdict::new(
        "IMG-06",
        &subject,
        cap,
        headline,
        Evidence::new(&subject, "auths", format!("{has}: {why}"), "spec"),
    )
    .and(l.map(|l| l.reference(f)))
    .and([refusal(f, Proof::of(f))])
    .changed(l.and_then(|l| l.object).and_then(|o| view.data_change(o)))
    .link(Link::Object, &subject, LinkState::Broken, format!("no key for {want}"))
    .link(Link::Registry, &f.victim, LinkState::Affected, "no credential is sent")
    .not("IMG-01", "a pull secret is named")
    .not("IMG-02", "the Secret exists")
    .not("IMG-04", "no credential was sent")
    .not("IMG-08", "its type is right");
    if let Some(moved) = image_change(view, f)
        && ImageRef::parse(&moved.previous).is_ok_and(|before| before.domain() != image.domain())
    {
        v = v
            .note(format!("the last rollout moved the image to this registry: it was {}", moved.previous))
            .changed(Some(moved.change));
    }
    if l.and_then(|l| l.usable()).is_some_and(|facts| !facts.auths_present) {
        v = v.note("its JSON has no auths member, so that it counts as empty");
    }
    v
}

fn miss(why: &Mismatch) -> String {
    match why {
        Mismatch::FallbackOnly => "it serves Docker Hub only when no other key does".to_owned(),
        Mismatch::Trap(_) => "it is in a form that never matches".to_owned(),
        Mismatch::Unreadable(_) => "it cannot be read as a host".to_owned(),
        Mismatch::Case => "it differs in upper and lower case".to_owned(),
        Mismatch::Port { key, image } => match (&**key, &**image) {
            ("", image) => format!("it lacks the port {image}"),
            (key, "") => format!("it has port {key}, the image has none"),
            (key, image) => format!("it has port {key}, the image {image}"),
        },
        Mismatch::Path { .. } => "its path is no prefix of the image's".to_owned(),
        Mismatch::Typo => "it differs in one or two letters".to_owned(),
        Mismatch::Labels { .. } => "a wildcard stands for one label only".to_owned(),
        Mismatch::Sibling => "it is another host of the same domain".to_owned(),
        Mismatch::Registry => "it is another registry".to_owned(),
    }
}

/// IMG-24: the pod's credentials serve its other containers, and this one comes from another registry.
fn second_registry(f: &Facts<'_>, image: &ImageRef, list: &[Listed<'_>], cap: Confidence) -> Option<Verdict> {
    let served = f.pod.spec.containers.iter().find(|c| {
        c.name != f.container
            && ImageRef::parse(&c.image).is_ok_and(|i| {
                i.domain() != image.domain() && !listed::sends(list, &i).matched.is_empty() && !fails(f, &c.name)
            })
    })?;
    let headline = format!(
        "container {} of {} comes from {}, for which the pod has no credential; {} is served",
        f.container,
        f.victim,
        image.domain(),
        served.name
    );
    let own = Evidence::new(
        &f.pod.id,
        format!("spec.containers[{}].image", served.name),
        format!("{} is covered by the pod's pull secrets", served.image),
        "spec",
    );
    Some(
        Verdict::new("IMG-24", &f.victim, cap, headline, refusal(f, Proof::of(f)))
            .group(format!("{} {} {}", f.victim.namespace, f.victim, f.container))
            .and([own])
            .and(list.iter().map(|l| l.reference(f)))
            .link(Link::Reference, &f.victim, LinkState::Broken, format!("no pull secret for {}", image.domain()))
            .not("IMG-01", "a pull secret is named, for another registry")
            .not("IMG-04", "no credential was sent")
            .not("IMG-06", "no key is near the registry"),
    )
}

fn fails(f: &Facts<'_>, container: &str) -> bool {
    f.pod.status(container).is_some_and(|s| {
        matches!(&s.state, ContainerState::Waiting { reason, .. } if matches!(&**reason, "ErrImagePull" | "ImagePullBackOff"))
    })
}

/// The Secrets that would decide were not seen: the likeliest row, said as possible.
fn cannot_tell(f: &Facts<'_>, list: &[Listed<'_>], unseen: &[&Listed<'_>], proof: Proof) -> Option<Verdict> {
    let first = unseen.first()?;
    let decided_by = "the type and the registry keys of the Secret";
    match proof {
        Proof::Silent => None,
        Proof::Sent => Some(refused::unseen(f, &first.id)),
        Proof::Anonymous => {
            let headline =
                format!("{} pulled {} without a login although it lists {}", f.victim, f.image_text, first.id);
            Some(
                Verdict::new("IMG-06", &first.id, Confidence::Possible, headline, refusal(f, proof))
                    .and(list.iter().map(|l| l.reference(f)))
                    .open("IMG-08", &first.id, decided_by)
                    .open("IMG-02", &first.id, "whether the Secret exists")
                    .link(Link::Object, &first.id, LinkState::Unknown, "its type and keys were not seen")
                    .link(Link::Registry, &f.victim, LinkState::Affected, "no credential is sent")
                    .not("IMG-04", "no credential was sent")
                    .not("IMG-01", "a pull secret is named"),
            )
        }
        Proof::Denied | Proof::Refused | Proof::Forbidden => Some(refused::unseen(f, &first.id)),
    }
}

/// A change of the pod's Secrets after its last try makes what is seen now differ from what was sent then.
pub(super) fn changed_since(view: &View<'_>, f: &Facts<'_>, secret: &crate::objects::DataObject) -> Option<Change> {
    let change = view.data_change(secret)?;
    let start = change.when.after.or(change.when.until)?;
    may_still_wait(view, f, start).then_some(change)
}

/// Whether the answer came from a mirror while no credential seems to have reached it.
pub(super) fn via_mirror(f: &Facts<'_>) -> Option<String> {
    mirror_host(f)
}
