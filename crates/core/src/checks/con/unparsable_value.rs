//! CON-07: a value is right and cannot be parsed where it is used, such as a password with `@` inside a URL.

use super::steps;
use crate::card::{Card, FixKind, Lag, Need, Neighbour, Role, Scope};
use crate::messages::{NetFault, Signal};
use crate::objects::{DataObject, Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::{Class, Statement, Symptom};
use crate::verdict::{Confidence, Evidence, Finding, Link, LinkState, Severity, Verdicts};
use crate::view::View;
use crate::view::credentials::{Part, Source, sources};

pub static CARD: Card = Card {
    code: "CON-07",
    slug: "unparsable-value",
    title: "The value has characters that break the URL or setting it is put into",
    link: Link::Consumption,
    role: Role::Cause,
    severity: Severity::High,
    needs: &[Need::decides(Kind::Secret, Scope::Named), Need::sharpens(Kind::ExternalSecret, Scope::OwnNamespace)],
    neighbours: &[
        Neighbour { code: "OBJ-07", decided_by: "whether blanks, quotes or a line end surround the value" },
        Neighbour { code: "OBJ-08", decided_by: "whether the backend refuses the value, or the client cannot read it" },
        Neighbour { code: "SYN-07", decided_by: "whether the operator's template fails, or the client at its result" },
    ],
    lag: Lag::NextStart,
    fix: FixKind::Always,
    page: include_str!("unparsable_value/explain.md"),
    judge,
};

fn judge(view: &View<'_>, out: &mut Verdicts) {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        let Some((pod, container)) = steps::failing(view, symptom) else { continue };
        let parse = symptom.signal(|s| s == Signal::ConnParse);
        let name = symptom.signal(|s| s == Signal::ConnNetwork(NetFault::Dns));
        let Some(statement) = parse.or(name) else { continue };
        let given = sources(view, pod, container);
        let broken = given.iter().find(|s| s.value.url.as_ref().is_some_and(|u| u.broken));
        let unsafe_part = given
            .iter()
            // A bare password is only put into a URL by the process itself; a whole URL that parses is innocent.
            .filter(|s| matches!(s.part, Part::Password | Part::Token) && s.value.url.is_none())
            .find(|s| s.value.url_unsafe);
        // A name that does not resolve points here only if the URL itself is torn.
        let culprit = if parse.is_some() { broken.or(unsafe_part) } else { broken };
        if let Some(source) = culprit {
            if source.value.ends_in_newline || source.value.has_carriage_return || source.value.has_outer_quotes {
                // Damage around the value is the nearer fault (OBJ-07).
                continue;
            }
            found.push(finding(view, symptom, statement, source));
            continue;
        }
        unseen(view, symptom, pod, container, parse.is_some(), &given, out);
    }
    for finding in steps::merged(found) {
        out.violated(finding);
    }
}

