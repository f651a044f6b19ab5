//! IMG-27: pods run, and what they would need to be pulled again is gone or dead.

use std::collections::{BTreeMap, BTreeSet};

use super::pull;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Seen;
use crate::image::ImageRef;
use crate::keyring::{Keyring, PullSecretKind};
use crate::messages::Fields;
use crate::objects::{Id, Kind, Pod, SecretPayload};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::snapshot::{Outcome, Want};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-27",
    slug: "latent-pull-secret",
    title: "Pods run while their pull secret is missing or dead",
    link: Link::Registry,
    role: Role::Latent,
    severity: Severity::Medium,
    needs: &[
        Need::decides(Kind::Pod, Scope::All),
        Need::decides(Kind::Secret, Scope::Named),
        Need::sharpens(Kind::Event, Scope::All),
    ],
    neighbours: &[
        Neighbour { code: "IMG-02", decided_by: "whether a pod fails to pull already" },
        Neighbour { code: "IMG-04", decided_by: "whether a pod fails to pull already" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("latent_pull_secret/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    // Where a pull with the Secret fails already, the live finding tells it all.
    let live: BTreeSet<&Id> = pull::stories(view).iter().flat_map(|s| &s.facts.listed).map(|l| &l.id).collect();
    let mut users: BTreeMap<Id, Vec<&Pod>> = BTreeMap::new();
    for pod in &view.snap.pods {
        if pod.meta.deleting.is_some()
            || pod.is_finished()
            || !pod.statuses.iter().any(|s| s.state.waiting_reason().is_none())
        {
            continue;
        }
        for name in &pod.spec.pull_secrets {
            users.entry(Id::new(Kind::Secret, &pod.id.namespace, name)).or_default().push(pod);
        }
    }
    for (secret, pods) in users.iter().filter(|(id, _)| !live.contains(id)) {
        match view.secret(&secret.namespace, &secret.name) {
            Seen::Absent(basis) => {
                if let Some(finding) = gone(view, secret, pods, Confidence::of_absence(basis)) {
                    out.violated(finding);
                }
            }
            Seen::Seen(_) => match dead(view, secret, pods) {
                Some(finding) => out.violated(finding),
                None => out.satisfied(secret),
            },
            // The kubelet's repeated complaint is an observation of its own.
            Seen::Unseen(why) => match gone(view, secret, pods, Confidence::Likely) {
                Some(finding) => out.violated(finding),
                None => {
                    if complaint(view, pods[0], &secret.name).is_some() {
                        out.unseen(secret, secret.to_string(), why);
                    }
                }
            },
        }
    }
}

struct Complaint {
    first: Option<crate::time::Time>,
    last: Option<crate::time::Time>,
    count: u32,
}

fn complaint(view: &View<'_>, pod: &Pod, secret: &str) -> Option<Complaint> {
    view.events_about(&pod.id)
        .filter(|e| &*e.reason == "FailedToRetrieveImagePullSecret")
        .find(|e| e.said.fields.secrets.as_deref().is_some_and(|s| Fields::split(s).any(|n| n == secret)))
        .map(|e| Complaint { first: e.first, last: e.last, count: e.count })
}

/// It was there when a running pod was made, and is not now. A Secret that was never there and never needed is no risk.
fn gone(view: &View<'_>, secret: &Id, pods: &[&Pod], sure: Confidence) -> Option<Finding> {
    let deleted = view.audited_deletion(secret);
    let mut evidence = None;
    let mut change: Option<Change> = None;
    let mut victims = Vec::new();
    for pod in pods {
        let started = pod.statuses.iter().filter_map(|s| s.state.running_since()).max()?;
        let complaint = complaint(view, pod, &secret.name);
        // One that was absent from the start is complained about before the first pull.
        let after_start =
            complaint.as_ref().is_some_and(|c| c.first.is_some_and(|t| t.since(started) > 2) && c.count >= 2);
        let deleted_after = deleted.is_some_and(|w| w.at > started);
        if !after_start && !deleted_after {
            continue;
        }
        if let Some(write) = deleted.filter(|_| deleted_after) {
            change = Some(Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" });
        } else if let Some(first) = complaint.as_ref().and_then(|c| c.first) {
            // The kubelet complains within a sync of the deletion.
            change.get_or_insert(Change {
                when: Interval::between(Some(first.plus(-120)), Some(first)),
                by: None,
                source: "events",
            });
        }
        if evidence.is_none() {
            evidence = Some(match &complaint {
                Some(c) => Evidence::new(
                    &pod.id,
                    "event FailedToRetrieveImagePullSecret",
                    format!("kubelet cannot retrieve {secret}, though it could when the pod started"),
                    "event",
                )
                .at(c.last),
                None => Evidence::new(secret, "audit", "deleted while the pod runs", "audit").at(deleted.map(|w| w.at)),
            });
        }
        victims.push(view.top_owner(pod));
    }
    // The kubelet forgets its Events when it restarts, so that the first on record need not be the first.
    let sure = if deleted.is_some() { sure } else { sure.at_most(Confidence::Likely) };
    victims.sort();
    victims.dedup();
    let first = victims.first()?;
    let headline = format!("pull secret {} is gone while {first} still runs: its next pull will fail", secret.name);
    let mut finding = Finding::new(secret, sure, headline, evidence?)
        .latent()
        .rules_out("IMG-02", "no pod fails to pull yet")
        .rules_out("IMG-04", "no pod fails to pull yet")
        .changed(change)
        .link(Link::Object, secret, LinkState::Broken, "no longer exists")
        .plan(plan(secret, "make it again by its owner"));
    for victim in &victims {
        finding = finding.victim(victim);
    }
    Some(finding)
}

/// It is there, and what it holds has ended or was refused when asked.
fn dead(view: &View<'_>, secret: &Id, pods: &[&Pod]) -> Option<Finding> {
    let object = view.secret(&secret.namespace, &secret.name).seen()?;
    let SecretPayload::Docker(facts) = &object.payload else { return None };
    if object.secret_type.as_deref().map(PullSecretKind::of_type) == Some(PullSecretKind::Other) {
        return None;
    }
    let keyring = Keyring::new(&[(&*secret.name, &**facts)]);
    let now = view.as_of?;
    let mut found: Option<(Confidence, Evidence, String)> = None;
    let mut victims = Vec::new();
    for pod in pods {
        for container in &pod.spec.containers {
            let Ok(image) = ImageRef::parse(&container.image) else { continue };
            for m in keyring.lookup(&image).matches {
                let Some(entry) = keyring.entry(&m) else { continue };
                let rejected = [container.image.to_string(), image.to_string()].into_iter().any(|image| {
                    let want = Want::PullCredential {
                        namespace: secret.namespace.to_string(),
                        secret: secret.name.to_string(),
                        image,
                    };
                    view.answer(&want).is_some_and(|(_, o)| o == Outcome::Rejected)
                });
                let ended = entry.token.and_then(|t| t.expires).filter(|end| *end <= now);
                let told = if rejected {
                    let seen = Evidence::new(secret, "registry", "asked with this credential: 401", "registry");
                    Some((Confidence::Certain, seen, format!("{} refuses the credential", image.domain())))
                } else {
                    ended.map(|end| {
                        let seen = format!("the token says that it ended at {end}");
                        let seen = Evidence::new(secret, format!("auths[{}]", m.key), seen, "spec").at(Some(end));
                        (Confidence::Certain, seen, format!("its token ended at {end}"))
                    })
                };
                if let Some(told) = told {
                    found.get_or_insert(told);
                    victims.push(view.top_owner(pod));
                }
            }
        }
    }
    let (sure, evidence, why) = found?;
    victims.sort();
    victims.dedup();
    let first = victims.first()?;
    let headline = format!("{secret} is dead while {first} still runs: {why}, and its next pull will fail");
    let mut finding = Finding::new(secret, sure, headline, evidence)
        .latent()
        .rules_out("IMG-02", "the Secret exists")
        .rules_out("IMG-04", "no pod fails to pull yet")
        .changed(view.data_change(object))
        .link(Link::Object, secret, LinkState::Broken, why)
        .plan(plan(secret, "write a credential that the registry accepts, by its owner"));
    for victim in &victims {
        finding = finding.victim(victim);
    }
    Some(finding)
}

fn plan(secret: &Id, what: &str) -> Plan {
    let keys = vec![".dockerconfigjson".to_owned()];
    Plan::new(vec![
        Step::on(secret, format!("{what}, before any node is drained or workload scaled"), Effect::Create { object: secret.clone(), keys })
            .change("type kubernetes.io/dockerconfigjson with a key for the registry")
            .command(format!(
                "kubectl create secret generic {} -n {} --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -",
                secret.name, secret.namespace
            ))
            .precondition("nothing else owns the Secret")
            .risk(Risk::Review)
            .inverse("apply the saved Secret again, or delete it where there was none")
            .after("a pull on a fresh node works"),
    ])
}
