//! SYN-22: the CronJob that refreshes registry tokens is suspended or fails.

use super::Stories;
use super::refused::{Refused, targets};
use crate::checks::img::pull;
use crate::objects::{Id, Kind, Workload};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

pub(super) fn judge(view: &View<'_>, stories: &mut Stories) {
    let refused: Vec<Refused<'_>> =
        targets(view).into_iter().filter(|r| r.symptoms.iter().any(|ix| !stories.explains(*ix))).collect();
    if refused.is_empty() {
        return;
    }
    for cron in view.snap.workloads.iter().filter(|w| w.id.kind == Kind::CronJob) {
        let Some((path, words)) = stopped(view, cron) else { continue };
        let mine: Vec<(&Refused<'_>, &'static str, bool)> =
            refused.iter().filter_map(|r| writes(view, cron, r).map(|(how, sure)| (r, how, sure))).collect();
        if mine.is_empty() {
            continue;
        }
        let evidence = Evidence::new(&cron.id, path, words.clone(), "status").at(cron.last_success);
        let confidence = if mine.iter().all(|(_, _, sure)| *sure) { Confidence::Likely } else { Confidence::Possible };
        let headline = format!(
            "{} no longer refreshes {} token{}: {words}",
            cron.id,
            mine.len(),
            if mine.len() == 1 { "" } else { "s" }
        );
        let mut finding =
            Finding::new(&cron.id, confidence, headline, evidence).link(Link::Sync, &cron.id, LinkState::Broken, words);
        for (r, how, _) in &mine {
            finding = finding
                .explains(r.symptoms.iter().copied())
                .affects(&r.secret.id)
                .supported_by([
                    r.evidence.clone(),
                    Evidence::new(&r.secret.id, "data", *how, "managedFields")
                        .at(r.changed.as_ref().and_then(|c| c.when.until)),
                ])
                .link(Link::Object, &r.secret.id, LinkState::Affected, "not written since");
        }
        finding = finding
            .explains(view.symptoms().iter().filter(|s| s.victim == cron.id).map(|s| s.ix))
            .changed(cron.last_success.map(|t| Change {
                when: Interval::between(Some(t), None),
                by: None,
                source: "status",
            }))
            .rules_out("IMG-06", "the credential was sent");
        if confidence == Confidence::Possible {
            finding = finding.unless(
                "IMG-04",
                &mine[0].0.secret.id,
                "who wrote the Secret last: managedFields, or the audit log",
            );
        }
        let step = Step::on(
            &cron.id,
            format!("run {} once by hand, then let it run again", cron.id),
            Effect::Mend { object: cron.id.clone() },
        )
        .change("spec.suspend: false, or what its last Job failed on")
        .command(format!("kubectl create job {}-now --from={} -n {}", cron.id.name, cron.id, cron.id.namespace))
        .precondition("its own image can be pulled without the token that it refreshes")
        .risk(Risk::Review)
        .inverse(format!("kubectl delete job {}-now -n {}", cron.id.name, cron.id.namespace))
        .after("the Secrets are new and pulls succeed");
        finding = finding.plan(Plan::new(vec![step]));
        stories.tell("SYN-22", finding);
    }
}

/// Why the job does not do its work: suspended, or its last Jobs failed.
fn stopped(view: &View<'_>, cron: &Workload) -> Option<(&'static str, String)> {
    if cron.suspended {
        return Some(("spec.suspend", "suspended".to_owned()));
    }
    let jobs = view.snap.workloads.iter().filter(|w| {
        w.id.kind == Kind::Job
            && w.meta.controller().is_some_and(|o| o.kind == Kind::CronJob && o.name == cron.id.name)
            && w.id.namespace == cron.id.namespace
    });
    let last = jobs.max_by_key(|j| j.meta.created)?;
    let failed =
        last.conditions.iter().any(|c| matches!(&*c.kind, "Failed" | "FailureTarget") && c.status == Some(true));
    let hangs = view.symptoms().iter().any(|s| s.victim == cron.id || s.victim == last.id);
    let success_since = cron.last_success.zip(last.meta.created).is_some_and(|(ok, made)| ok >= made);
    ((failed || hangs) && !success_since).then(|| ("status.lastSuccessfulTime", format!("its last {} failed", last.id)))
}

/// How it is known that the CronJob writes this Secret; `true` where a log of writes says so.
fn writes(view: &View<'_>, cron: &Workload, refused: &Refused<'_>) -> Option<(&'static str, bool)> {
    let secret = &refused.secret.id;
    let account = cron.template.as_ref().map(|t| t.service_account.clone()).unwrap_or_else(|| "default".into());
    let user = format!("system:serviceaccount:{}:{account}", cron.id.namespace);
    if view.writes_of(secret).any(|w| *w.user == *user) {
        return Some(("written by the job's ServiceAccount", true));
    }
    // It owns none of the operators' Secrets.
    if refused.secret.meta.owners.iter().any(|o| o.controller) {
        return None;
    }
    if may_write(view, cron, &account, secret, true) {
        return Some(("the job's ServiceAccount may write this Secret by name", true));
    }
    let changed = refused.changed.as_ref().and_then(|c| c.when.until.or(c.when.after));
    let in_step = |t: Time| changed.is_some_and(|c| (0..=120).contains(&c.since(t)) || (0..=120).contains(&t.since(c)));
    let by_token = refused_token(refused);
    let same_time = cron.last_success.is_some_and(in_step);
    // Two times that agree prove little in a busy namespace: it must be able to write Secrets, or the value be a token.
    (same_time && (by_token || may_write(view, cron, &account, secret, false)))
        .then_some(("last written when the job last succeeded", by_token))
}

/// The refused value is of a kind that something must refresh.
fn refused_token(refused: &Refused<'_>) -> bool {
    match &refused.secret.payload {
        crate::objects::SecretPayload::Docker(config) => {
            config.entries.iter().any(|e| e.token.is_some() || pull::life(e).is_some())
        }
        _ => refused.secret.keys.iter().any(|k| k.value.jwt.is_some()),
    }
}

/// Whether a Role that is bound to the account lets it write this Secret, by its name or (unless `named`) as any Secret.
fn may_write(view: &View<'_>, cron: &Workload, account: &str, secret: &Id, named: bool) -> bool {
    let mine = view.snap.bindings.iter().filter(|b| {
        (b.id.namespace == secret.namespace || b.id.namespace.is_empty())
            && b.subjects
                .iter()
                .any(|s| &*s.kind == "ServiceAccount" && *s.namespace == *cron.id.namespace && *s.name == *account)
    });
    let roles = mine.filter_map(|b| {
        let fits = |r: &&crate::objects::Role| {
            r.id.kind == b.role_kind
                && r.id.name == b.role_name
                && (r.id.namespace == b.id.namespace || r.id.namespace.is_empty())
        };
        view.snap.roles.iter().find(fits)
    });
    roles.flat_map(|r| &r.rules).any(|rule| {
        rule.resources.iter().any(|r| &**r == "secrets")
            && rule.verbs.iter().any(|v| matches!(&**v, "patch" | "update" | "create"))
            && (rule.names.contains(&secret.name) || !named && rule.names.is_empty())
    })
}
