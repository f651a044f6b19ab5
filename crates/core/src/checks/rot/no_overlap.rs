//! ROT-05: the old credential was revoked before all consumers had the new one.

use std::collections::BTreeMap;

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Unseen;
use crate::messages::Signal;
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step, restart_command};
use crate::symptoms::SymptomIx;
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::Fate;

pub static CARD: Card = Card {
    code: "ROT-05",
    slug: "no-overlap",
    title: "The old credential was revoked before its consumers moved",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace), Need::decides(Kind::Pod, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "DEL-01", decided_by: "whether the old value went on working for a while after the change" },
        Neighbour { code: "SRC-08", decided_by: "whether the Secret was changed at all" },
        Neighbour {
            code: "ROT-11",
            decided_by: "whether the pods of one workload differ, or all of them hold the old value",
        },
    ],
    lag: Lag::PoolLifetime,
    fix: FixKind::Always,
    page: include_str!("no_overlap/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found: BTreeMap<Id, (Vec<SymptomIx>, Vec<Id>, Stale)> = BTreeMap::new();
    for case in view.refused_credentials() {
        let Some(key) = case.only_key().filter(|k| k.rewritten && k.is_frozen()) else { continue };
        let (Some(object), Some(change)) = (key.object, key.changed.as_ref()) else { continue };
        let Some(until) = change.when.until else { continue };
        // The old value must have worked after the change: a login that is stated to have worked, by a container that
        // still holds the old value.
        let own = view
            .symptom(case.symptom)
            .said
            .iter()
            .filter(|s| s.said.signal == Some(Signal::LoginOk))
            .filter_map(|s| s.last)
            .max();
        let others = key.users.iter().filter(|u| u.started_before_change == Some(true) && u.via.is_snapshot());
        let last_ok = others.filter_map(|u| u.last_login).chain(own).filter(|t| *t > until).max();
        let worked =
            view.symptom(case.symptom).has(Signal::LoginOk) || key.users.iter().any(|u| u.fate == Fate::Accepted);
        if case.first_refusal.is_none() && worked {
            out.unseen(&case.victim, "times of its log lines", Unseen::NotCollected);
        }
        let (Some(last_ok), Some(first)) = (last_ok, case.first_refusal) else { continue };
        if first < last_ok {
            continue;
        }
        let moved =
            key.users.iter().filter(|u| u.started_before_change == Some(false) && u.fate != Fate::Refused).count();
        let entry = found.entry(object.id.clone()).or_insert_with(|| {
            (
                Vec::new(),
                Vec::new(),
                Stale { key: key.key.to_string(), until, last_ok, first, moved, pod: case.pod.id.clone() },
            )
        });
        entry.0.push(case.symptom);
        entry.1.push(case.victim.clone());
        entry.2.last_ok = entry.2.last_ok.max(last_ok);
        entry.2.first = entry.2.first.min(first);
    }
    for (secret, (symptoms, mut victims, stale)) in found {
        victims.sort();
        victims.dedup();
        out.violated(finding(&secret, &symptoms, &victims, &stale));
    }
}

struct Stale {
    key: String,
    /// The key had its present value by then.
    until: Time,
    last_ok: Time,
    first: Time,
    moved: usize,
    pod: Id,
}

fn finding(secret: &Id, symptoms: &[SymptomIx], victims: &[Id], stale: &Stale) -> Finding {
    let revoked = Change { when: Interval::between(Some(stale.last_ok), Some(stale.first)), by: None, source: "log" };
    let names = victims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut finding = Finding::new(
        secret,
        Confidence::Likely,
        format!("the former value of {secret} was revoked while {names} still used it"),
        Evidence::new(&stale.pod, "log", "let in with the former value after the change, then refused", "log")
            .at(Some(stale.first)),
    )
    .supported_by([
        Evidence::new(secret, format!("data.{}", stale.key), "renewed before", "managedFields").at(Some(stale.until))
    ])
    .explains(symptoms.iter().copied())
    .changed(Some(revoked))
    .link(Link::Backend, secret, LinkState::Broken, "the former value is not accepted any more")
    .rules_out("SRC-08", "the Secret holds a newer value");
    for victim in victims {
        finding = finding.link(Link::Consumption, victim, LinkState::Affected, "holds the former value");
    }
    if stale.moved > 0 {
        finding = finding.note(format!("{} containers started with the new value are not refused", stale.moved));
    }
    let mut steps = vec![
        Step::outside(
            format!("let the backend accept the former value of {secret} again until every consumer has moved"),
            "both values are accepted",
        )
        .change("the account at the backend")
        .precondition("the former value is not compromised; if it is, go on with the next step at once")
        .inverse("revoke it again"),
    ];
    for victim in victims {
        steps.push(
            Step::on(victim, format!("restart {victim} in stages"), Effect::Restart { workload: victim.clone() })
                .change("none")
                .command(restart_command(victim))
                .precondition("one login with the new value works")
                .risk(Risk::Review)
                .inverse("none needed: the template does not change")
                .after("every container started after the change"),
        );
    }
    steps.push(
        Step::outside("revoke the former value once no container holds it", "only the new value is accepted")
            .precondition("no login with the former value for one connection lifetime"),
    );
    finding.plan(Plan::new(steps))
}
