//! The story of a refused API request: whom RBAC refused, what it lacks, and which of RBC-01, RBC-03 and RBC-07 that is.

use std::collections::BTreeMap;

use crate::messages::{Caller, Class as MessageClass, Signal};
use crate::objects::{Id, Kind, Meta};
use crate::rbac::{self, Decision, Request, Shortfall};
use crate::symptoms::{Class, Statement, Symptom};
use crate::time::{Interval, Time};
use crate::verdict::{Change, Confidence, Evidence};
use crate::view::View;

/// Which failure mode a refusal is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Outcome {
    /// RBC-01: nothing grants it: no binding, a binding without its role, or a role that lost the rule.
    NotGranted,
    /// RBC-03: a rule covers the resource, but not with this verb or not without a name.
    Semantics,
    /// RBC-07: the refused identity is a sync operator's.
    Operator,
    /// What was collected allows it since after the last refusal.
    Healed,
}

/// What of the grant is broken.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Broken {
    /// A binding names a role that does not exist.
    Dangling {
        binding: Option<Id>,
        role: Id,
    },
    /// Nothing grants it; the deletion or change that took it away, if one is known.
    NoGrant {
        lost: Option<Id>,
    },
    /// The role was changed while the workload ran, and no longer has the rule.
    RoleChanged {
        role: Id,
    },
    /// A binding grants it to a ServiceAccount of the same name in another namespace.
    Misbound {
        binding: Id,
        namespace: String,
    },
    Names {
        role: Id,
        names: usize,
    },
    Verbs {
        role: Id,
        verbs: Vec<String>,
    },
    /// Bindings or roles were not collected.
    Unknown,
    /// The collected objects allow it.
    Contradicted {
        role: Id,
    },
}

/// All refusals of one identity that have one outcome.
pub(super) struct Story<'v> {
    pub outcome: Outcome,
    pub user: String,
    /// The ServiceAccount, or the user as an object of kind `User`.
    pub account: Id,
    pub request: Request,
    pub broken: Broken,
    pub confidence: Confidence,
    pub statement: &'v Statement,
    pub symptoms: Vec<&'v Symptom>,
    pub changed: Option<Change>,
    pub unseen: Option<(Id, crate::coverage::Unseen)>,
}

/// Labels that the charts of sync operators set on their pods.
const OPERATORS: &[&str] = &[
    "external-secrets",
    "vault-secrets-operator",
    "sealed-secrets",
    "secrets-store-csi-driver",
    "reflector",
    "kubernetes-replicator",
    "reloader",
    "cert-manager",
    "cainjector",
];

/// User, and verb, group, resource, name and namespace.
type Key = (String, Vec<String>);

/// A request with the newest statement that refuses it, and whom that hits.
type Refused<'v> = (Request, &'v Statement, Vec<&'v Symptom>);

/// Every refused identity with its outcome, in a stable order.
pub(super) fn stories<'v>(view: &'v View<'_>) -> Vec<Story<'v>> {
    let mut refused: BTreeMap<Key, Refused<'v>> = BTreeMap::new();
    for symptom in view.symptoms() {
        for statement in &symptom.said {
            let Some(request) = request(statement) else { continue };
            let key = (
                request.user.clone(),
                vec![
                    request.verb.clone(),
                    request.group.clone(),
                    request.resource.clone(),
                    request.name.clone().unwrap_or_default(),
                    request.namespace.clone().unwrap_or_default(),
                ],
            );
            let entry = refused.entry(key).or_insert_with(|| (request, statement, Vec::new()));
            if newer(statement, entry.1) {
                entry.1 = statement;
            }
            if !entry.2.iter().any(|s| s.ix == symptom.ix) {
                entry.2.push(symptom);
            }
        }
    }
    let operators: Vec<String> = refused
        .iter()
        .filter(|(_, (_, _, symptoms))| symptoms.iter().any(|s| s.class == Class::Sync || is_operator(view, s)))
        .map(|((user, _), _)| user.clone())
        .collect();
    let mut stories: Vec<Story<'v>> = Vec::new();
    for ((user, _), (request, statement, symptoms)) in refused {
        let story = judge(view, request, statement, symptoms, operators.contains(&user));
        // One identity that lacks several things for one reason is one story.
        match stories.iter_mut().find(|s| s.user == user && s.outcome == story.outcome) {
            Some(known) => {
                for symptom in story.symptoms {
                    if !known.symptoms.iter().any(|s| s.ix == symptom.ix) {
                        known.symptoms.push(symptom);
                    }
                }
                if story.confidence < known.confidence {
                    (known.request, known.broken, known.confidence) = (story.request, story.broken, story.confidence);
                    (known.statement, known.changed) = (story.statement, story.changed);
                }
            }
            None => stories.push(story),
        }
    }
    stories
}

