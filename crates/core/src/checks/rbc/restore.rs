//! The steps that give a refused identity its right back.

use super::refusal::{self, Broken, Story};
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};

/// The ordered steps that give the grant back, shared with RBC-07.
pub(super) fn plan(story: &Story<'_>) -> Plan {
    let wanted = refusal::words(&story.request);
    let verb_flags = format!("--verb={} --resource={}", story.request.verb, resource_flag(story));
    let names = story.request.name.as_deref().map(|n| format!(" --resource-name={n}")).unwrap_or_default();
    let who = format!("--serviceaccount={}:{}", story.account.namespace, story.account.name);
    let first = match &story.broken {
        Broken::Dangling { role, .. } => {
            let (kind, scope) = flags(role);
            Step::on(
                role,
                format!("restore {role} from its owner of record (chart, Git)"),
                Effect::Mend { object: role.clone() },
            )
            .change(format!("a rule that allows to {wanted}"))
            .command(format!("kubectl create {kind} {}{scope} {verb_flags}{names}", role.name))
            .precondition(format!("no {role} exists"))
            .inverse(format!("kubectl delete {kind} {}{scope}", role.name))
        }
        Broken::RoleChanged { role } => {
            let (kind, scope) = flags(role);
            Step::on(role, format!("give {role} back the rule that it lost"), Effect::Mend { object: role.clone() })
                .change(format!("a rule that allows to {wanted}"))
                .command(format!("kubectl edit {kind} {}{scope}", role.name))
                .precondition("the role is as collected: same resourceVersion")
                .inverse("apply the role as saved before")
        }
        Broken::Misbound { binding, .. } => {
            let (kind, scope) = flags(binding);
            Step::on(binding, format!("correct the subject of {binding}"), Effect::Mend { object: binding.clone() })
                .change("subjects[].namespace")
                .command(format!("kubectl set subject {kind} {}{scope} {who}", binding.name))
                .precondition("the binding is as collected: same resourceVersion")
                .inverse("apply the binding as saved before")
        }
        Broken::NoGrant { lost } => {
            let namespace = story.request.namespace.as_deref();
            let binding = lost.clone().filter(|l| matches!(l.kind, Kind::RoleBinding | Kind::ClusterRoleBinding));
            let binding = binding.unwrap_or_else(|| match namespace {
                Some(namespace) => Id::new(Kind::RoleBinding, namespace, &story.account.name),
                None => Id::new(Kind::ClusterRoleBinding, "", &story.account.name),
            });
            let (kind, scope) = flags(&binding);
            Step::on(
                &binding,
                format!("bind a role that allows to {wanted}, in the owner of record (chart, Git)"),
                Effect::Mend { object: binding.clone() },
            )
            .change(format!("a binding of {} to such a role, limited to this resource", story.account))
            .command(format!("kubectl create {kind} {}{scope} --role=ROLE {who}", binding.name))
            .precondition("the application is meant to have this right")
            .inverse(format!("kubectl delete {kind} {}{scope}", binding.name))
        }
        _ => Step::outside(
            format!("find out what grants {} the right to {wanted}, and restore it", story.account),
            "the API server allows it",
        )
        .command(can_i(story)),
    };
    let mut steps = vec![first.risk(Risk::Review).after(format!("{} is yes", can_i(story)))];
    let mut victims: Vec<&Id> = story.symptoms.iter().map(|s| &s.victim).filter(|v| is_workload(v)).collect();
    victims.sort();
    victims.dedup();
    for victim in victims {
        steps.push(
            Step::on(
                victim,
                format!("let {victim} ask again: wait for its next try, or restart it"),
                Effect::Restart { workload: victim.clone() },
            )
            .change("none")
            .precondition("the step before is done")
            .risk(Risk::Safe)
            .inverse("none needed")
            .after("its log shows no refusal any more"),
        );
    }
    Plan::new(steps)
}

fn can_i(story: &Story<'_>) -> String {
    let name = story.request.name.as_deref().map(|n| format!("/{n}")).unwrap_or_default();
    let namespace = story.request.namespace.as_deref().map(|n| format!(" -n {n}")).unwrap_or_default();
    format!("kubectl auth can-i {} {}{name}{namespace} --as={}", story.request.verb, resource_flag(story), story.user)
}

fn resource_flag(story: &Story<'_>) -> String {
    let (main, sub) = match story.request.resource.split_once('/') {
        Some((main, sub)) => (main, format!("/{sub}")),
        None => (&*story.request.resource, String::new()),
    };
    if story.request.group.is_empty() { format!("{main}{sub}") } else { format!("{main}.{}{sub}", story.request.group) }
}

fn flags(object: &Id) -> (String, String) {
    let scope = if object.namespace.is_empty() { String::new() } else { format!(" -n {}", object.namespace) };
    (object.kind.name().to_ascii_lowercase(), scope)
}

fn is_workload(id: &Id) -> bool {
    id.kind == Kind::Pod || id.kind.makes_pods()
}
