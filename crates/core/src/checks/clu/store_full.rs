//! CLU-04: etcd is over its quota and takes no writes.

use super::sightings;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::Kind;
use crate::plan::{Plan, Step};
use crate::symptoms::SymptomIx;
use crate::verdict::{Confidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CLU-04",
    slug: "store-full",
    title: "etcd is full: no Secret can be written",
    link: Link::Cluster,
    role: Role::Cause,
    severity: Severity::Critical,
    needs: &[Need::decides(Kind::Event, Scope::All), Need::sharpens(Kind::Secret, Scope::All)],
    neighbours: &[
        Neighbour { code: "CLU-07", decided_by: "whether the text says database space, or names a ResourceQuota" },
        Neighbour { code: "OBJ-11", decided_by: "whether one object is too large, or every write is refused" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("store_full/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let found = sightings::of(view, |s| s == Signal::EtcdNoSpace);
    let Some(primary) = found.first() else { return };
    let explains: Vec<SymptomIx> = found.iter().filter_map(|s| s.symptom).collect();
    let releases =
        view.snap.data.iter().filter(|d| matches!(d.payload, crate::objects::SecretPayload::Helm(_))).count();
    let mut finding = Finding::new(
        &sightings::api_server(),
        Confidence::Certain,
        "etcd is over its quota, so the API server takes no writes: no rotation, no new pods",
        primary.evidence("the database space is exceeded"),
    )
    .explains(explains.iter().copied())
    .link(Link::Cluster, &sightings::api_server(), LinkState::Broken, "takes no writes")
    .rules_out("CLU-07", "the store is full, no ResourceQuota is named")
    .rules_out("OBJ-11", "writes of every size are refused")
    .plan(Plan::new(vec![
        Step::outside("compact and defragment etcd, one member at a time, then disarm the alarm", "writes go through again")
            .command("etcdctl alarm list && etcdctl defrag && etcdctl alarm disarm")
            .precondition("a snapshot of etcd is saved, encrypted")
            .inverse("none needed"),
        Step::outside(
            "find what grew: Helm release Secrets, large ConfigMaps, Secrets that are rewritten each minute, Events",
            "the size stays below the quota",
        )
        .command("kubectl get secrets -A -o json | jq -r '.items[] | [(.data|tostring|length), .metadata.namespace, .metadata.name] | @tsv' | sort -rn | head"),
    ]));
    if releases > 0 {
        finding = finding.note(format!("{releases} Helm release Secrets are in this input"));
    }
    if explains.is_empty() {
        finding = finding.latent();
    }
    out.violated(finding);
}
