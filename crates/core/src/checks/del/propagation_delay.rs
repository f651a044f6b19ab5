//! DEL-03: a mounted file may not have followed its Secret yet; that takes a minute or so and is no fault.

use super::stale::{self, How, PROPAGATION};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Effect, Plan, Risk, Step};
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-03",
    slug: "propagation-delay",
    title: "Mounted file has not followed yet: expected, wait",
    link: Link::Delivery,
    role: Role::Exonerates,
    severity: Severity::Low,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "DEL-04", decided_by: "whether the file in the container is still old after 90 seconds" },
        Neighbour { code: "DEL-02", decided_by: "whether the mount has a subPath" },
    ],
    lag: Lag::Propagation,
    fix: FixKind::Always,
    page: include_str!("propagation_delay/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for case in stale::stale(view).iter().filter(|s| s.how == How::Delay) {
        let headline = format!(
            "{} changed less than {PROPAGATION} seconds ago: the mounted file of {} may not have followed yet",
            case.object.id, case.victim
        );
        let due = case.changed_at().until.map(|t| t.plus(PROPAGATION).to_string()).unwrap_or_default();
        let wait = Step::on(&case.victim, format!("wait until {due}, then look again"), Effect::Wait)
            .change("nothing")
            .command(format!(
                "kubectl logs {} -n {} -c {} --since=1m",
                case.pod.id, case.pod.id.namespace, case.container
            ))
            .precondition("the Secret is not changed again meanwhile")
            .risk(Risk::Safe)
            .inverse("nothing was changed")
            .after("the file is new; if the process still uses the old value it read it once (DEL-04)");
        out.violated(
            case.finding(view, headline).rules_out("DEL-02", "the mount has no subPath").plan(Plan::new(vec![wait])),
        );
    }
}
