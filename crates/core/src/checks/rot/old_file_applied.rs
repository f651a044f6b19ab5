//! ROT-13: an apply of an old file put an old value back.

use super::report;
use super::story::{self, Case, Outcome};
use super::writers::Reversal;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::Kind;
use crate::plan::{Effect, Risk, Step, set_key_command};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-13",
    slug: "old-file-applied",
    title: "An apply of an old file put an old value back",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "ROT-02", decided_by: "whether an apply of a file or a controller wrote last" },
        Neighbour { code: "OBJ-08", decided_by: "whether the applied value is an earlier one, or a new wrong one" },
        Neighbour { code: "OBJ-16", decided_by: "whether the annotation exposes the value, or an apply used it" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("old_file_applied/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for case in story::cases(view) {
        if let Outcome::Applied { reversal } = &case.outcome {
            out.violated(finding(case, reversal.as_ref()));
        }
    }
}

fn finding(case: &Case<'_>, reversal: Option<&Reversal>) -> Finding {
    let id = &case.object.id;
    let annotation = case.object.last_applied.as_ref().map(|_| {
        Evidence::new(
            id,
            "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
            format!("holds key {} as it is now: the file's value is the live one", case.key),
            "spec",
        )
    });
    let finding = match reversal {
        Some(r) => report::finding(
            case,
            Confidence::Likely,
            format!(
                "kubectl apply put the file's old value back into {id}, over what {} had written",
                story::last_writer(&r.fix)
            ),
            report::written(case, &r.back, "applied"),
        )
        .supported_by([report::written(case, &r.fix, "changed")])
        .changed(Some(Change { when: Interval::at(r.back.at), by: Some(r.back.by.clone()), source: r.back.source }))
        .rules_out("ROT-02", "an apply from a file wrote last, no controller")
        .rules_out("ROT-08", "another writer wrote after the fix")
        .rules_out("OBJ-16", "the annotation exposes the value, and that alone breaks nothing"),
        None => report::finding(
            case,
            Confidence::Possible,
            format!("kubectl apply changed {id} after it had worked: the file may be an old one"),
            Evidence::new(id, format!("data.{}", case.key), "last written by kubectl apply", "managedFields")
                .at(case.changed.as_ref().and_then(|c| c.when.until)),
        )
        .unless("OBJ-08", id, "the writes of the object in the audit log, or the history of the file"),
    };
    let steps = vec![
        Step::on(
            id,
            format!("write the right value into {id} and into the file that is applied"),
            Effect::SetKeys { object: id.clone(), keys: vec![case.key.to_string()] },
        )
        .change(format!("key {}; the file no longer carries a value, or the right one", case.key))
        .command(set_key_command(id, &case.key))
        .precondition("one login with that value works; the object is as collected (same resourceVersion)")
        .risk(Risk::Review)
        .inverse("the present value, saved before")
        .after("the live value and the file agree, and the annotation no longer holds the data"),
    ];
    finding.supported_by(annotation).plan(report::then_restart(steps, case, &case.victims))
}