fn newer(a: &Statement, b: &Statement) -> bool {
    a.last > b.last
}

/// The request that a statement says was refused for RBAC; `None` where it says something else or does not say who and what.
fn request(statement: &Statement) -> Option<Request> {
    let said = &statement.said;
    if !said.signals.iter().any(|s| matches!(s, Signal::ApiForbidden(Caller::ServiceAccount | Caller::Other))) {
        return None;
    }
    let fields = &said.fields;
    let text = |field: &Option<Box<str>>| field.as_deref().map(str::to_owned);
    let user = text(&fields.user)?;
    let verb = text(&fields.verb)?;
    let class = |class| said.candidates.iter().any(|c| c.class == class);
    if class(MessageClass::RbacServiceaccountTokenDenied) {
        // Minting a token is a `create` of a subresource, which names its object; the text does not always say where.
        return Some(Request {
            user,
            verb,
            group: String::new(),
            resource: "serviceaccounts/token".to_owned(),
            name: text(&fields.service_account).or_else(|| text(&fields.name)),
            namespace: text(&fields.namespace).or_else(|| Some(statement.object.namespace.to_string())),
        });
    }
    let of_secrets = class(MessageClass::RbacSecretsDenied);
    let resource = text(&fields.resource).or_else(|| of_secrets.then(|| "secrets".to_owned()))?;
    let (resource, from_resource) = split_group(&resource);
    let group = text(&fields.api_group).or(from_resource).unwrap_or_default();
    let name = text(&fields.name).or_else(|| text(&fields.secret)).or_else(|| text(&fields.configmap));
    let name = name.filter(|_| !matches!(&*verb, "list" | "watch" | "create" | "deletecollection"));
    Some(Request { user, verb, group, resource, name, namespace: text(&fields.namespace) })
}

/// `deployments.apps/scale` as resource `deployments/scale` and group `apps`.
fn split_group(resource: &str) -> (String, Option<String>) {
    let (main, sub) = resource.split_once('/').map_or((resource, None), |(main, sub)| (main, Some(sub)));
    match main.split_once('.') {
        Some((plural, group)) => {
            (sub.map_or_else(|| plural.to_owned(), |sub| format!("{plural}/{sub}")), Some(group.to_owned()))
        }
        None => (resource.to_owned(), None),
    }
}

fn is_operator(view: &View<'_>, symptom: &Symptom) -> bool {
    let Some(pod) = symptom.pod.as_ref().and_then(|p| view.pod(p)) else { return false };
    ["app.kubernetes.io/name", "app"].iter().filter_map(|l| pod.meta.label(l)).any(|name| OPERATORS.contains(&name))
}

