//! The first split by what the runtime said, and the rows that the text alone decides.

use super::words::{image_change, is_cloud, misspelt, near_name};
use super::{Blind, words};
use super::{Content, Facts, Runs, Story, Verdict, listed, refused, unsent};
use crate::image::ImageRef;
use crate::keyring::Fault;
use crate::messages::{Class, NetFault, Signal, TlsFault};
use crate::objects::{Id, Kind, Pod, Str};
use crate::snapshot::{Outcome, Want};
use crate::verdict::{Confidence, Evidence, Link, LinkState};
use crate::view::View;

/// Longest pause between two tries of the kubelet, and the time that one try may take, in seconds.
pub(super) const LONGEST_PAUSE: i64 = 420;

pub(super) fn judge<'a>(view: &View<'a>, runs: &Runs<'a>, facts: Facts<'a>) -> Story<'a> {
    let mut blind = Vec::new();
    let mut verdict = verdict(view, runs, &facts, &mut blind);
    let mut mask = None;
    if let Some(verdict) = &mut verdict {
        if about_access(verdict.code) {
            mask = masked(runs, &facts, verdict);
            if verdict.trigger.is_none() {
                verdict.trigger = words::rollout(view, &facts);
            }
        }
        verdict.evidence.push(facts.asks());
    }
    let wants = verdict.as_ref().map(|v| wants(view, &facts, v)).unwrap_or_default();
    Story { facts, verdict, mask, blind, wants }
}

/// What the registry would be asked, as long as it is not sure and was not asked yet.
fn wants(view: &View<'_>, f: &Facts<'_>, v: &Verdict) -> Vec<Want> {
    let Ok(image) = &f.image else { return Vec::new() };
    if v.confidence == Confidence::Certain {
        return Vec::new();
    }
    let mut wants = Vec::new();
    if matches!(v.code, "IMG-04" | "IMG-05" | "IMG-10" | "IMG-11" | "IMG-16" | "IMG-17" | "IMG-21" | "IMG-25") {
        for m in listed::sends(&f.listed, image).matched {
            wants.push(Want::PullCredential {
                namespace: m.secret.namespace.to_string(),
                secret: m.secret.name.to_string(),
                image: f.image_text.to_string(),
            });
        }
    }
    if matches!(v.code, "IMG-01" | "IMG-16" | "IMG-17") {
        wants.push(Want::ImageExists { image: f.image_text.to_string() });
    }
    wants.retain(|w| view.answer(w).is_none());
    wants.dedup();
    wants
}

fn verdict<'a>(view: &View<'a>, runs: &Runs<'a>, f: &Facts<'a>, blind: &mut Vec<Blind>) -> Option<Verdict> {
    if let Some(verdict) = look_alike(f) {
        return Some(verdict);
    }
    let image = f.image.as_ref().ok()?;
    let signal = f.signal();
    let broken = f.listed.iter().any(|l| matches!(l.content, Content::Malformed(_)));
    if signal == Some(Signal::Base64Pull) || (broken && f.said.is_none() && !f.tried) {
        return malformed(view, f, blind);
    }
    if let Some(verdict) = pulled_meanwhile(runs, f, image) {
        return Some(verdict);
    }
    match signal {
        Some(Signal::PullNetwork(fault)) => Some(network(runs, f, network_words(fault))),
        Some(Signal::PullServerError) => {
            let status = f.said.as_ref().and_then(|s| s.said.fields.http_status).filter(|s| *s >= 500);
            let what = status.map_or("fails on its own side".to_owned(), |s| format!("answers {s}"));
            Some(network(runs, f, &what))
        }
        Some(Signal::PullTls(fault)) => Some(tls(f, fault)),
        Some(Signal::PullRateLimited) => Some(rate_limited(f)),
        Some(Signal::PullNotFound) => Some(absent(view, runs, f, image, Confidence::Certain)),
        Some(Signal::PullTokenExpired) => Some(refused::expired_by_word(view, f, image)),
        Some(
            Signal::PullUnauthorizedAnonymous
            | Signal::PullUnauthorizedSent
            | Signal::PullUnauthorized
            | Signal::PullDeniedAmbiguous
            | Signal::PullForbidden,
        ) => access(view, runs, f, image, blind),
        _ if f.said.as_ref().is_some_and(|s| s.said.class() == Class::RegistryBlockedByPolicy) => {
            Some(refused::blocked(f))
        }
        _ => {
            let found = access(view, runs, f, image, blind);
            if found.is_none() {
                blind.push(Blind {
                    codes: &[
                        "IMG-01", "IMG-04", "IMG-16", "IMG-17", "IMG-18", "IMG-19", "IMG-20", "IMG-22", "IMG-23",
                        "IMG-26",
                    ],
                    missing: "what the runtime said about the pull (Events, or the waiting message)".to_owned(),
                    why: crate::coverage::Unseen::NotCollected,
                });
            }
            found
        }
    }
}

