//! CLU-01: the API server cannot decrypt what it stores.

use super::decrypt::{self, Outcome};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::coverage::Unseen;
use crate::messages::{ObjectKind, Signal};
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Symptom};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CLU-01",
    slug: "decryption-fails",
    title: "The API server cannot decrypt Secrets at rest",
    link: Link::Cluster,
    role: Role::Cause,
    severity: Severity::Critical,
    needs: &[Need::decides(Kind::Event, Scope::All)],
    neighbours: &[
        Neighbour { code: "CLU-02", decided_by: "whether every API server fails, or only some" },
        Neighbour {
            code: "SRC-09",
            decided_by: "whether the API server or a provider's text in an operator's Event speaks",
        },
        Neighbour { code: "DEL-05", decided_by: "whether reads of Secrets fail for good while ConfigMaps are read" },
        Neighbour { code: "CLU-05", decided_by: "whether only Secrets fail, or reads of all kinds are slow" },
    ],
    lag: Lag::Immediate,
    fix: FixKind::Always,
    page: include_str!("decryption_fails/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let Some(story) = decrypt::story(view) else {
        by_silence(view, out);
        return;
    };
    if story.outcome != Outcome::KeyGone {
        return;
    }
    let which = match (story.secrets.first(), story.secrets.len()) {
        (None, _) => "Secrets".to_owned(),
        (Some(one), 1) => format!("{one} in namespace {}", one.namespace),
        (_, n) => format!("{n} Secrets"),
    };
    let mut finding = Finding::new(
        &decrypt::subject(),
        Confidence::Certain,
        format!("the API server cannot decrypt {which}: the key or the KMS plugin is gone"),
        story.primary.evidence("the API server has no key for what it stores"),
    )
    .explains(story.explains.iter().copied())
    .changed(story.first.map(|at| Change { when: Interval::between(None, Some(at)), by: None, source: "events" }))
    .link(Link::Cluster, &decrypt::subject(), LinkState::Broken, "no key for the stored data")
    .rules_out("SRC-09", "the Kubernetes API itself reports the failure, no provider does")
    .rules_out("CLU-05", "the text names the key, not the load")
    .note("do not delete the unreadable Secrets: they can be read again once the key is back")
    .plan(plan(&story.blind));
    if story.more > 0 {
        finding = finding.note(format!("{} more statements say the same", story.more));
    }
    for secret in &story.secrets {
        finding = finding.affects(secret);
    }
    if story.explains.is_empty() {
        finding = finding.latent();
    }
    out.violated(finding);
}

/// Nobody names a key, but pods wait for Secrets for minutes, none waits for a ConfigMap, and Secrets could not be listed
/// while ConfigMaps were: that is how it looks from outside.
fn by_silence(view: &View<'_>, out: &mut Verdicts) {
    let listed = view.snap.coverage.of(&Kind::ConfigMap, "").is_ok();
    let secrets = view.snap.coverage.of(&Kind::Secret, "");
    if !listed || !matches!(secrets, Err(Unseen::NotCollected | Unseen::TimedOut | Unseen::Damaged)) {
        return;
    }
    let waits = |s: &&Symptom, kind| s.has(Signal::CacheSyncTimeout(kind));
    let delivery = || view.symptoms().iter().filter(|s| matches!(s.class, Class::Config | Class::Mount));
    let long: Vec<&Symptom> = delivery()
        .filter(|s| waits(s, ObjectKind::Secret))
        .filter(|s| {
            let last = s.said.iter().filter_map(|s| s.last).max();
            last.zip(s.onset).is_some_and(|(last, onset)| last.since(onset) >= LASTS)
        })
        .collect();
    let Some(statement) = long.first().and_then(|s| s.signal(|s| s == Signal::CacheSyncTimeout(ObjectKind::Secret)))
    else {
        return;
    };
    if delivery().any(|s| waits(&s, ObjectKind::ConfigMap)) {
        return;
    }
    let subject = decrypt::subject();
    out.violated(
        Finding::new(
            &subject,
            Confidence::Possible,
            "Secrets cannot be listed while ConfigMaps can, and pods wait for them: the API server may not be able to decrypt",
            Evidence::new(
                &statement.object,
                statement.path.clone(),
                "the cache of Secrets does not sync, for minutes",
                statement.channel.source(),
            )
            .at(statement.last),
        )
        .explains(long.iter().map(|s| s.ix))
        .link(Link::Cluster, &subject, LinkState::Unknown, "not asked")
        .unless("DEL-05", &subject, "the answer of the API server to one read of a Secret")
        .unless("CLU-05", &subject, "the answer of the API server to one read of a Secret")
        .plan(plan(&[])),
    );
}

/// From then on, in seconds, a wait is no blip.
const LASTS: i64 = 180;

pub(super) fn plan(servers: &[Id]) -> Plan {
    let restart = "restart the API server and read one old and one new Secret through it";
    let after = "`kubectl get --raw /readyz` is ok";
    let mut steps = vec![
        Step::outside(
            "put the missing key or KMS plugin back into the EncryptionConfiguration of every API server, as a reading provider",
            "every API server decrypts old and new Secrets",
        )
        .change("the providers list for secrets: the old key must be in it, in second place or later")
        .precondition("the old key is known: from a backup of the file, or from the KMS")
        .inverse("the configuration as it was"),
    ];
    for server in servers {
        steps.push(
            Step::on(server, restart, Effect::Restart { workload: server.clone() })
                .command("kubectl get --raw '/readyz?verbose'")
                .precondition("the step before is done on its node")
                .risk(Risk::Manual)
                .inverse("none needed")
                .after(after),
        );
    }
    if servers.is_empty() {
        steps.push(
            Step::outside(format!("on each control-plane node, {restart}"), after)
                .command("kubectl get --raw '/readyz?verbose'"),
        );
    }
    Plan::new(steps)
}
