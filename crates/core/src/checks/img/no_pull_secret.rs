//! IMG-01: the pod and its ServiceAccount name no pull secret, and the registry wants a login.

use super::pull::{self, Facts, Verdict};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{Id, Kind};
use crate::plan::Plan;
use crate::verdict::{Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "IMG-01",
    slug: "no-pull-secret",
    title: "No pull secret on the pod or its ServiceAccount",
    link: Link::Registry,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Pod, Scope::OwnNamespace),
        Need::decides(Kind::ServiceAccount, Scope::OwnNamespace),
        Need::sharpens(Kind::Event, Scope::OwnNamespace),
        Need::sharpens(Kind::Secret, Scope::Named),
    ],
    neighbours: &[
        Neighbour { code: "IMG-12", decided_by: "whether the ServiceAccount got a pull secret after the pod was made" },
        Neighbour {
            code: "IMG-17",
            decided_by: "whether the repository exists: some registries hide it from who is not logged in",
        },
        Neighbour { code: "IMG-22", decided_by: "whether nodes log in to this registry by a credential provider" },
        Neighbour { code: "IMG-06", decided_by: "whether the pod lists any pull secret" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("no_pull_secret/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    pull::report(view, out, CARD.code, plan);
}

fn plan(view: &View<'_>, facts: &[&Facts<'_>], v: &Verdict) -> Plan {
    let mut steps = Vec::new();
    let account = facts.first().map(|f| f.account());
    let wants = facts.first().map_or_else(String::new, |f| f.domain().to_owned());
    match v.other.as_ref().filter(|o| o.kind == Kind::Secret) {
        Some(secret) => {
            let title = format!("name {} under imagePullSecrets in the template", secret.name);
            steps.extend(pull::edit_template(facts, &title, &format!("imagePullSecrets gets {}", secret.name)));
        }
        None => {
            let namespace = v.subject.namespace.clone();
            let name = wants.replace([':', '/', '_'], "-");
            let secret = Id::new(Kind::Secret, &namespace, &format!("pull-{name}"));
            steps.push(pull::secret_step(view, &secret, &format!("make a pull secret with a key for {wants}")));
            let change = format!("imagePullSecrets gets {}", secret.name);
            steps.extend(pull::edit_template(facts, "name it under imagePullSecrets in the template", &change));
        }
    }
    if let (Some(account), Some(last)) = (account, steps.last_mut()) {
        last.after = format!(
            "new pods log in; naming it in {account} instead would serve its other pods too, once they are made anew"
        );
    }
    Plan::new(steps)
}
