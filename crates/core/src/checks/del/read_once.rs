//! DEL-04: the mounted file is new and the process still uses what it read at its start.

use super::stale::{self, How, Taken};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::steps;
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-04",
    slug: "read-once",
    title: "File is new, process is old",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "DEL-03", decided_by: "whether 90 seconds have passed since the change" },
        Neighbour { code: "OBJ-08", decided_by: "a login with the value that the Secret holds now" },
        Neighbour { code: "SRC-07", decided_by: "whether the backend knows the value that the Secret holds now" },
        Neighbour { code: "CON-05", decided_by: "whether sessions went on after the change, so that it failed late" },
        Neighbour { code: "DEL-02", decided_by: "whether the mount has a subPath" },
    ],
    lag: Lag::Propagation,
    fix: FixKind::Always,
    page: include_str!("read_once/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for case in stale::stale(view).iter().filter(|s| s.how == How::ReadOnce) {
        let headline =
            format!("{} is refused: it read the file of {} at its start and not since", case.victim, case.object.id);
        let finding = case
            .finding(view, headline)
            .rules_out("DEL-02", "the mount has no subPath")
            .rules_out("DEL-01", "it takes the value from a file")
            .plan(Plan::new(vec![
                steps::restart(&case.victim, format!("restart {} in stages", case.victim))
                    .after("the process reads the present file and is let in"),
            ]));
        found.push(if case.witness.is_none() && !case.login_ok {
            finding.unless(
                "SRC-07",
                &case.object.id,
                "a login with the value that the Secret holds now, or the hash of the file in the container",
            )
        } else {
            finding
        });
    }
    stale::blind(view, out, &[Taken::File]);
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}
