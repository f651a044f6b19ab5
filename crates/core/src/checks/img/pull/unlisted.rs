//! Pods without any list of pull secrets: none anywhere, one that came too late, or a node that should log in by itself.

use super::decide::{self, has_image, sorted};
use super::runs::{pods_in, secrets_in};
use super::unsent::{Proof, refusal};
use super::words::{image_change, is_cloud, list_change, near_name};
use super::{Blind, Content, Facts, Run, Runs, Verdict, listed, unsent};
use crate::coverage::{Seen, Unseen};
use crate::image::ImageRef;
use crate::keyring::{Keyring, KubeletVersion, PullPolicy};
use crate::objects::{Id, SecretPayload, ServiceAccount};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Link, LinkState};
use crate::view::View;

/// IMG-01, with the node's own login (IMG-22, IMG-23) and an absent image (IMG-17) as neighbours.
pub(super) fn none_at_all(
    view: &View<'_>,
    runs: &Runs<'_>,
    f: &Facts<'_>,
    image: &ImageRef,
    account: Seen<&ServiceAccount>,
    proof: Proof,
    blind: &mut Vec<Blind>,
) -> Option<Verdict> {
    let account_unseen = account.is_unseen();
    let account = account.seen();
    let anonymous_elsewhere = runs
        .with_image(image)
        .find(|r| r.pod.node != f.pod.node && r.pod.spec.pull_secrets.is_empty() && r.pod.node.is_some());
    if proof == Proof::Silent {
        return None;
    }
    if let Some(verdict) = unverified(runs, f, image, proof) {
        return Some(verdict);
    }
    if is_cloud(f.domain()) && proof == Proof::Forbidden {
        // Of the texts of the clouds only the one of ECR names the identity and the right; others cover what does not exist.
        let named = f.said.as_ref().and_then(|s| s.said.candidates.first());
        let may_be_absent = named.is_none_or(|c| c.pattern != "pull-ecr-not-authorized");
        let exists = runs.with_repository(image).next().is_some();
        let sure = if may_be_absent && !exists { Confidence::Possible } else { Confidence::Likely };
        return Some(node_identity(f, sure));
    }
    if proof == Proof::Sent {
        return Some(if is_cloud(f.domain()) {
            node_identity(f, Confidence::Possible)
        } else {
            provider(f, None, Confidence::Possible, proof)
        });
    }
    if f.said.as_ref().is_some_and(|s| s.said.candidates.first().is_some_and(|c| c.codes.first() == Some(&"IMG-22"))) {
        return Some(provider(f, anonymous_elsewhere, Confidence::Likely, proof));
    }
    if let Some(run) = anonymous_elsewhere.filter(|r| r.pulled.is_some()) {
        return Some(provider(f, Some(run), Confidence::Possible, proof));
    }
    if anonymous_elsewhere.is_some() {
        blind.push(Blind {
            codes: &["IMG-22"],
            missing: format!("the Events of the pod that runs {image} without a pull secret"),
            why: Unseen::NotCollected,
        });
    }
    if is_cloud(f.domain()) && !secrets_used_for(runs, f) {
        return Some(provider(f, anonymous_elsewhere, Confidence::Possible, proof));
    }
    let exists = runs.with_image(image).next().is_some();
    let repository = runs.with_repository(image).next().is_some();
    let sure = match proof {
        Proof::Anonymous if account_unseen => Confidence::Likely,
        Proof::Anonymous => Confidence::Certain,
        Proof::Denied if exists => Confidence::Likely,
        Proof::Denied if repository => Confidence::Likely,
        Proof::Denied | Proof::Forbidden => Confidence::Possible,
        _ => Confidence::Likely,
    };
    if matches!(proof, Proof::Denied | Proof::Forbidden) && !exists && !repository {
        let changed =
            image_change(view, f).is_some_and(|c| ImageRef::parse(&c.previous).is_ok_and(|b| b.path() != image.path()));
        if changed || near_name(image, runs.repositories(f.domain())).is_some() {
            let v = decide::absent(view, runs, f, image, Confidence::Possible);
            return Some(v.open(
                "IMG-01",
                &f.victim,
                "whether the repository exists: the registry hides it from who is not logged in",
            ));
        }
    }
    let headline = format!("{} has no pull secret, and {} wants a login for {}", f.victim, f.domain(), f.image_text);
    let mut v = Verdict::new("IMG-01", &f.victim, sure, headline, refusal(f, proof))
        .and([Evidence::new(&f.pod.id, "spec.imagePullSecrets", "empty", "spec").of(&f.pod.meta)])
        .link(Link::Reference, &f.victim, LinkState::Broken, "names no pull secret")
        .link(Link::Registry, &f.victim, LinkState::Affected, format!("{} refuses an anonymous pull", f.domain()));
    if let Some(account) = account {
        v = v
            .and([Evidence::new(&account.id, "imagePullSecrets", "empty", "spec").of(&account.meta)])
            .other(&account.id);
    } else if account_unseen {
        v = v.open("IMG-12", &f.account(), "whether the ServiceAccount has got a pull secret since the pod was made");
    }
    if proof == Proof::Denied && sure != Confidence::Certain {
        v = v.open(
            "IMG-17",
            &f.victim,
            "whether the repository exists: the registry hides it from who is not logged in",
        );
    }
    if proof == Proof::Forbidden {
        v = v.open("IMG-16", &f.victim, "whether the node itself sends a credential for this registry");
    }
    if other_registry_runs(f, image) {
        v = v.open("IMG-24", &f.victim, "whether the pod's other containers need a login at all");
    }
    if anonymous_elsewhere.is_some() || is_cloud(f.domain()) {
        v = v.open("IMG-22", &f.victim, "whether nodes log in to this registry by a credential provider");
    }
    if let Some(list) = list_change(view, f).filter(|l| !l.before.is_empty()) {
        v = v
            .note(format!("the revision before listed {}: the last rollout dropped it", list.before.join(", ")))
            .changed(Some(list.change));
    } else if let Some((older, when)) = account_lost_it(view, f) {
        v = v
            .note(format!("{older} still has the list that {} gave it: the ServiceAccount lost it since", f.account()))
            .changed(Some(when));
    }
    v = v
        .not("IMG-04", "no credential was sent")
        .not("IMG-02", "no pull secret is named")
        .not("IMG-06", "no pull secret is named");
    if let Some(candidate) = usable_here(view, f, image) {
        v = v.note(format!("{candidate} in the namespace has a credential for {}", f.domain())).other(&candidate);
    }
    Some(v)
}

