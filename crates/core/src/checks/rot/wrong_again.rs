//! ROT-08: a refused credential was replaced, and the new one is refused too.

use super::report;
use super::story::{self, Case, Outcome};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Effect, Risk, Step, set_key_command};
use crate::time::Time;
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-08",
    slug: "wrong-again",
    title: "The new credential is refused too",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace), Need::sharpens(Kind::Event, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "ROT-02", decided_by: "whether a second writer wrote after the fix" },
        Neighbour { code: "OBJ-08", decided_by: "whether it was refused before the change already" },
        Neighbour { code: "SRC-07", decided_by: "whether the backend knows the new value yet" },
        Neighbour { code: "IMG-25", decided_by: "whether any try came after the change" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("wrong_again/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for case in story::cases(view) {
        if let Outcome::WrongAgain { before } = &case.outcome {
            out.violated(finding(case, *before));
        }
    }
    // What failed before a change is known from Events and timed logs; without either it cannot be told.
    for case in view.refused_credentials() {
        let timed = case.first_refusal.is_some();
        if !timed
            && case.keys.iter().any(|k| k.rewritten)
            && let Err(why) = view.snap.coverage.of(&Kind::Event, &case.victim.namespace)
        {
            out.unseen(&case.victim, format!("Events in namespace {}", case.victim.namespace), why);
        }
    }
}

fn finding(case: &Case<'_>, before: Time) -> Finding {
    let id = &case.object.id;
    let at = case.changed.as_ref().and_then(|c| c.when.until);
    let steps = vec![
        Step::on(
            id,
            format!("write a value into {id} that one login has proved, at its owner of record"),
            Effect::SetKeys { object: id.clone(), keys: vec![case.key.to_string()] },
        )
        .change(format!("key {}", case.key))
        .command(set_key_command(id, &case.key))
        .precondition("a login with the new value works, tried before it is written")
        .risk(Risk::Review)
        .inverse("the former value, saved before")
        .after("the next try is let in"),
    ];
    report::finding(
        case,
        Confidence::Likely,
        format!("{id} was changed after the first refusals, and the new value is refused too"),
        Evidence::new(id, format!("data.{}", case.key), "changed between two refusals", "managedFields").at(at),
    )
    .supported_by([
        Evidence::new(&case.victims[0], "events", "failed before the change already", "event").at(Some(before))
    ])
    .rules_out("ROT-02", "nobody else is known to have written after the change")
    .unless("SRC-07", id, "one login with the present and one with the former value")
    .plan(report::then_restart(steps, case, &case.victims))
}
