//! REF-07: the reference carries a generated part that the live object no longer has.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::{self, Absence, Outcome, Story, report};
use crate::objects::{DataObject, Kind};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "REF-07",
    slug: "generated-name",
    title: "Reference and object carry different generated names",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace), Need::decides(Kind::ConfigMap, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "REF-01", decided_by: "whether the names differ in a generated part or by a slip" },
        Neighbour {
            code: "OBJ-02",
            decided_by: "whether an object with the same base name lives under another generated ending",
        },
        Neighbour { code: "ROT-12", decided_by: "whether the failing revision is new, or an old one taken up again" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("generated_name/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        match (&story.outcome, story.absence) {
            (Outcome::Generated(live), _) => out.violated(finding(view, &story, live)),
            (Outcome::NeverExisted, Absence::Said(why)) => {
                out.unseen(
                    story.victim(),
                    format!("{}s in namespace {}", story.object.kind, story.object.namespace),
                    why,
                );
            }
            _ => {}
        }
    }
}

fn finding(view: &View<'_>, story: &Story<'_, '_>, live: &DataObject) -> Finding {
    let victim = story.victim();
    let headline =
        format!("{victim} asks for {}, and the live one is {}: they come from different builds", story.object, live.id);
    report::finding(story, victim, Confidence::Likely, headline)
        .changed(live.meta.created.map(|at| Change { when: Interval::at(at), by: None, source: "creationTimestamp" }))
        .supported_by([Evidence::new(
            &live.id,
            "metadata.name",
            "has the same base name and another generated part",
            "list",
        )
        .of(&live.meta)
        .at(live.meta.created)])
        .rules_out("REF-01", "the names differ in a generated part only")
        .unless("OBJ-02", &story.object, "whether the old object was removed while workloads still used it")
        .plan(report::edit_template(
            view,
            victim,
            format!("apply the whole bundle again, so that the reference names {}", live.id.name),
        ))
}
