//! SYN-19: copies that a replicator keeps in other namespaces, and that it left behind.

use super::Stories;
use crate::objects::{DataObject, Id, Kind};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

/// Annotations that name the source of a copy as `namespace/name`.
const SOURCES: &[&str] = &["reflector.v1.k8s.emberstack.com/reflects", "replicator.v1.mittwald.de/replicate-from"];
/// Seconds that a copy may lag.
const LAG: i64 = 120;

pub(super) fn judge(view: &View<'_>, stories: &mut Stories) {
    let Some(now) = view.as_of else { return };
    let copies = view.snap.data.iter().filter_map(|d| {
        let from = SOURCES.iter().find_map(|a| d.meta.annotation(a)).filter(|v| !v.is_empty())?;
        let (namespace, name) = from.split_once('/')?;
        let source = view.data(&d.id.kind, namespace, name);
        if let crate::coverage::Seen::Unseen(_) = source {
            return Some((d, None, Id::new(d.id.kind.clone(), namespace, name)));
        }
        Some((d, source.seen(), Id::new(d.id.kind.clone(), namespace, name)))
    });
    let mut stale: std::collections::BTreeMap<Id, Vec<(&DataObject, Evidence)>> = std::collections::BTreeMap::new();
    for (copy, source, source_id) in copies {
        let Some(source) = source else {
            if let Err(why) = view.snap.coverage.of(&copy.id.kind, &source_id.namespace) {
                stories.blind(
                    &["SYN-19"],
                    &copy.id,
                    format!("{source_id} in namespace {}, which it copies", source_id.namespace),
                    why,
                );
            }
            continue;
        };
        let changed = source.data_changed();
        let Some(at) = changed.until.or(changed.after) else { continue };
        let differs = source.keys.iter().any(|k| {
            copy.key(&k.name).is_some_and(|c| c.value.tag.zip(k.value.tag).and_then(|(a, b)| a.same(b)) == Some(false))
                || (copy.key(&k.name).is_none() && !copy.keys_unseen)
        });
        let written = copy.data_changed();
        let older = written.until.or(written.after).is_some_and(|w| w < at);
        if differs && older && now.since(at) > LAG {
            let evidence = Evidence::new(
                &copy.id,
                "data",
                format!("other values than {source_id} in namespace {}", source_id.namespace),
                "spec",
            )
            .at(written.until.or(written.after))
            .of(&copy.meta);
            stale.entry(source_id).or_default().push((copy, evidence));
        }
    }
    for (source, copies) in stale {
        let changed = view.data(&source.kind, &source.namespace, &source.name).seen().and_then(|s| view.data_change(s));
        let Some((_, primary)) = copies.first().cloned() else { continue };
        let headline = format!(
            "{} copies of {source} in namespace {} were left behind at its last change",
            copies.len(),
            source.namespace
        );
        let mut finding = Finding::new(&source, Confidence::Likely, headline, primary)
            .supported_by(copies.iter().skip(1).map(|(_, e)| e.clone()))
            .changed(changed.map(|c| Change { when: Interval { after: c.when.after, until: c.when.until }, ..c }))
            .link(Link::Sync, &source, LinkState::Broken, "the replicator did not follow")
            .rules_out("ROT-01", "the copies name their source: a replicator should have written them");
        for (copy, _) in &copies {
            finding = finding.affects(&copy.id).link(Link::Object, &copy.id, LinkState::Affected, "an older value");
            let refused = super::refused::targets(view);
            for r in refused.iter().filter(|r| r.secret.id == copy.id) {
                finding = finding.explains(r.symptoms.iter().copied());
            }
            for user in view.consumers(&Kind::Secret, &copy.id.namespace, &copy.id.name) {
                if finding.explains.is_empty() && !finding.victims.contains(&user.workload) {
                    finding = finding.victim(&user.workload);
                }
            }
        }
        if finding.explains.is_empty() {
            finding = finding.latent();
        } else {
            finding.victims.clear();
        }
        let mut steps = Vec::new();
        for (copy, _) in &copies {
            steps.push(
                crate::plan::Step::on(
                    &copy.id,
                    format!("let the replicator write {} anew", copy.id),
                    crate::plan::Effect::Mend { object: copy.id.clone() },
                )
                .change("its data, by the replicator")
                .command(format!(
                    "kubectl annotate {} -n {} reflector.v1.k8s.emberstack.com/reflected-version-",
                    copy.id, copy.id.namespace
                ))
                .precondition("the replicator was restarted and watches again")
                .inverse("none needed: it holds what its source holds")
                .after("its hash is that of the source"),
            );
        }
        finding = finding.plan(crate::plan::Plan::new(steps));
        stories.tell("SYN-19", finding);
    }
}