/// A parse error of a container whose Secrets were not seen with values cannot be judged.
fn unseen(
    view: &View<'_>,
    symptom: &Symptom,
    pod: &crate::objects::Pod,
    container: &crate::objects::Container,
    parse: bool,
    given: &[Source<'_>],
    out: &mut Verdicts,
) {
    if !parse {
        return;
    }
    if given.iter().any(|s| s.part.is_credential() && s.object.is_some() && s.value.tag.is_none()) {
        out.unseen(&symptom.victim, "values of its Secrets", crate::coverage::Unseen::Elided);
        return;
    }
    for (reference, _) in view.references(pod).iter() {
        let mine = reference.container.as_ref().is_none_or(|c| *c == container.name);
        if mine && reference.kind == Kind::Secret && !matches!(reference.via, crate::objects::Via::PullSecret { .. }) {
            let id = Id::new(Kind::Secret, &pod.id.namespace, &reference.name);
            if out.need(&symptom.victim, &id, view.secret(&id.namespace, &id.name)).is_none() {
                return;
            }
        }
    }
}

fn finding(view: &View<'_>, symptom: &Symptom, statement: &Statement, source: &Source<'_>) -> Finding {
    let in_url = source.value.url.is_some();
    let what = if in_url {
        "a connection URL whose authority does not parse: a character in it is not percent-encoded"
    } else {
        "a password with characters that break an unquoted URL"
    };
    let subject = source.object.map_or_else(|| symptom.victim.clone(), |o| o.id.clone());
    let change = source.object.and_then(|o| view.key_change(o, &source.key));
    // It must have begun with the value: a value that came after the first failure did not cause it.
    let fits = match (&change, symptom.onset) {
        (Some(change), Some(onset)) => change.when.may_start_by(onset),
        _ => true,
    };
    let confidence = if in_url && fits { Confidence::Likely } else { Confidence::Possible };
    let path = source.object.map_or_else(|| format!("env[{}]", source.key), |_| format!("data.{}", source.key));
    let value = Evidence::new(&subject, path, format!("key {} holds {what}", source.key), "spec")
        .at(change.as_ref().and_then(|c| c.when.until));
    let mut finding = Finding::new(
        &subject,
        confidence,
        format!("{} cannot parse what {} gives it ({})", symptom.victim, subject, source.via.words()),
        steps::evidence(statement, "the client could not read its connection setting"),
    )
    .explains([symptom.ix])
    .supported_by([value])
    .link(Link::Object, &subject, LinkState::Broken, format!("key {} cannot be parsed in its place", source.key))
    .link(Link::Consumption, &symptom.victim, LinkState::Affected, "stops before it reaches the backend")
    .rules_out("OBJ-08", "the client gave up before it asked the backend")
    .changed(change);
    if view.data(&Kind::Secret, &subject.namespace, &subject.name).seen().is_some() {
        finding = finding.rules_out("SYN-07", "the Secret was written: no template failed");
    }
    if let Some(object) = source.object {
        let at = finding.changed.as_ref().and_then(|c| c.when.until);
        let started = symptom.pod.as_ref().and_then(|p| view.pod(p)).and_then(|p| p.meta.created);
        if started > at {
            finding = finding.note(
                "the pods that fail were started after the value changed; older ones still hold the former value",
            );
        }
        finding = finding.plan(plan(object, source, &symptom.victim));
    } else {
        let step = steps::edit_template(view, &symptom.victim, "percent-encode the password in the URL")
            .change(format!("variable {}", source.key));
        finding = finding.plan(Plan::new(vec![step]));
    }
    finding
}

fn plan(object: &DataObject, source: &Source<'_>, victim: &Id) -> Plan {
    let writer = object.meta.owners.iter().find(|o| o.kind == Kind::ExternalSecret);
    let first = match writer {
        Some(owner) => {
            let id = Id::new(Kind::ExternalSecret, &object.id.namespace, &owner.name);
            Step::on(
                &id,
                format!("percent-encode the password in the template of {id}"),
                Effect::SetKeys { object: object.id.clone(), keys: vec![source.key.to_string()] },
            )
            .change(format!("spec.target.template.data.{}: pass the password through urlquery", source.key))
            .command(format!("kubectl edit {id} -n {}", id.namespace))
            .precondition("keep the edit in Git where the ExternalSecret comes from")
            .inverse("put the former template back")
        }
        None => Step::on(
            &object.id,
            format!("percent-encode the password in key {}", source.key),
            Effect::SetKeys { object: object.id.clone(), keys: vec![source.key.to_string()] },
        )
        .change(format!(
            "key {} of {}, at its owner of record; or rotate to a password of letters and digits",
            source.key, object.id
        ))
        .command(format!(
            "kubectl patch {} -n {} --type merge --patch-file /dev/stdin   # on stdin: a stringData object with {}",
            object.id, object.id.namespace, source.key
        ))
        .precondition("the Secret is saved, and no operator owns it")
        .inverse("apply the saved Secret"),
    };
    let first = first.risk(Risk::Review).after("the URL parses and names the right host, user and password");
    Plan::new(vec![
        first,
        steps::restart(victim, "restart the consumers that read it at start").after("new pods parse the new value"),
    ])
}
