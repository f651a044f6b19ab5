//! OBJ-15: the certificate in a TLS Secret cannot serve: run out, for another host, or with another key.

use super::missing::report::kind_word;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Seen;
use crate::messages::Signal;
use crate::objects::{CertFacts, DataObject, Id, Kind, SecretPayload};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Symptom, SymptomIx};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::same_host;

pub static CARD: Card = Card {
    code: "OBJ-15",
    slug: "tls-invalid",
    title: "The certificate of a TLS Secret is not valid",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace), Need::sharpens(Kind::Ingress, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "CON-08", decided_by: "whether the certificate in the Secret is valid now" },
        Neighbour { code: "SYN-20", decided_by: "whether the issuer failed to renew it" },
        Neighbour { code: "ROT-15", decided_by: "whether the certificate or the trust in its issuer is at fault" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("tls_invalid/explain.md"),
    judge,
};

/// What is wrong with a certificate.
enum Fault {
    Expired(Time),
    NotYet(Time),
    OtherKey,
    Unreadable,
    /// It does not cover this host.
    OtherHost(String),
}

impl Fault {
    fn words(&self) -> String {
        match self {
            Self::Expired(at) => format!("ran out at {at}"),
            Self::NotYet(at) => format!("is not valid before {at}"),
            Self::OtherKey => "does not belong to its key".to_owned(),
            Self::Unreadable => "cannot be read".to_owned(),
            Self::OtherHost(host) => format!("does not cover {host}"),
        }
    }
}

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for object in &view.snap.data {
        let SecretPayload::Certificate(facts) = &object.payload else { continue };
        let listeners = listeners(view, object);
        let consumers = view.consumers(&object.id.kind, &object.id.namespace, &object.id.name);
        if listeners.is_empty() && consumers.is_empty() {
            continue;
        }
        if let Some(fault) = fault(view, facts, &listeners) {
            // Under another type the key's name promises nothing, unless somebody serves with it or fails for it.
            let promised = object.secret_type.as_deref() == Some("kubernetes.io/tls") || !listeners.is_empty();
            if matches!(fault, Fault::Unreadable) && !promised && failing(view, object, facts, &fault).is_empty() {
                continue;
            }
            out.violated(finding(view, object, facts, &fault, &listeners));
        }
    }
    for user in &view.snap.tls_users {
        for (namespace, name, _) in &user.secrets {
            if let Seen::Unseen(why) = view.secret(namespace, name)
                && view.symptoms().iter().any(tls_refused)
            {
                out.unseen(&user.id, format!("secret/{name} in namespace {namespace}"), why);
            }
        }
    }
}

/// Ingresses and Gateways that serve with the Secret, with the hosts that it must cover.
fn listeners<'a>(view: &View<'a>, object: &DataObject) -> Vec<(&'a Id, &'a [crate::objects::Str])> {
    view.snap
        .tls_users
        .iter()
        .flat_map(|u| u.secrets.iter().map(move |(namespace, name, hosts)| (&u.id, namespace, name, hosts.as_slice())))
        .filter(|(_, namespace, name, _)| **namespace == object.id.namespace && **name == object.id.name)
        .map(|(id, _, _, hosts)| (id, hosts))
        .collect()
}

fn fault(view: &View<'_>, facts: &CertFacts, listeners: &[(&Id, &[crate::objects::Str])]) -> Option<Fault> {
    if facts.unreadable {
        return Some(Fault::Unreadable);
    }
    if facts.key_matches == Some(false) {
        return Some(Fault::OtherKey);
    }
    let now = view.as_of?;
    if let Some(end) = facts.not_after.filter(|end| *end < now) {
        return Some(Fault::Expired(end));
    }
    if let Some(start) = facts.not_before.filter(|start| *start > now) {
        return Some(Fault::NotYet(start));
    }
    if facts.names.is_empty() {
        return None;
    }
    listeners
        .iter()
        .flat_map(|(_, hosts)| hosts.iter())
        .find(|host| !facts.names.iter().any(|name| covers(name, host)))
        .map(|host| Fault::OtherHost(host.to_string()))
}

/// Whether a name of a certificate covers a host: equal, or a wildcard for its first label.
fn covers(name: &str, host: &str) -> bool {
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    let Some(rest) = name.strip_prefix("*.") else { return false };
    host.split_once('.').is_some_and(|(_, tail)| tail.eq_ignore_ascii_case(rest))
}