/// An older pod of the same ServiceAccount that was admitted with its list, while its own template has none.
fn account_lost_it(view: &View<'_>, f: &Facts<'_>) -> Option<(Id, Change)> {
    let older = pods_in(view, &f.pod.id.namespace).iter().filter(|p| {
        p.spec.service_account == f.pod.spec.service_account
            && p.meta.created < f.pod.meta.created
            && !p.spec.pull_secrets.is_empty()
            && view.revision_of(p).and_then(|r| r.template.as_ref()).is_some_and(|t| t.pull_secrets.is_empty())
    });
    let newest = older.max_by_key(|p| p.meta.created)?;
    let write = view.writes_of(&f.account()).rev().find(|w| f.pod.meta.created.is_none_or(|c| w.at <= c));
    let change = match write.filter(|w| newest.meta.created.is_none_or(|c| w.at >= c)) {
        Some(write) => Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" },
        None => {
            let when = Interval::between(newest.meta.created, f.pod.meta.created);
            Change { when, by: None, source: "creationTimestamp" }
        }
    };
    Some((newest.id.clone(), change))
}

/// A Secret of the namespace that would do, if only it were named.
fn usable_here(view: &View<'_>, f: &Facts<'_>, image: &ImageRef) -> Option<Id> {
    secrets_in(view, &f.pod.id.namespace).iter().find_map(|o| {
        let SecretPayload::Docker(facts) = &o.payload else { return None };
        let read = o.secret_type.as_deref().is_some_and(|t| t.starts_with("kubernetes.io/dockerc"));
        let hit = !Keyring::new(&[(&*o.id.name, &**facts)]).lookup(image).matches.is_empty();
        (read && hit).then(|| o.id.clone())
    })
}

/// Another container of the pod has its image, from another registry.
fn other_registry_runs(f: &Facts<'_>, image: &ImageRef) -> bool {
    f.pod.spec.containers.iter().any(|c| {
        c.name != f.container
            && ImageRef::parse(&c.image).is_ok_and(|i| i.domain() != image.domain())
            && f.pod.status(&c.name).is_some_and(|s| s.state.running_since().is_some())
    })
}

fn secrets_used_for(runs: &Runs<'_>, f: &Facts<'_>) -> bool {
    runs.from(f.domain()).any(|r| !r.pod.spec.pull_secrets.is_empty())
}