fn judge<'v>(
    view: &'v View<'_>,
    request: Request,
    statement: &'v Statement,
    symptoms: Vec<&'v Symptom>,
    operator: bool,
) -> Story<'v> {
    let account = match rbac::service_account(&request.user) {
        Some((namespace, name)) => Id::new(Kind::ServiceAccount, namespace, name),
        None => Id::new(Kind::Other("User".into()), "", &request.user),
    };
    let decision = rbac::may(view.snap, &request);
    let times = Times::of(view, statement, &symptoms);
    let named = named_role(view, statement, &request);
    let mut unseen = None;
    let (mut outcome, mut broken, mut confidence) = match decision {
        Decision::Allowed { binding, role } => {
            let granted = newest_change(view, &binding, &role);
            // Granted since, or refused long ago and not again.
            let healed = match (granted, times.last) {
                (Some(at), Some(last)) => at >= last || view.as_of.is_some_and(|now| now.since(last) > LONG_AGO),
                (Some(at), None) => times.pod.is_some_and(|pod| at > pod),
                (None, _) => false,
            };
            if healed {
                (Outcome::Healed, Broken::Contradicted { role }, Confidence::Certain)
            } else {
                (Outcome::NotGranted, Broken::Contradicted { role }, Confidence::Possible)
            }
        }
        Decision::Denied(denial) => {
            let sure = Confidence::of_absence(denial.basis);
            if let Some((binding, role)) = denial.dangling.first() {
                let sure = if named.is_some() { Confidence::Certain } else { sure };
                (Outcome::NotGranted, Broken::Dangling { binding: Some(binding.clone()), role: role.clone() }, sure)
            } else if let Some(near) = denial.near.first() {
                if changed_while_running(view, &near.role, &times).is_some() {
                    (
                        Outcome::NotGranted,
                        Broken::RoleChanged { role: near.role.clone() },
                        sure.at_most(Confidence::Likely),
                    )
                } else {
                    let broken = match &near.short {
                        Shortfall::Names(names) => Broken::Names { role: near.role.clone(), names: names.len() },
                        Shortfall::Verbs(verbs) => Broken::Verbs {
                            role: near.role.clone(),
                            verbs: verbs.iter().map(|v| v.to_string()).collect(),
                        },
                    };
                    (Outcome::Semantics, broken, sure)
                }
            } else if let Some((_, role)) =
                denial.bound.iter().find(|(_, role)| changed_while_running(view, role, &times).is_some())
            {
                (Outcome::NotGranted, Broken::RoleChanged { role: role.clone() }, sure)
            } else if let Some((binding, namespace)) = misbound(view, &request) {
                (Outcome::NotGranted, Broken::Misbound { binding, namespace }, sure)
            } else {
                (Outcome::NotGranted, Broken::NoGrant { lost: None }, sure)
            }
        }
        Decision::Unknown { missing, why } => {
            unseen = Some((missing, why));
            // Whether a rule nearly fits cannot be told; for requests on a whole collection it often does.
            let whole = matches!(&*request.verb, "list" | "watch");
            let sure = if whole { Confidence::Possible } else { Confidence::Likely };
            (Outcome::NotGranted, Broken::Unknown, sure)
        }
    };
    if outcome == Outcome::NotGranted
        && matches!(broken, Broken::Unknown | Broken::NoGrant { .. })
        && let Some(role) = named
    {
        // The refusal itself names the role that the authorizer did not find.
        let binding = rbac::bindings_of(view.snap, &request.user, request.namespace.as_deref())
            .into_iter()
            .find(|b| rbac::role_of(b) == role)
            .map(|b| b.id.clone());
        broken = Broken::Dangling { binding, role };
        confidence = Confidence::Certain;
        unseen = None;
    }
    let changed = change(view, &request, &mut broken, &times);
    if operator && outcome != Outcome::Healed {
        outcome = Outcome::Operator;
    }
    Story {
        outcome,
        user: request.user.clone(),
        account,
        request,
        broken,
        confidence,
        statement,
        symptoms,
        changed,
        unseen,
    }
}

/// A refusal that has not come again for this long, in seconds, although it is allowed now, is history.
const LONG_AGO: i64 = 600;

/// What is known of when the refusals began.
struct Times {
    first: Option<Time>,
    last: Option<Time>,
    /// Creation of the oldest pod among the refused.
    pod: Option<Time>,
}

impl Times {
    fn of(view: &View<'_>, statement: &Statement, symptoms: &[&Symptom]) -> Self {
        let pod = symptoms.iter().filter_map(|s| view.pod(s.pod.as_ref()?)?.meta.created).min();
        // Where log lines carry no time, a crash has one; the onset of a running container is then a guess.
        let crash = symptoms.iter().filter(|s| s.class != Class::App).filter_map(|s| s.onset).min();
        Self { first: statement.first.or(crash), last: statement.last.or(crash), pod }
    }
}

/// The newest write to a binding or its role.
fn newest_change(view: &View<'_>, binding: &Id, role: &Id) -> Option<Time> {
    let of = |id: &Id| {
        let meta = meta(view, id)?;
        view.last_change(id, meta)?.when.until
    };
    of(binding).max(of(role))
}

fn meta<'a>(view: &View<'a>, id: &Id) -> Option<&'a Meta> {
    let role = view.snap.roles.iter().find(|r| r.id == *id).map(|r| &r.meta);
    role.or_else(|| view.snap.bindings.iter().find(|b| b.id == *id).map(|b| &b.meta))
}

/// The change of a role that came after the refused pod was made, and not after the first refusal.
fn changed_while_running(view: &View<'_>, role: &Id, times: &Times) -> Option<Change> {
    let meta = meta(view, role)?;
    let change = view.last_change(role, meta)?;
    let at = change.when.until?;
    let created = meta.created?;
    // A write within the first seconds belongs to the making of the role.
    (at.since(created) > 2 && times.pod? < at && times.first.is_none_or(|first| at <= first)).then_some(change)
}

