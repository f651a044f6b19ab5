//! Who may do what: the RBAC authorizer of the API server, run over the collected roles and bindings.
//!
//! Emulates `plugin/pkg/auth/authorizer/rbac` and `pkg/registry/rbac/validation` of kubernetes/kubernetes. Other
//! authorizers (Node, webhook) can only allow more, so a denial here is RBAC's and not the server's last word.

use crate::coverage::{Basis, Coverage, Unseen};
use crate::objects::{Binding, BindingSubject, Id, Kind, Role, Rule, Str};
use crate::snapshot::Snapshot;

/// One question to the authorizer, for a resource request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// As the API server prints it, such as `system:serviceaccount:NS:NAME`.
    pub user: String,
    pub verb: String,
    /// API group, empty for the core group.
    pub group: String,
    /// Plural, with the subresource behind a slash if there is one.
    pub resource: String,
    /// Name of the object; `None` for requests on the whole collection (`list`, `watch`, `create`).
    pub name: Option<String>,
    /// `None` for cluster-wide requests.
    pub namespace: Option<String>,
}

/// What RBAC says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The first binding and role that allow it, in the authorizer's order.
    Allowed { binding: Id, role: Id },
    /// Nothing that was collected allows it, and all that could was collected.
    Denied(Denial),
    /// Something that could allow it was not seen.
    Unknown { missing: Id, why: Unseen },
}

/// What the authorizer found on its way to a denial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// How well the absence of a grant is known.
    pub basis: Basis,
    /// Bindings of the user whose role does not exist: the authorizer skips them, and names them in its refusal.
    pub dangling: Vec<(Id, Id)>,
    /// Bindings of the user, with their roles, that exist but do not allow this.
    pub bound: Vec<(Id, Id)>,
    /// Grants that nearly fit: see [`Near`].
    pub near: Vec<Near>,
}

/// A rule that covers the resource for this user and yet does not allow the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    pub binding: Id,
    pub role: Id,
    pub short: Shortfall,
}

/// By what a rule falls short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// Verb, group and resource fit, but the rule is limited to objects of these names.
    Names(Vec<Str>),
    /// Group and resource (and name) fit, but only these verbs are granted.
    Verbs(Vec<Str>),
}

/// Namespace and name of a ServiceAccount's user name.
pub fn service_account(user: &str) -> Option<(&str, &str)> {
    user.strip_prefix("system:serviceaccount:")?.split_once(':').filter(|(ns, name)| !ns.is_empty() && !name.is_empty())
}

/// The groups that the API server gives a user by itself. For people, more groups come from where they log in: those are
/// not known, and `None` is returned.
fn groups(user: &str) -> Option<Vec<String>> {
    if let Some((namespace, _)) = service_account(user) {
        return Some(vec![
            "system:serviceaccounts".to_owned(),
            format!("system:serviceaccounts:{namespace}"),
            "system:authenticated".to_owned(),
        ]);
    }
    match user {
        "system:anonymous" => Some(vec!["system:unauthenticated".to_owned()]),
        _ if user.starts_with("system:node:") => {
            Some(vec!["system:nodes".to_owned(), "system:authenticated".to_owned()])
        }
        _ => None,
    }
}

/// Asks RBAC, with what was collected.
pub fn may(snap: &Snapshot, request: &Request) -> Decision {
    let groups = groups(&request.user);
    let mut denial = Denial { basis: Basis::Stated, dangling: Vec::new(), bound: Vec::new(), near: Vec::new() };
    let mut unseen: Option<(Id, Unseen)> = None;
    let mut consider = |binding: &Binding| -> Option<Decision> {
        if !binding.subjects.iter().any(|s| applies(s, &binding.id.namespace, &request.user, groups.as_deref())) {
            return None;
        }
        let role = role_of(binding);
        match find_role(snap, &role) {
            Ok(found) => {
                denial.bound.push((binding.id.clone(), role.clone()));
                for rule in &found.rules {
                    match judge(rule, request) {
                        Fit::Allows => return Some(Decision::Allowed { binding: binding.id.clone(), role }),
                        Fit::Near(short) => {
                            denial.near.push(Near { binding: binding.id.clone(), role: role.clone(), short });
                        }
                        Fit::Other => {}
                    }
                }
            }
            Err(Lookup::Absent(basis)) => {
                denial.basis = denial.basis.min(basis);
                denial.dangling.push((binding.id.clone(), role));
            }
            Err(Lookup::Unseen(why)) => unseen = unseen.take().or(Some((role, why))),
        }
        None
    };
    // Cluster bindings come first, as in the authorizer's VisitRulesFor; then those of the request's namespace.
    for binding in snap.bindings.iter().filter(|b| b.id.kind == Kind::ClusterRoleBinding) {
        if let Some(allowed) = consider(binding) {
            return allowed;
        }
    }
    if let Some(namespace) = &request.namespace {
        for binding in snap.bindings.iter().filter(|b| b.id.kind == Kind::RoleBinding && *b.id.namespace == **namespace)
        {
            if let Some(allowed) = consider(binding) {
                return allowed;
            }
        }
    }
    let cluster = (Kind::ClusterRoleBinding, "");
    let own = request.namespace.as_deref().map(|n| (Kind::RoleBinding, n));
    for (kind, namespace) in [Some(cluster), own].into_iter().flatten() {
        match snap.coverage.of(&kind, namespace) {
            Ok(basis) => denial.basis = denial.basis.min(basis),
            Err(why) => unseen = unseen.or_else(|| Some((Id::new(kind, namespace, "*"), why))),
        }
    }
    if groups.is_none() {
        let missing = Id::new(Kind::Other("Group".into()), "", "*");
        unseen = unseen.or(Some((missing, Unseen::NotCollected)));
    }
    match unseen {
        Some((missing, why)) => Decision::Unknown { missing, why },
        None => Decision::Denied(denial),
    }
}

