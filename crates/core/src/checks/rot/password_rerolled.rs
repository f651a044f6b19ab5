//! ROT-03: a chart makes a new random password at each release.

use super::report;
use super::story::{self, Case, Outcome};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Effect, Risk, Step};
use crate::time::Time;
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-03",
    slug: "password-rerolled",
    title: "The chart makes a new password at each release",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "ROT-04", decided_by: "whether anybody but Helm wrote between the releases" },
        Neighbour {
            code: "OBJ-08",
            decided_by: "whether the value was changed on purpose in the values of the release",
        },
        Neighbour { code: "SYN-11", decided_by: "whether a chart or a generator of an operator makes the value" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("password_rerolled/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for case in story::cases(view) {
        if let Outcome::Rerolled { release, times } = &case.outcome {
            out.violated(finding(case, release, times));
        }
    }
}

fn finding(case: &Case<'_>, release: &str, times: &[Time]) -> Finding {
    let id = &case.object.id;
    // Two writes at releases can be one change that was meant; three are a habit.
    let sure = if times.len() >= 3 { Confidence::Likely } else { Confidence::Possible };
    let mut finding = report::finding(
        case,
        sure,
        format!("release {release} made a new value for {id} at its last upgrade; the backend still has the old one"),
        Evidence::new(
            id,
            format!("data.{}", case.key),
            format!("rewritten by Helm at {} releases", times.len()),
            "managedFields",
        )
        .at(times.last().copied()),
    )
    .rules_out("ROT-04", "nobody but Helm is known to have written it");
    if sure == Confidence::Possible {
        finding = finding.unless("OBJ-08", id, "whether the values of the last two revisions set this password");
    }
    let steps = vec![
        Step::outside(
            format!(
                "put the first value of {id} back (the backend knows it), from the first revision of release {release}"
            ),
            format!("{id} holds what the backend accepts"),
        )
        .change(format!("key {}, through the values of the chart", case.key))
        .command(format!("helm history {release} -n {}", id.namespace))
        .precondition("one login with that value works")
        .inverse("the present value, saved before"),
        Step::on(
            id,
            format!("pin it: have release {release} take an existing Secret in place of a random value"),
            Effect::Mend { object: id.clone() },
        )
        .change("existingSecret (or lookup) in the chart's values")
        .precondition("the Secret is kept apart from the release")
        .risk(Risk::Review)
        .inverse("take the value out again")
        .after("an upgrade leaves it alone"),
    ];
    finding.plan(report::then_restart(steps, case, &case.victims))
}
