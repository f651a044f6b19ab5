//! Secrets Store CSI driver: what a pod that waits for its volume lacks (SYN-14, SYN-15), frozen content (SYN-16), and
//! mirrored Secrets that live only as long as a mount (SYN-17).

use std::collections::BTreeMap;

use super::external::waiting_for;
use super::{Stories, plans};
use crate::messages::Signal;
use crate::objects::{Id, Kind, Pod, VolumeSource};
use crate::symptoms::{Class, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

const DRIVER: &str = "secrets-store.csi.k8s.io";

pub(super) fn judge(view: &View<'_>, stories: &mut Stories) {
    mounts(view, stories);
    mirrors(view, stories);
    frozen(view, stories);
}

/// The classes that a pod mounts.
fn classes(pod: &Pod) -> impl Iterator<Item = &str> {
    pod.spec.volumes.iter().filter_map(|v| match &v.source {
        VolumeSource::Csi { driver, provider_class, .. } if &**driver == DRIVER => provider_class.as_deref(),
        _ => None,
    })
}

/// One pod that waits, what was said, what it means, and how sure that is.
type Fault<'v> = (&'v Symptom, Evidence, &'static str, Confidence);

/// SYN-14 and SYN-15: the kubelet's own words on the volume.
fn mounts(view: &View<'_>, stories: &mut Stories) {
    let mut faults: BTreeMap<(&'static str, Id), Vec<Fault<'_>>> = BTreeMap::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::Mount | Class::Config)) {
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let Some(class) = classes(pod).next() else { continue };
        let newest = symptom
            .said
            .iter()
            .filter_map(|s| Some((s, fault(s.said.signals.iter().copied())?)))
            .max_by_key(|(s, _)| s.last);
        let class_id = Id::new(Kind::SecretProviderClass, &pod.id.namespace, class);
        let Some((statement, (code, words, confidence))) = newest else { continue };
        let subject = match words {
            NO_DRIVER | NO_PROVIDER => {
                pod.node.as_deref().map_or_else(|| pod.id.clone(), |n| Id::new(Kind::Node, "", n))
            }
            _ => class_id,
        };
        let evidence = Evidence::new(&statement.object, statement.path.clone(), words, statement.channel.source())
            .at(statement.last);
        faults.entry((code, subject)).or_default().push((symptom, evidence, words, confidence));
    }
    for pod in
        view.snap.pods.iter().filter(|p| &*p.phase == "Pending" && p.node.is_some() && classes(p).next().is_some())
    {
        if let Err(why) = view.snap.coverage.of(&Kind::Event, &pod.id.namespace) {
            stories.blind(
                &["SYN-14", "SYN-15"],
                &view.top_owner(pod),
                format!("Events about {}, which name the cause", pod.id),
                why,
            );
        }
    }
    for ((code, subject), members) in faults {
        let Some((_, evidence, words, confidence)) = members.first().cloned() else { continue };
        let headline = format!("pods wait for their volume from {subject}: {words}");
        let mut finding = Finding::new(&subject, confidence, headline, evidence)
            .explains(members.iter().map(|(s, ..)| s.ix))
            .supported_by(members.iter().skip(1).map(|(_, e, ..)| e.clone()))
            .link(if code == "SYN-14" { Link::Sync } else { Link::Source }, &subject, LinkState::Broken, words);
        let others = if code == "SYN-14" {
            ("SYN-15", "the driver did not get as far as the source")
        } else {
            ("SYN-14", "class and driver are there: the source was asked")
        };
        finding = finding.rules_out(others.0, others.1);
        finding = finding.plan(match words {
            NO_DRIVER | NO_PROVIDER => plans::one(
                &subject,
                "let driver and provider run on this node",
                "taints and tolerations of the DaemonSets of the driver and its provider",
                "the node lists the driver",
            ),
            _ if code == "SYN-14" => plans::one(
                &subject,
                "create the class in the pods' own namespace",
                "the SecretProviderClass",
                "the volume can be mounted",
            ),
            _ => plans::at_source(
                "restore what the source refuses or lacks",
                "identity of the pods' ServiceAccount, policy or entry at the source",
                "the provider's words name the path",
                "new pods start",
                &[],
            ),
        });
        stories.tell(code, finding);
    }
}

const NO_CLASS: &str = "the SecretProviderClass is not in the pods' namespace";
const NO_DRIVER: &str = "the driver is not registered on this node";
const NO_PROVIDER: &str = "the provider does not run on this node";

