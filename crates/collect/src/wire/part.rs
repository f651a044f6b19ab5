//! The facts of one folder, and how those of several are joined.

use keytrace_core::coverage::Coverage;
use keytrace_core::snapshot::Snapshot;

/// The facts of one folder.
#[derive(Debug, Default)]
pub struct Part {
    snapshot: Snapshot,
}

impl Part {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        Self { snapshot }
    }

    /// Joins the facts of several folders into one snapshot, which is not sealed yet. What it holds does not depend on
    /// which folder read what; its order does until it is sealed.
    pub fn merge(parts: Vec<Self>) -> Snapshot {
        let mut parts = parts.into_iter().map(|p| p.snapshot);
        let mut all = parts.next().unwrap_or_default();
        for mut part in parts {
            macro_rules! append {
                ($($list:ident),*) => { $(all.$list.append(&mut part.$list);)* };
            }
            append!(pods, workloads, data, service_accounts, nodes, namespaces, roles, bindings, quotas, leases);
            append!(tls_users, external_secrets, stores, provider_classes, csi_statuses, custom, events, logs, audit);
            append!(answers);
            join(&mut all.coverage, part.coverage);
        }
        all
    }
}

fn join(all: &mut Coverage, part: Coverage) {
    for (kind, part) in part.kinds {
        let kind = all.kinds.entry(kind).or_default();
        kind.everywhere = kind.everywhere.max(part.everywhere);
        for (namespace, basis) in part.namespaces {
            let known = kind.namespaces.entry(namespace).or_insert(basis);
            *known = (*known).max(basis);
        }
        for (namespace, why) in part.unseen {
            let known = kind.unseen.entry(namespace).or_insert(why);
            *known = (*known).min(why);
        }
        kind.metadata_only |= part.metadata_only;
        kind.count += part.count;
    }
    all.problems.extend(part.problems);
    all.with_managed_fields += part.with_managed_fields;
    all.without_managed_fields += part.without_managed_fields;
    all.logs += part.logs;
    all.audit_writes += part.audit_writes;
    all.audit |= part.audit;
    all.audit_from = [all.audit_from, part.audit_from].into_iter().flatten().min();
    all.audit_until = all.audit_until.max(part.audit_until);
    all.sources.extend(part.sources);
}
