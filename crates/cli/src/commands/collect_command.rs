//! `keytrace collect-command`: the one kubectl line that gathers what `--from` needs.

use super::print;
use crate::args::CollectCommand;
use crate::exit::{Exit, Failure};

/// Built-in kinds that the checks read, most important first. Kinds of operators follow; `--ignore-not-found` does not help for
/// kinds that the cluster does not have, so those are asked for only where `kubectl api-resources` lists them.
const KINDS: &str = "pods,events,deployments,replicasets,statefulsets,daemonsets,controllerrevisions,jobs,cronjobs,\
configmaps,serviceaccounts,roles,rolebindings,resourcequotas,ingresses";
const OPERATORS: &str = "externalsecrets|secretstores|vaultdynamicsecrets|vaultstaticsecrets|vaultauths|sealedsecrets|certificates|\
secretproviderclasses|secretproviderclasspodstatuses|rollouts|applications|kustomizations|helmreleases";
const CLUSTER: &str = "nodes,namespaces,clusterroles,clusterrolebindings";
const CLUSTER_OPERATORS: &str = "clustersecretstores|clusterexternalsecrets";

pub fn run(collect: &CollectCommand) -> Result<Exit, Failure> {
    let scope = match (&collect.namespace, collect.all_namespaces) {
        (Some(namespace), _) => format!("-n {}", shell_word(namespace)),
        (None, true) => "-A".to_owned(),
        (None, false) => String::new(),
    };
    let secrets = if collect.without_secrets { "" } else { ",secrets" };
    print(&format!(
        "{{ kubectl get {KINDS}{secrets}$(kubectl api-resources -o name --namespaced=true | cut -d. -f1 | grep -xE '{OPERATORS}' | sed 's/^/,/' | tr -d '\\n') {scope} -o json --show-managed-fields; \
kubectl get {CLUSTER}$(kubectl api-resources -o name --namespaced=false | cut -d. -f1 | grep -xE '{CLUSTER_OPERATORS}' | sed 's/^/,/' | tr -d '\\n') -o json; }} > incident.json\n"
    ));
    if collect.without_secrets {
        eprintln!(
            "# without Secrets: what they hold stays unknown; that they are missing is known only from the kubelet's words"
        );
    } else {
        eprintln!("# incident.json will hold Secret values: keep it private (umask 077). keytrace never prints them.");
    }
    eprintln!("# then: keytrace why --from incident.json");
    Ok(Exit::Clean)
}

fn shell_word(word: &str) -> String {
    if word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
