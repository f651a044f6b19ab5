//! CON-05: sessions opened with the old credential lived on after the change, so that the failure came late.

use super::steps;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::del::stale::{self, How, Taken};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Trigger, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CON-05",
    slug: "late-failure",
    title: "Old sessions were kept alive; it failed when they ended",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour {
            code: "DEL-01",
            decided_by: "whether a login or query worked between the change and the first refusal",
        },
        Neighbour {
            code: "ROT-05",
            decided_by: "whether the old credential was revoked at the time of the first refusal",
        },
        Neighbour {
            code: "SRC-08",
            decided_by: "whether the credential was changed at the backend at the time of the first refusal",
        },
    ],
    lag: Lag::PoolLifetime,
    fix: FixKind::Always,
    page: include_str!("late_failure/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for case in stale::stale(view).iter().filter(|s| s.how == How::Late) {
        let lag = case.first_refusal.zip(case.changed_at().until).map(|(first, at)| first.since(at));
        let lag = lag.map_or(String::new(), |s| format!(" {s} s later"));
        let headline = format!(
            "{} is refused since its old sessions ended: {} had changed, and it failed{lag}",
            case.victim, case.object.id
        );
        let finding = case
            .finding(view, headline)
            .trigger(Some(Trigger {
                object: case.victim.clone(),
                what: "sessions opened before the change came to their end".to_owned(),
                at: case.first_refusal,
            }))
            .unless("ROT-05", &case.object.id, "the backend's record of when the old credential was revoked")
            .note("nothing that happened near the first refusal is the cause: the change before it is")
            .plan(Plan::new(vec![
                steps::restart(&case.victim, format!("restart {} in stages", case.victim))
                    .after("its containers take the present value and open new sessions"),
            ]));
        found.push(finding);
    }
    stale::blind(view, out, &[Taken::Env, Taken::SubPath, Taken::File]);
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}
