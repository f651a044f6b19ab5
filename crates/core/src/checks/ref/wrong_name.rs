//! REF-01: the consumer's reference has a slip in the name.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::{self, Outcome, Story, report};
use crate::objects::{DataObject, Kind};
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "REF-01",
    slug: "wrong-name",
    title: "The reference has the wrong name",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Secret, Scope::OwnNamespace),
        Need::decides(Kind::ConfigMap, Scope::OwnNamespace),
        Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-01", decided_by: "whether the object of nearly that name is the one that is meant" },
        Neighbour {
            code: "OBJ-02",
            decided_by: "an earlier container start that needed it, or a nearly equal name with the right keys",
        },
        Neighbour { code: "REF-04", decided_by: "whether an earlier revision of the workload named it otherwise" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("wrong_name/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        if let Outcome::WrongName(live) = story.outcome {
            out.violated(finding(view, &story, live));
        }
    }
}

fn finding(view: &View<'_>, story: &Story<'_, '_>, live: &DataObject) -> Finding {
    let victim = story.victim();
    let headline = if live.id.kind == story.object.kind {
        format!("{victim} asks for {}; {} is there", story.object, live.id)
    } else {
        format!("{victim} asks for {}; what is there is {}", story.object, live.id)
    };
    let keys = report::needed_keys(story);
    let seen = if keys.is_empty() || live.keys_unseen {
        "is there under a nearly equal name".to_owned()
    } else {
        format!("has the keys that are asked for ({})", keys.join(", "))
    };
    let confidence = if live.keys_unseen && !keys.is_empty() { Confidence::Possible } else { Confidence::Likely };
    report::finding(story, victim, confidence, headline)
        .supported_by([Evidence::new(&live.id, "data", seen, "list").of(&live.meta)])
        .rules_out("OBJ-02", "no container that needs that name has ever started, as far as is known")
        .unless("OBJ-01", &story.object, format!("whether {} is what is meant", live.id))
        .plan(report::edit_template(
            view,
            victim,
            format!("{}: {} in place of {}", story.cases[0].path, live.id.name, story.object.name),
        ))
}
