//! REF-06: nothing of what the workloads need is in this namespace, which was not furnished yet.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::{self, Outcome, report};
use crate::coverage::Seen;
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "REF-06",
    slug: "new-namespace",
    title: "The namespace has none of what its workloads need",
    link: Link::Reference,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Secret, Scope::All),
        Need::decides(Kind::ConfigMap, Scope::All),
        Need::sharpens(Kind::Namespace, Scope::Cluster),
    ],
    neighbours: &[
        Neighbour { code: "OBJ-03", decided_by: "whether one reference fails, or all of the namespace" },
        Neighbour { code: "OBJ-02", decided_by: "an earlier container start in this namespace" },
        Neighbour { code: "SYN-06", decided_by: "whether a store refuses the new namespace" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("new_namespace/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    // One finding a namespace, whichever of its objects was missed first.
    let mut findings: Vec<Finding> = Vec::new();
    for story in missing::stories(view) {
        let Outcome::NewNamespace { like, others } = &story.outcome else { continue };
        let namespace = Id::new(Kind::Namespace, "", &story.object.namespace);
        if let Some(known) = findings.iter_mut().find(|f| f.subject == namespace) {
            known.explains.extend(story.symptoms());
            continue;
        }
        let headline = format!(
            "namespace {} lacks {} and {} more that its workloads need; namespace {like} has them all",
            story.object.namespace,
            story.object,
            others.len()
        );
        let made = match view.namespace(&namespace.name) {
            Seen::Seen(n) => n.meta.created,
            _ => None,
        };
        let finding = report::finding(&story, &namespace, Confidence::Likely, headline)
            .changed(made.map(|at| Change { when: Interval::at(at), by: None, source: "creationTimestamp" }))
            .supported_by(others.iter().take(5).map(|id| {
                Evidence::new(id, "metadata.name", format!("is missing here and present in namespace {like}"), "list")
            }))
            .rules_out("OBJ-02", "no container that needs them has ever started in this namespace, as far as is known")
            .unless("OBJ-03", &story.object, "whether the rest was meant to be made otherwise")
            .plan(plan(&story.object, others, like));
        findings.push(finding);
    }
    for mut finding in findings {
        finding.explains.sort_unstable();
        finding.explains.dedup();
        out.violated(finding);
    }
}

fn plan(object: &Id, others: &[Id], like: &str) -> Plan {
    let steps = std::iter::once(object)
        .chain(others)
        .map(|id| {
            Step::on(
                id,
                format!("make {id} from its source, as for namespace {like}"),
                Effect::Create { object: id.clone(), keys: Vec::new() },
            )
            .change("the bootstrap of the namespace: Secrets, ConfigMaps, ServiceAccounts, labels for replicators")
            .command(report::create_command(id))
            .precondition("it may be used in this namespace: credentials of one environment are not copied to another")
            .risk(Risk::Manual)
            .inverse(format!("kubectl delete {} {} -n {}", report::kind_word(&id.kind), id.name, id.namespace))
            .after("the waiting containers start")
        })
        .collect();
    Plan::new(steps)
}