/// IMG-22: the nodes' own credential provider gives none here.
fn provider(f: &Facts<'_>, peer: Option<&Run<'_>>, sure: Confidence, proof: Proof) -> Verdict {
    let node = f.pod.node.as_deref().unwrap_or("its node");
    let headline = format!(
        "node {node} has no working login of its own for {}, which {} relies on for {}",
        f.domain(),
        f.victim,
        f.image_text
    );
    let mut v = Verdict::new("IMG-22", &f.victim, sure, headline, refusal(f, proof))
        .group(format!("{} {node}", f.domain()))
        .link(
            Link::Registry,
            &f.victim,
            LinkState::Broken,
            format!("node {node} sends no credential to {}", f.domain()),
        )
        .open("IMG-01", &f.victim, "the kubelet's log on the node: whether a credential provider is asked and fails");
    if let Some(peer) = peer {
        let on = peer.pod.node.as_deref().unwrap_or_default();
        let seen = format!("pulled {} without a pull secret on node {on}", peer.image);
        v = v.and([Evidence::new(&peer.pod.id, "event Pulled", seen, "event").at(peer.pulled)]);
    }
    if is_cloud(f.domain()) {
        v = v.open("IMG-23", &f.victim, "whether the node's cloud identity may pull");
    }
    v.not("IMG-02", "no pull secret is named")
}

/// IMG-23: the cloud knows the node and refuses it.
fn node_identity(f: &Facts<'_>, sure: Confidence) -> Verdict {
    let node = f.pod.node.as_deref().unwrap_or("its node");
    let headline = format!(
        "the cloud identity of node {node} may not pull from {}: {} cannot have {}",
        f.domain(),
        f.victim,
        f.image_text
    );
    Verdict::new("IMG-23", &f.victim, sure, headline, f.answer("registry refuses the node's own identity"))
        .group(format!("{} {node}", f.domain()))
        .and([Evidence::new(
            &f.pod.id,
            "spec.imagePullSecrets",
            "no credential of the pod's covers the registry",
            "spec",
        )])
        .link(Link::Registry, &f.victim, LinkState::Broken, format!("{} refuses the node's identity", f.domain()))
        .open("IMG-22", &f.victim, "the kubelet's log on the node: whether its credential provider works")
        .open("IMG-16", &f.victim, "whether the repository's own policy refuses the identity")
        .not("IMG-01", "a credential was sent: the node's")
}

/// IMG-12: the ServiceAccount has a list that these pods were admitted without.
pub(super) fn late<'a>(
    view: &View<'a>,
    runs: &Runs<'a>,
    f: &Facts<'a>,
    image: &ImageRef,
    account: &'a ServiceAccount,
    proof: Proof,
    blind: &mut Vec<Blind>,
) -> Option<Verdict> {
    let symptom = view.symptom(f.symptom);
    let list = listed::of(view, f.pod, &account.pull_secrets, symptom);
    let covered = !listed::sends(&list, image).matched.is_empty();
    let unseen = list.iter().any(|l| matches!(l.content, Content::Unseen(_)));
    if !covered && !unseen {
        // Making the pods anew would not help: the list itself is at fault.
        let v = unsent::judge(view, runs, f, image, &list, blind)?;
        return Some(v.note(format!(
            "the pod was made before {} listed it, so that it has to be made anew as well",
            account.id
        )));
    }
    let since = change_of_account(view, f, account);
    let sure = match proof {
        Proof::Anonymous | Proof::Denied if covered => Confidence::Certain,
        Proof::Sent => Confidence::Possible,
        _ => Confidence::Likely,
    };
    let names: Vec<&str> = account.pull_secrets.iter().map(|s| &**s).collect();
    let headline = format!(
        "{} was made before {} got its pull secret {}: the pods keep an empty list",
        f.victim,
        account.id,
        names.join(", ")
    );
    let newer = pods_in(view, &f.pod.id.namespace).iter().find(|p| {
        p.spec.service_account == f.pod.spec.service_account
            && p.spec.pull_secrets == account.pull_secrets
            && p.meta.created > f.pod.meta.created
    });
    let mut v = Verdict::new("IMG-12", &account.id, sure, headline, refusal(f, proof))
        .and([
            Evidence::new(&f.pod.id, "spec.imagePullSecrets", "empty: copied at creation only", "spec")
                .at(f.pod.meta.created)
                .of(&f.pod.meta),
            Evidence::new(&account.id, "imagePullSecrets", format!("lists {}", names.join(", ")), "spec")
                .at(since.when.until)
                .of(&account.meta),
        ])
        .changed(Some(since))
        .link(Link::Reference, &account.id, LinkState::Ok, "lists a pull secret now")
        .link(Link::Reference, &f.victim, LinkState::Broken, "pods were admitted with an empty list")
        .not("IMG-13", "the pod's own list is empty")
        .not("IMG-04", "no credential was sent")
        .not("IMG-06", "the ServiceAccount's pull secret covers the image");
    if let Some(newer) = newer {
        let seen = format!("made later, and lists {}", names.join(", "));
        v = v.and([Evidence::new(&newer.id, "spec.imagePullSecrets", seen, "spec").at(newer.meta.created)]);
    }
    Some(v)
}

