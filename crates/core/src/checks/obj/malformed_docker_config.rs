//! OBJ-13: the docker config inside a pull secret does not parse.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{DataObject, Id, Kind, SecretPayload, Via};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::Class;
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "OBJ-13",
    slug: "malformed-docker-config",
    title: "The docker config of a pull secret does not parse",
    link: Link::Object,
    role: Role::Mechanism,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::Named), Need::sharpens(Kind::ServiceAccount, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour {
            code: "IMG-09",
            decided_by: "the same fault seen from the pull: one such secret stops every pull of the pod",
        },
        Neighbour { code: "OBJ-10", decided_by: "whether the type or the content is wrong" },
    ],
    lag: Lag::NextPull,
    fix: FixKind::Always,
    page: include_str!("malformed_docker_config/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for object in view.snap.data.iter().filter(|o| matches!(o.payload, SecretPayload::MalformedDocker(_))) {
        let typed =
            matches!(object.secret_type.as_deref(), Some("kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg"));
        if typed {
            one(view, object, out);
        }
    }
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::Pull && s.has(Signal::Base64Pull)) {
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        for name in &pod.spec.pull_secrets {
            let id = Id::new(Kind::Secret, &pod.id.namespace, name);
            if let crate::coverage::Seen::Unseen(why) = view.secret(&id.namespace, name) {
                out.unseen(&symptom.victim, format!("{id} in namespace {}", id.namespace), why);
            }
        }
    }
}

fn one(view: &View<'_>, object: &DataObject, out: &mut Verdicts) {
    let id = &object.id;
    let failing: Vec<_> = view
        .symptoms()
        .iter()
        .filter(|s| s.class == Class::Pull && s.has(Signal::Base64Pull))
        .filter(|s| {
            s.pod
                .as_ref()
                .and_then(|p| view.pod(p))
                .is_some_and(|p| p.id.namespace == id.namespace && p.spec.pull_secrets.contains(&id.name))
        })
        .map(|s| s.ix)
        .collect();
    let mut listed: Vec<Id> = view
        .consumers(&id.kind, &id.namespace, &id.name)
        .iter()
        .filter(|c| matches!(c.reference.via, Via::PullSecret { .. }))
        .map(|c| c.workload.clone())
        .collect();
    listed.extend(
        view.snap
            .service_accounts
            .iter()
            .filter(|a| a.id.namespace == id.namespace && a.pull_secrets.contains(&id.name))
            .map(|a| a.id.clone()),
    );
    listed.sort();
    listed.dedup();
    if listed.is_empty() {
        return;
    }
    let headline = format!("the docker config in {id} does not parse; every pull of a pod that lists it fails");
    let primary = Evidence::new(id, "data", "its docker config does not parse", "list").of(&object.meta);
    let mut finding = Finding::new(id, Confidence::Certain, headline, primary)
        .changed(view.data_change(object))
        .link(Link::Object, id, LinkState::Broken, "does not parse")
        .rules_out("OBJ-10", "its type is right")
        .plan(plan(id));
    if failing.is_empty() {
        finding = finding.latent().severity(Severity::Medium);
        finding.victims = listed;
    } else {
        finding = finding.explains(failing);
    }
    out.violated(finding);
}

fn plan(id: &Id) -> Plan {
    Plan::new(vec![
        Step::on(id, format!("write the docker config of {id} anew"), Effect::Mend { object: id.clone() })
            .change("the docker config, made by a tool and not by hand")
            .command(format!(
                "kubectl create secret docker-registry {} -n {} --from-file=.dockerconfigjson=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -",
                id.name, id.namespace
            ))
            .precondition("the present object is saved")
            .risk(Risk::Review)
            .inverse("apply the saved object")
            .after("the kubelet pulls at its next try"),
    ])
}