fn tls_refused(symptom: &Symptom) -> bool {
    symptom.signal(|s| matches!(s, Signal::TlsExpired | Signal::TlsUntrusted)).is_some()
}

/// Failing containers that mount the Secret, or whose client was refused by a host that it serves.
fn failing(view: &View<'_>, object: &DataObject, facts: &CertFacts, fault: &Fault) -> Vec<SymptomIx> {
    view.symptoms()
        .iter()
        .filter(|s| matches!(s.class, Class::App | Class::Crash))
        .filter(|s| {
            let mounts = s.pod.as_ref().and_then(|id| view.pod(id)).is_some_and(|p| {
                p.id.namespace == object.id.namespace
                    && view.references(p).iter().any(|(r, _)| r.kind == Kind::Secret && r.name == object.id.name)
            });
            let unusable = matches!(fault, Fault::OtherKey | Fault::Unreadable);
            let own = mounts && (tls_refused(s) || unusable && s.has(Signal::ConfigParse));
            let served = || {
                s.said.iter().filter(|st| st.said.says(Signal::TlsExpired) || st.said.says(Signal::TlsUntrusted)).any(
                    |st| {
                        let host = st.said.fields.url_host.as_deref().or(st.said.fields.host.as_deref());
                        host.is_some_and(|h| {
                            let bare = h.split(':').next().unwrap_or(h);
                            facts.names.iter().any(|n| covers(n, bare) || same_host(n, bare))
                        })
                    },
                )
            };
            own || (tls_refused(s) && served())
        })
        .map(|s| s.ix)
        .collect()
}

fn finding(
    view: &View<'_>,
    object: &DataObject,
    facts: &CertFacts,
    fault: &Fault,
    listeners: &[(&Id, &[crate::objects::Str])],
) -> Finding {
    let headline = format!("the certificate in {} {}", object.id, fault.words());
    let path = if matches!(fault, Fault::OtherKey) { "data[tls.key]" } else { "data[tls.crt]" };
    let primary =
        Evidence::new(&object.id, path, format!("the certificate {}", fault.words()), "list").of(&object.meta);
    let since = match fault {
        Fault::Expired(at) => Some(Change { when: Interval::at(*at), by: None, source: "certificate" }),
        _ => view.data_change(object),
    };
    let symptoms = failing(view, object, facts, fault);
    let mut finding = Finding::new(&object.id, Confidence::Certain, headline, primary)
        .changed(since)
        .supported_by(
            listeners
                .iter()
                .take(3)
                .map(|(id, _)| Evidence::new(id, "spec.tls", format!("serves with {}", object.id), "spec")),
        )
        .link(Link::Object, &object.id, LinkState::Broken, format!("its certificate {}", fault.words()))
        .rules_out("CON-08", "the certificate in the Secret itself is at fault")
        .plan(plan(view, object));
    let mut victims: Vec<Id> = listeners.iter().map(|(id, _)| (*id).clone()).collect();
    victims.extend(
        view.consumers(&object.id.kind, &object.id.namespace, &object.id.name).iter().map(|c| c.workload.clone()),
    );
    victims.sort();
    victims.dedup();
    if symptoms.is_empty() {
        finding = finding.latent().severity(Severity::Medium);
        finding.victims = victims;
    } else {
        finding = finding.explains(symptoms);
    }
    if let Some(producer) = view.producer_of(&object.id) {
        finding = finding.note(format!("{producer} makes it: see why it was not renewed (SYN-20)"));
    }
    finding
}

fn plan(view: &View<'_>, object: &DataObject) -> Plan {
    let id = &object.id;
    let record = view.record_of(object);
    let mut step = Step::on(
        &record.target(id),
        format!("issue the certificate of {id} anew in {}", record.place()),
        Effect::Mend { object: id.clone() },
    )
    .change("tls.crt and tls.key, together")
    .precondition("the new certificate covers all hosts, and its key belongs to it")
    .risk(Risk::Review)
    .inverse("apply the saved object")
    .after("servers that watch the Secret present the new certificate; others need a restart");
    step.command = record.push(id).or_else(|| {
        Some(format!(
            "kubectl create {} tls {} -n {} --cert=FILE --key=FILE --dry-run=client -o yaml | kubectl apply -f -",
            kind_word(&id.kind),
            id.name,
            id.namespace
        ))
    });
    Plan::new(vec![step])
}
