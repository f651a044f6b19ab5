//! OBJ-09: keys that the manifest no longer has stay in the live object.

use super::missing::report::kind_word;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Unseen;
use crate::objects::{DataObject, KeyFacts, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-09",
    slug: "leftover-keys",
    title: "Keys stay behind after an apply",
    link: Link::Object,
    role: Role::Latent,
    severity: Severity::Low,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace), Need::decides(Kind::ConfigMap, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "ROT-04", decided_by: "whether the applier itself or another hand wrote the extra key" },
        Neighbour { code: "REF-05", decided_by: "whether the extra key wins over another source of a variable" },
    ],
    lag: Lag::Standing,
    fix: FixKind::Always,
    page: include_str!("leftover_keys/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for object in &view.snap.data {
        let Some(applied) = &object.last_applied else { continue };
        if applied.kind.as_deref() != Some(object.id.kind.name())
            || object.keys_unseen
            || object.meta.deleting.is_some()
        {
            continue;
        }
        let left: Vec<&KeyFacts> = object
            .keys
            .iter()
            .filter(|k| !applied.keys.iter().any(|(name, _)| *name == k.name))
            .filter(|k| k.manager.as_deref().is_some_and(is_applier))
            .collect();
        let unowned =
            object.keys.iter().any(|k| k.manager.is_none() && !applied.keys.iter().any(|(name, _)| *name == k.name));
        if !left.is_empty() {
            out.violated(finding(view, object, &left));
        } else if unowned {
            // Without managedFields it cannot be told who wrote the extra key.
            out.unknown.push(crate::verdict::Unknown {
                code: Some(CARD.code),
                subject: object.id.clone(),
                missing: "managedFields".to_owned(),
                reason: Unseen::NotCollected.words(),
                matters: false,
            });
        }
    }
}

fn is_applier(manager: &str) -> bool {
    manager == "kubectl-client-side-apply" || manager.starts_with("argocd")
}

fn finding(view: &View<'_>, object: &DataObject, left: &[&KeyFacts]) -> Finding {
    let names: Vec<&str> = left.iter().map(|k| &*k.name).take(8).collect();
    let keys = names.join(", ");
    let headline = format!("{} keeps {keys}, which its manifest no longer has", object.id);
    let primary = Evidence::new(
        &object.id,
        "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
        format!("the last manifest lacks {keys}"),
        "metadata",
    )
    .of(&object.meta);
    let manager = left[0].manager.as_deref().unwrap_or_default();
    let mut finding = Finding::new(&object.id, Confidence::Likely, headline, primary)
        .latent()
        .supported_by([Evidence::new(
            &object.id,
            "metadata.managedFields",
            format!("{keys}: written by {manager}"),
            "managedFields",
        )
        .at(left[0].changed.until)])
        .link(Link::Object, &object.id, LinkState::Broken, format!("has {keys} beyond its manifest"))
        .plan(plan(object, left));
    for consumer in view.consumers(&object.id.kind, &object.id.namespace, &object.id.name) {
        if !finding.victims.contains(&consumer.workload) {
            finding = finding.victim(&consumer.workload);
        }
    }
    finding
}

fn plan(object: &DataObject, left: &[&KeyFacts]) -> Plan {
    let removals: Vec<String> = left
        .iter()
        .map(|k| format!("{{\"op\":\"remove\",\"path\":\"/data/{}\"}}", k.name.replace('~', "~0").replace('/', "~1")))
        .collect();
    Plan::new(vec![
        Step::on(
            &object.id,
            format!("remove the keys of {} that its manifest no longer has", object.id),
            Effect::Mend { object: object.id.clone() },
        )
        .change(left.iter().map(|k| format!("remove {}", k.name)).collect::<Vec<_>>().join("; "))
        .command(format!(
            "kubectl patch {} {} -n {} --type=json -p '[{}]'",
            kind_word(&object.id.kind),
            object.id.name,
            object.id.namespace,
            removals.join(",")
        ))
        .precondition("no consumer takes these keys by envFrom or as files")
        .risk(Risk::Review)
        .inverse("put the keys back from where they were saved")
        .after("the live object has the keys of its manifest"),
    ])
}
