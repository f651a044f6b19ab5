//! Credentials that a dynamic engine mints: SRC-02, SRC-03 and SRC-12.
//!
//! A user that Vault makes ends in its issue time, so that its age is known without asking Vault.

use super::external::{Sync, scalar};
use super::failing::is_failing;
use super::refused::{Refused, targets};
use super::words::{Login, login};
use super::{Stories, plans};
use crate::messages::Signal;
use crate::objects::{Kind, SecretPayload};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

pub(super) fn judge(view: &View<'_>, syncs: &[Sync<'_>], stories: &mut Stories) {
    for refused in targets(view) {
        let Some(issued) = minted(&refused) else { continue };
        let Some(sync) = syncs.iter().find(|s| s.target == refused.secret.id) else { continue };
        if refused.symptoms.iter().all(|ix| stories.explains(*ix)) && !is_failing(sync) {
            continue;
        }
        if is_failing(sync) {
            lease_ended(sync, &refused, issued, stories);
        } else {
            died_early(sync, &refused, issued, stories);
        }
    }
    for sync in syncs {
        mints_each_time(view, sync, stories);
    }
}

/// When the user of the Secret was minted.
pub(super) fn minted(refused: &Refused<'_>) -> Option<Time> {
    let of_key = refused.secret.keys.iter().find_map(|k| k.value.vault_user_issued);
    of_key.or_else(|| match &refused.secret.payload {
        SecretPayload::Docker(config) => config.entries.iter().find_map(|e| e.username_issued),
        _ => None,
    })
}

