//! DEL-05: the kubelet's cache did not sync within a second; harmless in passing, a cluster fault when it goes on.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::steps;
use crate::messages::Signal;
use crate::objects::Kind;
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

/// Passing timeouts come once or twice while a pod starts; the kubelet tries again within seconds.
const PASSING: u32 = 2;

pub static CARD: Card = Card {
    code: "DEL-05",
    slug: "cache-sync-timeout",
    title: "The kubelet's cache of a Secret or ConfigMap does not sync in time",
    link: Link::Delivery,
    role: Role::Mechanism,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Event, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "OBJ-01", decided_by: "whether the text says `not found`, or that waiting timed out" },
        Neighbour {
            code: "CLU-01",
            decided_by: "whether the API server can read Secrets at all (errors of decryption)",
        },
        Neighbour { code: "CLU-05", decided_by: "whether requests of other kinds are slow or refused too" },
        Neighbour { code: "CLU-02", decided_by: "whether it goes on on one node or behind one API server only" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("cache_sync_timeout/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::Mount | Class::Config)) {
        let timeout = |s: &&Statement| s.said.signals.iter().any(|s| matches!(s, Signal::CacheSyncTimeout(_)));
        let Some(said) = symptom.said.iter().filter(timeout).max_by_key(|s| (s.count, s.last)) else { continue };
        let other = symptom.said.iter().any(|s| {
            s.said.signals.iter().any(|s| {
                matches!(
                    s,
                    Signal::ObjectNotFound(_)
                        | Signal::KeyNotFound(_)
                        | Signal::NodeForbidden
                        | Signal::ConflictingPaths
                )
            })
        });
        if other {
            continue;
        }
        let count: u32 = symptom.said.iter().filter(timeout).map(|s| s.count).sum();
        let lasts = |s: &Statement| s.last.zip(s.first).is_some_and(|(last, first)| last.since(first) > 90);
        if count <= PASSING && !lasts(said) && !waits_long(view, symptom) {
            out.satisfied(&symptom.victim);
            continue;
        }
        found.push(finding(symptom, said, count));
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

/// The pod has waited for three minutes or more: the next try should have come through long since.
fn waits_long(view: &View<'_>, symptom: &Symptom) -> bool {
    view.as_of.zip(symptom.onset).is_some_and(|(now, onset)| now.since(onset) > 180)
}

fn finding(symptom: &Symptom, said: &Statement, count: u32) -> Finding {
    let evidence = steps::evidence(said, format!("cache of an object did not sync, {count} times"));
    Finding::new(
        &symptom.victim,
        Confidence::Possible,
        format!("{} waits: the kubelet does not get its Secrets or ConfigMaps in time", symptom.victim),
        evidence,
    )
    .explains([symptom.ix])
    .link(Link::Delivery, &symptom.victim, LinkState::Broken, "cache of the kubelet does not sync")
    .rules_out("OBJ-01", "nobody says `not found`")
    .unless(
        "CLU-01",
        &symptom.victim,
        "list Secrets: an error about transforming or decrypting says that the API server cannot read them",
    )
    .unless("CLU-05", &symptom.victim, "whether requests for other kinds time out or get 429 at the same time")
    .plan(plan(symptom))
}

fn plan(symptom: &Symptom) -> Plan {
    let step =
        Step::on(&symptom.victim, "find out why the kubelet's reads do not come through, and wait", Effect::Wait)
            .change("nothing on the object: it may be sound")
            .command("kubectl get --raw '/readyz?verbose'")
            .precondition("nobody deletes or recreates the objects meanwhile")
            .risk(Risk::Safe)
            .inverse("nothing was changed")
            .after("the kubelet tries again by itself and the pod starts");
    Plan::new(vec![step])
}
