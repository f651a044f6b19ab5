//! CON-06: retries without a pause have locked the account at the backend, so that a right password is refused as well.

use super::steps;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::CredentialUse;

pub static CARD: Card = Card {
    code: "CON-06",
    slug: "account-locked",
    title: "Retries without a pause have locked the account",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::Named), Need::sharpens(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour {
            code: "OBJ-08",
            decided_by: "whether the backend says that the account is locked, or that the password is wrong",
        },
        Neighbour {
            code: "CON-04",
            decided_by: "whether the backend says that connections, or that attempts are used up",
        },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("account_locked/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        if symptom.says(Signal::AccountLocked).is_some() {
            let case = view.refused_credentials().iter().find(|c| c.symptom == symptom.ix);
            found.extend(finding(view, symptom, case));
        }
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

fn finding(view: &View<'_>, symptom: &Symptom, case: Option<&CredentialUse<'_>>) -> Option<Finding> {
    let said = symptom.says(Signal::AccountLocked)?;
    let key = case.and_then(|c| c.keys.iter().find(|k| k.object.is_some()));
    let object = key.and_then(|k| k.object);
    let subject = object.map_or(&symptom.victim, |o| &o.id);
    let pods = view.pods_of(&symptom.victim).filter(|p| !p.is_finished()).count();
    let attempts: u32 = symptom
        .said
        .iter()
        .filter(|s| s.said.signal.is_some_and(crate::view::credentials::is_refusal))
        .map(|s| s.count)
        .sum();
    let change = object.zip(key).and_then(|(o, k)| view.key_change(o, &k.key));
    let first = case.and_then(|c| c.first_refusal);
    let corrected = change.as_ref().and_then(|c| c.when.until).zip(first).is_some_and(|(at, first)| at > first);
    let mut finding = Finding::new(
        subject,
        Confidence::Likely,
        format!("the account that {} uses is locked after too many failed logins", symptom.victim),
        steps::evidence(said, "the backend says that the account is locked"),
    )
    .explains([symptom.ix])
    .supported_by([Evidence::new(
        &symptom.victim,
        "status.replicas",
        format!("{pods} pods retry; {attempts} refusals in the logs at hand"),
        "log",
    )])
    .link(Link::Consumption, &symptom.victim, LinkState::Broken, "retries without a pause")
    .link(Link::Backend, subject, LinkState::Broken, "account locked")
    .changed(change)
    .rules_out("CON-04", "the backend does not complain about the number of connections");
    if corrected {
        finding = finding
            .note("the value was changed after the first refusal; a right value is refused too while the lock lasts");
    } else {
        finding = finding.unless(
            "OBJ-08",
            subject,
            "unlock the account, then log in once with the value that the Secret holds now",
        );
    }
    Some(finding.plan(plan(&symptom.victim)))
}

fn plan(workload: &Id) -> Plan {
    let namespace = &workload.namespace;
    let stop = Step::on(workload, format!("scale {workload} down so that nobody tries any more"), Effect::Wait)
        .change("spec.replicas: 0")
        .command(format!("kubectl scale {workload} -n {namespace} --replicas=0"))
        .precondition("the number of replicas is noted, the autoscaler is paused")
        .risk(Risk::Review)
        .inverse(format!("kubectl scale {workload} -n {namespace} --replicas=FORMER"))
        .after("no more failed logins");
    let unlock = Step::outside(
        "unlock the account at the backend and try one login with the present value",
        "the account is open and the value is proved",
    )
    .inverse("none");
    let start = steps::restart(workload, format!("scale {workload} up again, first one pod"))
        .change("spec.replicas: 1, then FORMER")
        .command(format!("kubectl scale {workload} -n {namespace} --replicas=1"))
        .after("its pods are let in; then add a pause that grows to the retries");
    Plan::new(vec![stop, unlock, start])
}
