//! What the rotation rows say alike of a refused credential: evidence, chain and the innocent neighbours.

use super::story::Case;
use crate::objects::Id;
use crate::plan::{Effect, Plan, Risk, Step, restart_command};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState};

/// Starts a finding about the object of a case. It takes over what others say about the same object, since the value
/// there is the result of what these rows found.
pub(super) fn finding(case: &Case<'_>, confidence: Confidence, headline: String, primary: Evidence) -> Finding {
    let id = &case.object.id;
    let sure = if case.only { confidence } else { confidence.at_most(Confidence::Likely) };
    let mut finding = Finding::new(id, sure, headline, primary)
        .supported_by([case.refusal.clone()])
        .explains(case.explains.iter().copied())
        .affects(id)
        .changed(case.changed.clone())
        .trigger(case.trigger.clone())
        .link(Link::Object, id, LinkState::Affected, format!("key {} holds what is refused", case.key));
    for victim in &case.victims {
        finding = finding.link(Link::Backend, victim, LinkState::Broken, "refused with the present value");
    }
    finding.rules_out("DEL-01", "what was refused is the value that the object holds now")
}

/// Says which key was written by whom.
pub(super) fn written(case: &Case<'_>, by: &super::story::Write, seen: &str) -> Evidence {
    let who = super::story::last_writer(by);
    let path = match by.source {
        "audit" => "audit write".to_owned(),
        _ => format!("metadata.managedFields[{}]", by.by),
    };
    Evidence::new(&case.object.id, path, format!("{seen} by {who}"), by.source).at(Some(by.at))
}

/// The last steps of every repair: prove the value first, and make pods anew where they take it at their start.
pub(super) fn then_restart(mut first: Vec<Step>, case: &Case<'_>, victims: &[Id]) -> Plan {
    for victim in victims.iter().filter(|_| !case.pull) {
        first.push(
            Step::on(
                victim,
                format!("restart {victim} in stages, where it takes the value at its start"),
                Effect::Restart { workload: victim.clone() },
            )
            .change("none")
            .command(restart_command(victim))
            .precondition("one login with the new value has worked")
            .risk(Risk::Review)
            .inverse("none needed: the template does not change")
            .after("it is let in"),
        );
    }
    Plan::new(first)
}
