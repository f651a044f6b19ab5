//! DEL-07: an immutable object was made anew under its name, and a node goes on with the one that it has.

use super::stale::{self, How};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::steps;
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind, Pod};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-07",
    slug: "immutable-copy",
    title: "Immutable object recreated under its name; nodes keep the old copy",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "OBJ-05", decided_by: "whether the live object has the key that the kubelet misses" },
        Neighbour {
            code: "OBJ-08",
            decided_by: "a login with the value that the Secret holds now, or a pod on a fresh node",
        },
        Neighbour { code: "SRC-07", decided_by: "whether the backend knows the value that the Secret holds now" },
        Neighbour { code: "DEL-01", decided_by: "whether pods that started after the change are healthy" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("immutable_copy/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::Config | Class::Mount)) {
        found.extend(key_denied(view, symptom));
    }
    for case in stale::stale(view).iter().filter(|s| s.how == How::Immutable) {
        let headline = format!(
            "{} is refused: {} is immutable and was made anew, and {} still hands out the former one",
            case.victim,
            case.object.id,
            node(case.pod)
        );
        let finding = case
            .finding(view, headline)
            .supported_by([recreated(case.object)])
            .unless(
                "OBJ-08",
                &case.object.id,
                "a login with the value that the Secret holds now, or a pod on a node that never had it",
            )
            .unless("SRC-07", &case.object.id, "whether the backend knows the value that the Secret holds now")
            .plan(plan(view, case.object, &case.victim));
        found.push(finding);
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

/// The kubelet says that there is no such key, and the live object has it since before that.
fn key_denied(view: &View<'_>, symptom: &Symptom) -> Option<Finding> {
    let pod = view.pod(symptom.pod.as_ref()?)?;
    let said = symptom.said.iter().filter(|s| s.said.signals.iter().any(|s| matches!(s, Signal::KeyNotFound(_))));
    let said = said.max_by_key(|s| s.last)?;
    let key = said.said.fields.key.as_deref()?;
    let object = named(view, pod, said, key)?;
    let created = object.meta.created?;
    // Immutable data cannot have got the key later: what was made before the kubelet's last word had it then.
    let spoke = said.last.or(view.as_of)?;
    if !object.immutable || object.keys_unseen || object.key(key).is_none() || created >= spoke {
        return None;
    }
    let older = stale::older_consumer(view, object, pod, created);
    let confidence = if older.is_some() { Confidence::Certain } else { Confidence::Likely };
    let mut finding = Finding::new(
        &object.id,
        confidence,
        format!(
            "{} cannot start: {} has key {key}, and {} still goes by the former, immutable one",
            symptom.victim,
            object.id,
            node(pod)
        ),
        steps::evidence(said, format!("the kubelet finds no key {key} in {}", object.id)),
    )
    .explains([symptom.ix])
    .supported_by([
        recreated(object),
        Evidence::new(&object.id, format!("data.{key}"), "the live object has the key", "spec"),
    ])
    .changed(view.last_change(&object.id, &object.meta))
    .link(Link::Object, &object.id, LinkState::Ok, "has the key")
    .link(Link::Delivery, &node(pod), LinkState::Broken, "holds the former object")
    .rules_out("OBJ-05", "the live object has the key")
    .plan(plan(view, object, &symptom.victim));
    if let Some(older) = older {
        finding = finding.supported_by([Evidence::new(
            &older.id,
            "metadata.creationTimestamp",
            "a pod on the same node that uses the former object",
            "spec",
        )
        .at(older.meta.created)]);
    }
    Some(finding)
}

/// The object that the kubelet means: by name in texts about variables, by the volume that asks for the key in others.
fn named<'a>(view: &View<'a>, pod: &Pod, said: &Statement, key: &str) -> Option<&'a DataObject> {
    let fields = &said.said.fields;
    let of = |kind: Kind, name: &str| view.data(&kind, &pod.id.namespace, name).seen();
    if let Some(name) = fields.secret.as_deref() {
        return of(Kind::Secret, name);
    }
    if let Some(name) = fields.configmap.as_deref() {
        return of(Kind::ConfigMap, name);
    }
    view.references(pod)
        .iter()
        .filter(|(r, _)| r.key.as_deref() == Some(key))
        .find_map(|(r, _)| of(r.kind.clone(), &r.name))
}

fn node(pod: &Pod) -> Id {
    Id::new(Kind::Node, "", pod.node.as_deref().unwrap_or_default())
}

fn recreated(object: &DataObject) -> Evidence {
    Evidence::new(&object.id, "metadata.creationTimestamp", "immutable, and younger than pods that use it", "spec")
        .at(object.meta.created)
        .of(&object.meta)
}

fn plan(view: &View<'_>, object: &DataObject, victim: &Id) -> Plan {
    let name = Id::new(object.id.kind.clone(), &object.id.namespace, &format!("{}-v2", object.id.name));
    let make = Step::on(&name, format!("publish the content of {} under a new name", object.id), Effect::Create {
        object: name.clone(),
        keys: object.keys.iter().map(|k| k.name.to_string()).collect(),
    })
    .change("a new object with the same keys; names with a version or hash never meet an old copy")
    .command(format!(
        "kubectl get {} -n {ns} -o json | jq 'del(.metadata.uid,.metadata.resourceVersion,.metadata.creationTimestamp,.metadata.managedFields,.metadata.annotations,.metadata.ownerReferences) | .metadata.name=\"{}\"' | kubectl create -n {ns} -f -",
        object.id,
        name.name,
        ns = object.id.namespace
    ))
    .precondition("no object of the new name exists")
    .risk(Risk::Review)
    .inverse(format!("kubectl delete {name} -n {}", name.namespace))
    .after("nodes read the new name afresh");
    let point = steps::edit_template(view, victim, format!("let {victim} refer to {name}"))
        .change(format!("every reference to {} in the pod template", object.id));
    Plan::new(vec![make, point])
}
