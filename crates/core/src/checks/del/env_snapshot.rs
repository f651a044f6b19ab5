//! DEL-01: a container still has the value that a variable had when it started; the Secret has another since.

use super::stale::{self, How, Taken};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::steps;
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-01",
    slug: "env-snapshot",
    title: "Environment taken at the start is older than the Secret",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "OBJ-08", decided_by: "a login with the value that the Secret holds now" },
        Neighbour { code: "DEL-07", decided_by: "whether pods that started after the change are healthy" },
        Neighbour { code: "CON-05", decided_by: "whether sessions went on after the change, so that it failed late" },
        Neighbour {
            code: "ROT-05",
            decided_by: "whether the old credential was revoked on purpose before all had moved",
        },
        Neighbour { code: "SRC-08", decided_by: "whether the credential was changed at the backend alone" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("env_snapshot/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for case in stale::stale(view).iter().filter(|s| s.how == How::Env) {
        let headline = format!(
            "{} is refused: its containers hold the value that {} had before the change",
            case.victim, case.object.id
        );
        let finding =
            case.finding(view, headline).rules_out("DEL-02", "it takes the value as a variable").plan(Plan::new(vec![
                steps::restart(&case.victim, format!("restart {} in stages", case.victim))
                    .after("its containers take the present value and are let in"),
            ]));
        found.push(if case.witness.is_none() && !case.login_ok {
            finding.unless("SRC-08", &case.object.id, "a login with the value that the Secret holds now")
        } else {
            finding
        });
    }
    found.extend(stale::left_behind(view, false));
    stale::blind(view, out, &[Taken::Env]);
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}