fn fault(signals: impl Iterator<Item = Signal>) -> Option<(&'static str, &'static str, Confidence)> {
    let mut best = None;
    for signal in signals {
        let found = match signal {
            Signal::ProviderClassMissing => ("SYN-14", NO_CLASS, Confidence::Certain),
            Signal::CsiDriverNotRegistered => ("SYN-14", NO_DRIVER, Confidence::Certain),
            Signal::CsiProviderMissing => ("SYN-14", NO_PROVIDER, Confidence::Certain),
            Signal::ProviderClassInvalid => {
                ("SYN-15", "the SecretProviderClass is not valid for its provider", Confidence::Likely)
            }
            Signal::RemoteMissing => ("SYN-15", "the source has no such entry", Confidence::Likely),
            Signal::ProviderLogin | Signal::RoleUnbound(_) | Signal::InvalidToken => {
                ("SYN-15", "the login to the source is refused", Confidence::Likely)
            }
            Signal::VaultDenied => ("SYN-15", "the source refuses the read", Confidence::Likely),
            Signal::ProviderUnreachable | Signal::VaultUnreachable | Signal::ProviderTls => {
                ("SYN-15", "the source cannot be reached", Confidence::Likely)
            }
            Signal::Sealed503 | Signal::ProviderSealed => ("SYN-15", "the source is sealed", Confidence::Likely),
            Signal::Quota429 | Signal::ProviderThrottled => ("SYN-15", "the source throttles", Confidence::Likely),
            Signal::ProviderRead => ("SYN-15", "the provider could not read", Confidence::Likely),
            _ => continue,
        };
        // The first signal is the best wording; SYN-14 is further from the source and so more definite.
        if best.is_none() || found.0 == "SYN-14" {
            best = Some(found);
        }
    }
    best
}

/// SYN-17: a container needs by env what exists only while some pod mounts the class.
fn mirrors(view: &View<'_>, stories: &mut Stories) {
    for (secret, symptoms) in waiting_for(view) {
        if let Err(why) = view.snap.coverage.of(&Kind::SecretProviderClass, &secret.namespace)
            && view.snap.pods.iter().any(|p| p.id.namespace == secret.namespace && classes(p).next().is_some())
        {
            stories.blind(
                &["SYN-17"],
                &secret,
                "the SecretProviderClasses of its namespace, one of which may mirror it",
                why,
            );
        }
        let class =
            view.snap.provider_classes.iter().find(|c| {
                c.id.namespace == secret.namespace && c.secret_objects.iter().any(|(n, _)| *n == secret.name)
            });
        let Some(class) = class else { continue };
        let without: Vec<_> = symptoms
            .iter()
            .filter(|ix| {
                let pod = view.symptom(**ix).pod.as_ref().and_then(|id| view.pod(id));
                pod.is_some_and(|p| !classes(p).any(|c| *c == *class.id.name)) && !stories.explains(**ix)
            })
            .copied()
            .collect();
        if without.is_empty() {
            continue;
        }
        let mounted =
            view.snap.pods.iter().any(|p| {
                p.id.namespace == secret.namespace && classes(p).any(|c| *c == *class.id.name) && p.is_ready()
            });
        let evidence = Evidence::new(
            &class.id,
            "spec.secretObjects",
            format!("mirrors to {secret}, while a pod mounts the class"),
            "spec",
        );
        let headline =
            format!("{secret} exists only while a pod mounts {}, and the pods that need it do not", class.id);
        let confidence = if mounted { Confidence::Possible } else { Confidence::Likely };
        let mut finding = Finding::new(&class.id, confidence, headline, evidence)
            .explains(without.iter().copied())
            .affects(&secret)
            .link(Link::Sync, &class.id, LinkState::Broken, "mirrored only with a mount")
            .link(Link::Object, &secret, LinkState::Broken, "not there")
            .rules_out("OBJ-02", "the driver removes it with the last mount, by design");
        if let Some(victim) = without.first().map(|ix| view.symptom(*ix).victim.clone()) {
            let step = crate::plan::Step::on(
                &victim,
                "mount the class in every consumer",
                crate::plan::Effect::EditTemplate { workload: victim.clone() },
            )
            .change(format!("a csi volume with secretProviderClass {}, mounted by the container", class.id.name))
            .command(format!("kubectl edit {victim} -n {}", victim.namespace))
            .precondition("the ServiceAccount may read the source")
            .inverse(format!("kubectl rollout undo {victim} -n {}", victim.namespace))
            .after("the driver makes the Secret before the container starts");
            finding = finding.plan(crate::plan::Plan::new(vec![step]));
        }
        if mounted {
            finding = finding.unless("SYN-15", &class.id, "the driver's log: whether it could write the mirror");
        }
        stories.tell("SYN-17", finding);
    }
}

