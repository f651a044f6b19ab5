//! OBJ-04: the object was made after the pod that needs it, and the kubelet's next try succeeds.

use super::missing::{self, Outcome, Story, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Effect, Plan, Risk, Step};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

/// Within this many seconds every kubelet has tried again: its longest back-off between mounts is a little over two
/// minutes, and its cache may be one more behind.
const RETRY_SECONDS: i64 = 300;

pub static CARD: Card = Card {
    code: "OBJ-04",
    slug: "created-after",
    title: "Made after the pod; heals by itself",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::Low,
    needs: &[Need::decides(Kind::Secret, Scope::Named), Need::decides(Kind::ConfigMap, Scope::Named)],
    neighbours: &[
        Neighbour { code: "OBJ-01", decided_by: "whether the object exists now" },
        Neighbour {
            code: "DEL-05",
            decided_by: "whether the kubelet says not found or timed out waiting for its cache",
        },
        Neighbour { code: "DEL-07", decided_by: "whether the pod still fails after the kubelet's next tries" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("created_after/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        let Outcome::MadeSince(made) = story.outcome else { continue };
        if view.as_of.is_some_and(|now| now.since(made) <= RETRY_SECONDS) {
            out.violated(finding(&story, made));
        }
    }
}

fn finding(story: &Story<'_, '_>, made: Time) -> Finding {
    let headline =
        format!("{} was made after the pod; the kubelet's next try starts {}", story.what(), report::victims(story));
    let plan = Plan::new(vec![
        Step::on(story.victim(), "wait for the kubelet's next try", Effect::Wait)
            .change("nothing")
            .precondition(format!("{} is still there", story.what()))
            .risk(Risk::Safe)
            .inverse("nothing to undo")
            .after("the containers start within five minutes of the object's creation"),
    ]);
    let mut finding = report::finding(story, &story.object, Confidence::Certain, headline)
        .changed(Some(Change { when: Interval::at(made), by: None, source: "creationTimestamp" }))
        .supported_by([
            Evidence::new(&story.object, "metadata.creationTimestamp", "is there now", "metadata").at(Some(made))
        ])
        .rules_out("OBJ-01", "it exists now")
        .plan(plan);
    finding.chain.clear();
    finding
}
