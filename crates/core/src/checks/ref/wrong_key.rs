//! REF-02: the consumer asks for a key that the object never had.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::{self, Absence, KeyMistake, Outcome, Story, report};
use crate::objects::Kind;
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Trigger, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "REF-02",
    slug: "wrong-key",
    title: "The reference asks for the wrong key or items path",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Secret, Scope::Named),
        Need::decides(Kind::ConfigMap, Scope::Named),
        Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "OBJ-05",
            decided_by: "whether the producer changed its keys after the consumer's template was made",
        },
        Neighbour { code: "REF-04", decided_by: "whether the rollout changed the key or the object" },
        Neighbour { code: "DEL-09", decided_by: "whether the path is hidden by a mount, or its key is absent" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("wrong_key/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        if let Outcome::WrongKey(mistake) = &story.outcome {
            out.violated(finding(view, &story, mistake));
        }
    }
}

fn finding(view: &View<'_>, story: &Story<'_, '_>, mistake: &KeyMistake<'_>) -> Finding {
    let victim = story.victim();
    let key = story.key.as_deref().unwrap_or_default();
    let instead = match (&mistake.near, mistake.object) {
        (Some(near), _) => format!("it has {near}"),
        (None, Some(object)) => {
            let keys: Vec<&str> = object.keys.iter().map(|k| &*k.name).take(12).collect();
            if keys.is_empty() { "it has no keys".to_owned() } else { format!("it has {}", keys.join(", ")) }
        }
        (None, None) => "its keys were not seen".to_owned(),
    };
    let headline = format!("{victim} asks for key {key} of {}; {instead}", story.object);
    let confidence = if mistake.object.is_some() { Confidence::Likely } else { Confidence::Possible };
    let mut finding = report::finding(story, victim, confidence, headline);
    if let Some(object) = mistake.object {
        let keys: Vec<&str> = object.keys.iter().map(|k| &*k.name).take(12).collect();
        let seen = format!("has the keys {}", keys.join(", "));
        finding = finding.supported_by([Evidence::new(&object.id, "data", seen, "list").of(&object.meta)]);
        if mistake.producer_unchanged {
            finding = finding.supported_by([Evidence::new(
                &object.id,
                "metadata.managedFields",
                "was never written since it was made",
                "managedFields",
            )
            .at(object.meta.created)]);
        }
    }
    if let Some(rollout) = &mistake.rollout {
        finding = finding.supported_by(report::of_rollout(story, rollout)).trigger(Some(Trigger {
            object: victim.clone(),
            what: "the rollout that brought this key into the template".to_owned(),
            at: rollout.revision.meta.created,
        }));
    }
    if let Absence::Said(why) = story.absence {
        finding = finding.note(format!("the object itself was not seen ({})", why.words()));
    }
    let wanted = mistake.near.as_deref().map_or_else(
        || format!("{}: a key that {} has, in place of {key}", story.cases[0].path, story.object),
        |near| format!("{}: key {near} in place of {key}", story.cases[0].path),
    );
    let decided_by = if mistake.producer_unchanged {
        "whether the object was made anew without the key"
    } else {
        "the audit log, or a container start that needed the key before the object was written"
    };
    if mistake.sub_path {
        finding = finding.note("a subPath whose key is absent gets an empty directory, without any event");
    }
    finding.unless("OBJ-05", &story.object, decided_by).plan(report::edit_template(view, victim, wanted))
}
