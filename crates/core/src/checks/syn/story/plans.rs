//! How each fault of a sync is mended: at the source or the owner of record, never at the copy.

use super::Sync;
use crate::objects::{Id, Kind};
use crate::plan::{Effect, Plan, Risk, Step};
use crate::symptoms::Statement;

/// Lets the operator read at once instead of at its next turn.
pub(super) fn force_sync(es: &Id) -> Step {
    Step::on(es, format!("let {es} read again now"), Effect::Mend { object: es.clone() })
        .change("the annotation force-sync")
        .command(format!("kubectl annotate {es} -n {} force-sync=$(date +%s) --overwrite", es.namespace))
        .precondition("the step before was proved")
        .risk(Risk::Safe)
        .inverse("none needed: the annotation has no other meaning")
        .after(format!("{es} is Ready and its refreshTime is new"))
}

fn outside(title: impl Into<String>, change: &str, precondition: &str, inverse: &str, after: &str) -> Step {
    Step::outside(title, after).change(change).precondition(precondition).inverse(inverse)
}

fn edit(object: &Id, title: impl Into<String>, change: impl Into<String>, after: &str) -> Step {
    Step::on(object, title, Effect::Mend { object: object.clone() })
        .change(change)
        .command(format!("kubectl edit {object}{}", in_namespace(object)))
        .precondition("done where its owner of record keeps it (Git, chart), else live and there too")
        .inverse("re-apply the object as it was saved before")
        .after(after)
}

fn in_namespace(object: &Id) -> String {
    if object.namespace.is_empty() { String::new() } else { format!(" -n {}", object.namespace) }
}