/// The registry let nobody in: was a credential sent or not?
fn access<'a>(
    view: &View<'a>,
    runs: &Runs<'a>,
    f: &Facts<'a>,
    image: &ImageRef,
    blind: &mut Vec<Blind>,
) -> Option<Verdict> {
    if let Some((_, Outcome::NotFound)) = asked_about_image(view, f, image) {
        return Some(absent(view, runs, f, image, Confidence::Certain));
    }
    let sends = listed::sends(&f.listed, image);
    if sends.matched.is_empty() {
        unsent::judge(view, runs, f, image, &f.listed, blind)
    } else {
        refused::judge(view, runs, f, image, &sends.matched, blind)
    }
}

pub(super) fn asked_about_image<'a>(
    view: &View<'a>,
    f: &Facts<'_>,
    image: &ImageRef,
) -> Option<(&'a crate::snapshot::Answer, Outcome)> {
    [f.image_text.to_string(), image.to_string()]
        .into_iter()
        .find_map(|image| view.answer(&Want::ImageExists { image }))
}

/// Failures of an image that have nothing to do with a credential or a registry (IMG-26).
fn look_alike(f: &Facts<'_>) -> Option<Verdict> {
    let full = f.said.as_ref().is_some_and(|s| s.said.class() == Class::NodeDiskFull);
    let (what, seen) = match f.signal() {
        Some(Signal::InvalidImageName) => ("the image name cannot be read", "the image name is invalid"),
        Some(Signal::ImageNeverPull) => {
            ("the pull policy is Never and the node does not have it", "pull policy Never, image not on the node")
        }
        Some(Signal::ExecFormat) => {
            ("it runs on another architecture, or its program is a script without an interpreter", "exec format error")
        }
        Some(Signal::PullPlatform) => ("it does not exist for the node's platform", "no match for the platform"),
        Some(Signal::ImageSignature) => ("a signature policy refuses it", "signature refused"),
        Some(Signal::InspectFailed) => ("the runtime cannot read its own image store", "image cannot be inspected"),
        _ if full => ("the node has no space left", "no space left on the node"),
        Some(_) => return None,
        None if f.image.is_err() => ("the image name cannot be read", "the image name is invalid"),
        None => return None,
    };
    let pulled = f.signal() == Some(Signal::ExecFormat);
    let verb = if pulled { "run" } else { "have" };
    let headline = format!("{} cannot {verb} image {}: {what}", f.victim, f.image_text);
    let sure = if pulled { Confidence::Likely } else { Confidence::Certain };
    let mut v = Verdict::new("IMG-26", &f.victim, sure, headline, f.answer(seen))
        .link(Link::Registry, &f.victim, LinkState::Broken, what)
        .not("IMG-01", "no registry refused a login")
        .not("IMG-17", "the registry did not call the image absent");
    if let Err(error) = &f.image {
        v = v.note(error.to_string());
    }
    if let (Some(Signal::PullPlatform | Signal::ExecFormat), Some(node)) = (f.signal(), f.node)
        && let Some(arch) = &node.architecture
    {
        v = v.note(format!("node {} is {arch}", node.id.name));
    }
    Some(v)
}

