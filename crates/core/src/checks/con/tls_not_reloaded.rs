//! CON-08: a TLS Secret was renewed, and the server goes on with the certificate that it read at its start.

use super::{delivered, steps};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::Signal;
use crate::objects::{CertFacts, DataObject, Id, Kind, SecretPayload};
use crate::plan::Plan;
use crate::symptoms::{Class, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "CON-08",
    slug: "tls-not-reloaded",
    title: "Renewed TLS Secret is not taken up by the server",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::OwnNamespace), Need::decides(Kind::Pod, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "OBJ-15", decided_by: "whether the certificate in the Secret is valid now" },
        Neighbour { code: "SYN-20", decided_by: "whether the Secret was renewed at all" },
        Neighbour { code: "DEL-02", decided_by: "whether the server mounts the certificate by subPath" },
    ],
    lag: Lag::Expiry,
    fix: FixKind::Always,
    page: include_str!("tls_not_reloaded/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some(said) = symptom.signal(|s| s == Signal::TlsExpired) else { continue };
        if let Err(why) = view.snap.coverage.of(&Kind::Secret, &symptom.victim.namespace) {
            out.unseen(&symptom.victim, "the TLS Secrets of its namespace", why);
            continue;
        }
        let fields = &said.said.fields;
        let host = fields.host.as_deref().or(fields.url_host.as_deref()).map(|h| h.split(':').next().unwrap_or(h));
        let renewed: Vec<_> = view.snap.data.iter().filter_map(|o| renewed(view, o)).collect();
        let named: Vec<_> =
            renewed.iter().filter(|r| host.is_some_and(|h| r.cert.names.iter().any(|n| covers(n, h)))).collect();
        let own: Vec<_> = renewed.iter().filter(|r| r.object.id.namespace == symptom.victim.namespace).collect();
        match (named.as_slice(), own.as_slice()) {
            ([one], _) => found.push(finding(view, symptom, said, one, Confidence::Likely)),
            // Without a host only a single candidate is worth naming.
            ([], [one]) if host.is_none() => found.push(finding(view, symptom, said, one, Confidence::Possible)),
            _ => {}
        }
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

/// A TLS Secret that is good now, was rewritten, and is mounted by a container that started before that.
struct Renewed<'a> {
    object: &'a DataObject,
    cert: &'a CertFacts,
    server: Id,
    pod: Id,
    started: Option<crate::time::Time>,
    volume: String,
}

fn renewed<'a>(view: &View<'a>, object: &'a DataObject) -> Option<Renewed<'a>> {
    let SecretPayload::Certificate(cert) = &object.payload else { return None };
    if cert.not_after.zip(view.as_of).is_none_or(|(end, now)| end <= now) {
        return None;
    }
    let change = view.key_change(object, "tls.crt")?;
    if change.when.until <= object.meta.created {
        return None;
    }
    for consumer in view.consumers(&object.id.kind, &object.id.namespace, &object.id.name) {
        let Some(pod) = consumer.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        for container in &pod.spec.containers {
            let started = pod.status(&container.name).and_then(|s| s.state.running_since());
            let place = delivered::places(&pod.spec, container).find(|p| {
                p.mount.sub_path.is_none()
                    && p.files(view, &pod.id.namespace)
                        .list
                        .iter()
                        .any(|f| f.object == object.id && &*f.key == "tls.crt")
            });
            // One writer owns all keys of the pair, which leaves the time of its change open to both sides; a certificate
            // that was not yet valid when the container started cannot be what it read then.
            let issued_since = started.zip(cert.not_before).is_some_and(|(started, issued)| started < issued);
            if let Some(place) = place
                && (issued_since || View::started_before(started, Some(&change)) == Some(true))
            {
                return Some(Renewed {
                    object,
                    cert,
                    server: consumer.workload.clone(),
                    pod: pod.id.clone(),
                    started,
                    volume: place.volume.name.to_string(),
                });
            }
        }
    }
    None
}

/// Whether a name in a certificate covers a host: equal, by a wildcard of one label, or a Service's short name.
fn covers(name: &str, host: &str) -> bool {
    let (name, host) = (name.to_ascii_lowercase(), host.to_ascii_lowercase());
    if let Some(rest) = name.strip_prefix("*.") {
        return host.split_once('.').is_some_and(|(_, tail)| tail == rest);
    }
    name == host || name.strip_prefix(host.as_str()).is_some_and(|rest| rest.starts_with('.'))
}

fn finding(
    view: &View<'_>,
    symptom: &Symptom,
    said: &crate::symptoms::Statement,
    renewed: &Renewed<'_>,
    confidence: Confidence,
) -> Finding {
    let change = view.key_change(renewed.object, "tls.crt");
    let at = change.as_ref().and_then(|c| c.when.until);
    let object = &renewed.object.id;
    let server = &renewed.server;
    Finding::new(
        server,
        confidence,
        format!("{server} still serves the certificate that it read before {object} was renewed"),
        steps::evidence(said, "the served certificate has expired"),
    )
    .explains([symptom.ix])
    .victim(&symptom.victim)
    .supported_by([
        Evidence::new(object, "data.tls.crt", "renewed, and valid now", "spec").at(at),
        Evidence::new(
            &renewed.pod,
            "status.containerStatuses[].state.running.startedAt",
            format!("started before that, mounts it as volume {}", renewed.volume),
            "status",
        )
        .at(renewed.started),
    ])
    .changed(change)
    .link(Link::Object, object, LinkState::Ok, "holds a valid certificate")
    .link(Link::Consumption, server, LinkState::Broken, "serves the former certificate")
    .rules_out("OBJ-15", "the certificate in the Secret is valid now")
    .rules_out("SYN-20", "the Secret was renewed")
    .plan(Plan::new(vec![
        steps::restart(server, format!("restart {server} in stages, or let it reload its certificate"))
            .after("the server presents the renewed certificate"),
    ]))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn names_cover_hosts_by_wildcard_and_by_short_service_name() {
        assert!(covers("*.example.com", "shop.example.com"));
        assert!(!covers("*.example.com", "a.b.example.com"));
        assert!(covers("pay.shop.svc", "pay"));
        assert!(!covers("payments.shop.svc", "pay"));
    }
}