/// `RBAC: role.rbac.authorization.k8s.io "x" not found` at the end of a refusal. The reading keeps the name only, so the
/// kind is that of the binding that names it, else that of a role which the audit log saw deleted.
fn named_role(view: &View<'_>, statement: &Statement, request: &Request) -> Option<Id> {
    let name = statement.said.fields.role.as_deref()?;
    let namespace = request.namespace.as_deref().unwrap_or_default();
    let bound = rbac::bindings_of(view.snap, &request.user, request.namespace.as_deref())
        .into_iter()
        .find(|b| &*b.role_name == name)
        .map(rbac::role_of);
    let cluster = Id::new(Kind::ClusterRole, "", name);
    bound
        .or_else(|| view.audited_deletion(&cluster).map(|_| cluster.clone()))
        .or_else(|| if namespace.is_empty() { Some(cluster) } else { Some(Id::new(Kind::Role, namespace, name)) })
}

/// A binding that grants the request to a ServiceAccount of the same name in another namespace.
fn misbound(view: &View<'_>, request: &Request) -> Option<(Id, String)> {
    let (namespace, name) = rbac::service_account(&request.user)?;
    for binding in &view.snap.bindings {
        let here = binding.id.kind == Kind::ClusterRoleBinding
            || request.namespace.as_deref().is_some_and(|n| n == &*binding.id.namespace);
        if !here {
            continue;
        }
        for subject in &binding.subjects {
            let of = if subject.namespace.is_empty() { &*binding.id.namespace } else { &*subject.namespace };
            if &*subject.kind == "ServiceAccount" && &*subject.name == name && of != namespace {
                let other = Request { user: format!("system:serviceaccount:{of}:{name}"), ..request.clone() };
                if matches!(rbac::may(view.snap, &other), Decision::Allowed { .. }) {
                    return Some((binding.id.clone(), of.to_owned()));
                }
            }
        }
    }
    None
}

/// When and by whom the grant was taken away.
fn change(view: &View<'_>, request: &Request, broken: &mut Broken, times: &Times) -> Option<Change> {
    let by_audit = |write: &crate::objects::AuditWrite| Change {
        when: Interval::at(write.at),
        by: Some(write.user.to_string()),
        source: "audit",
    };
    match broken {
        Broken::Dangling { role, .. } => view.audited_deletion(role).map(by_audit).or_else(|| {
            times.first.map(|at| Change { when: Interval::between(None, Some(at)), by: None, source: "log" })
        }),
        Broken::RoleChanged { role } => changed_while_running(view, role, times),
        Broken::NoGrant { lost } => {
            // The audit log does not say whom a deleted binding named; the last deletion before the first refusal in
            // the namespace of the request is the one that can have done it.
            let write = view.snap.audit.iter().rev().find(|w| {
                let grants = match w.object.kind {
                    Kind::RoleBinding | Kind::Role => {
                        request.namespace.as_deref().is_some_and(|n| n == &*w.object.namespace)
                    }
                    Kind::ClusterRoleBinding | Kind::ClusterRole => true,
                    _ => false,
                };
                grants
                    && w.succeeded()
                    && w.subresource.is_none()
                    && &*w.verb == "delete"
                    && times.first.is_none_or(|first| w.at <= first)
                    && times.pod.is_none_or(|pod| w.at >= pod)
            })?;
            *lost = Some(write.object.clone());
            Some(by_audit(write))
        }
        Broken::Misbound { binding, .. } => view.last_change(binding, meta(view, binding)?),
        _ => None,
    }
}

/// The request in words: `get secrets "db" in namespace shop`.
pub(super) fn words(request: &Request) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{} {}", request.verb, request.resource);
    if !request.group.is_empty() {
        let _ = write!(text, ".{}", request.group);
    }
    if let Some(name) = &request.name {
        let _ = write!(text, " {name}");
    }
    match &request.namespace {
        Some(namespace) => {
            let _ = write!(text, " in namespace {namespace}");
        }
        None => text.push_str(" at the cluster scope"),
    }
    text
}

/// The refusal as primary evidence.
pub(super) fn evidence(story: &Story<'_>) -> Evidence {
    Evidence::new(
        &story.statement.object,
        story.statement.path.clone(),
        format!("the API server refused {} to {}", words(&story.request), story.user),
        story.statement.channel.source(),
    )
    .at(story.statement.last)
}