/// ServiceAccounts made by kubectl carry no managedFields: the audit log tells, else the pods before and after.
fn change_of_account(view: &View<'_>, f: &Facts<'_>, account: &ServiceAccount) -> Change {
    let created = f.pod.meta.created;
    if let Some(write) = view.writes_of(&account.id).find(|w| created.is_none_or(|c| w.at >= c) && &*w.verb != "delete")
    {
        return Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" };
    }
    if let Some(m) =
        account.meta.managed.iter().find(|m| m.owns("imagePullSecrets") && m.time >= created && m.time.is_some())
    {
        return Change {
            when: Interval { after: m.time, until: m.time },
            by: Some(m.manager.to_string()),
            source: "managedFields",
        };
    }
    let until = pods_in(view, &f.pod.id.namespace)
        .iter()
        .filter(|p| p.spec.service_account == f.pod.spec.service_account)
        .filter(|p| p.spec.pull_secrets == account.pull_secrets && p.meta.created >= created)
        .filter_map(|p| p.meta.created)
        .min();
    Change { when: Interval::between(created, until.or(view.as_of)), by: None, source: "creationTimestamp" }
}

/// IMG-15: the image is on the node, and the kubelet wants proof that this pod may have it.
fn unverified(runs: &Runs<'_>, f: &Facts<'_>, image: &ImageRef, proof: Proof) -> Option<Verdict> {
    if !matches!(proof, Proof::Anonymous | Proof::Denied | Proof::Refused) || !f.tried {
        return None;
    }
    let written = f.pull_policy.as_deref().and_then(PullPolicy::parse);
    let always = match written {
        Some(policy) => policy == PullPolicy::Always,
        None => image.digest().is_none() && image.tag() == Some("latest"),
    };
    let node = f.node?;
    let version = node.kubelet_version.as_deref().and_then(KubeletVersion::parse)?;
    if always || version.minor < 33 || proof == Proof::Silent {
        return None;
    }
    let own = sorted(f.pod);
    // Somebody else's credential brought it here before this pod asked.
    let owner = runs.with_image(image).find(|r| {
        r.pod.node == f.pod.node
            && r.pod.id != f.pod.id
            && !r.pod.spec.pull_secrets.is_empty()
            && (r.pod.id.namespace != f.pod.id.namespace || sorted(r.pod) != own)
            && r.pulled.or(r.since).is_some_and(|t| f.first_try.is_none_or(|first| t < first))
    });
    let listed = has_image(node, image);
    if owner.is_none() && !(listed && version.verifies_by_default()) {
        return None;
    }
    // What the node lists now may have come after the refusal, unless a pod had it before.
    let pulled_before = owner.is_some_and(|r| r.pulled.is_some());
    let sure =
        if version.verifies_by_default() && listed && pulled_before { Confidence::Certain } else { Confidence::Likely };
    let headline = format!(
        "{} is on node {}, but the kubelet wants {} to prove its right to it, and the pod has no credential for {}",
        f.image_text,
        node.id.name,
        f.victim,
        f.domain()
    );
    let seen = f.answer("pulled again although the image is on the node");
    let mut v = Verdict::new("IMG-15", &f.victim, sure, headline, seen)
        .and(owner.map(|r| {
            let seen = format!("runs {} on the same node", r.image);
            Evidence::new(&r.pod.id, "status.containerStatuses", seen, "status").at(r.pulled.or(r.since))
        }))
        .and([Evidence::new(&node.id, "status.nodeInfo.kubeletVersion", format!("1.{}", version.minor), "status")])
        .link(Link::Registry, &f.victim, LinkState::Broken, "the cached image is verified by a pull")
        .open("IMG-01", &f.victim, "whether the pod would be refused on a node without the image too: it would")
        .not("IMG-17", "the image exists: it is on the node");
    if listed {
        v = v.and([Evidence::new(&node.id, "status.images", format!("holds {image}"), "status")]);
    }
    Some(v)
}
