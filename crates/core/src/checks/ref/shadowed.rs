//! REF-05: two sources give one variable, and the wrong one wins.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::report::edit_template;
use crate::checks::obj::refused::{self, Given, Outcome, Story, report};
use crate::messages::Signal;
use crate::objects::{Id, Kind};
use crate::symptoms::Class;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "REF-05",
    slug: "shadowed",
    title: "envFrom and env: the wrong source wins, or names are skipped",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Secret, Scope::Named),
        Need::decides(Kind::ConfigMap, Scope::Named),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "OBJ-08",
            decided_by: "whether another source of the variable holds the value that the backend accepts",
        },
        Neighbour { code: "REF-03", decided_by: "whether the variable is given twice, or not at all" },
        Neighbour { code: "OBJ-16", decided_by: "whether the value in the ConfigMap is used, or only lies there" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("shadowed/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in refused::stories(view) {
        if let Outcome::Shadowed { loser, witness } = &story.outcome {
            out.violated(finding(view, &story, loser, witness.as_ref()));
        }
    }
    skipped_names(view, out);
    refused::elided(view, out);
}

fn finding(view: &View<'_>, story: &Story<'_>, loser: &Given<'_>, witness: Option<&Id>) -> Finding {
    let victim = &story.case.victim;
    let variable = story.given.via.variable().unwrap_or(&story.given.key);
    let (wins, loses) = (report::what(&story.given), report::what(loser));
    let headline = format!("{victim} gets {variable} from {wins}, which wins over {loses}");
    let confidence = if witness.is_some() { Confidence::Likely } else { Confidence::Possible };
    let mut finding = report::finding(view, story, victim, confidence, headline)
        .supported_by([
            report::of_key(
                story,
                &story.given,
                format!("gives {variable} and wins: env beats envFrom, a later source an earlier one"),
                None,
            ),
            report::of_key(story, loser, format!("gives {variable} too, with another value"), None),
        ])
        .supported_by(witness.map(|pod| Evidence::new(pod, "log", format!("is let in with {loses}"), "log")))
        .link(Link::Reference, victim, LinkState::Broken, format!("{variable} comes from {wins}, not from {loses}"))
        .plan(edit_template(
            view,
            victim,
            format!("{variable}: name {loses} in env, which beats envFrom, or drop the other source"),
        ));
    if witness.is_none() {
        finding = finding.unless("OBJ-08", &report::subject(story), format!("whether the backend accepts {loses}"));
    } else {
        finding = finding.rules_out("OBJ-08", "the backend accepts what the source that lost holds");
    }
    finding
}

/// Kubelets before 1.34 skip keys of envFrom that are no names of variables, and say so in an Event.
fn skipped_names(view: &View<'_>, out: &mut Verdicts) {
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let lacks = symptom.signal(|s| matches!(s, Signal::EnvUnset | Signal::ConfigParse));
        let Some(pod) = symptom.pod.as_ref() else { continue };
        let skipped = view.events_about(pod).find(|e| {
            e.said.says(Signal::EnvNamesInvalid)
                && e.container.as_deref().is_none_or(|c| Some(c) == symptom.container.as_deref())
        });
        let (Some(lacks), Some(event)) = (lacks, skipped) else { continue };
        let headline = format!("{} lacks variables: keys that are no valid names were skipped", symptom.victim);
        let primary = Evidence::new(
            pod,
            format!("event {}", event.reason),
            "keys of an envFrom source were skipped as invalid names",
            "event",
        )
        .at(event.last);
        let finding = Finding::new(&symptom.victim, Confidence::Likely, headline, primary)
            .explains([symptom.ix])
            .supported_by([Evidence::new(
                &lacks.object,
                lacks.path.clone(),
                "the application lacks a setting",
                lacks.channel.source(),
            )
            .at(lacks.last)])
            .link(Link::Reference, &symptom.victim, LinkState::Broken, "envFrom gives fewer variables than keys")
            .rules_out("REF-03", "the object is there; some of its keys were skipped")
            .plan(edit_template(
                view,
                &symptom.victim,
                "give each such key a variable of its own in env, or rename the keys".to_owned(),
            ));
        out.violated(finding);
    }
}
