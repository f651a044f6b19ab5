//! DEL-02: a file mounted by subPath keeps what it held when the container started.

use super::stale::{self, How, Taken};
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::checks::con::{delivered, steps};
use crate::messages::Signal;
use crate::objects::{Id, Kind};
use crate::plan::Plan;
use crate::symptoms::{Class, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;

pub static CARD: Card = Card {
    code: "DEL-02",
    slug: "sub-path",
    title: "File mounted by subPath does not follow the Secret",
    link: Link::Delivery,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Pod, Scope::OwnNamespace), Need::decides(Kind::Secret, Scope::Named)],
    neighbours: &[
        Neighbour { code: "DEL-03", decided_by: "whether the mount has a subPath, or two sync periods have passed" },
        Neighbour { code: "DEL-04", decided_by: "whether the file in the container is old or new" },
        Neighbour { code: "OBJ-08", decided_by: "a login with the value that the Secret holds now" },
        Neighbour { code: "SRC-08", decided_by: "whether the credential was changed at the backend alone" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("sub_path/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for case in stale::stale(view).iter().filter(|s| s.how == How::SubPath) {
        let headline =
            format!("{} is refused: its subPath mount keeps the file that {} had before", case.victim, case.object.id);
        let finding = case
            .finding(view, headline)
            .rules_out("DEL-03", "a subPath mount never follows, however long one waits")
            .plan(plan(view, &case.victim));
        found.push(if case.witness.is_none() && !case.login_ok {
            finding.unless(
                "SRC-08",
                &case.object.id,
                "compare the hash of the file in the container with the Secret's key",
            )
        } else {
            finding
        });
    }
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        found.extend(trust(view, symptom));
    }
    found.extend(stale::left_behind(view, true));
    stale::blind(view, out, &[Taken::SubPath]);
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

/// A certificate or a bundle of authorities that is mounted by subPath and was renewed since.
fn trust(view: &View<'_>, symptom: &Symptom) -> Option<Finding> {
    let said = symptom.signal(|s| matches!(s, Signal::TlsExpired | Signal::TlsUntrusted))?;
    let (pod, container) = steps::failing(view, symptom)?;
    let started = pod.status(&container.name)?.state.running_since()?;
    for place in delivered::places(&pod.spec, container) {
        if place.mount.sub_path.is_none() && !place.mount.sub_path_expr {
            continue;
        }
        for file in place.files(view, &pod.id.namespace).list {
            let object = view.data(&file.object.kind, &file.object.namespace, &file.object.name).seen()?;
            let change = view.key_change(object, &file.key);
            let is_tls = [".crt", ".pem", ".key", ".cer"].iter().any(|end| file.key.ends_with(end));
            let later = change.as_ref().and_then(|c| c.when.until) > object.meta.created;
            if is_tls && later && View::started_before(Some(started), change.as_ref()) == Some(true) {
                let at = change.as_ref().and_then(|c| c.when.until);
                return Some(
                    Finding::new(
                        &object.id,
                        Confidence::Likely,
                        format!(
                            "{} uses the certificate that {} had before: its subPath mount does not follow",
                            symptom.victim, object.id
                        ),
                        steps::evidence(said, "a certificate is refused"),
                    )
                    .explains([symptom.ix])
                    .supported_by([
                        Evidence::new(&object.id, format!("data.{}", file.key), "changed", "managedFields").at(at),
                        Evidence::new(
                            &pod.id,
                            format!(
                                "{}.volumeMounts[{}].subPath",
                                steps::container_path(pod, &container.name),
                                file.path
                            ),
                            "mounted by subPath; the container started before the change",
                            "spec",
                        )
                        .at(Some(started)),
                    ])
                    .changed(change)
                    .link(Link::Object, &object.id, LinkState::Ok, "renewed")
                    .link(Link::Delivery, &symptom.victim, LinkState::Broken, "holds the former file")
                    .plan(plan(view, &symptom.victim)),
                );
            }
        }
    }
    None
}

fn plan(view: &View<'_>, victim: &Id) -> Plan {
    Plan::new(vec![
        steps::restart(victim, format!("restart {victim} in stages"))
            .after("the mount is made anew from the present value"),
        steps::edit_template(view, victim, "then mount the whole volume in a directory of its own, without subPath")
            .change("volumeMounts[].subPath, and the path that the application reads"),
    ])
}