/// How the operator gets what it mints, as far as it decides who ends it.
fn through(sync: &Sync<'_>) -> Through {
    if !sync.generators.is_empty() || sync.es.sources.iter().any(|s| s.kind == Kind::VaultDynamicSecret) {
        return Through::Generator;
    }
    match login(sync.store) {
        Login::StaticToken => Through::StaticToken,
        Login::Cluster | Login::AppRole => Through::OwnLogin,
        Login::Cloud | Login::Unknown => Through::Unknown,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Through {
    /// A generator: the login token lives on, to its own end.
    Generator,
    /// A plain read after a login of its own: the operator revokes the token at once, and all that it made.
    OwnLogin,
    /// A plain read with a stored token: the lease lives to its own end.
    StaticToken,
    Unknown,
}

/// SRC-02 below a broken sync: what was minted last has run out, and nothing new came.
fn lease_ended(sync: &Sync<'_>, refused: &Refused<'_>, issued: Time, stories: &mut Stories) {
    let headline =
        format!("the user in {} was minted at {issued} and has run out; {} brought no new one", sync.target, sync.id());
    let finding = Finding::new(&sync.target, Confidence::Likely, headline, issue(sync, issued))
        .explains(refused.symptoms.iter().copied())
        .supported_by([refused.evidence.clone()])
        .changed(ended(refused, issued))
        .link(Link::Source, &sync.target, LinkState::Broken, "its lease has ended")
        .rules_out("SRC-06", "the value worked until it ran out")
        .plan(renew(sync));
    stories.tell("SRC-02", finding);
}

/// It ended although the sync is fine: with the token that made it, or before the next read.
fn died_early(sync: &Sync<'_>, refused: &Refused<'_>, issued: Time, stories: &mut Stories) {
    let lived = refused.first.map(|f| f.since(issued)).filter(|s| *s >= 0);
    let how = through(sync);
    let life = lived.map_or_else(|| "an unknown time".to_owned(), |s| format!("{s} s at most"));
    let (code, confidence) = match how {
        Through::OwnLogin => ("SRC-03", Confidence::Likely),
        Through::Generator => ("SRC-03", Confidence::Possible),
        // No parent ends it: it is the lease itself, and the next read comes too late.
        Through::StaticToken => ("SYN-05", Confidence::Possible),
        Through::Unknown => ("SRC-02", Confidence::Possible),
    };
    let subject = if code == "SRC-02" { sync.target.clone() } else { sync.id().clone() };
    let headline = match how {
        Through::OwnLogin => format!(
            "{} revokes its login after each read, and with it the user that it wrote to {}",
            sync.id(),
            sync.target
        ),
        Through::Generator => format!(
            "the user in {} died {life} after it was minted, with the token that made it or with its lease",
            sync.target
        ),
        Through::StaticToken => format!(
            "the user in {} lives {life}, and {} reads only every {} s",
            sync.target,
            sync.id(),
            sync.interval().unwrap_or_default()
        ),
        Through::Unknown => format!("the user in {} was minted at {issued} and is refused", sync.target),
    };
    let mut finding = Finding::new(&subject, confidence, headline, issue(sync, issued))
        .explains(refused.symptoms.iter().copied())
        .affects(&sync.target)
        .supported_by([
            refused.evidence.clone(),
            sync.evidence("status.refreshTime", "read without a failure", "status").at(sync.es.refreshed),
        ])
        .changed(ended(refused, issued))
        .link(Link::Sync, sync.id(), LinkState::Ok, "Ready")
        .link(Link::Source, &subject, LinkState::Broken, "what it minted is dead")
        .rules_out("SRC-01", "no read is refused")
        .rules_out("SRC-06", "the source minted it: nobody wrote it");
    if let Some(generator) = sync.generators.first() {
        let path = scalar(generator, "spec.path").unwrap_or_default();
        finding = finding.supported_by([Evidence::new(&generator.id, "spec.path", format!("mints at {path}"), "spec")]);
    }
    let decider = "token_ttl of the login role against ttl of the lease (sys/leases/lookup)";
    if code != "SRC-03" {
        finding = finding.unless("SRC-03", sync.id(), decider);
    }
    if code != "SRC-02" {
        finding = finding.unless("SRC-02", &sync.target, decider);
    }
    if code != "SYN-05" {
        finding = finding.unless("SYN-05", sync.id(), "the ttl of the lease against spec.refreshInterval");
    }
    finding = finding.plan(renew(sync));
    stories.tell(code, finding);
}

fn issue(sync: &Sync<'_>, issued: Time) -> Evidence {
    Evidence::new(&sync.target, "data", format!("its user was minted at {issued}, by its name"), "spec")
        .at(Some(issued))
}

fn ended(refused: &Refused<'_>, issued: Time) -> Option<Change> {
    Some(Change { when: Interval::between(Some(issued), refused.first), by: None, source: "status" })
}

fn renew(sync: &Sync<'_>) -> crate::plan::Plan {
    plans::at_source(
        "let what is minted live longer than the next read",
        "token_ttl of the login role at least the ttl of the lease; refreshInterval below both; for plain reads a VaultDynamicSecret generator",
        "look leases up by sys/leases/lookup: reading the path would mint another one",
        "the user lives until it is replaced",
        &[sync.id()],
    )
}

/// SRC-12: every read mints another user.
fn mints_each_time(view: &View<'_>, sync: &Sync<'_>, stories: &mut Stories) {
    let Some(secret) = sync.secret.seen() else { return };
    let issued = secret.keys.iter().find_map(|k| k.value.vault_user_issued);
    if issued.is_none() && !sync.reads_dynamic_path() {
        return;
    }
    let (Some(interval), Some(made), Some(changed), Some(read)) =
        (sync.interval(), secret.meta.created, sync.data_changed(), sync.es.refreshed)
    else {
        return;
    };
    // Changed at the last read, and not for the first time.
    if (read.since(changed)).abs() > 5 || changed.since(made) < interval || sync.ready() != Some(true) {
        return;
    }
    let crowded: Vec<_> = view
        .symptoms()
        .iter()
        .filter(|s| s.has(Signal::DbTooManyConnections) && consumes(view, sync, s.pod.as_ref()))
        .map(|s| s.ix)
        .filter(|ix| !stories.explains(*ix))
        .collect();
    // Longer than a day between two is rotation as it is meant.
    if crowded.is_empty() && interval > 3600 {
        return;
    }
    let headline = format!("{} mints a new user every {interval} s: {} changes at each read", sync.id(), sync.target);
    let evidence = Evidence::new(&sync.target, "data", "changed at the last read, as at those before", "managedFields")
        .at(Some(changed));
    let mut finding = Finding::new(sync.id(), Confidence::Likely, headline, evidence)
        .explains(crowded.iter().copied())
        .affects(&sync.target)
        .supported_by([
            sync.evidence("spec.refreshInterval", format!("{interval} s"), "spec"),
            sync.evidence("status.refreshTime", "read and minted", "status").at(Some(read)),
        ])
        .link(Link::Source, sync.id(), LinkState::Broken, "mints at each read")
        .rules_out("SRC-06", "nobody wrote the values: they are minted")
        .plan(renew(sync));
    if crowded.is_empty() {
        finding = finding.latent();
        for consumer in view.consumers(&Kind::Secret, &sync.target.namespace, &sync.target.name) {
            if !finding.victims.contains(&consumer.workload) {
                finding = finding.victim(&consumer.workload);
            }
        }
    }
    stories.tell("SRC-12", finding);
}

fn consumes(view: &View<'_>, sync: &Sync<'_>, pod: Option<&crate::objects::Id>) -> bool {
    let uses = view.consumers(&Kind::Secret, &sync.target.namespace, &sync.target.name);
    pod.is_some_and(|pod| uses.iter().any(|c| c.pod.as_ref() == Some(pod)))
}