/// A pull secret does not parse, so that nothing at all is pulled (IMG-09).
fn malformed(view: &View<'_>, f: &Facts<'_>, blind: &mut Vec<Blind>) -> Option<Verdict> {
    let said_so = f.signal() == Some(Signal::Base64Pull);
    let offset = f.said.as_ref().and_then(|s| s.said.fields.byte_offset);
    let fits = |l: &&super::Listed<'_>| match l.content {
        Content::Malformed(m) => match (m.fault, offset) {
            (Fault::AuthBase64 { input_byte }, Some(offset)) => u32::try_from(input_byte) == Ok(offset),
            _ => true,
        },
        _ => false,
    };
    let broken =
        f.listed.iter().find(fits).or_else(|| f.listed.iter().find(|l| matches!(l.content, Content::Malformed(_))));
    let answer = f.answer("the kubelet cannot decode a pull secret; nothing was asked of a registry");
    if let Some(broken) = broken {
        let Content::Malformed(fault) = broken.content else { return None };
        let of = fault.key.as_deref().map(|k| format!(" in the entry for {k}")).unwrap_or_default();
        let headline =
            format!("{} does not parse, so that no image of {} can be pulled: {fault}{of}", broken.id, f.victim);
        let sure = if said_so { Confidence::Certain } else { Confidence::Likely };
        let seen = Evidence::new(&broken.id, "data", format!("{fault}{of}"), "spec");
        let mut v = Verdict::new("IMG-09", &broken.id, sure, headline, if said_so { answer } else { seen.clone() })
            .and(said_so.then_some(seen))
            .and([broken.reference(f)])
            .changed(broken.object.and_then(|o| view.data_change(o)))
            .open(
                "OBJ-13",
                &broken.id,
                "the same fault, seen from the object: the docker config in the Secret is malformed",
            )
            .not("IMG-04", "no registry was asked")
            .not("IMG-19", "no connection was tried")
            .link(Link::Object, &broken.id, LinkState::Broken, "docker config does not parse")
            .link(Link::Registry, &f.victim, LinkState::Affected, "no pull is tried");
        if f.listed.len() > 1 {
            v = v.note("the other pull secrets of the pod and public images fail with it: the kubelet stops at the first that does not parse");
        }
        return Some(v);
    }
    // The kubelet's word alone: with one listed Secret there is no doubt which.
    let unseen: Vec<_> = f.listed.iter().filter(|l| matches!(l.content, Content::Unseen(_))).collect();
    if let Some(Content::Unseen(why)) = unseen.first().map(|l| l.content) {
        blind.push(Blind { codes: &["IMG-09"], missing: format!("{}'s content", unseen[0].id), why });
    }
    let (subject, sure) = match (&*unseen, &*f.listed) {
        ([one], [_]) => (&one.id, Confidence::Certain),
        ([one], _) => (&one.id, Confidence::Likely),
        ([first, ..], _) => (&first.id, Confidence::Possible),
        // All that are listed parse: one was mended since, or the node's own config is at fault.
        ([], [first, ..]) => (&first.id, Confidence::Possible),
        ([], []) => (&f.victim, Confidence::Possible),
    };
    let headline = format!("a pull secret of {} does not parse, so that none of its images can be pulled", f.victim);
    Some(
        Verdict::new("IMG-09", subject, sure, headline, answer)
            .open(
                "OBJ-13",
                subject,
                "the same fault, seen from the object: the docker config in the Secret is malformed",
            )
            .not("IMG-04", "no registry was asked")
            .link(Link::Object, subject, LinkState::Broken, "docker config does not parse"),
    )
}

