//! A credential of the pod was sent: is it wrong, expired, overridden, one of several, or does it lack a right?

use super::decide::{absent, asked_about_image, mirror_host};
use super::unsent::{changed_since, via_mirror};
use super::words::{image_change, life, near_name};
use super::{Blind, Facts, Listed, Matched, Run, Runs, Verdict, listed};
use crate::image::ImageRef;
use crate::keyring::{AuthField, TokenKind, UsernameKind};
use crate::messages::Signal;
use crate::objects::Id;
use crate::snapshot::{Outcome, Want};
use crate::time::Time;
use crate::verdict::{Change, Confidence, Evidence, Link, LinkState};
use crate::view::View;

/// Pulls this few seconds apart met the same credential at the registry.
const SAME_MOMENT: i64 = 5;

pub(super) fn judge<'a>(
    view: &View<'a>,
    runs: &Runs<'a>,
    f: &Facts<'a>,
    image: &ImageRef,
    matched: &[Matched<'a>],
    blind: &mut Vec<Blind>,
) -> Option<Verdict> {
    let first = matched.first()?;
    let answers: Vec<(Id, Outcome)> =
        matched.iter().filter_map(|m| Some((m.secret.clone(), asked(view, f, image, m)?))).collect();
    let answered = |o: Outcome| answers.iter().find(|(_, a)| *a == o).map(|(id, _)| id);
    if answered(Outcome::Accepted).is_some() {
        let accepted = matched.iter().find(|m| Some(&m.secret) == answered(Outcome::Accepted)).unwrap_or(first);
        return Some(mended(view, f, accepted, None, Confidence::Certain, runs));
    }
    if answered(Outcome::Forbidden).is_some() {
        return Some(forbidden(view, runs, f, image, first, Confidence::Certain));
    }
    if answered(Outcome::NotFound).is_some() {
        return Some(absent(view, runs, f, image, Confidence::Certain));
    }
    let rejected = answered(Outcome::Rejected).is_some();
    if !rejected && let Some((m, change)) = matched.iter().find_map(|m| Some((m, changed_since(view, f, m.object?)?))) {
        return Some(mended(view, f, m, Some(change), Confidence::Likely, runs));
    }
    if !rejected && let Some(run) = same_elsewhere(runs, f, image, first) {
        return Some(by_node(f, first, run));
    }
    let fresh = fresh_unknown(view, f, matched).filter(|_| !rejected);
    if fresh.is_some() {
        blind.push(Blind {
            codes: &["IMG-25"],
            missing: "when the kubelet tried last (Events)".to_owned(),
            why: crate::coverage::Unseen::NotCollected,
        });
    }
    let verdict = match f.signal() {
        Some(Signal::PullForbidden) => Some(refused_right(view, runs, f, image, first)),
        Some(Signal::PullDeniedAmbiguous) => Some(hidden(view, runs, f, image, first)),
        Some(Signal::PullUnauthorizedAnonymous) => Some(dropped(view, runs, f, first)),
        Some(Signal::PullUnauthorizedSent | Signal::PullUnauthorized) => {
            Some(rejected_login(view, runs, f, image, matched, rejected))
        }
        // Events are gone: only what the objects prove by themselves.
        _ => {
            let at = f.failing_at(view);
            let found = matched.iter().find_map(|m| expired(view, f, m, at));
            if found.is_none() {
                blind.push(Blind {
                    codes: &["IMG-04", "IMG-10", "IMG-11"],
                    missing: "what the registry answered (Events, or the waiting message)".to_owned(),
                    why: crate::coverage::Unseen::NotCollected,
                });
            }
            found.map(|mut v| {
                v.confidence = v.confidence.at_most(Confidence::Likely);
                v
            })
        }
    };
    match (verdict, fresh) {
        (Some(mut v), Some(secret)) if v.code == "IMG-04" => {
            v.confidence = Confidence::Possible;
            Some(v.open("IMG-25", &f.victim, format!("whether the kubelet has tried since {secret} was changed")))
        }
        (verdict, _) => verdict,
    }
}

