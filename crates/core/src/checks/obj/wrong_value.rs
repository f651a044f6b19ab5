//! OBJ-08: the value was written wrong, and the backend refuses it.

use super::refused::{self, Outcome, Story, Wrong, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::verdict::{Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-08",
    slug: "wrong-value",
    title: "The value is wrong",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::Named), Need::sharpens(Kind::Secret, Scope::All)],
    neighbours: &[
        Neighbour {
            code: "SRC-07",
            decided_by: "a login with the present and with the former value: whether the backend was to be changed too",
        },
        Neighbour { code: "SRC-08", decided_by: "whether the backend's password was changed on its own" },
        Neighbour { code: "DEL-01", decided_by: "whether the container started before or after the change" },
        Neighbour { code: "ROT-02", decided_by: "whether a second writer put an old value back" },
        Neighbour { code: "OBJ-17", decided_by: "whether several other copies agree with each other" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("wrong_value/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in refused::stories(view) {
        if let Outcome::Wrong(wrong) = &story.outcome {
            out.violated(finding(view, &story, wrong));
        }
    }
    refused::elided(view, out);
}

fn finding(view: &View<'_>, story: &Story<'_>, wrong: &Wrong) -> Finding {
    let what = report::what(&story.given);
    let subject = report::subject(story);
    let change = story.given.object.and_then(|o| view.key_change(o, &story.given.key));
    let at = change.as_ref().and_then(|c| c.when.until);
    let by = change.as_ref().and_then(|c| c.by.clone());
    let headline = match (&by, wrong.rewritten) {
        _ if wrong.host.is_some() => format!("{what} was changed to a host that {} cannot reach", story.case.victim),
        (Some(by), true) => format!("{what} was changed by {by}, and {} is refused with it", story.case.victim),
        (None, true) => format!("{what} was changed, and {} is refused with it", story.case.victim),
        _ => format!("{what} is not what the backend accepts from {}", story.case.victim),
    };
    let decided = wrong.former_works.is_some() || wrong.other_works.is_some() || wrong.placeholder || wrong.asked;
    let confidence = match wrong {
        Wrong { written_back: true, .. } | Wrong { host: Some(false), .. } => Confidence::Possible,
        Wrong { asked: true, former_works: Some(_), .. } => Confidence::Certain,
        _ if decided || wrong.rewritten => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let started = story.case.container_started;
    // Pods of the workload that hold the former value serve on: no restart may reach them before the value is right.
    let serving = wrong.rewritten
        && view.pods_of(&story.case.victim).any(|p| p.is_ready() && p.meta.deleting.is_none() && p.meta.created < at);
    let mut finding = report::finding(view, story, &subject, confidence, headline)
        .changed(wrong.rewritten.then_some(change).flatten())
        .trigger(report::trigger(view, story, at))
        .rules_out("DEL-01", "the refused container did not start before the value was written")
        .plan(report::plan(view, story, "write the value that the backend accepts, the former one if it still does,"));
    if wrong.rewritten {
        let by = by.map(|b| format!(" by {b}")).unwrap_or_default();
        finding = finding
            .supported_by([report::of_key(story, &story.given, format!("was written{by}"), at)])
            .supported_by([Evidence::new(
                &story.case.pod.id,
                format!("status.containerStatuses[{}]", story.case.container.name),
                "the refused run began after that",
                "status",
            )
            .at(started)]);
    }
    if let Some(user) = &wrong.former_works {
        finding = finding
            .supported_by([Evidence::new(
                user,
                "log",
                "is let in with the value that it took before the change",
                "log",
            )])
            .rules_out("SRC-08", "the backend still accepts the former value");
    }
    if let Some((object, pod)) = &wrong.other_works {
        finding = finding
            .supported_by([Evidence::new(
                pod,
                "log",
                format!("is let in with what {object} holds for this account"),
                "log",
            )])
            .rules_out("SRC-08", "the account is let in with another value");
    }
    if serving {
        finding =
            finding.note("pods with the former value still serve: pause the rollout until the value is corrected");
    }
    if wrong.asked {
        finding =
            finding.supported_by([Evidence::new(&subject, "login", "the backend refuses the present value", "probe")]);
    }
    if wrong.placeholder {
        finding = finding.supported_by([report::of_key(
            story,
            &story.given,
            "looks like a stand-in that was never replaced",
            at,
        )]);
    }
    if wrong.written_back {
        finding = finding.unless("ROT-02", &subject, "whether the last writer put an old value back");
    }
    if wrong.host.is_some() {
        return finding.unless("CLU-09", &subject, "whether the host is right and the network to it is broken");
    }
    finding.unless("SRC-07", &subject, "whether the backend was to get this value and has not")
}
