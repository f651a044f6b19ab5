//! ROT-07: a copy of a Secret carries the owner of another namespace, so the garbage collector deletes it.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Seen;
use crate::messages::{ObjectKind, Signal};
use crate::objects::{Event, Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::SymptomIx;
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-07",
    slug: "dirty-copy",
    title: "A copied Secret names an owner of another namespace",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Event, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "OBJ-02", decided_by: "whether the garbage collector or a person deleted it" },
        Neighbour {
            code: "SYN-10",
            decided_by: "whether the owner of its own namespace was deleted, or never lived there",
        },
        Neighbour { code: "OBJ-03", decided_by: "whether it was ever copied into this namespace" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("dirty_copy/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut told: Vec<&Id> = Vec::new();
    for event in view.snap.events.iter().rev() {
        let about = &event.about;
        let copy = matches!(about.kind, Kind::Secret | Kind::ConfigMap);
        let foreign = event.said.says(Signal::OwnerRefInvalidNamespace) || &*event.reason == "OwnerRefInvalidNamespace";
        if !copy || !foreign || told.contains(&about) {
            continue;
        }
        told.push(about);
        let now = view.data(&about.kind, &about.namespace, &about.name);
        if let Seen::Seen(object) = now
            && object.meta.owners.is_empty()
        {
            // It was copied again, this time without the owner.
            out.satisfied(about);
            continue;
        }
        out.violated(finding(view, event, matches!(now, Seen::Seen(_))));
    }
}

fn finding(view: &View<'_>, event: &Event, still_there: bool) -> Finding {
    let id = &event.about;
    let explains: Vec<SymptomIx> = view
        .symptoms()
        .iter()
        .filter(|s| s.victim.namespace == id.namespace)
        .filter(|s| {
            s.said.iter().any(|st| {
                let fields = &st.said.fields;
                match st.said.signal {
                    Some(Signal::ObjectNotFound(ObjectKind::Secret)) => {
                        id.kind == Kind::Secret && fields.secret.as_deref() == Some(&*id.name)
                    }
                    Some(Signal::ObjectNotFound(ObjectKind::ConfigMap)) => {
                        id.kind == Kind::ConfigMap && fields.configmap.as_deref() == Some(&*id.name)
                    }
                    _ => false,
                }
            })
        })
        .map(|s| s.ix)
        .collect();
    let state = if still_there { LinkState::Affected } else { LinkState::Broken };
    let mut finding = Finding::new(
        id,
        Confidence::Certain,
        format!("{id} was copied with an owner of another namespace, so the garbage collector deletes it"),
        Evidence::new(id, format!("event {}", event.reason), "its owner does not exist in this namespace", "event")
            .at(event.last),
    )
    .explains(explains.iter().copied())
    .affects(id)
    .changed(event.first.or(event.last).map(|at| Change {
        when: Interval::between(Some(at), Some(at.plus(120))),
        by: Some("garbage collector".to_owned()),
        source: "events",
    }))
    .link(Link::Object, id, state, "owned from another namespace")
    .rules_out("OBJ-02", "the garbage collector took it, no person")
    .rules_out("SYN-10", "the owner never lived in this namespace")
    .plan(Plan::new(vec![
        Step::on(
            id,
            format!("make {id} anew from type and data only, or have a replicator keep it"),
            Effect::Create { object: id.clone(), keys: Vec::new() },
        )
        .change("no ownerReferences, uid, resourceVersion or annotations of managers")
        .command(format!(
            "kubectl get {} {} -n SOURCE -o json | jq '{{apiVersion, kind, type, data, metadata: {{name: .metadata.name}}}}' | kubectl apply -n {} -f -",
            id.kind.name().to_ascii_lowercase(),
            id.name,
            id.namespace
        ))
        .precondition("the source namespace holds the right value")
        .risk(Risk::Review)
        .inverse(format!("kubectl delete {} {} -n {}", id.kind.name().to_ascii_lowercase(), id.name, id.namespace))
        .after("it stays, and the pods that wait for it start"),
    ]));
    if explains.is_empty() {
        finding = finding.latent();
        for consumer in view.consumers(&id.kind, &id.namespace, &id.name) {
            if !finding.victims.contains(&consumer.workload) {
                finding = finding.victim(&consumer.workload);
            }
        }
    }
    finding
}