/// Bindings that name this user or one of its groups, cluster-wide or in the namespace.
pub fn bindings_of<'s>(snap: &'s Snapshot, user: &str, namespace: Option<&str>) -> Vec<&'s Binding> {
    let groups = groups(user);
    snap.bindings
        .iter()
        .filter(|b| b.id.kind == Kind::ClusterRoleBinding || namespace.is_some_and(|n| &*b.id.namespace == n))
        .filter(|b| b.subjects.iter().any(|s| applies(s, &b.id.namespace, user, groups.as_deref())))
        .collect()
}

/// The role that a binding refers to, by name.
pub fn role_of(binding: &Binding) -> Id {
    let namespace = if binding.role_kind == Kind::ClusterRole { "" } else { &*binding.id.namespace };
    Id::new(binding.role_kind.clone(), namespace, &binding.role_name)
}

/// `appliesToUser` and its neighbours.
fn applies(subject: &BindingSubject, namespace: &str, user: &str, groups: Option<&[String]>) -> bool {
    match &*subject.kind {
        "User" => *subject.name == *user,
        "Group" => groups.is_some_and(|groups| groups.iter().any(|g| **g == *subject.name)),
        "ServiceAccount" => {
            let of = if subject.namespace.is_empty() { namespace } else { &subject.namespace };
            !of.is_empty() && service_account(user) == Some((of, &*subject.name))
        }
        _ => false,
    }
}

enum Lookup {
    Absent(Basis),
    Unseen(Unseen),
}

fn find_role<'s>(snap: &'s Snapshot, role: &Id) -> Result<&'s Role, Lookup> {
    if let Some(found) = snap.roles.iter().find(|r| r.id == *role) {
        return Ok(found);
    }
    Err(absent(&snap.coverage, role))
}

fn absent(coverage: &Coverage, role: &Id) -> Lookup {
    match coverage.of(&role.kind, &role.namespace) {
        Ok(basis) => Lookup::Absent(basis),
        Err(why) => Lookup::Unseen(why),
    }
}

enum Fit {
    Allows,
    Near(Shortfall),
    Other,
}

/// `RuleAllows`: verb, group, resource and name must all match.
fn judge(rule: &Rule, request: &Request) -> Fit {
    if !has(&rule.groups, &request.group) || !resource_matches(&rule.resources, &request.resource) {
        return Fit::Other;
    }
    let verb = has(&rule.verbs, &request.verb);
    let name = rule.names.is_empty() || request.name.as_ref().is_some_and(|n| rule.names.iter().any(|r| **r == **n));
    match (verb, name) {
        (true, true) => Fit::Allows,
        (true, false) => Fit::Near(Shortfall::Names(rule.names.clone())),
        // A rule for other objects and another verb is no near miss, unless the request is on the whole collection.
        (false, false) if request.name.is_some() => Fit::Other,
        (false, _) => Fit::Near(Shortfall::Verbs(rule.verbs.clone())),
    }
}

fn has(list: &[Str], wanted: &str) -> bool {
    list.iter().any(|item| &**item == "*" || **item == *wanted)
}

