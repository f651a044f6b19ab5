//! ROT-15: a CA or the key that signs tokens was replaced without a time in which both are trusted.

use std::collections::{BTreeMap, BTreeSet};

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind};
use crate::plan::{Plan, Risk, Step};
use crate::symptoms::{Class, Symptom, SymptomIx};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::sources;

pub static CARD: Card = Card {
    code: "ROT-15",
    slug: "no-trust-overlap",
    title: "A CA or signing key was replaced without overlap",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::ConfigMap, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "AUT-07", decided_by: "whether an operator or an application does not trust the other side" },
        Neighbour {
            code: "OBJ-15",
            decided_by: "whether the certificate has expired or names another host, or its issuer is not trusted",
        },
        Neighbour { code: "RBC-05", decided_by: "whether one ServiceAccount is refused with 401, or all of them" },
        Neighbour { code: "CON-08", decided_by: "whether the server still serves its old certificate" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("no_trust_overlap/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    bundles(view, out);
    tokens(view, out);
}

/// Applications that do not trust a server since the bundle that they are given was replaced.
fn bundles(view: &View<'_>, out: &mut Verdicts) {
    let mut found: BTreeMap<Id, (&DataObject, String, Change, Vec<&Symptom>)> = BTreeMap::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        if !symptom.has(Signal::TlsUntrusted) {
            continue;
        }
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let Some(container) = pod.spec.containers.iter().find(|c| symptom.container.as_deref() == Some(&*c.name))
        else {
            continue;
        };
        for (reference, _) in view.references(pod).iter() {
            let id = Id::new(reference.kind.clone(), &pod.id.namespace, &reference.name);
            if id.kind == Kind::ConfigMap {
                out.need(&symptom.victim, &id, view.config_map(&id.namespace, &id.name));
            }
        }
        for source in sources(view, pod, container) {
            let Some(object) = source.object.filter(|_| is_bundle(&source.key, source.value.is_pem)) else { continue };
            let Some(change) = view.key_change(object, &source.key) else { continue };
            let at = change.when.until.or(change.when.after);
            let rewritten = object.meta.created.zip(at).is_some_and(|(created, at)| at > created);
            let first = symptom
                .said
                .iter()
                .filter(|s| s.said.signal == Some(Signal::TlsUntrusted))
                .filter_map(|s| s.first)
                .min();
            let before = at.zip(first.or(symptom.onset)).is_some_and(|(at, first)| at <= first);
            if rewritten && before {
                let entry = found
                    .entry(object.id.clone())
                    .or_insert_with(|| (object, source.key.to_string(), change.clone(), Vec::new()));
                if !entry.3.iter().any(|s| s.ix == symptom.ix) {
                    entry.3.push(symptom);
                }
            }
        }
    }
    for (id, (object, key, change, symptoms)) in &found {
        out.violated(bundle(id, object, key, change, symptoms));
    }
}

/// A certificate in a key that is named as a CA, a bundle or a trust store.
fn is_bundle(key: &str, is_pem: bool) -> bool {
    let key = key.to_ascii_lowercase();
    is_pem && ["ca", "bundle", "root", "trust", "chain"].iter().any(|w| key.contains(w))
}

fn bundle(id: &Id, object: &DataObject, key: &str, change: &Change, symptoms: &[&Symptom]) -> Finding {
    let victim = &symptoms[0].victim;
    let at = change.when.until;
    let mut finding = Finding::new(
        id,
        Confidence::Likely,
        format!("{id} was given another CA, and {victim} does not trust the server any more"),
        Evidence::new(id, format!("data.{key}"), "replaced before the first refusal", change.source)
            .of(&object.meta)
            .at(at),
    )
    .explains(symptoms.iter().map(|s| s.ix))
    .affects(id)
    .changed(Some(change.clone()))
    .link(Link::Object, id, LinkState::Broken, "lacks the issuer of the served certificate")
    .rules_out("AUT-07", "an application does not trust the server, no operator")
    .unless("CON-08", id, "the issuer of the certificate that the server serves")
    .plan(Plan::new(vec![
        Step::outside(
            format!("publish a bundle with the old and the new CA as key {key} of {id}, at its owner of record"),
            "clients trust both issuers",
        )
        .change(format!("key {key}: both CA certificates"))
        .precondition("both CA certificates are at hand")
        .inverse("the present bundle, saved before"),
        Step::outside(
            "then have the servers' certificates issued by the new CA, and drop the old CA last",
            "no server serves a certificate of the old CA",
        )
        .precondition("every client has read the bundle with both"),
    ]));
    for symptom in symptoms {
        finding = finding.link(Link::Backend, &symptom.victim, LinkState::Broken, "unknown authority");
    }
    finding
}

/// Tokens of several ServiceAccounts in several namespaces refused at once: the key that signs them was replaced.
fn tokens(view: &View<'_>, out: &mut Verdicts) {
    let mut accounts: BTreeSet<Id> = BTreeSet::new();
    let mut explains: Vec<SymptomIx> = Vec::new();
    let (mut first, mut evidence): (Option<Time>, Option<Evidence>) = (None, None);
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some(statement) = symptom.signal(|s| s == Signal::ApiUnauthorized) else { continue };
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let account = Id::new(Kind::ServiceAccount, &pod.id.namespace, &pod.spec.service_account);
        let made_anew = view
            .service_account(&account.namespace, &account.name)
            .seen()
            .is_some_and(|sa| sa.meta.created > pod.meta.created);
        if made_anew {
            continue;
        }
        accounts.insert(account);
        explains.push(symptom.ix);
        first = first.into_iter().chain(statement.first).min();
        evidence.get_or_insert_with(|| {
            Evidence::new(
                &statement.object,
                statement.path.clone(),
                "the API server answered 401",
                statement.channel.source(),
            )
            .at(statement.last)
        });
    }
    let namespaces: BTreeSet<&str> = accounts.iter().map(|a| &*a.namespace).collect();
    let Some(evidence) = evidence.filter(|_| accounts.len() >= 3 && namespaces.len() >= 2) else { return };
    let subject = Id::new(Kind::Other("SigningKey".into()), "", "service-account-signing-key");
    out.violated(
        Finding::new(
            &subject,
            Confidence::Likely,
            format!(
                "tokens of {} ServiceAccounts are refused at once: the key that signs them was replaced",
                accounts.len()
            ),
            evidence,
        )
        .explains(explains)
        .changed(first.map(|at| Change { when: Interval::between(None, Some(at)), by: None, source: "log" }))
        .link(Link::Rotation, &subject, LinkState::Broken, "old tokens are not verified any more")
        .rules_out("RBC-05", "several ServiceAccounts of several namespaces are refused at once")
        .plan(Plan::new(vec![
            Step::outside(
                "give every API server the old public key again, as a second --service-account-key-file",
                "tokens of both keys are accepted",
            )
            .change("the list of keys that verify; the key that signs stays the new one")
            .precondition("the old public key is at hand")
            .risk(Risk::Manual)
            .inverse("take the old key out once the last token of it has expired"),
        ])),
    );
}
