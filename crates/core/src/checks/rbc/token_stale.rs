//! RBC-05: the API server does not know a ServiceAccount's token any more: 401, not 403.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Seen;
use crate::messages::Signal;
use crate::objects::{ContainerState, Id, Kind, Pod, Str};
use crate::plan::{Effect, Plan, Risk, Step, restart_command};
use crate::symptoms::{Class, Statement, Symptom};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "RBC-05",
    slug: "token-stale",
    title: "The API server refuses a ServiceAccount token that it once issued",
    link: Link::Access,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::sharpens(Kind::ServiceAccount, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "RBC-01", decided_by: "whether the answer is 401 (not known) or 403 (known, not allowed)" },
        Neighbour { code: "RBC-04", decided_by: "whether the pod mounts a token at all" },
        Neighbour {
            code: "ROT-15",
            decided_by: "whether every token of the cluster is refused, or only this ServiceAccount's",
        },
        Neighbour { code: "CLU-06", decided_by: "whether a kubelet or an application is refused" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("token_stale/explain.md"),
    judge,
};

/// Life of the token that admission mounts, in seconds (kubernetes/kubernetes, `plugin/pkg/admission/serviceaccount`). The
/// API server stretches it to a year for clients that do not read it again, unless that is switched off.
const BOUND_TOKEN_LIFE: i64 = 3607;

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        // A newer refusal by RBAC means that the identity is known again.
        let Some(statement) = symptom.said.iter().find(|s| unknown_token(s)) else { continue };
        if symptom.signal(|s| matches!(s, Signal::ApiForbidden(_))).is_some_and(|s| s.last > statement.last) {
            continue;
        }
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        out.violated(finding(view, symptom, statement, pod));
    }
}

/// The API server's 401, or its own words on why a token is not valid.
fn unknown_token(statement: &Statement) -> bool {
    let said = &statement.said;
    let own_words = said.candidates.first().is_some_and(|c| c.codes.contains(&CARD.code));
    said.signal == Some(Signal::ApiUnauthorized) || (said.signal == Some(Signal::TokenExpired) && own_words)
}

fn finding(view: &View<'_>, symptom: &Symptom, statement: &Statement, pod: &Pod) -> Finding {
    let account = Id::new(Kind::ServiceAccount, &pod.id.namespace, &pod.spec.service_account);
    let found = view.service_account(&pod.id.namespace, &pod.spec.service_account);
    let primary = Evidence::new(
        &statement.object,
        statement.path.clone(),
        "the API server answered 401: it does not know who asks",
        statement.channel.source(),
    )
    .at(statement.last);
    let started = started(pod, symptom.container.as_ref());
    let mut finding = match found {
        Seen::Seen(sa) if sa.meta.created > pod.meta.created && pod.meta.created.is_some() => Finding::new(
            &account,
            Confidence::Certain,
            format!("{account} was made anew after the pods of {}: their tokens name the old one", symptom.victim),
            primary,
        )
        .supported_by([Evidence::new(&account, "metadata.uid", "made after the pod that uses it", "creationTimestamp")
            .of(&sa.meta)
            .at(sa.meta.created)])
        .changed(sa.meta.created.map(|at| Change {
            when: Interval::at(at),
            by: creator(view, &account),
            source: "creationTimestamp",
        }))
        .rules_out("ROT-15", "the account itself is another one than the token names"),
        Seen::Absent(basis) => Finding::new(
            &account,
            Confidence::of_absence(basis),
            format!("{account} does not exist any more, so the API server refuses its tokens"),
            primary,
        )
        .changed(view.audited_deletion(&account).map(|w| Change {
            when: Interval::at(w.at),
            by: Some(w.user.to_string()),
            source: "audit",
        }))
        .rules_out("ROT-15", "the account itself is gone"),
        _ if started.zip(statement.first).is_some_and(|(s, first)| first.since(s) >= BOUND_TOKEN_LIFE - 60) => {
            Finding::new(
                &symptom.victim,
                Confidence::Likely,
                format!("{} is refused an hour after its start: it keeps a token that has expired", symptom.victim),
                primary,
            )
            .unless("ROT-15", &account, "whether other ServiceAccounts are refused too")
        }
        _ => Finding::new(
            &symptom.victim,
            Confidence::Possible,
            format!("the API server does not accept the token that {} sends", symptom.victim),
            primary,
        )
        .unless(
            "ROT-15",
            &account,
            "whether other ServiceAccounts are refused too, and the token's issuer and expiry",
        ),
    };
    finding = finding
        .explains([symptom.ix])
        .link(Link::Access, &account, LinkState::Broken, "its token is refused with 401")
        .rules_out("RBC-01", "401: the API server does not know the identity, so RBAC was not asked")
        .plan(plan(&symptom.victim));
    finding
}

fn creator(view: &View<'_>, account: &Id) -> Option<String> {
    view.writes_of(account).rev().find(|w| &*w.verb == "create").map(|w| w.user.to_string())
}

fn started(pod: &Pod, container: Option<&Str>) -> Option<Time> {
    match &pod.status(container?)?.state {
        ContainerState::Running { since } => *since,
        _ => None,
    }
}

fn plan(workload: &Id) -> Plan {
    Plan::new(vec![
        Step::on(
            workload,
            format!("restart {workload} in stages, so that its pods get tokens of the present account"),
            Effect::Restart { workload: workload.clone() },
        )
        .change("none")
        .command(restart_command(workload))
        .precondition("its ServiceAccount exists")
        .risk(Risk::Review)
        .inverse("none needed: the template does not change")
        .after("the application is let in; a client that reads the token file again needs no restart next time"),
    ])
}