/// The version that a pod holds, the status that says so, and the pod's name.
type Held<'v> = (&'v str, &'v Id, &'v str);

/// SYN-16: pods of one class hold different versions of one entry.
fn frozen(view: &View<'_>, stories: &mut Stories) {
    for symptom in view.symptoms().iter().filter(|s| s.signal(crate::view::credentials::is_refusal).is_some()) {
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        if classes(pod).next().is_some()
            && let Err(why) = view.snap.coverage.of(&Kind::SecretProviderClassPodStatus, &pod.id.namespace)
        {
            stories.blind(
                &["SYN-16"],
                &symptom.victim,
                "which version of the content its pods hold (SecretProviderClassPodStatus)",
                why,
            );
        }
    }
    let mut by_class: BTreeMap<Id, BTreeMap<&str, Vec<Held<'_>>>> = BTreeMap::new();
    for status in view.snap.csi_statuses.iter().filter(|s| s.mounted) {
        let class = Id::new(Kind::SecretProviderClass, &status.id.namespace, &status.class);
        for (object, version) in &status.objects {
            by_class.entry(class.clone()).or_default().entry(object).or_default().push((
                version,
                &status.id,
                &status.pod,
            ));
        }
    }
    for (class, objects) in by_class {
        let Some((object, held)) = objects.iter().find(|(_, held)| held.iter().any(|h| h.0 != held[0].0)) else {
            continue;
        };
        let pods: Vec<Id> = held.iter().map(|h| Id::new(Kind::Pod, &class.namespace, h.2)).collect();
        let mut aged: Vec<(&&str, Option<crate::time::Time>)> = Vec::new();
        for ((version, _, _), id) in held.iter().zip(&pods) {
            aged.push((version, view.pod(id).and_then(|p| p.meta.created)));
        }
        aged.sort_by_key(|(_, made)| *made);
        let Some(newest) = aged.last().map(|(v, _)| **v) else { continue };
        let stale: Vec<&Id> = held.iter().zip(&pods).filter(|(h, _)| h.0 != newest).map(|(_, id)| id).collect();
        // Whoever started later has the newer version: that is content that nothing refreshes.
        let symptoms: Vec<_> = view
            .symptoms()
            .iter()
            .filter(|s| {
                s.pod.as_ref().is_some_and(|p| stale.contains(&p))
                    && s.signal(crate::view::credentials::is_refusal).is_some()
            })
            .collect();
        let evidence = Evidence::new(
            held[0].1,
            "status.objects",
            format!("{object} in another version than in later pods"),
            "status",
        );
        let headline =
            format!("pods that mount {class} hold different versions of {object}: what is mounted is not refreshed");
        let mut finding = Finding::new(&class, Confidence::Likely, headline, evidence)
            .explains(symptoms.iter().map(|s| s.ix))
            .link(Link::Delivery, &class, LinkState::Broken, "older pods keep the version of their start")
            .rules_out("SYN-15", "later pods were given theirs");
        for id in &stale {
            if let Some(pod) = view.pod(id) {
                finding = finding.victim(&view.top_owner(pod));
            }
        }
        if symptoms.is_empty() {
            finding = finding.latent();
        }
        let victim = finding.victims.first().cloned().unwrap_or_else(|| class.clone());
        let step = crate::plan::Step::on(
            &victim,
            "start the older pods anew, then turn rotation on",
            crate::plan::Effect::Mend { object: held[0].1.clone() },
        )
        .change("pods only; then --enable-secret-rotation of the driver")
        .command(crate::plan::restart_command(&victim))
        .precondition("the newer version is accepted: later pods run with it")
        .inverse("none needed: the former version is not mounted again")
        .after("all pods hold one version");
        let mut steps = vec![step];
        for (_, id, _) in held.iter().skip(1) {
            steps.push(
                crate::plan::Step::on(
                    id,
                    "the driver writes its status anew",
                    crate::plan::Effect::Mend { object: (*id).clone() },
                )
                .change("nothing by hand")
                .precondition("the pod was restarted")
                .inverse("none needed")
                .after("its version is the newest"),
            );
        }
        finding = finding.plan(crate::plan::Plan::new(steps));
        stories.tell("SYN-16", finding);
    }
}