/// `ResourceMatches`: `*`, the resource with its subresource, or `*/SUBRESOURCE`.
fn resource_matches(list: &[Str], wanted: &str) -> bool {
    let any_with_sub = wanted.split_once('/').map(|(_, sub)| format!("*/{sub}"));
    list.iter().any(|item| {
        &**item == "*" || **item == *wanted || any_with_sub.as_deref().is_some_and(|pattern| **item == *pattern)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Meta;

    fn role(kind: Kind, namespace: &str, name: &str, rules: Vec<Rule>) -> Role {
        Role { id: Id::new(kind, namespace, name), meta: Meta::default(), rules, aggregated: false }
    }

    fn rule(verbs: &[&str], resources: &[&str], names: &[&str]) -> Rule {
        let list = |items: &[&str]| items.iter().map(|i| Str::from(*i)).collect::<Vec<_>>();
        Rule {
            verbs: list(verbs),
            groups: list(&[""]),
            resources: list(resources),
            names: list(names),
            non_resource_urls: Vec::new(),
        }
    }

    fn binding(kind: Kind, namespace: &str, to: (Kind, &str), subject: (&str, &str, &str)) -> Binding {
        Binding {
            id: Id::new(kind, namespace, "b"),
            meta: Meta::default(),
            role_kind: to.0,
            role_name: to.1.into(),
            subjects: vec![BindingSubject {
                kind: subject.0.into(),
                namespace: subject.1.into(),
                name: subject.2.into(),
            }],
        }
    }

    fn snapshot(roles: Vec<Role>, bindings: Vec<Binding>) -> Snapshot {
        let mut snap = Snapshot { roles, bindings, ..Snapshot::default() };
        for kind in [Kind::Role, Kind::ClusterRole, Kind::RoleBinding, Kind::ClusterRoleBinding] {
            snap.coverage.state(kind, "", Basis::Stated);
        }
        snap
    }

    fn ask(verb: &str, resource: &str, name: Option<&str>) -> Request {
        Request {
            user: "system:serviceaccount:shop:web".to_owned(),
            verb: verb.to_owned(),
            group: String::new(),
            resource: resource.to_owned(),
            name: name.map(str::to_owned),
            namespace: Some("shop".to_owned()),
        }
    }

    fn denial(decision: Decision) -> Denial {
        match decision {
            Decision::Denied(denial) => denial,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_role_binding_allows_in_its_own_namespace_only() {
        let snap = snapshot(
            vec![role(Kind::Role, "shop", "reader", vec![rule(&["get"], &["secrets"], &[])])],
            vec![binding(Kind::RoleBinding, "shop", (Kind::Role, "reader"), ("ServiceAccount", "", "web"))],
        );
        assert!(matches!(may(&snap, &ask("get", "secrets", Some("db"))), Decision::Allowed { .. }));
        let elsewhere = Request { namespace: Some("bank".to_owned()), ..ask("get", "secrets", Some("db")) };
        assert!(denial(may(&snap, &elsewhere)).bound.is_empty());
        let other = Request { user: "system:serviceaccount:bank:web".to_owned(), ..ask("get", "secrets", Some("db")) };
        assert!(denial(may(&snap, &other)).bound.is_empty());
    }

    #[test]
    fn a_role_binding_to_a_cluster_role_and_groups_of_service_accounts_count() {
        let snap = snapshot(
            vec![role(Kind::ClusterRole, "", "view", vec![rule(&["*"], &["*"], &[])])],
            vec![binding(
                Kind::RoleBinding,
                "shop",
                (Kind::ClusterRole, "view"),
                ("Group", "", "system:serviceaccounts:shop"),
            )],
        );
        assert!(matches!(may(&snap, &ask("list", "configmaps", None)), Decision::Allowed { .. }));
    }

    #[test]
    fn resource_names_do_not_allow_a_list_and_say_so() {
        let snap = snapshot(
            vec![role(Kind::Role, "shop", "one", vec![rule(&["get", "list"], &["secrets"], &["db"])])],
            vec![binding(Kind::RoleBinding, "shop", (Kind::Role, "one"), ("ServiceAccount", "shop", "web"))],
        );
        assert!(matches!(may(&snap, &ask("get", "secrets", Some("db"))), Decision::Allowed { .. }));
        let near = denial(may(&snap, &ask("list", "secrets", None))).near;
        assert_eq!(near[0].short, Shortfall::Names(vec!["db".into()]));
        let near = denial(may(&snap, &ask("watch", "secrets", None))).near;
        assert_eq!(near[0].short, Shortfall::Verbs(vec!["get".into(), "list".into()]));
    }

    #[test]
    fn subresources_match_whole_or_by_pattern() {
        let snap = snapshot(
            vec![role(
                Kind::Role,
                "shop",
                "log",
                vec![rule(&["get"], &["*/log"], &[]), rule(&["get"], &["pods"], &[])],
            )],
            vec![binding(Kind::RoleBinding, "shop", (Kind::Role, "log"), ("ServiceAccount", "shop", "web"))],
        );
        assert!(matches!(may(&snap, &ask("get", "pods/log", Some("x"))), Decision::Allowed { .. }));
        assert!(matches!(may(&snap, &ask("get", "pods/exec", Some("x"))), Decision::Denied(_)));
    }

    #[test]
    fn a_binding_without_its_role_is_named_and_an_unseen_role_is_unknown() {
        let bind = || binding(Kind::RoleBinding, "shop", (Kind::Role, "gone"), ("ServiceAccount", "shop", "web"));
        let found = denial(may(&snapshot(Vec::new(), vec![bind()]), &ask("get", "secrets", Some("db"))));
        assert_eq!(found.dangling, [(Id::new(Kind::RoleBinding, "shop", "b"), Id::new(Kind::Role, "shop", "gone"))]);
        let mut blind = snapshot(Vec::new(), vec![bind()]);
        blind.coverage.kinds.remove(&Kind::Role);
        assert!(matches!(may(&blind, &ask("get", "secrets", Some("db"))), Decision::Unknown { .. }));
    }

    #[test]
    fn the_groups_of_a_person_are_not_known() {
        let snap = snapshot(Vec::new(), Vec::new());
        let person = Request { user: "alice".to_owned(), ..ask("list", "secrets", None) };
        assert!(matches!(may(&snap, &person), Decision::Unknown { .. }));
    }
}
