//! CLU-05: the API server is overloaded: reads of all kinds time out or are throttled.

use std::collections::BTreeSet;

use super::sightings;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::{ObjectKind, Signal};
use crate::objects::{Id, Kind, Str};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, SymptomIx};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CLU-05",
    slug: "api-overload",
    title: "The API server throttles or times out",
    link: Link::Cluster,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Event, Scope::All), Need::sharpens(Kind::Node, Scope::Cluster)],
    neighbours: &[
        Neighbour { code: "DEL-05", decided_by: "whether several nodes and kinds are hit, and whether it goes on" },
        Neighbour { code: "CLU-01", decided_by: "whether ConfigMaps are slow too, or Secrets alone cannot be read" },
        Neighbour { code: "CLU-06", decided_by: "whether one node is hit or several" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("api_overload/explain.md"),
    judge,
};

/// Refused writes of this number in the audit log are load, fewer are chance.
const MANY: usize = 3;

fn judge(view: &View<'_>, out: &mut Verdicts) {
    if super::decrypt::story(view).is_some() {
        return;
    }
    let direct = sightings::of(view, |s| matches!(s, Signal::Throttled | Signal::EtcdTimeout));
    let refused: Vec<&crate::objects::AuditWrite> = view.snap.audit.iter().filter(|w| w.code == 429).collect();
    let mut waiting: BTreeSet<SymptomIx> = BTreeSet::new();
    let (mut nodes, mut kinds): (BTreeSet<Str>, BTreeSet<ObjectKind>) = (BTreeSet::new(), BTreeSet::new());
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::Config | Class::Mount)) {
        let last = symptom.said.iter().filter(|s| s.said.signal.is_some()).max_by_key(|s| s.last);
        let Some(Signal::CacheSyncTimeout(kind)) = last.and_then(|s| s.said.signal) else { continue };
        waiting.insert(symptom.ix);
        kinds.insert(kind);
        nodes.extend(symptom.pod.as_ref().and_then(|p| view.pod(p)).and_then(|p| p.node.clone()));
    }
    let mut explains: BTreeSet<SymptomIx> = direct.iter().filter_map(|s| s.symptom).collect();
    explains.extend(&waiting);
    let overloaded = !direct.is_empty() || refused.len() >= MANY;
    let spread = nodes.len() >= 2 && kinds.len() >= 2;
    if explains.is_empty() || !(overloaded || spread) {
        return;
    }
    let (confidence, primary) = match (direct.first(), refused.first()) {
        (Some(sighting), _) => {
            (Confidence::Likely, sighting.evidence("a request was throttled or timed out in the store"))
        }
        (None, Some(write)) if overloaded => (
            Confidence::Likely,
            Evidence::new(&write.object, format!("audit {}", write.verb), "answered 429 for load", "audit")
                .at(Some(write.at)),
        ),
        _ => {
            let Some(symptom) = waiting.first().map(|ix| view.symptom(*ix)) else { return };
            let Some(statement) = symptom.said.first() else { return };
            let seen = format!("caches of {} nodes do not sync, for Secrets and ConfigMaps alike", nodes.len());
            (
                Confidence::Possible,
                Evidence::new(&statement.object, statement.path.clone(), seen, statement.channel.source())
                    .at(statement.last),
            )
        }
    };
    let server: Id = sightings::api_server();
    let mut finding = Finding::new(
        &server,
        confidence,
        "the API server is overloaded: reads of several kinds are throttled or time out",
        primary,
    )
    .explains(explains)
    .link(Link::Cluster, &server, LinkState::Broken, "throttles or times out")
    .rules_out("CLU-01", "no text names a key or a transformer")
    .plan(Plan::new(vec![
        Step::on(&server, "stop rollouts and restarts that add load, and wait", Effect::Wait)
            .change("none")
            .command("kubectl get --raw /metrics | grep -E 'apiserver_flowcontrol_rejected|etcd_request_duration'")
            .precondition("etcd is healthy; otherwise mend it first")
            .risk(Risk::Safe)
            .inverse("kubectl rollout resume")
            .after("kubelets read their objects at the next try; nothing has to be edited"),
    ]));
    if !overloaded {
        finding = finding.unless("DEL-05", &server, "whether the timeouts go on for more than a few minutes");
    }
    out.violated(finding);
}