/// A matching Secret that was changed so lately that the refusal may be older, where no Event tells when the last try was.
fn fresh_unknown(view: &View<'_>, f: &Facts<'_>, matched: &[Matched<'_>]) -> Option<Id> {
    if f.last_try.is_some() {
        return None;
    }
    let now = view.as_of?;
    matched.iter().find_map(|m| {
        let change = view.data_change(m.object?)?;
        let at = change.when.after.or(change.when.until)?;
        // A Secret that was made before its pod and never changed was there at every try.
        (f.pod.meta.created.is_some_and(|c| at > c) && now.since(at) <= super::decide::LONGEST_PAUSE)
            .then(|| m.secret.clone())
    })
}

fn asked(view: &View<'_>, f: &Facts<'_>, image: &ImageRef, m: &Matched<'_>) -> Option<Outcome> {
    [f.image_text.to_string(), image.to_string()].into_iter().find_map(|image| {
        let want = Want::PullCredential {
            namespace: m.secret.namespace.to_string(),
            secret: m.secret.name.to_string(),
            image,
        };
        Some(view.answer(&want)?.1)
    })
}

fn user(m: &Matched<'_>) -> String {
    if m.entry.username.is_empty() { "an empty user name".to_owned() } else { format!("user {}", m.entry.username) }
}

fn entry_evidence(m: &Matched<'_>, seen: impl Into<String>) -> Evidence {
    Evidence::new(&m.secret, format!("auths[{}]", m.key), seen, "spec")
}

fn status_words(f: &Facts<'_>) -> &'static str {
    match f.signal() {
        Some(Signal::PullForbidden) => "answered 403",
        Some(Signal::PullDeniedAmbiguous) => "was denied",
        _ => "answered 401",
    }
}

/// 401 to a credential of the pod's: IMG-05, IMG-10, IMG-11, IMG-16, IMG-21 or IMG-04.
fn rejected_login(
    view: &View<'_>,
    runs: &Runs<'_>,
    f: &Facts<'_>,
    image: &ImageRef,
    matched: &[Matched<'_>],
    asked_and_rejected: bool,
) -> Verdict {
    let first = &matched[0];
    let at = f.failing_at(view);
    let mut distinct: Vec<&Matched<'_>> = Vec::new();
    for m in matched {
        if !distinct.iter().any(|d| d.entry.credential == m.entry.credential) {
            distinct.push(m);
        }
    }
    if distinct.len() == 1
        && let Some(v) = expired(view, f, first, at)
    {
        return v;
    }
    if distinct.len() == 1 && matches!(first.entry.auth, AuthField::Disagrees { .. }) {
        return overridden(view, f, first);
    }
    let open_image = runs.with_image(image).find(|r| r.pod.spec.pull_secrets.is_empty() && r.pod.id != f.pod.id);
    if distinct.len() > 1 {
        return several(view, f, &distinct);
    }
    if let Some(run) = open_image {
        return stale_extra(view, f, first, run);
    }
    if !asked_and_rejected && let Some(run) = peer(runs, f, first, f.first_try.map(|t| t.plus(-SAME_MOMENT))) {
        return contradicted(f, first, run);
    }
    let sure = if asked_and_rejected { Confidence::Certain } else { Confidence::Likely };
    wrong(view, runs, f, first, sure)
}

/// IMG-04.
fn wrong(view: &View<'_>, runs: &Runs<'_>, f: &Facts<'_>, m: &Matched<'_>, sure: Confidence) -> Verdict {
    let headline = format!(
        "image pull {}: the credential in {} for {} at {} was refused",
        status_words(f),
        m.secret,
        user(m),
        m.key
    );
    let mut v =
        Verdict::new("IMG-04", &m.secret, sure, headline, f.answer("registry refused the credential that was sent"))
            .and([entry_evidence(m, format!("sent for {}, as {}", f.image_text, user(m)))])
            .changed(died(view, runs, f, m))
            .link(Link::Object, &m.secret, LinkState::Broken, format!("holds a credential that {} refuses", f.domain()))
            .link(Link::Registry, &f.victim, LinkState::Affected, format!("pull {}", status_words(f)))
            .not("IMG-06", "its key covers the image")
            .not("IMG-08", "its type is right")
            .not("IMG-16", "401, not 403")
            .not("IMG-18", "no 429")
            .not(
                "IMG-10",
                if matches!(m.entry.auth, AuthField::Agrees) {
                    "auth and password agree"
                } else {
                    "it stands in one form only"
                },
            );
    if sure == Confidence::Certain {
        v = v.and([Evidence::new(&m.secret, "registry", "asked with this credential: 401", "registry")]);
    }
    let shape = m.entry.password_shape;
    let flaw = if m.entry.token_only() {
        Some("the entry holds only an identity token, which the kubelet does not send")
    } else if shape.empty {
        Some("the password is empty")
    } else if shape.trailing_newline {
        Some("the password ends in a line break")
    } else if shape.surrounding_space {
        Some("the password has blanks around it")
    } else if shape.base64_again {
        Some("the password is base64 of a text: encoded once too often")
    } else if shape.placeholder {
        Some("the password is a placeholder that was never filled")
    } else if !shape.utf8 {
        Some("the password is no UTF-8")
    } else {
        None
    };
    if let Some(flaw) = flaw {
        v = v.note(flaw).and([entry_evidence(m, flaw)]);
    }
    if m.entry.username_kind == UsernameKind::DockerIdentityToken {
        v = v.note("the user name <token> stands for an identity token, which the kubelet does not send as such");
    }
    if m.entry.password_shape.kind == TokenKind::Vault {
        v = v.note("the password is a Vault token: it dies with its lease");
    }
    if let Some(life) = life(m.entry) {
        v = v.note(life.words);
    }
    if sure != Confidence::Certain {
        v = v.open("IMG-05", &m.secret, "whether the credential was right once and has run out");
        v = super::decide::mirror(v, f);
    }
    v
}

/// When the credential went bad: after the last pull with it, if there was one, else when it was written.
fn died(view: &View<'_>, runs: &Runs<'_>, f: &Facts<'_>, m: &Matched<'_>) -> Option<Change> {
    let written = m.object.and_then(|o| view.data_change(o));
    let since = written.as_ref().and_then(|c| c.when.after);
    let good = runs
        .with_secret(&m.secret.namespace, &m.secret.name, f.domain())
        .filter(|r| r.pod.id != f.pod.id && uses(f, m, &r.image))
        .filter_map(|r| r.pulled)
        .filter(|t| since.is_none_or(|s| *t >= s) && f.first_try.is_none_or(|first| *t < first))
        .max();
    match good {
        Some(last) => {
            let when = crate::time::Interval::between(Some(last), f.first_try.or(f.pod.meta.created));
            Some(Change { when, by: None, source: "events" })
        }
        None => written,
    }
}

/// IMG-10.
fn overridden(view: &View<'_>, f: &Facts<'_>, m: &Matched<'_>) -> Verdict {
    let what = match m.entry.auth {
        AuthField::Disagrees { username: true, stated: Some(_) } => {
            "another user and password than username and password say"
        }
        AuthField::Disagrees { username: true, .. } => "another user than username says",
        _ => "another password than password says",
    };
    let headline =
        format!("{} holds {what} in auth for {}, and auth is what is sent: pull {}", m.secret, m.key, status_words(f));
    Verdict::new("IMG-10", &m.secret, Confidence::Certain, headline, entry_evidence(m, format!("auth holds {what}")))
        .and([f.answer("registry refused the credential that was sent")])
        .changed(m.object.and_then(|o| view.data_change(o)))
        .link(Link::Object, &m.secret, LinkState::Broken, "auth overrides username and password")
        .link(Link::Registry, &f.victim, LinkState::Affected, format!("pull {}", status_words(f)))
        .open("IMG-04", &m.secret, "whether the overridden username and password would be accepted")
        .not("IMG-06", "its key covers the image")
        .not("IMG-16", "401, not 403")
}

/// IMG-05 by what the credential says of itself, or by the life of its kind.
fn expired(view: &View<'_>, f: &Facts<'_>, m: &Matched<'_>, at: Option<Time>) -> Option<Verdict> {
    let at = at?;
    let change = m.object.and_then(|o| view.data_change(o));
    let stated = m.entry.token.and_then(|t| t.expires).filter(|end| *end <= at);
    let (sure, seen, end) = if let Some(end) = stated {
        (Confidence::Certain, format!("the token says that it ended at {end}"), end)
    } else if m.entry.username_kind == UsernameKind::GitlabJob {
        let written = change.as_ref().and_then(|c| c.when.until).unwrap_or(at);
        (Confidence::Likely, "a token of a GitLab job dies with its job".to_owned(), written)
    } else {
        let life = life(m.entry)?;
        let issued = m.entry.token.and_then(|t| t.issued).or(m.entry.username_issued);
        let written = change.as_ref().and_then(|c| c.when.until);
        let end = issued.or(written)?.plus(life.seconds);
        if end > at {
            return None;
        }
        (Confidence::Likely, format!("{}; it was written at {}", life.words, issued.or(written)?), end)
    };
    let headline = format!(
        "the registry token in {} for {} ended at {end}: {} cannot pull {}",
        m.secret, m.key, f.victim, f.image_text
    );
    Some(
        Verdict::new("IMG-05", &m.secret, sure, headline, entry_evidence(m, seen))
            .and([f.answer("registry refused the credential that was sent")])
            .changed(Some(Change { when: crate::time::Interval::at(end), by: None, source: "status" }))
            .link(Link::Object, &m.secret, LinkState::Broken, format!("token ended at {end}"))
            .link(Link::Registry, &f.victim, LinkState::Affected, format!("pull {}", status_words(f)))
            .not("IMG-06", "its key covers the image")
            .not("IMG-16", "an ended token is refused for every repository")
            .open("SYN-22", &m.secret, "whether the job that refreshes the token still runs"),
    )
}

/// IMG-05 by the registry's own words.
pub(super) fn expired_by_word(view: &View<'_>, f: &Facts<'_>, image: &ImageRef) -> Verdict {
    let sends = listed::sends(&f.listed, image);
    let said = f.answer("registry: the token has expired");
    let unsure = |l: &&Listed<'_>| matches!(l.content, super::Content::Unseen(_));
    let (subject, evidence, change, sure) = match (sends.matched.first(), &*f.listed) {
        (Some(m), _) => {
            let sure = if sends.matched.len() == 1 { Confidence::Certain } else { Confidence::Likely };
            (
                m.secret.clone(),
                Some(entry_evidence(m, format!("sent as {}", user(m)))),
                m.object.and_then(|o| view.data_change(o)),
                sure,
            )
        }
        (None, [only]) if unsure(&only) => (only.id.clone(), Some(only.reference(f)), None, Confidence::Certain),
        (None, [first, ..]) if f.listed.iter().any(|l| unsure(&l)) => {
            (first.id.clone(), Some(first.reference(f)), None, Confidence::Likely)
        }
        _ => {
            let node = f.pod.node.as_deref().unwrap_or("its node");
            let headline = format!(
                "node {node} sends an expired login of its own to {}: {} cannot pull {}",
                f.domain(),
                f.victim,
                f.image_text
            );
            return Verdict::new("IMG-22", &f.victim, Confidence::Likely, headline, said)
                .group(format!("{} {node}", f.domain()))
                .link(Link::Registry, &f.victim, LinkState::Broken, "the node's credential has expired")
                .open("IMG-05", &f.victim, "whether a pull secret was sent after all")
                .not("IMG-01", "a credential was sent: the node's");
        }
    };
    let headline = format!("the registry token in {subject} has expired: {} cannot pull {}", f.victim, f.image_text);
    Verdict::new("IMG-05", &subject, sure, headline, said)
        .and(evidence)
        .changed(change)
        .link(Link::Object, &subject, LinkState::Broken, "holds an expired token")
        .link(Link::Registry, &f.victim, LinkState::Affected, "the registry says that the token has expired")
        .not("IMG-04", "the registry calls it expired, not wrong")
        .not("IMG-16", "the registry calls it expired, not forbidden")
        .open("SYN-22", &subject, "whether the job that refreshes the token still runs")
}

/// IMG-11: several credentials were tried, and all were refused.
fn several(view: &View<'_>, f: &Facts<'_>, distinct: &[&Matched<'_>]) -> Verdict {
    let mut names: Vec<String> = Vec::new();
    for m in distinct {
        if !names.contains(&m.secret.to_string()) {
            names.push(m.secret.to_string());
        }
    }
    let first = distinct[0];
    let headline = format!(
        "{} credentials match {}, and all were refused: {} (tried in this order)",
        distinct.len(),
        f.image_text,
        names.join(", ")
    );
    let mut v = Verdict::new(
        "IMG-11",
        &first.secret,
        Confidence::Likely,
        headline,
        f.answer("registry refused every credential that was sent"),
    )
    .and(distinct.iter().map(|m| entry_evidence(m, format!("sent as {}", user(m)))))
    .changed(first.object.and_then(|o| view.data_change(o)))
    .link(Link::Registry, &f.victim, LinkState::Broken, "all credentials refused")
    .open("IMG-04", &first.secret, "which of the credentials the registry should accept: one good one is enough")
    .not("IMG-06", "the keys cover the image")
    .not("IMG-01", "pull secrets are named");
    for m in distinct {
        v = v.link(Link::Object, &m.secret, LinkState::Broken, "holds a credential that is refused");
    }
    v
}

/// IMG-11: the image needs no login, and the one that is sent is refused.
fn stale_extra(view: &View<'_>, f: &Facts<'_>, m: &Matched<'_>, run: &Run<'_>) -> Verdict {
    let headline = format!(
        "{} is refused at {}, although {} runs {} without any login: a stale extra credential blocks a public image",
        m.secret, m.key, run.pod.id, f.image_text
    );
    Verdict::new(
        "IMG-11",
        &m.secret,
        Confidence::Possible,
        headline,
        f.answer("registry refused the credential that was sent"),
    )
    .and([
        entry_evidence(m, format!("sent as {}", user(m))),
        Evidence::new(&run.pod.id, "spec.imagePullSecrets", format!("empty, and {} was pulled", run.image), "spec")
            .at(run.pulled.or(run.since)),
    ])
    .changed(m.object.and_then(|o| view.data_change(o)))
    .link(Link::Object, &m.secret, LinkState::Broken, "holds a credential that is refused")
    .link(Link::Registry, &f.victim, LinkState::Affected, "no anonymous pull is tried once a credential matches")
    .open("IMG-04", &m.secret, "whether the image can be pulled without a login")
    .not("IMG-06", "its key covers the image")
    .not("IMG-17", "the image exists: another pod runs it")
}

/// A pod that pulled from this registry with the very same credential at or after a time.
fn peer<'r, 'a>(runs: &'r Runs<'a>, f: &Facts<'_>, m: &Matched<'_>, after: Option<Time>) -> Option<&'r Run<'a>> {
    runs.with_secret(&m.secret.namespace, &m.secret.name, f.domain()).find(|r| {
        r.pod.id != f.pod.id && r.pulled.is_some_and(|t| after.is_none_or(|a| t >= a)) && uses(f, m, &r.image)
    })
}

/// Whether the Secret sends the same credential for another image of the registry.
fn uses(f: &Facts<'_>, m: &Matched<'_>, other: &ImageRef) -> bool {
    listed::sends(&f.listed, other)
        .matched
        .iter()
        .any(|o| o.secret == m.secret && o.entry.credential == m.entry.credential)
}

/// Another node pulled this very image with the same credential since this one began to fail.
fn same_elsewhere<'r, 'a>(runs: &'r Runs<'a>, f: &Facts<'_>, image: &ImageRef, m: &Matched<'_>) -> Option<&'r Run<'a>> {
    let first = f.first_try?;
    runs.with_image(image).find(|r| {
        r.pod.id.namespace == m.secret.namespace
            && r.pod.node.is_some()
            && r.pod.node != f.pod.node
            && r.pod.spec.pull_secrets == f.pod.spec.pull_secrets
            && r.pulled.is_some_and(|t| t >= first)
    })
}

/// IMG-21: what is refused here is accepted from another node, so that something of the node stands in between.
fn by_node(f: &Facts<'_>, m: &Matched<'_>, run: &Run<'_>) -> Verdict {
    let node = f.pod.node.as_deref().unwrap_or_default();
    let by = mirror_host(f).map_or_else(|| format!("what answers for {}", f.domain()), |host| format!("mirror {host}"));
    let headline = format!(
        "{by} refuses {} on node {node} what it gives to node {}: {}",
        f.victim,
        run.pod.node.as_deref().unwrap_or_default(),
        f.image_text
    );
    let seen = format!("pulled {} with the same pull secrets on another node meanwhile", run.image);
    Verdict::new(
        "IMG-21",
        &f.victim,
        Confidence::Possible,
        headline,
        f.answer("registry refused the pull on this node"),
    )
    .group(format!("{} {node}", f.domain()))
    .and([
        Evidence::new(&run.pod.id, "event Pulled", seen, "event").at(run.pulled),
        entry_evidence(m, format!("sent as {}", user(m))),
    ])
    .link(Link::Registry, &f.victim, LinkState::Broken, format!("refused on node {node} only"))
    .open("IMG-04", &m.secret, "whether the credential was changed at the registry in between")
    .not("IMG-17", "the image exists: another node pulled it")
    .not("IMG-06", "its key covers the image")
}

/// 401 here, while the same credential pulls something else of the same registry at the same time.
fn contradicted(f: &Facts<'_>, m: &Matched<'_>, run: &Run<'_>) -> Verdict {
    let elsewhere = run.pod.node != f.pod.node;
    let seen = Evidence::new(
        &run.pod.id,
        "event Pulled",
        format!("pulled {} with {} meanwhile", run.image, m.secret),
        "event",
    )
    .at(run.pulled);
    if elsewhere && let Some(host) = mirror_host(f) {
        let headline = format!(
            "{host} refuses {} on node {} the login that {} accepts elsewhere: a mirror in the node's runtime",
            f.victim,
            f.pod.node.as_deref().unwrap_or_default(),
            f.domain()
        );
        return Verdict::new(
            "IMG-21",
            &f.victim,
            Confidence::Possible,
            headline,
            f.answer(format!("{host} refused the login")),
        )
        .group(format!("{} {host}", f.domain()))
        .and([seen, entry_evidence(m, format!("sent as {}", user(m)))])
        .link(Link::Registry, &f.victim, LinkState::Broken, format!("mirror {host} refuses the login"))
        .open("IMG-04", &m.secret, "whether the credential was changed at the registry in between")
        .not("IMG-06", "its key covers the image");
    }
    let headline = format!(
        "{} is refused for {} but pulls {}: the login is good, the right to this repository is missing",
        m.secret, f.image_text, run.image
    );
    Verdict::new(
        "IMG-16",
        &m.secret,
        Confidence::Possible,
        headline,
        f.answer("registry refused the credential for this image"),
    )
    .and([seen, entry_evidence(m, format!("sent as {}", user(m)))])
    .link(Link::Registry, &f.victim, LinkState::Broken, "this repository is refused")
    .open("IMG-04", &m.secret, "whether the registry refuses the credential for every repository by now")
    .not("IMG-06", "its key covers the image")
}

/// 403 to a credential of the pod's.
fn refused_right(view: &View<'_>, runs: &Runs<'_>, f: &Facts<'_>, image: &ImageRef, m: &Matched<'_>) -> Verdict {
    let exists = runs.with_image(image).next().is_some()
        || asked_about_image(view, f, image).is_some_and(|(_, o)| o == Outcome::Accepted);
    if !exists && misnamed(view, runs, f, image) {
        let v = absent(view, runs, f, image, Confidence::Possible);
        return v.open(
            "IMG-16",
            &m.secret,
            "whether the repository exists: some registries and mirrors say 403 where it does not",
        );
    }
    forbidden(view, runs, f, image, m, Confidence::Likely)
}

/// IMG-16.
fn forbidden(
    view: &View<'_>,
    runs: &Runs<'_>,
    f: &Facts<'_>,
    image: &ImageRef,
    m: &Matched<'_>,
    sure: Confidence,
) -> Verdict {
    let written = m.object.and_then(|o| view.data_change(o)).and_then(|c| c.when.after);
    let by_mirror = mirror_host(f).is_some();
    let peer = peer(runs, f, m, written)
        .filter(|r| r.image.path() != image.path() && (!by_mirror || r.pod.node == f.pod.node));
    let sure = if peer.is_some() { Confidence::Certain } else { sure };
    let headline = format!("{} logs in at {} as {} but may not pull {}", m.secret, f.domain(), user(m), image.path());
    let mut v = Verdict::new("IMG-16", &m.secret, sure, headline, f.answer("registry: forbidden, after the login"))
        .and([entry_evidence(m, format!("sent as {}", user(m)))])
        .link(
            Link::Registry,
            &f.victim,
            LinkState::Broken,
            format!("{} may not be pulled by {}", image.path(), user(m)),
        )
        .not("IMG-06", "its key covers the image")
        .not("IMG-08", "its type is right");
    if let Some(run) = peer {
        v = v
            .and([Evidence::new(
                &run.pod.id,
                "event Pulled",
                format!("pulled {} with the same credential", run.image),
                "event",
            )
            .at(run.pulled)])
            .not("IMG-04", "the same credential pulls another repository of the registry");
    } else if sure == Confidence::Certain {
        v = v
            .and([Evidence::new(&m.secret, "registry", "asked with this credential: 403", "registry")])
            .not("IMG-04", "403, not 401");
    } else {
        v = v.open("IMG-17", &f.victim, "whether the repository exists: some registries say 403 where it does not");
        v = v.not("IMG-04", "403, not 401");
    }
    super::decide::mirror(v, f)
}

/// Denied after a login, in a text that also covers what does not exist.
fn hidden(view: &View<'_>, runs: &Runs<'_>, f: &Facts<'_>, image: &ImageRef, m: &Matched<'_>) -> Verdict {
    let exists = runs.with_image(image).next().is_some()
        || asked_about_image(view, f, image).is_some_and(|(_, o)| o == Outcome::Accepted);
    if exists {
        return forbidden(view, runs, f, image, m, Confidence::Likely);
    }
    let asks = "whether the repository exists: the registry hides it from who may not read it";
    if misnamed(view, runs, f, image) {
        return absent(view, runs, f, image, Confidence::Possible).open("IMG-16", &m.secret, asks);
    }
    let mut v = forbidden(view, runs, f, image, m, Confidence::Possible);
    v.confidence = Confidence::Possible;
    v.ruled_out.retain(|(code, _)| *code != "IMG-17");
    v.open("IMG-17", &f.victim, asks)
}

/// The repository's name is new in this rollout, or nearly that of another.
fn misnamed(view: &View<'_>, runs: &Runs<'_>, f: &Facts<'_>, image: &ImageRef) -> bool {
    let renamed = image_change(view, f)
        .and_then(|c| ImageRef::parse(&c.previous).ok())
        .is_some_and(|before| before.domain() == image.domain() && before.path() != image.path());
    renamed || near_name(image, runs.repositories(f.domain())).is_some()
}

/// A credential matches, and the runtime says that none was sent.
fn dropped(view: &View<'_>, runs: &Runs<'_>, f: &Facts<'_>, m: &Matched<'_>) -> Verdict {
    if m.entry.is_empty() || m.entry.token_only() {
        let mut v = wrong(view, runs, f, m, Confidence::Likely);
        v.headline = format!(
            "the entry for {} in {} holds no password, so that nothing is sent: {} cannot pull {}",
            m.key, m.secret, f.victim, f.image_text
        );
        return v;
    }
    let host = via_mirror(f);
    let by = host.as_deref().map(|h| format!("mirror {h}")).unwrap_or_else(|| "the node's runtime".to_owned());
    let headline = format!("{by} got no credential for {}, although {} has one for {}", f.image_text, m.secret, m.key);
    Verdict::new("IMG-21", &f.victim, Confidence::Possible, headline, f.answer("pull refused: no credential was sent"))
        .and([entry_evidence(m, format!("covers {}", f.image_text))])
        .link(Link::Registry, &f.victim, LinkState::Broken, "the credential does not reach who answers")
        .open("IMG-25", &f.victim, "whether the Secret was changed after the last try")
        .open("IMG-06", &m.secret, "whether the Secret had the key at the last try")
}

/// IMG-25: what was refused is not what the Secret holds now.
fn mended(
    view: &View<'_>,
    f: &Facts<'_>,
    m: &Matched<'_>,
    change: Option<Change>,
    sure: Confidence,
    runs: &Runs<'_>,
) -> Verdict {
    let change = change.or_else(|| m.object.and_then(|o| view.data_change(o)));
    let start = change.as_ref().and_then(|c| c.when.after.or(c.when.until));
    let proof = peer(runs, f, m, start).filter(|_| start.is_some());
    let was_unmatched = matches!(f.signal(), Some(Signal::PullUnauthorizedAnonymous))
        || f.listed.iter().any(|l| l.id == m.secret && l.not_retrieved.is_some());
    let sure = match (sure, proof, was_unmatched) {
        (Confidence::Certain, ..) => Confidence::Certain,
        (_, Some(_), _) | (_, None, true) => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let when = start.map(|t| format!(" at {t}")).unwrap_or_default();
    let headline =
        format!("{} was mended{when}, after the last try of {}: the pods only wait for the next", m.secret, f.victim);
    let seen = Evidence::new(&m.secret, "data", "changed after the last try to pull", "managedFields").at(start);
    let mut v = Verdict::new("IMG-25", &f.victim, sure, headline, seen)
        .and([f.answer("the last try on record was before that")])
        .other(&m.secret)
        .changed(change)
        .link(Link::Object, &m.secret, LinkState::Ok, format!("changed{when}"))
        .link(Link::Registry, &f.victim, LinkState::Affected, "in back-off");
    if let Some(run) = proof {
        v = v.and([Evidence::new(
            &run.pod.id,
            "event Pulled",
            format!("pulled {} with {} since", run.image, m.secret),
            "event",
        )
        .at(run.pulled)]);
    }
    if sure == Confidence::Certain {
        v = v.and([Evidence::new(&m.secret, "registry", "asked with this credential: accepted", "registry")]);
        v.not("IMG-04", "the registry accepts the credential")
    } else {
        v.open("IMG-04", &m.secret, "what the registry says to the credential that the Secret holds now")
    }
}

/// The registry or a gate before it refuses everybody from here, whatever the credential.
pub(super) fn blocked(f: &Facts<'_>) -> Verdict {
    let headline = format!(
        "registry {} refuses {} by a rule of its own, whatever the login: {} cannot start",
        f.domain(),
        f.image_text,
        f.victim
    );
    Verdict::new(
        "IMG-16",
        &f.victim,
        Confidence::Likely,
        headline,
        f.answer("registry: blocked by a policy of network, region or content"),
    )
    .link(Link::Registry, &f.victim, LinkState::Broken, "blocked by policy")
    .open("IMG-19", &f.victim, "whether the registry admits the nodes' network")
    .not("IMG-04", "the login was not judged")
}

/// Refused, and the Secret that was sent is not known.
pub(super) fn unseen(f: &Facts<'_>, secret: &Id) -> Verdict {
    let decided = "the content of the Secret, and what the registry says to it";
    match f.signal() {
        Some(Signal::PullForbidden) => {
            let headline = format!("{} may not pull {}: 403", f.victim, f.image_text);
            Verdict::new("IMG-16", secret, Confidence::Possible, headline, f.answer("registry: forbidden"))
                .open("IMG-04", secret, decided)
                .open("IMG-17", &f.victim, "whether the repository exists")
        }
        Some(Signal::PullDeniedAmbiguous) => {
            let headline = format!("{} is denied {}: no right, no login, or no such image", f.victim, f.image_text);
            Verdict::new("IMG-17", &f.victim, Confidence::Possible, headline, f.answer("pull denied"))
                .open("IMG-16", secret, decided)
                .open("IMG-06", secret, "the registry keys of the Secret")
        }
        _ => {
            let headline =
                format!("image pull answered 401: the credential in {secret} was refused for {}", f.image_text);
            Verdict::new(
                "IMG-04",
                secret,
                Confidence::Possible,
                headline,
                f.answer("registry refused the credential that was sent"),
            )
            .open("IMG-05", secret, decided)
            .open("IMG-10", secret, decided)
            .not("IMG-01", "a pull secret is named")
        }
    }
    .link(Link::Registry, &f.victim, LinkState::Broken, "pull refused")
}
