//! CON-09: a reload controller should have restarted a workload after the change, and did not.

use super::steps;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::del::stale::{self, How, Taken};
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Evidence, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CON-09",
    slug: "reload-missed",
    title: "The reload controller did not restart the consumer",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::Secret, Scope::Named),
        Need::decides(Kind::Deployment, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "DEL-01", decided_by: "whether the workload asks a reload controller for restarts" },
        Neighbour { code: "SYN-13", decided_by: "whether the operator itself names the workload for restarts" },
        Neighbour {
            code: "SRC-12",
            decided_by: "whether the value changes with every refresh, so that restarts never end",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("reload_missed/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for case in stale::stale(view).iter().filter(|s| s.how == How::Reloader) {
        let headline = format!(
            "{} is refused: its annotations ask for a restart when {} changes, and none came",
            case.victim, case.object.id
        );
        let recreated = case.changed_at().until.is_some() && case.changed_at().until == case.object.meta.created;
        let mut finding = case
            .finding(view, headline)
            .supported_by([Evidence::new(
                &case.victim,
                "metadata.annotations",
                "asks a reload controller to restart it; its template has not changed since",
                "spec",
            )])
            .plan(Plan::new(vec![
                steps::restart(&case.victim, format!("restart {} in stages", case.victim))
                    .after("its containers take the present value and are let in"),
                steps::edit_template(
                    view,
                    &case.victim,
                    "then correct the annotation or the controller's rights and scope",
                )
                .change("metadata.annotations of the workload: the exact key, and the name of the Secret"),
            ]));
        if recreated {
            finding =
                finding.note("the Secret was made anew: Reloader acts on updates and not on creations by default");
        }
        found.push(finding);
    }
    stale::blind(view, out, &[Taken::Env, Taken::SubPath, Taken::File]);
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}
