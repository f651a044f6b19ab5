//! OBJ-11: the API server refused the object, since it is too large.

use super::missing::{self, Outcome, report};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Unseen;
use crate::messages::Signal;
use crate::objects::{AuditWrite, Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::Class;
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-11",
    slug: "too-large",
    title: "The Secret or ConfigMap is too large to be stored",
    link: Link::Object,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::sharpens(Kind::Secret, Scope::OwnNamespace),
        Need::sharpens(Kind::ExternalSecret, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "OBJ-01",
            decided_by: "the API server's refusal (422, too long) in the audit log or the operator's words",
        },
        Neighbour { code: "CLU-07", decided_by: "whether the refusal names a quota or the size of the object" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("too_large/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        let Outcome::Refused(write) = story.outcome else {
            if matches!(story.outcome, Outcome::NeverExisted) && !view.snap.coverage.audit {
                out.unseen(&story.object, "refused writes in the audit log", Unseen::NotCollected);
            }
            continue;
        };
        let headline = format!(
            "{} could not be stored since it is too large; {} waits for {}",
            story.object,
            report::victims(&story),
            if story.key.is_some() { "its new key" } else { "it" },
        );
        // That the same thing would be accepted if it were smaller is inferred.
        let finding = report::finding(&story, &story.object, Confidence::Likely, headline)
            .changed(Some(Change { when: Interval::at(write.at), by: Some(write.user.to_string()), source: "audit" }))
            .supported_by([refusal(write)])
            .rules_out("OBJ-02", "it was never stored")
            .rules_out("REF-01", "an object of exactly this name was to be made")
            .rules_out("CLU-07", "the refusal is about size, not a quota")
            .plan(plan(&story.object, story.key.as_deref()));
        out.violated(finding);
    }
    of_operators(view, out);
}

fn refusal(write: &AuditWrite) -> Evidence {
    Evidence::new(
        &write.object,
        "audit",
        format!("{} by {} refused with {}: too long", write.verb, write.user, write.code),
        "audit",
    )
    .at(Some(write.at))
}

/// An operator that cannot write its target says so itself.
fn of_operators(view: &View<'_>, out: &mut Verdicts) {
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::Sync) {
        let Some(statement) = symptom.signal(|s| s == Signal::TooLarge) else { continue };
        let target = view
            .external_secret(&symptom.victim.namespace, &symptom.victim.name)
            .seen()
            .map(|e| e.target.name.clone().unwrap_or_else(|| e.id.name.clone()));
        let secret = Id {
            kind: Kind::Secret,
            namespace: symptom.victim.namespace.clone(),
            name: target.unwrap_or_else(|| symptom.victim.name.clone()),
        };
        let evidence = Evidence::new(
            &statement.object,
            statement.path.clone(),
            "the API server refuses the object as too long",
            statement.channel.source(),
        )
        .at(statement.last);
        let headline = format!("{} cannot write {secret}: it is too large to be stored", symptom.victim);
        out.violated(
            Finding::new(&symptom.victim, Confidence::Certain, headline, evidence)
                .explains([symptom.ix])
                .affects(&secret)
                .link(Link::Sync, &symptom.victim, LinkState::Broken, "its write is refused")
                .link(Link::Object, &secret, LinkState::Affected, "is missing or stale")
                .rules_out("SYN-08", "the refusal is about size, not about ownership")
                .plan(plan(&secret, None)),
        );
    }
}

fn plan(object: &Id, key: Option<&str>) -> Plan {
    let effect = match key {
        Some(key) => Effect::SetKeys { object: object.clone(), keys: vec![key.to_owned()] },
        None => Effect::Create { object: object.clone(), keys: Vec::new() },
    };
    Plan::new(vec![
        Step::on(object, format!("split {object}, or keep the large part outside of it"), effect)
            .change("no more than 1 MiB of values in one object; large files go to a volume or an object store")
            .command(report::create_command(object))
            .precondition("the values of the object together are smaller than 1048576 bytes")
            .risk(Risk::Manual)
            .inverse("none is needed: nothing was stored")
            .after("the object is stored, and the waiting containers start"),
    ])
}
