//! `keytrace collect-command`: the one kubectl line that gathers what `--from` needs.

use std::fmt::Write as _;

use super::print;
use crate::args::CollectCommand;
use crate::exit::{Exit, Failure};

/// Kinds that the checks read, most important first. One file a kind: a file named for its kind says that the kind was collected, even
/// where it holds nothing, and a kind that the cluster does not have leaves no file.
const NAMESPACED: &str = "pods events deployments replicasets statefulsets daemonsets controllerrevisions jobs cronjobs configmaps \
serviceaccounts roles rolebindings resourcequotas ingresses externalsecrets secretstores vaultdynamicsecrets vaultstaticsecrets \
vaultauths sealedsecrets certificates secretproviderclasses secretproviderclasspodstatuses rollouts applications kustomizations helmreleases";
const CLUSTER: &str =
    "nodes namespaces clusterroles clusterrolebindings clustersecretstores clusterexternalsecrets csinodes";

pub fn run(collect: &CollectCommand) -> Result<Exit, Failure> {
    let scope = match (&collect.namespace, collect.all_namespaces) {
        (Some(namespace), _) => format!(" -n {}", shell_word(namespace)),
        (None, true) => " -A".to_owned(),
        (None, false) => String::new(),
    };
    let secrets = if collect.without_secrets { "" } else { " secrets" };
    let mut line = format!(
        "(umask 077; mkdir -p incident/logs; \
         for k in {NAMESPACED}{secrets}; do kubectl get $k{scope} -o json --show-managed-fields > incident/$k.json || rm -f incident/$k.json; done; \
         for k in {CLUSTER}; do kubectl get $k -o json > incident/$k.json || rm -f incident/$k.json; done"
    );
    if !collect.without_logs {
        // Logs of what is not healthy: the current run and the one before, by container.
        let _ = write!(
            line,
            "; kubectl get pods{scope} -o go-template='{{{{range .items}}}}{{{{$n := .metadata.namespace}}}}{{{{$p := .metadata.name}}}}\
             {{{{range .spec.containers}}}}{{{{$n}}}} {{{{$p}}}} {{{{.name}}}}{{{{\"\\n\"}}}}{{{{end}}}}{{{{end}}}}' | \
             while read n p c; do kubectl logs -n $n $p -c $c --tail=200 > incident/logs/${{n}}_${{p}}_$c.log; \
             kubectl logs -n $n $p -c $c --tail=200 --previous > incident/logs/${{n}}_${{p}}_$c.previous.log; done"
        );
    }
    line.push_str(") 2>/dev/null; find incident -empty -type f -delete");
    print(&format!("{line}\n"));
    if collect.without_secrets {
        eprintln!(
            "# without Secrets, what they hold stays unknown; that one is missing is known only from the kubelet's own words"
        );
    } else {
        eprintln!("# the folder holds Secret values (mode 0700): keep it private. keytrace never prints them");
    }
    eprintln!("# then: keytrace why --from incident");
    Ok(Exit::Clean)
}

fn shell_word(word: &str) -> String {
    if word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
