//! ROT-04: somebody edited an object of a Helm release, and a later release or rollback wrote over it.

use super::report;
use super::story::{self, Case, Outcome};
use super::writers::{self, Reversal};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Unseen;
use crate::objects::Kind;
use crate::plan::Step;
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-04",
    slug: "helm-over-edit",
    title: "Helm wrote over a live edit",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "ROT-03", decided_by: "whether anybody but Helm wrote between the releases" },
        Neighbour { code: "ROT-02", decided_by: "whether Helm or a GitOps controller wrote last" },
        Neighbour { code: "ROT-12", decided_by: "whether the value or the reference in the template went back" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("helm_over_edit/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for case in story::cases(view) {
        if let Outcome::HelmOver { reversal, release } = &case.outcome {
            out.violated(finding(case, reversal, release));
        }
    }
    // An edit that Helm wrote over leaves no trace but in the audit log.
    if !view.snap.coverage.audit {
        for case in view.refused_credentials() {
            for object in case.keys.iter().filter(|k| k.rewritten).filter_map(|k| k.object) {
                if writers::helm_release(&object.meta).is_some() {
                    out.unseen(&object.id, "the audit log", Unseen::NotCollected);
                }
            }
        }
    }
}

fn finding(case: &Case<'_>, r: &Reversal, release: &str) -> Finding {
    let id = &case.object.id;
    let of = if release.is_empty() { "a Helm release".to_owned() } else { format!("Helm release {release}") };
    let steps = vec![
        Step::outside(
            format!("put the right value into the values of {of}, and upgrade"),
            format!("{id} holds it after this and every later release"),
        )
        .change(format!("the chart's value for key {}", case.key))
        .command(format!(
            "helm upgrade {} CHART -n {} --reuse-values -f -",
            if release.is_empty() { "RELEASE" } else { release },
            id.namespace
        ))
        .precondition("one login with that value works")
        .inverse("helm rollback to the present revision"),
    ];
    report::finding(
        case,
        Confidence::Likely,
        format!("{of} wrote its own value over the edit in {id} that {} had made", story::last_writer(&r.fix)),
        report::written(case, &r.back, "written back"),
    )
    .supported_by([report::written(case, &r.fix, "changed")])
    .changed(Some(Change { when: Interval::at(r.back.at), by: Some(r.back.by.clone()), source: r.back.source }))
    .rules_out("ROT-03", "somebody else had written between the releases")
    .rules_out("ROT-08", "another writer wrote after the edit")
    .rules_out("ROT-02", "Helm wrote last, no GitOps controller")
    .rules_out("ROT-12", "the value went back, not the reference")
    .plan(report::then_restart(steps, case, &case.victims))
}
