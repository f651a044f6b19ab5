//! OBJ-16: a credential lies where everybody can read it: in a ConfigMap or in a pod template.

use super::missing::report::record_of_workload;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{DataObject, EnvSource, Id, Kind, ValueFacts, Workload};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Unknown, Verdicts};
use crate::view::View;
use crate::view::credentials::{Part, part};

pub static CARD: Card = Card {
    code: "OBJ-16",
    slug: "exposed",
    title: "A credential lies in a ConfigMap or a pod template",
    link: Link::Object,
    role: Role::Latent,
    severity: Severity::Low,
    needs: &[
        Need::decides(Kind::ConfigMap, Scope::OwnNamespace),
        Need::sharpens(Kind::Deployment, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour { code: "ROT-13", decided_by: "whether it lies in an annotation of a Secret" },
        Neighbour { code: "REF-05", decided_by: "whether the value is used in place of the right one" },
    ],
    lag: Lag::Standing,
    fix: FixKind::Always,
    page: include_str!("exposed/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    if let Some(coverage) = view.snap.coverage.kinds.get(&Kind::ConfigMap) {
        for (namespace, why) in &coverage.unseen {
            out.unknown.push(Unknown {
                code: Some(CARD.code),
                subject: Id::new(Kind::Namespace, "", namespace),
                missing: "ConfigMaps".to_owned(),
                reason: why.words(),
                matters: false,
            });
        }
    }
    for object in view.snap.data.iter().filter(|o| o.id.kind == Kind::ConfigMap) {
        let keys: Vec<&str> =
            object.keys.iter().filter(|k| is_credential(&k.name, &k.value)).map(|k| &*k.name).take(8).collect();
        if !keys.is_empty() {
            out.violated(in_config_map(view, object, &keys));
        }
    }
    for workload in &view.snap.workloads {
        // Revisions repeat what their owner's template says.
        if workload.meta.controller().is_some() {
            continue;
        }
        let mut names: Vec<&str> = Vec::new();
        for env in workload.template.iter().flat_map(|t| &t.containers).flat_map(|c| &c.env) {
            if let EnvSource::Literal(value) = &env.source
                && is_credential(&env.name, value)
                && !names.contains(&&*env.name)
            {
                names.push(&env.name);
            }
        }
        if !names.is_empty() {
            out.violated(in_template(view, workload, &names));
        }
    }
}

/// A value that has the shape of a credential, or a password by its name.
fn is_credential(name: &str, value: &ValueFacts) -> bool {
    let named = matches!(part(name, value), Part::Password | Part::Url | Part::Token);
    let short = value.len == 0 || value.placeholder;
    !short
        && (value.token_kind.is_some()
            || value.jwt.is_some()
            || value.url.as_ref().is_some_and(|u| u.password.is_some())
            || (value.credential_shaped && named)
            || (matches!(part(name, value), Part::Password) && value.len >= 6 && !value.is_pem && value.json.is_none()))
}

fn in_config_map(view: &View<'_>, object: &DataObject, keys: &[&str]) -> Finding {
    let id = &object.id;
    let headline = format!("{id} holds what looks like a credential in {}", keys.join(", "));
    let primary =
        Evidence::new(id, "data", format!("{}: shape of a credential", keys.join(", ")), "list").of(&object.meta);
    let mut finding = Finding::new(id, Confidence::Likely, headline, primary)
        .latent()
        .link(Link::Object, id, LinkState::Broken, "may be read by everybody who may read ConfigMaps")
        .plan(plan(id, id, keys, view.record_of(object).place()));
    for consumer in view.consumers(&id.kind, &id.namespace, &id.name) {
        if !finding.victims.contains(&consumer.workload) {
            finding = finding.victim(&consumer.workload);
        }
    }
    finding
}

fn in_template(view: &View<'_>, workload: &Workload, names: &[&str]) -> Finding {
    let id = &workload.id;
    let headline = format!("the template of {id} holds what looks like a credential in {}", names.join(", "));
    let primary = Evidence::new(
        id,
        "spec.template",
        format!("{}: literal with the shape of a credential", names.join(", ")),
        "spec",
    )
    .of(&workload.meta);
    let secret = Id { kind: Kind::Secret, namespace: id.namespace.clone(), name: id.name.clone() };
    Finding::new(id, Confidence::Likely, headline, primary)
        .latent()
        .victim(id)
        .link(Link::Object, id, LinkState::Broken, "may be read by everybody who may read workloads")
        .plan(plan(&secret, id, names, record_of_workload(view, id).place()))
}

fn plan(shown: &Id, holder: &Id, keys: &[&str], place: String) -> Plan {
    Plan::new(vec![
        Step::outside("issue a new credential, since the old one was readable", "the old one is of no use to a reader"),
        Step::on(
            holder,
            format!("move {} to a Secret, in {place}", keys.join(", ")),
            Effect::Mend { object: holder.clone() },
        )
        .change(format!("{}: out of {}, into a Secret; references follow", keys.join(", "), holder))
        .command(format!("kubectl create secret generic NAME -n {} --from-file=KEY=/dev/stdin", shown.namespace))
        .precondition("all consumers are known")
        .risk(Risk::Review)
        .inverse("point the references back")
        .after("the value is readable with rights on Secrets only"),
    ])
}