/// The same image was pulled on the same node after this pod's last try: it only waits (IMG-25).
fn pulled_meanwhile(runs: &Runs<'_>, f: &Facts<'_>, image: &ImageRef) -> Option<Verdict> {
    let last = f.last_try?;
    let own = sorted(f.pod);
    let run = runs.with_image(image).find(|r| {
        r.pod.node == f.pod.node && r.pod.id != f.pod.id && r.pulled.is_some_and(|t| t > last) && sorted(r.pod) == own
    })?;
    let headline = format!("{} only waits for its next try: {} was pulled on its node since", f.victim, f.image_text);
    let seen = Evidence::new(&run.pod.id, "event Pulled", format!("pulled {}", run.image), "event").at(run.pulled);
    Some(
        Verdict::new("IMG-25", &f.victim, Confidence::Likely, headline, seen)
            .and([f.answer("last try failed before that")])
            .not("IMG-17", "the image was pulled since")
            .link(Link::Registry, &f.victim, LinkState::Affected, "in back-off"),
    )
}

/// The pull secrets of a pod without regard to their order.
pub(super) fn sorted(pod: &Pod) -> Vec<&Str> {
    let mut names: Vec<&Str> = pod.spec.pull_secrets.iter().collect();
    names.sort();
    names
}

fn network_words(fault: NetFault) -> &'static str {
    match fault {
        NetFault::Dns => "has a name that does not resolve on the node",
        NetFault::Refused => "refuses the connection",
        NetFault::Timeout => "does not answer in time",
        NetFault::Proxy => "cannot be reached through the node's proxy",
        NetFault::Other => "cannot be reached",
    }
}

/// No answer, or none that says anything about a credential (IMG-19).
fn network(runs: &Runs<'_>, f: &Facts<'_>, what: &str) -> Verdict {
    let headline = format!("registry {} {what}: {} cannot pull {}", f.domain(), f.victim, f.image_text);
    let node = f.pod.node.as_deref().unwrap_or("an unknown node");
    let mut v = Verdict::new("IMG-19", &f.victim, Confidence::Certain, headline, f.answer(format!("registry {what}")))
        .group(format!("{} {what}", f.domain()))
        .not("IMG-04", "nothing was said about a credential")
        .not("IMG-01", "nothing was said about a credential")
        .not("IMG-20", "the failure is not one of a certificate")
        .link(Link::Registry, &f.victim, LinkState::Broken, format!("{} {what}, from {node}", f.domain()));
    v = mirror(v, f);
    if let Some(first) = f.first_try
        && let Some(run) = runs.pulled_on_another_node(f.domain(), f.pod.node.as_deref(), first)
    {
        v = v
            .and([Evidence::new(&run.pod.id, "event Pulled", format!("pulled {} meanwhile", run.image), "event")
                .at(run.pulled)])
            .note("another node pulls from the same registry: look at this node's name resolution, proxy and routes");
    }
    v
}

/// Notes and leaves open that a mirror, not the registry itself, gave the answer.
pub(super) fn mirror(v: Verdict, f: &Facts<'_>) -> Verdict {
    let Some(host) = mirror_host(f) else { return v };
    let note = format!("the request went to {host}, not to {}: the node's runtime has a mirror configured", f.domain());
    v.open("IMG-21", &f.victim, "whether a node without that mirror can pull the same image").note(note)
}

/// The host that was asked in place of the image's own, if the node's runtime has a mirror for it.
pub(super) fn mirror_host(f: &Facts<'_>) -> Option<String> {
    let fields = &f.said.as_ref()?.said.fields;
    let host = fields.url_host.as_deref()?;
    // Only the registry's own API tells: token servers are elsewhere by design.
    if !fields.url_path.as_deref().is_some_and(|p| p.starts_with("/v2/")) {
        return None;
    }
    let own = f.domain();
    let same = host == own
        || host.strip_suffix(":443") == Some(own)
        || host.strip_suffix(":80") == Some(own)
        || (own == crate::image::HUB_DOMAIN && host.ends_with("docker.io"))
        || (own == crate::image::HUB_DOMAIN && host.ends_with("docker.com"));
    (!same && !is_cloud(own)).then(|| host.to_owned())
}

