//! OBJ-03: the object is in another namespace, and references cannot reach there.

use super::missing::{self, Outcome, Story, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{DataObject, Kind};
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-03",
    slug: "only-elsewhere",
    title: "The Secret or ConfigMap exists only in another namespace",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::All), Need::decides(Kind::ConfigMap, Scope::All)],
    neighbours: &[
        Neighbour {
            code: "OBJ-01",
            decided_by: "whether another namespace has an object of that name with the needed keys",
        },
        Neighbour { code: "OBJ-02", decided_by: "an earlier container start that needed it in this namespace" },
        Neighbour { code: "REF-06", decided_by: "whether one reference fails, or all of a new namespace" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("only_elsewhere/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        match &story.outcome {
            Outcome::Elsewhere(others) => out.violated(finding(view, &story, others)),
            // Namespaces that could not be listed may have it.
            Outcome::NeverExisted => {
                if let Some(why) = view.snap.coverage.unseen_anywhere(&story.object.kind) {
                    out.unseen(&story.object, format!("{}s of other namespaces", story.object.kind), why);
                }
            }
            _ => {}
        }
    }
}

fn finding(view: &View<'_>, story: &Story<'_, '_>, others: &[&DataObject]) -> Finding {
    let namespaces: Vec<&str> = others.iter().map(|o| &*o.id.namespace).take(4).collect();
    let headline = format!(
        "{} is not in namespace {}, only in {}; references do not cross namespaces",
        story.object,
        story.object.namespace,
        namespaces.join(", ")
    );
    report::finding(story, &story.object, Confidence::Likely, headline)
        .supported_by(others.iter().take(3).map(|o| {
            Evidence::new(&o.id, "metadata.namespace", format!("is in namespace {}", o.id.namespace), "list")
                .of(&o.meta)
        }))
        .rules_out("OBJ-02", "no container that needs it has ever started in this namespace, as far as is known")
        .unless("OBJ-01", &story.object, "whether the one in the other namespace is the same credential")
        .plan(report::make(view, story, report::needed_keys(story), false))
}
