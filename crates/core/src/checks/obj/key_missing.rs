//! OBJ-05: the object is there, and its producer took away or renamed a key that pods need.

use super::missing::{self, KeyLoss, Outcome, Story, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-05",
    slug: "key-missing",
    title: "A key was removed or renamed by its producer",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Secret, Scope::Named),
        Need::decides(Kind::ConfigMap, Scope::Named),
        Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "REF-02",
            decided_by: "whether the producer changed its keys after the consumer's template was made",
        },
        Neighbour { code: "DEL-07", decided_by: "whether the live object has the key while one node says it has not" },
        Neighbour { code: "SYN-07", decided_by: "whether an operator's template dropped the key" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("key_missing/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        if let Outcome::KeyGone(loss) = &story.outcome {
            out.violated(finding(view, &story, loss));
        }
    }
    for finding in crate::checks::con::asked::lost_keys(view) {
        out.violated(finding);
    }
}

fn finding(view: &View<'_>, story: &Story<'_, '_>, loss: &KeyLoss<'_>) -> Finding {
    let key = story.key.as_deref().unwrap_or_default();
    let renamed = loss.near.as_deref().map(|n| format!(", it has {n} instead")).unwrap_or_default();
    let headline =
        format!("{} no longer has the key {key}{renamed}; {} cannot start", story.object, report::victims(story));
    // The writer of an object that lost a key and a start that needed it before: nothing else gives that picture.
    let written_since = loss
        .change
        .as_ref()
        .and_then(|c| c.when.until)
        .zip(loss.proof.iter().filter_map(|p| p.at).min())
        .is_some_and(|(change, start)| change >= start);
    let confidence = match (loss.object.is_some(), loss.proof.is_empty()) {
        (true, false) if written_since => Confidence::Certain,
        (true, _) | (false, false) => Confidence::Likely,
        (false, true) => Confidence::Possible,
    };
    let mut finding = report::finding(story, &story.object, confidence, headline)
        .changed(loss.change.clone())
        .supported_by(report::proofs(&loss.proof))
        .plan(report::set_keys(
            view,
            &story.object,
            &[key.to_owned()],
            &format!("add the key {key} again, beside the new one,"),
        ));
    if let Some(object) = loss.object {
        let keys: Vec<&str> = object.keys.iter().map(|k| &*k.name).take(12).collect();
        let seen = if keys.is_empty() { "has no keys".to_owned() } else { format!("has the keys {}", keys.join(", ")) };
        let change = loss.change.as_ref();
        finding = finding
            .supported_by([Evidence::new(&object.id, "data", seen, "list").of(&object.meta)])
            .supported_by(change.map(|c| {
                let by = c.by.as_deref().map(|b| format!(" by {b}")).unwrap_or_default();
                Evidence::new(&object.id, "data", format!("last written{by}"), c.source)
                    .at(c.when.until.or(c.when.after))
            }));
        if let Some(change) = change {
            finding = finding.trigger(report::trigger(view, story, change.when));
        }
    }
    if confidence == Confidence::Certain {
        finding.rules_out("REF-02", "the same reference worked before the object was written")
    } else {
        finding.unless("REF-02", story.victim(), "whether the object ever had the key")
    }
}