fn tls(f: &Facts<'_>, fault: TlsFault) -> Verdict {
    let what = match fault {
        TlsFault::HttpOnHttps => "speaks plain HTTP where the node expects TLS",
        TlsFault::UnknownAuthority => "has a certificate from an authority that the node does not trust",
        TlsFault::Expired => "has a certificate that is expired or not yet valid",
        TlsFault::WrongName => "has a certificate for another name",
        TlsFault::Other => "fails the TLS handshake",
    };
    let headline = format!("registry {} {what}: {} cannot pull {}", f.domain(), f.victim, f.image_text);
    let v = Verdict::new("IMG-20", &f.victim, Confidence::Certain, headline, f.answer(format!("registry {what}")))
        .group(format!("{} {what}", f.domain()))
        .not("IMG-04", "the handshake comes before any credential is sent")
        .not("IMG-19", "the registry was reached")
        .link(Link::Registry, &f.victim, LinkState::Broken, format!("{} {what}", f.domain()));
    mirror(v, f)
}

fn rate_limited(f: &Facts<'_>) -> Verdict {
    let sends = f.image.as_ref().ok().map(|i| (i, listed::sends(&f.listed, i)));
    let sent = sends.as_ref().is_some_and(|(_, s)| !s.matched.is_empty());
    let alias = sends.as_ref().and_then(|(i, s)| s.near.as_ref().filter(|n| unsent::is_hub_trap(n, i)));
    let who = if sent { "with the pod's credential" } else { "anonymously or by the node's own credential" };
    let headline =
        format!("registry {} limits the rate of pulls (429): {} waits for {}", f.domain(), f.victim, f.image_text);
    let mut v = Verdict::new("IMG-18", &f.victim, Confidence::Certain, headline, f.answer("429: too many requests"))
        .group(f.domain().to_owned())
        .not("IMG-04", "429, not 401: the credential was not judged")
        .not("IMG-17", "the registry did not look the image up")
        .link(Link::Registry, &f.victim, LinkState::Broken, format!("{} answers 429, asked {who}", f.domain()));
    if !sent && f.domain() == crate::image::HUB_DOMAIN {
        v = v.note("anonymous pulls of Docker Hub share the limit of the node's address; a login raises it");
    }
    if let Some(near) = alias
        && let Some(l) = f.listed.iter().find(|l| *l.id.name == *near.secret)
    {
        v = v.note(format!("{} has a login under {}, which no image matches", l.id, near.key)).open(
            "IMG-07",
            &l.id,
            "whether the limit is met with that login under the right key too",
        );
    }
    v
}

/// The registry does not have it (IMG-17).
pub(super) fn absent(view: &View<'_>, runs: &Runs<'_>, f: &Facts<'_>, image: &ImageRef, sure: Confidence) -> Verdict {
    let headline = format!("image {} does not exist in its registry: {} cannot start", f.image_text, f.victim);
    let seen = match asked_about_image(view, f, image) {
        Some((_, Outcome::NotFound)) if f.signal() != Some(Signal::PullNotFound) => "registry asked: no such image",
        _ if f.signal() == Some(Signal::PullNotFound) => "registry: not found",
        _ => "registry: denied, which it also says of what does not exist",
    };
    let mut v = Verdict::new("IMG-17", &f.victim, sure, headline, f.answer(seen)).link(
        Link::Registry,
        &f.victim,
        LinkState::Broken,
        format!("{} not found", f.image_text),
    );
    if sure == Confidence::Certain {
        v = v.not("IMG-04", "the registry answered that it has no such image").not("IMG-16", "404, not 403");
    }
    if let Some(change) = image_change(view, f) {
        v = v.note(spelling(&change.previous, image)).other(&change.workload);
        v = v.and([Evidence::new(&f.victim, "spec.template", format!("image was {} before", change.previous), "spec")
            .at(change.change.when.until)]);
        v = v.changed(Some(change.change));
    } else if let Some(near) = near_name(image, runs.repositories(image.domain())) {
        v = v.note(format!("a container in the cluster runs {near}, which is spelt nearly alike"));
    }
    v
}

