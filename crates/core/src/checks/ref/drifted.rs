//! REF-10: a live template was edited by hand, away from what its owner of record says, and fails at the next start.

use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::obj::missing::{self, Outcome, Story, evidence, report};
use crate::coverage::Unseen;
use crate::objects::{Kind, Managed, Workload};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Unknown, Verdicts};
use crate::view::View;
use crate::view::record::{Record, record_of_meta};

pub static CARD: Card = Card {
    code: "REF-10",
    slug: "drifted",
    title: "References drifted away from their record",
    link: Link::Reference,
    role: Role::Mechanism,
    severity: Severity::High,
    needs: &[
        Need::decides(Kind::Deployment, Scope::OwnNamespace),
        Need::sharpens(Kind::ReplicaSet, Scope::OwnNamespace),
    ],
    neighbours: &[
        Neighbour {
            code: "REF-04",
            decided_by: "whether a rollout within the hour or an old edit brought the reference in",
        },
        Neighbour { code: "ROT-02", decided_by: "whether the owner of record puts its own version back" },
        Neighbour {
            code: "OBJ-01",
            decided_by: "the manifest in Git or in the release: whether it has the same reference",
        },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("drifted/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    for story in missing::stories(view) {
        let of_reference = matches!(
            story.outcome,
            Outcome::NeverExisted
                | Outcome::WrongName(_)
                | Outcome::WrongKey(_)
                | Outcome::ByRollout(_)
                | Outcome::Elsewhere(_)
        );
        if !of_reference {
            continue;
        }
        let Some(workload) = view.workload(story.victim()) else { continue };
        let record = record_of_meta(&workload.id, &workload.meta);
        if !record.writes_over() {
            continue;
        }
        match foreign_hand(workload) {
            Some(entry) => out.violated(finding(view, &story, workload, &record, entry)),
            None if workload.meta.managed.is_empty() => out.unknown.push(Unknown {
                code: Some(CARD.code),
                subject: workload.id.clone(),
                missing: "managedFields".to_owned(),
                reason: Unseen::NotCollected.words(),
                matters: false,
            }),
            None => {}
        }
    }
}

/// The entry of a person's tool that owns a part of the template.
fn foreign_hand(workload: &Workload) -> Option<&Managed> {
    workload
        .meta
        .managed
        .iter()
        .filter(|m| m.subresource.is_none() && (m.owns("spec.template") || m.owns("spec")))
        .filter(|m| {
            let name = &*m.manager;
            (name.starts_with("kubectl") && name != "kubectl-rollout"
                || name.starts_with("k9s")
                || name.contains("Mozilla"))
                && name != "kubectl-client-side-apply"
        })
        .max_by_key(|m| m.time)
}

fn finding(view: &View<'_>, story: &Story<'_, '_>, workload: &Workload, record: &Record, entry: &Managed) -> Finding {
    let id = &workload.id;
    let headline = format!(
        "the template of {id} was edited with {} beside its record in {}; it asks for {}, which is not there",
        entry.manager,
        record.place(),
        story.what()
    );
    let made = evidence::template_made(view, &story.cases[0]);
    report::finding(story, id, Confidence::Possible, headline)
        .supported_by([Evidence::new(
            id,
            "metadata.managedFields",
            format!("{} wrote the template", entry.manager),
            "managedFields",
        )
        .of(&workload.meta)
        .at(entry.time)])
        .changed(entry.time.or(made).map(|at| Change {
            when: Interval::at(at),
            by: Some(entry.manager.to_string()),
            source: "managedFields",
        }))
        .link(Link::Reference, id, LinkState::Broken, "differs from its record, as it seems")
        .unless("OBJ-01", &story.object, format!("whether {} has the same reference", record.place()))
        .plan(report::edit_template(view, id, format!("take the reference from {} again", record.place())))
}
