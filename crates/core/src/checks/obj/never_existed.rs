//! OBJ-01: a Secret or ConfigMap that pods need was never made.

use super::missing::{self, Absence, Outcome, Story, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Confidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-01",
    slug: "never-existed",
    title: "The Secret or ConfigMap was never made",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::sharpens(Kind::Secret, Scope::OwnNamespace),
        Need::sharpens(Kind::ConfigMap, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "OBJ-02",
            decided_by: "an earlier container start that needed it, or the audit log's word on a deletion",
        },
        Neighbour {
            code: "REF-01",
            decided_by: "whether the namespace has an object of nearly that name with the right keys",
        },
        Neighbour { code: "OBJ-03", decided_by: "whether another namespace has an object of that name" },
        Neighbour {
            code: "DEL-05",
            decided_by: "whether the kubelet says not found or timed out waiting for its cache",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("never_existed/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        if matches!(story.outcome, Outcome::NeverExisted) {
            out.violated(finding(view, &story));
        }
    }
}

fn finding(view: &View<'_>, story: &Story<'_, '_>) -> Finding {
    let headline = format!(
        "{} does not exist and there is no sign that it ever did; {} cannot start",
        story.object,
        report::victims(story)
    );
    let seen = !matches!(story.absence, Absence::Said(_));
    let confidence = if seen { Confidence::Likely } else { Confidence::Possible };
    let mut finding = report::finding(story, &story.object, confidence, headline)
        .rules_out("DEL-05", "the kubelet says that it is not found, not that its cache is late")
        .plan(report::make(view, story, report::needed_keys(story), false));
    if seen {
        finding = finding
            .rules_out("REF-01", "no object of nearly that name with what is asked for is in the namespace")
            .rules_out("OBJ-03", "no namespace that was collected has an object of that name");
    } else {
        let words = format!("a list of the {}s in namespace {}", story.object.kind, story.object.namespace);
        finding = finding.unless("REF-01", story.victim(), words).unless(
            "OBJ-03",
            &story.object,
            "whether another namespace has an object of that name",
        );
    }
    let decided_by = if view.snap.coverage.audit {
        "whether it was deleted before the audit log begins"
    } else {
        "the audit log, or an earlier container start that needed it"
    };
    if let Some(producer) = &story.producer {
        finding = finding.note(format!("{producer} promises to make it and has not"));
    }
    finding.unless("OBJ-02", &story.object, decided_by)
}
