//! ROT-02: a controller wrote its own value back over a fix that somebody made live.

use super::report;
use super::story::{self, Case, Outcome};
use super::writers::{self, Hand, Reversal};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::objects::{Id, Kind};
use crate::plan::{Plan, Risk, Step};
use crate::symptoms::Class;
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "ROT-02",
    slug: "fix-reverted",
    title: "A controller wrote over the live fix",
    link: Link::Rotation,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace), Need::sharpens(Kind::Event, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "ROT-08", decided_by: "whether a second writer wrote after the fix, or nobody did" },
        Neighbour { code: "ROT-13", decided_by: "whether a controller or an apply of a file wrote last" },
        Neighbour { code: "ROT-04", decided_by: "whether Helm or a GitOps controller wrote last" },
        Neighbour {
            code: "OBJ-08",
            decided_by: "whether the last value is an earlier one that was put back, or a new wrong one",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("fix_reverted/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for case in story::cases(view) {
        if let Outcome::Reverted { reversal, owner } = &case.outcome {
            out.violated(of_value(case, reversal.as_ref(), owner.as_deref()));
        }
    }
    of_resources(view, out);
}

fn of_value(case: &Case<'_>, reversal: Option<&Reversal>, owner: Option<&str>) -> Finding {
    let id = &case.object.id;
    let who = owner.map(str::to_owned).or_else(|| reversal.map(|r| r.back.by.clone())).unwrap_or_default();
    let finding = match reversal {
        Some(r) => {
            let primary = report::written(case, &r.back, "written back");
            report::finding(
                case,
                Confidence::Likely,
                format!("{who} wrote its own value over the fix in {id} that {} had made", story::last_writer(&r.fix)),
                primary,
            )
            .supported_by([report::written(case, &r.fix, "changed")])
            .changed(Some(Change { when: Interval::at(r.back.at), by: Some(r.back.by.clone()), source: r.back.source }))
            .rules_out("ROT-08", "another writer wrote after the fix")
            .rules_out("ROT-13", "the last writer is no apply from a file")
            .rules_out("ROT-04", "the last writer is not Helm")
        }
        None => {
            let at = case.changed.as_ref().and_then(|c| c.when.until);
            report::finding(
                case,
                Confidence::Possible,
                format!("{who} seems to have put an old value back into {id}: it failed, worked, and fails again"),
                Evidence::new(id, format!("data.{}", case.key), "last written by its owner", "managedFields").at(at),
            )
            .unless("OBJ-08", id, "the writes of the object in the audit log")
            .unless("ROT-08", id, "the writes of the object in the audit log")
        }
    };
    let owner_step = Step::outside(
        format!("put the right value where {who} takes it from (Git, values, source), and sync"),
        format!("{id} holds it, and stays so at the next reconciliation"),
    )
    .change(format!("key {} at its owner of record, not in the object", case.key))
    .precondition("one login with that value works")
    .inverse("revert the commit");
    finding.note("editing the object again would be undone again").plan(report::then_restart(
        vec![owner_step],
        case,
        &case.victims,
    ))
}

/// Resources of a sync operator that somebody repaired live, and that their owner put back.
fn of_resources(view: &View<'_>, out: &mut Verdicts) {
    for symptom in view.symptoms().iter().filter(|s| s.class == Class::Sync) {
        let id = &symptom.victim;
        let (meta, refreshed) = if let Some(es) = view.snap.external_secrets.iter().find(|e| e.id == *id) {
            (&es.meta, es.refreshed)
        } else if let Some(store) = view.snap.stores.iter().find(|s| s.id == *id) {
            (&store.meta, None)
        } else {
            continue;
        };
        let owner = writers::gitops_owner(meta).map(|(owner, _)| owner);
        match writers::reversal(view, id, None) {
            // The repair is known to have worked if the resource was read after it and not after what undid it; and what
            // undid it must come before the failure that is seen.
            Some(r)
                if r.back.hand == Hand::Controller
                    && owner.is_some()
                    && symptom.onset.is_none_or(|onset| onset >= r.back.at)
                    && refreshed.is_none_or(|t| t >= r.fix.at && t <= r.back.at.plus(1)) =>
            {
                out.violated(of_resource(id, symptom.ix, &r, owner.as_deref().unwrap_or_default()));
            }
            _ => {}
        }
    }
}

fn of_resource(id: &Id, symptom: crate::symptoms::SymptomIx, r: &Reversal, owner: &str) -> Finding {
    let evidence = |w: &story::Write, seen: &str| {
        Evidence::new(id, "audit write", format!("{seen} by {}", story::last_writer(w)), "audit").at(Some(w.at))
    };
    Finding::new(
        id,
        Confidence::Likely,
        format!("{owner} put {id} back to what it was before {} repaired it", story::last_writer(&r.fix)),
        evidence(&r.back, "written back"),
    )
    .supported_by([evidence(&r.fix, "changed")])
    .explains([symptom])
    .affects(id)
    .changed(Some(Change { when: Interval::at(r.back.at), by: Some(r.back.by.clone()), source: "audit" }))
    .link(Link::Sync, id, LinkState::Broken, "its owner of record still has the old spec")
    .rules_out("ROT-08", "another writer wrote after the fix")
    .rules_out("ROT-13", "the last writer is no apply from a file")
    .rules_out("ROT-04", "the last writer is not Helm")
    .rules_out("OBJ-08", "the resource fails, not a value")
    .plan(Plan::new(vec![
        Step::outside(
            format!("commit the repair where {owner} takes {id} from, and sync"),
            format!("{id} syncs, and stays so at the next reconciliation"),
        )
        .change("the spec that was repaired live")
        .command(format!("kubectl get {} {} -n {} -o yaml", id.kind.name().to_ascii_lowercase(), id.name, id.namespace))
        .precondition("the repair is known to work")
        .risk(Risk::Manual)
        .inverse("revert the commit"),
    ]))
}
