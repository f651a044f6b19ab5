//! ROT-01: a credential was renewed in some of its copies, and this copy was missed.

use std::collections::BTreeSet;

use super::report;
use super::story::{self, Case, Copy, Outcome};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Risk, Step, set_key_command};
use crate::symptoms::Class;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-01",
    slug: "copy-missed",
    title: "Only some copies of a credential were renewed",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::All), Need::sharpens(Kind::ExternalSecret, Scope::All)],
    neighbours: &[
        Neighbour {
            code: "OBJ-17",
            decided_by: "whether the other copies were renewed, or this one copy was altered last",
        },
        Neighbour {
            code: "SRC-08",
            decided_by: "whether the failing copies follow a source that was forgotten, or were missed by hand",
        },
        Neighbour { code: "IMG-04", decided_by: "whether a newer copy of the same account is accepted" },
        Neighbour { code: "ROT-08", decided_by: "whether the refused copy is older or newer than the others" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("copy_missed/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut told: BTreeSet<Vec<Id>> = BTreeSet::new();
    let cases = story::cases(view);
    for case in cases {
        let Outcome::Missed { copies } = &case.outcome else { continue };
        let group: Vec<Id> = copies.iter().map(|c| c.object.clone()).collect();
        if !told.insert(group.clone()) {
            continue;
        }
        // All copies that the same renewal missed are one incident.
        let missed: Vec<&Case<'_>> = cases
            .iter()
            .filter(|c| matches!(&c.outcome, Outcome::Missed { copies } if copies.iter().map(|c| &c.object).eq(&group)))
            .collect();
        out.violated(finding(view, &missed, copies));
    }
    tell_unseen(view, out);
}

/// Copies may lie in namespaces whose Secrets were refused.
fn tell_unseen(view: &View<'_>, out: &mut Verdicts) {
    let Some(coverage) = view.snap.coverage.kinds.get(&Kind::Secret) else { return };
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::Pull && s.has(Signal::PullUnauthorizedSent)) {
        for (namespace, why) in &coverage.unseen {
            if *namespace != symptom.victim.namespace {
                out.unseen(&symptom.victim, format!("copies of its pull secret in namespace {namespace}"), *why);
            }
        }
    }
}

fn finding(view: &View<'_>, missed: &[&Case<'_>], copies: &[Copy]) -> Finding {
    let case = missed[0];
    let id = &case.object.id;
    let newest = copies.iter().max_by_key(|c| c.changed.as_ref().and_then(|c| c.when.until)).unwrap_or(&copies[0]);
    let also = if missed.len() > 1 { format!(" and {} more", missed.len() - 1) } else { String::new() };
    let count = if copies.len() == 1 { "another copy".to_owned() } else { format!("{} other copies", copies.len()) };
    let primary = Evidence::new(
        id,
        format!("data.{}", case.key),
        format!(
            "another value than in {} of namespace {}, for the same account",
            newest.object, newest.object.namespace
        ),
        "spec",
    );
    let mut finding = report::finding(
        case,
        Confidence::Likely,
        format!("{id}{also} missed the renewal of the credential: {count} changed later"),
        primary,
    )
    .changed(newest.changed.clone())
    .change_of(&newest.object)
    .supported_by(copies.iter().map(|copy| {
        let at = copy.changed.as_ref().and_then(|c| c.when.until);
        let seen = match &copy.proved {
            Some(by) => format!("renewed, and {by} of namespace {} gets in with it", copy.object.namespace),
            None => "renewed later than the refused copy".to_owned(),
        };
        Evidence::new(&copy.object, "data", seen, "managedFields").at(at)
    }))
    .rules_out("OBJ-17", "the refused copy was not the last one to change")
    .rules_out("ROT-08", "the refused copy is the older one");
    for copy in copies {
        finding = finding.link(Link::Object, &copy.object, LinkState::Ok, "renewed");
    }
    for other in &missed[1..] {
        finding = finding.affects(&other.object.id).explains(other.explains.iter().copied());
    }
    let mut steps = Vec::new();
    for case in missed {
        let id = &case.object.id;
        steps.push(
            match keeper(view, id) {
                Some(keeper) => Step::on(
                    &keeper,
                    format!("put the new credential in at the source of {keeper}, then force a sync"),
                    Effect::SetKeys { object: id.clone(), keys: vec![case.key.to_string()] },
                )
                .change(format!("the source's entry for key {}", case.key))
                .command(format!(
                    "kubectl annotate externalsecret {} -n {} force-sync=$(date +%s) --overwrite",
                    keeper.name, keeper.namespace
                )),
                None => Step::on(
                    id,
                    format!("bring {id} in namespace {} up to date from the source", id.namespace),
                    Effect::SetKeys { object: id.clone(), keys: vec![case.key.to_string()] },
                )
                .change(format!("key {}", case.key))
                .command(set_key_command(id, &case.key)),
            }
            .precondition("one login with the newer value works; the object is as collected (same resourceVersion)")
            .risk(Risk::Review)
            .inverse("the former value, saved before")
            .after("all copies of the account hold one value"),
        );
    }
    let victims: Vec<Id> =
        missed.iter().flat_map(|c| c.victims.iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect();
    if missed.iter().any(|c| keeper(view, &c.object.id).is_some()) {
        finding = finding.unless(
            "SRC-08",
            id,
            "which value the source holds: if the refused one, it is the source that was forgotten",
        );
    }
    finding.plan(report::then_restart(steps, case, &victims))
}

/// The ExternalSecret that keeps a Secret.
fn keeper(view: &View<'_>, secret: &Id) -> Option<Id> {
    view.snap
        .external_secrets
        .iter()
        .find(|e| {
            e.id.kind == Kind::ExternalSecret
                && e.id.namespace == secret.namespace
                && e.target.name.as_deref().unwrap_or(&e.id.name) == &*secret.name
        })
        .map(|e| e.id.clone())
}
