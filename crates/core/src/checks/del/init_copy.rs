//! DEL-12: an init container copied the Secret to an emptyDir; the mount follows the Secret and the copy does not.

use super::stale::{self, How, Taken};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::steps;
use crate::objects::Kind;
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-12",
    slug: "init-copy",
    title: "The application reads a copy that an init container made",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "DEL-04", decided_by: "whether the application mounts the Secret itself" },
        Neighbour { code: "DEL-02", decided_by: "whether the mount has a subPath" },
        Neighbour { code: "OBJ-08", decided_by: "a login with the value that the Secret holds now" },
        Neighbour { code: "SRC-08", decided_by: "whether the credential was changed at the backend alone" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("init_copy/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for case in stale::stale(view).iter().filter(|s| s.how == How::InitCopy) {
        let headline = format!(
            "{} is refused: it reads the copy of {} that an init container made before the change",
            case.victim, case.object.id
        );
        let finding = case
            .finding(view, headline)
            .rules_out("DEL-04", "the container does not mount the Secret itself")
            .unless("SRC-08", &case.object.id, "a login with the value that the Secret holds now")
            .plan(Plan::new(vec![
                steps::restart(&case.victim, format!("restart {} in stages", case.victim))
                    .after("the init container copies the present value"),
                steps::edit_template(
                    view,
                    &case.victim,
                    "then mount the Secret directly where the application reads it",
                )
                .change("volumeMounts of the application's container; the init copy goes"),
            ]));
        found.push(finding);
    }
    stale::blind(view, out, &[Taken::Init]);
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}