/// The plan for a sync that fails.
pub(super) fn failing(code: &str, subject: &Id, members: &[&Sync<'_>], said: &Statement) -> Plan {
    let path = said.said.fields.url_path.as_deref().map(str::to_owned);
    let path = path.or_else(|| members.iter().find_map(|m| m.remote()).map(str::to_owned));
    let path = path.unwrap_or_else(|| "the path".to_owned());
    let mut steps = vec![match code {
        "SRC-01" => outside(
            format!("give the operator's role back the right to read {path}"),
            "the policy of the role, where it is kept as code",
            "compare the policy with its last version; `vault token capabilities` with a token of the role",
            "apply the former policy again",
            "the role may read the path",
        ),
        "SRC-05" => outside(
            format!("put {path} back at the source, or correct the reference to it"),
            "undelete the version or restore the path; else remoteRef in the ExternalSecret",
            "the metadata of the path tell a deleted version, which can be undone, from a path that moved",
            "restore the former reference",
            "the reference reads an entry that exists",
        ),
        "SRC-09" => outside(
            "bring the source back: unseal it, restore the network, or raise its limit",
            "the source only; delete no Secret, the last copy is the cache",
            "its health endpoint says what is missing",
            "none needed",
            "the source answers",
        ),
        "SRC-10" => outside(
            "enable or restore the entry at the source, or open its key",
            "the entry's state or the policy of its key",
            "it was not closed on purpose",
            "disable it again",
            "the entry can be read",
        ),
        "AUT-01" => outside(
            "bind the store's ServiceAccount and namespace to the role again",
            "bound names and namespaces of the role, where it is kept as code",
            "compare them with serviceAccountRef and namespace of the store",
            "apply the former role again",
            "the store logs in",
        ),
        "AUT-02" => outside(
            "let audience and issuer agree: role, auth mount and store",
            "audience of the role, issuer of the mount, audiences of the store",
            "decode `aud` and `iss` of a token that the store's ServiceAccount gets",
            "apply the former settings again",
            "the store logs in",
        ),
        "AUT-03" => outside(
            "give the source a token reviewer and a CA that the cluster accepts",
            "the configuration of the auth mount: reviewer token, CA, and that the mount exists",
            "the source's log says whether the review or the role failed",
            "apply the former configuration again",
            "all stores of the mount log in",
        ),
        "AUT-04" => outside(
            "issue a new login for the store and write it to the Secret that the store names",
            "the value of the bootstrap Secret, where its owner of record keeps it; values by stdin",
            "the new login works with one lookup",
            "write the former value again",
            "the store is Ready",
        ),
        "AUT-05" => outside(
            "restore the trust between the ServiceAccount and the cloud identity",
            "annotation of the ServiceAccount, trust policy of the role or federated credential",
            "the operator's pod has the injected token volume",
            "apply the former trust policy again",
            "the operator gets a token of the cloud",
        ),
        "AUT-06" => {
            let namespace = said.said.fields.namespace.as_deref().unwrap_or(&subject.namespace).to_owned();
            let (kind, name) = match (&said.said.fields.secret, &said.said.fields.service_account) {
                (Some(name), _) => (Kind::Secret, name.to_string()),
                (None, Some(name)) => (Kind::ServiceAccount, name.to_string()),
                _ => (Kind::Secret, "the-one-it-names".to_owned()),
            };
            let object = Id::new(kind, &namespace, &name);
            Step::on(&object, format!("restore {object}, or correct the store's reference"), Effect::External)
                .change("the Secret or ServiceAccount that the store logs in with, in the namespace that it looks in")
                .command(format!("kubectl get {object} -n {namespace}"))
                .precondition("its owner of record holds it; a ClusterSecretStore must name the namespace")
                .inverse(format!("kubectl delete {object} -n {namespace}"))
                .after("the store is Ready")
        }
        "AUT-07" => edit(
            subject,
            "trust the certificate that the source shows",
            "the bundle that caProvider names: old and new CA together",
            "the store is Ready",
        )
        .precondition("the chain that the source shows is the one that is meant"),
        "AUT-08" => outside(
            "set the clocks right",
            "time synchronisation of node, API server and source",
            "compare the three clocks",
            "none needed",
            "tokens are valid when they are used",
        ),
        "SYN-02" => {
            edit(subject, format!("create {subject}, or name another store"), "the store", "the store is Ready")
        }
        "SYN-06" => edit(
            subject,
            "let the store admit the namespace, or label the namespace as it asks",
            "spec.conditions of the ClusterSecretStore, or a label of the namespace",
            "its externalsecrets are Ready",
        ),
        "SYN-07" => edit(
            subject,
            "correct the template, or the value at the source that breaks it",
            "spec.target.template (quote values with toJson), or the entry at the source",
            "it renders",
        )
        .precondition("render it offline with a value of the same shape"),
        "SYN-08" if said.said.says(crate::messages::Signal::TargetImmutable) => {
            let target = members.first().map_or(subject, |m| &m.target);
            Step::on(target, format!("replace the immutable {target}"), Effect::Mend { object: target.clone() })
                .change("delete it; the operator makes it anew at once")
                .command(format!("kubectl delete {target} -n {}", target.namespace))
                .precondition("save it first; no pod starts in between that needs it")
                .inverse("apply the saved object")
                .after("the Secret holds what the source holds")
        }
        "SYN-08" => {
            edit(subject, "one owner for the target", "target.name: another name, or remove one of both", "it is Ready")
        }
        "SYN-12" => outside(
            "bring operator, CRDs and webhooks to one version",
            "the release of the operator, with its CRDs",
            "the served versions of the CRDs against the operator's",
            "roll the release back",
            "the operator reconciles again",
        ),
        _ => outside("find the cause", "nothing", "none", "none needed", "the cause is known"),
    }];
    steps.extend(
        members
            .iter()
            .filter(|m| m.id() != subject || !matches!(code, "SYN-07" | "SYN-08"))
            .map(|m| force_sync(m.id())),
    );
    Plan::new(steps)
}

/// The plan where only the failure is known.
pub(super) fn read_events(subject: &Id) -> Plan {
    Plan::new(vec![
        Step::on(subject, "read why it fails and mend that", Effect::External)
            .change("nothing yet")
            .command(format!("kubectl describe {subject}{}", in_namespace(subject)))
            .precondition("none")
            .risk(Risk::Safe)
            .inverse("none needed")
            .after("the cause is known, and mended at its own link"),
    ])
}

/// A change of the resource's own spec, then a read.
pub(super) fn own_spec(es: &Id, title: &str, change: &str, after: &str) -> Plan {
    Plan::new(vec![edit(es, title, change, after)])
}

/// Something outside the cluster, then a read.
pub(super) fn at_source(title: &str, change: &str, precondition: &str, after: &str, es: &[&Id]) -> Plan {
    let mut steps = vec![outside(title, change, precondition, "put the former version back", after)];
    steps.extend(es.iter().map(|id| force_sync(id)));
    Plan::new(steps)
}

/// One change of one object.
pub(super) fn one(object: &Id, title: &str, change: &str, after: &str) -> Plan {
    Plan::new(vec![edit(object, title, change, after)])
}