fn spelling(previous: &str, image: &ImageRef) -> String {
    match ImageRef::parse(previous) {
        Ok(before) if before.repository() == image.repository() => {
            format!("the last rollout changed only the tag: it was {previous}")
        }
        Ok(before) if misspelt(before.repository(), image.repository()) => {
            format!("the last rollout changed the name by a few letters: it was {previous}")
        }
        _ => format!("the last rollout changed the image: it was {previous}"),
    }
}

/// The fault waits for everybody who has to pull, and only who has the image on the node is spared (IMG-14).
fn masked(runs: &Runs<'_>, f: &Facts<'_>, v: &Verdict) -> Option<Verdict> {
    let image = f.image.as_ref().ok()?;
    let node = f.pod.node.as_deref()?;
    let spared: Vec<_> = runs
        .with_image(image)
        .filter(|r| r.pod.id.namespace == f.pod.id.namespace && r.pod.node.is_some() && r.pod.node != f.pod.node)
        .filter(|r| f.first_try.is_none_or(|t| r.pulled.is_none_or(|p| p < t)))
        .collect();
    let first = spared.first()?;
    // A full list of images may have been cut, so that only presence in it is evidence.
    let lacks = f.node.filter(|n| !n.images_capped()).is_some_and(|n| !has_image(n, image));
    let sure = if lacks && first.cached { Confidence::Certain } else { Confidence::Likely }.at_most(v.confidence);
    let headline = format!(
        "{} fails only where {} is not on the node yet: on {node}, while {} runs from the cache of {}",
        f.victim,
        f.image_text,
        first.pod.id,
        first.pod.node.as_deref().unwrap_or_default()
    );
    let seen = Evidence::new(&first.pod.id, "status.containerStatuses", format!("runs {}", f.image_text), "status")
        .at(first.since);
    let mut mask = Verdict::new("IMG-14", &f.victim, sure, headline, f.answer("pull refused on this node"))
        .and([seen])
        .open(v.code, &v.subject, "what the registry says to the credential: the cache only hides the answer")
        .link(Link::Registry, &Id::new(Kind::Node, "", node), LinkState::Affected, "has to pull the image");
    if lacks {
        mask = mask.and([Evidence::new(
            &Id::new(Kind::Node, "", node),
            "status.images",
            "image not on the node",
            "status",
        )]);
    }
    Some(mask)
}

pub(super) fn has_image(node: &crate::objects::Node, image: &ImageRef) -> bool {
    node.images.iter().any(|name| ImageRef::parse(name).is_ok_and(|i| i == *image))
}

fn about_access(code: &str) -> bool {
    matches!(
        code,
        "IMG-01"
            | "IMG-02"
            | "IMG-03"
            | "IMG-04"
            | "IMG-05"
            | "IMG-06"
            | "IMG-07"
            | "IMG-08"
            | "IMG-10"
            | "IMG-11"
            | "IMG-16"
    )
}

/// Whether a change is so fresh that the kubelet need not have tried again since.
pub(super) fn may_still_wait(view: &View<'_>, f: &Facts<'_>, changed: crate::time::Time) -> bool {
    f.last_try.is_some_and(|t| changed > t) && view.as_of.is_some_and(|now| now.since(changed) <= LONGEST_PAUSE)
}
