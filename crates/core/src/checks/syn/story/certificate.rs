//! SYN-20: cert-manager did not renew.

use super::external::{scalar, sync_symptom, time, waiting_for};
use super::{Stories, plans};
use crate::messages::Signal;
use crate::objects::{Id, Kind, SecretPayload};
use crate::time::Interval;
use crate::verdict::{Change, Confidence, Evidence, Finding, Link, LinkState};
use crate::view::View;

pub(super) fn judge(view: &View<'_>, stories: &mut Stories) {
    let Some(now) = view.as_of else { return };
    for certificate in view.snap.custom.iter().filter(|c| c.id.kind == Kind::Certificate) {
        let ready = certificate.conditions.iter().find(|c| &*c.kind == "Ready").and_then(|c| c.status);
        let target = certificate
            .secrets
            .iter()
            .find(|(_, p)| &**p == "spec.secretName")
            .map(|(n, _)| Id::new(Kind::Secret, &certificate.id.namespace, n));
        let of_secret =
            target.as_ref().and_then(|t| view.secret(&t.namespace, &t.name).seen()).and_then(|s| match &s.payload {
                SecretPayload::Certificate(facts) => facts.not_after,
                _ => None,
            });
        let ends = time(certificate, "status.notAfter").or(of_secret);
        let due = time(certificate, "status.renewalTime");
        let attempts: i64 =
            scalar(certificate, "status.failedIssuanceAttempts").and_then(|s| s.parse().ok()).unwrap_or(0);
        let over = ends.is_some_and(|e| e <= now);
        // Renewal begins within minutes of its time, and an issuer may take a few more.
        let late = due.is_some_and(|d| now.since(d) > 900);
        if !(over || late || ready == Some(false) && attempts > 0) {
            continue;
        }
        let Some((path, seen, at)) = (if over {
            ends.map(|e| ("status.notAfter", format!("ended at {e}"), Some(e)))
        } else if late {
            due.map(|d| ("status.renewalTime", format!("due since {d}"), Some(d)))
        } else {
            Some((
                "status.failedIssuanceAttempts",
                format!("{attempts} attempts failed"),
                time(certificate, "status.lastFailureTime"),
            ))
        }) else {
            continue;
        };
        let confidence = if ready == Some(false) || attempts > 0 { Confidence::Certain } else { Confidence::Likely };
        let headline = format!("{} was not renewed: {seen}", certificate.id);
        let mut finding = Finding::new(
            &certificate.id,
            confidence,
            headline,
            Evidence::new(&certificate.id, path, seen, "status").at(at),
        )
        .explains(sync_symptom(view, &certificate.id).map(|s| s.ix))
        .changed(due.or(at).map(|t| Change { when: Interval::between(None, Some(t)), by: None, source: "status" }))
        .link(Link::Sync, &certificate.id, LinkState::Broken, "not renewed");
        let requests = view.snap.custom.iter().filter(|c| {
            c.id.kind == Kind::CertificateRequest && c.meta.owners.iter().any(|o| o.name == certificate.id.name)
        });
        if let Some(failed) = requests
            .filter(|r| r.conditions.iter().any(|c| &*c.kind == "Ready" && c.status == Some(false)))
            .max_by_key(|r| r.meta.created)
        {
            let reason = failed.conditions.iter().find(|c| &*c.kind == "Ready").map_or("Failed", |c| &*c.reason);
            finding = finding.supported_by([Evidence::new(
                &failed.id,
                "status.conditions[Ready]",
                format!("not ready: {reason}"),
                "status",
            )
            .at(failed.meta.created)]);
        }
        if let Some(target) = &target {
            let waiting = waiting_for(view);
            finding = finding.affects(target).explains(waiting.get(target).into_iter().flatten().copied());
            finding = finding.link(
                Link::Object,
                target,
                LinkState::Affected,
                if over { "holds a certificate that has ended" } else { "still valid" },
            );
            let uses = view.consumers(&Kind::Secret, &target.namespace, &target.name);
            let tls = view.symptoms().iter().filter(|s| over && s.has(Signal::TlsExpired));
            for symptom in tls.filter(|s| uses.iter().any(|u| u.workload == s.victim)) {
                finding = finding.explains([symptom.ix]);
            }
        }
        let own = sync_symptom(view, &certificate.id).map(|s| s.ix);
        // A red Certificate with time left fails nobody yet.
        if finding.explains.is_empty()
            || (!over && finding.explains.iter().all(|ix| Some(*ix) == own) && ends.is_some_and(|e| e > now))
        {
            finding = finding.latent();
            if let Some(target) = &target {
                for user in view.consumers(&Kind::Secret, &target.namespace, &target.name) {
                    if !finding.victims.contains(&user.workload) {
                        finding = finding.victim(&user.workload);
                    }
                }
            }
        }
        let issuer = scalar(certificate, "spec.issuerRef.name").unwrap_or("its issuer");
        finding = finding.plan(plans::one(
            &certificate.id,
            "mend the issuer, then renew",
            &format!("issuer {issuer}, its account or its DNS; then cmctl renew {}", certificate.id.name),
            "notAfter lies ahead and the servers have loaded it",
        ));
        stories.tell("SYN-20", finding);
    }
}
