//! REF-09: a workload has no pods because its ServiceAccount does not exist.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Seen;
use crate::messages::Signal;
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "REF-09",
    slug: "service-account-missing",
    title: "The ServiceAccount that the pods need does not exist",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::ServiceAccount, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "RBC-06",
            decided_by: "whether the refusal names a webhook or policy, or a ServiceAccount that is not found",
        },
        Neighbour {
            code: "CLU-07",
            decided_by: "whether the refusal names a quota, or a ServiceAccount that is not found",
        },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("service_account_missing/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::NoPods) {
        let Some(statement) = symptom.signal(|s| s == Signal::ServiceAccountNotFound) else { continue };
        let namespace = symptom.victim.namespace.clone();
        let Some(name) = statement.said.fields.service_account.as_deref() else { continue };
        let account = Id::new(Kind::ServiceAccount, &namespace, name);
        if let Seen::Seen(found) = view.service_account(&namespace, name)
            && found.meta.created > statement.last
        {
            // It was made after the last refusal: the controller will try again by itself.
            out.satisfied(&symptom.victim);
            continue;
        }
        out.violated(finding(symptom, statement, &account));
    }
}

fn finding(symptom: &Symptom, statement: &crate::symptoms::Statement, account: &Id) -> Finding {
    let evidence = Evidence::new(
        &statement.object,
        statement.path.clone(),
        format!("pods refused: {account} not found"),
        statement.channel.source(),
    )
    .at(statement.last);
    let headline = format!("{} has no pods: {account} does not exist", symptom.victim);
    Finding::new(&symptom.victim, Confidence::Certain, headline, evidence)
        .explains([symptom.ix])
        .link(Link::Reference, account, LinkState::Broken, "not found when pods were created")
        .rules_out("RBC-06", "the refusal names no webhook and no policy")
        .rules_out("CLU-07", "the refusal names no quota")
        .plan(plan(account))
}

fn plan(account: &Id) -> Plan {
    Plan::new(vec![
        Step::on(
            account,
            format!("create {account}, or correct serviceAccountName in the template"),
            Effect::Create { object: account.clone(), keys: Vec::new() },
        )
        .change("a ServiceAccount with this name")
        .command(format!("kubectl create serviceaccount {} -n {}", account.name, account.namespace))
        .precondition("no ServiceAccount of this name exists")
        .risk(Risk::Review)
        .inverse(format!("kubectl delete serviceaccount {} -n {}", account.name, account.namespace))
        .after("the controller creates the missing pods at its next try"),
    ])
}
