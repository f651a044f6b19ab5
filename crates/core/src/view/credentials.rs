//! The story of a refused credential: which key a refused container takes it from, when that key changed, what copies of
//! it others hold, and who is let in with it.

mod account;
mod sources;

pub(super) use account::Copies;
pub use account::{Account, AccountCopy, credentials_of, password_tag, same_host, same_password};
pub use sources::{Part, Provider, Source, part, sources};

use super::View;
use crate::messages::Signal;
use crate::objects::{Container, ContainerState, DataObject, Id, Pod, Str, ValueFacts};
use crate::snapshot::{Outcome, Want};
use crate::symptoms::{Class, SymptomIx};
use crate::time::Time;
use crate::verdict::Change;

/// A container that is refused by a backend, with what it logs in with.
#[derive(Clone, Debug)]
pub struct CredentialUse<'a> {
    pub symptom: SymptomIx,
    pub victim: Id,
    pub pod: &'a Pod,
    pub container: &'a Container,
    /// Start of the run that was refused: env and subPath files are as of then.
    pub container_started: Option<Time>,
    /// What the refusal says.
    pub signal: Signal,
    /// Backend account that the refusal names.
    pub user: Option<Str>,
    /// Backend host that the refusal names.
    pub host: Option<Str>,
    /// First and last refusal on record; `None` for logs without times.
    pub first_refusal: Option<Time>,
    pub last_refusal: Option<Time>,
    /// Keys and literals that may hold the refused credential, all of the best [`Match`] that any has. Empty if the
    /// container takes none.
    pub keys: Vec<CredentialKey<'a>>,
}

/// One key (or a literal) that a refused container takes its credential from.
#[derive(Clone, Debug)]
pub struct CredentialKey<'a> {
    /// `None` for a literal in the pod spec.
    pub object: Option<&'a DataObject>,
    /// Key of the object, or the variable's name for a literal.
    pub key: Str,
    pub via: Provider,
    pub part: Part,
    pub value: &'a ValueFacts,
    pub matched: Match,
    /// Whom it logs in as, as far as keys, URL and env tell.
    pub account: Account,
    /// When the key got its present value and by whom; `None` for literals and where nothing is known.
    pub changed: Option<Change>,
    /// The present value came by a change of an object that existed already, not with its creation.
    pub rewritten: bool,
    /// Whether the refused run started before that change: then env and subPath hold an older value, and a process that
    /// read a mounted file at its start too. `None` where the times are not known or overlap.
    pub started_before_change: Option<bool>,
    /// Other containers that take the same key, failing or not.
    pub users: Vec<KeyUser<'a>>,
    /// Other keys anywhere that hold a credential for the same account.
    pub copies: Vec<AccountCopy<'a>>,
    /// The backend's own answer about the Secret's present value.
    pub login: Option<Outcome>,
}

/// How well a key fits the refusal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Match {
    /// The account or host that the refusal names is this key's.
    Named,
    /// By its name it is a credential for this kind of backend.
    Kind,
    /// It is a credential.
    Any,
    /// A whole file whose content is not known.
    File,
}

/// Another container that takes the same key.
#[derive(Clone, Debug)]
pub struct KeyUser<'a> {
    pub workload: Id,
    pub pod: &'a Pod,
    pub container: Str,
    pub via: Provider,
    pub started: Option<Time>,
    /// As [`CredentialKey::started_before_change`], for this container.
    pub started_before_change: Option<bool>,
    pub fate: Fate,
    /// Last time that its log states a login that worked.
    pub last_login: Option<Time>,
}

/// What became of a login.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Its log says that it was let in, and nothing later says otherwise.
    Accepted,
    /// It is refused, or was last.
    Refused,
    /// It runs, and nothing is known.
    Silent,
    /// It does not run.
    Down,
}

/// Whether a signal says that a credential was refused.
pub fn is_refusal(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::DbAuthFailed
            | Signal::AccountLocked
            | Signal::AppUnauthorized
            | Signal::TokenExpired
            | Signal::InvalidToken
            | Signal::LeaseExpired
    )
}

impl<'a> CredentialUse<'a> {
    /// The one key that it can only be, if there is one.
    pub fn only_key(&self) -> Option<&CredentialKey<'a>> {
        match self.keys.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

impl<'a> CredentialKey<'a> {
    /// The object, or `None` for a literal.
    pub fn id(&self) -> Option<&'a Id> {
        self.object.map(|o| &o.id)
    }

    /// The container holds an older value than the key: env or subPath of a run that started before the change.
    pub fn is_frozen(&self) -> bool {
        self.started_before_change == Some(true) && self.via.is_snapshot()
    }

    /// Users that are let in although they started after the change: the present value is right.
    pub fn accepted_with_present_value(&self) -> impl Iterator<Item = &KeyUser<'a>> {
        let rewritten = self.rewritten;
        self.users
            .iter()
            .filter(move |u| u.fate == Fate::Accepted && (!rewritten || u.started_before_change == Some(false)))
    }

    /// Users that are let in with what the key held before the change: the former value is still right.
    pub fn accepted_with_former_value(&self) -> impl Iterator<Item = &KeyUser<'a>> {
        let rewritten = self.rewritten;
        self.users.iter().filter(move |u| {
            rewritten && u.fate == Fate::Accepted && u.via.is_snapshot() && u.started_before_change == Some(true)
        })
    }

    /// Users that are refused although they started after the change: the present value is not accepted.
    pub fn refused_with_present_value(&self) -> impl Iterator<Item = &KeyUser<'a>> {
        let rewritten = self.rewritten;
        self.users
            .iter()
            .filter(move |u| u.fate == Fate::Refused && (!rewritten || u.started_before_change == Some(false)))
    }
}

impl<'a> View<'a> {
    /// Every failing container whose log says that a credential was refused, in the order of the symptoms.
    pub fn refused_credentials(&self) -> &[CredentialUse<'a>] {
        self.refused.get_or_init(|| find(self))
    }

    /// Whether a run that began at `started` began before the change. `None` where times are missing or overlap.
    pub fn started_before(started: Option<Time>, change: Option<&Change>) -> Option<bool> {
        let (started, when) = (started?, change?.when);
        if when.until.is_some_and(|until| until < started) {
            Some(false)
        } else if when.after.is_some_and(|after| started < after) {
            Some(true)
        } else {
            None
        }
    }
}

fn find<'a>(view: &View<'a>) -> Vec<CredentialUse<'a>> {
    let mut found = Vec::new();
    for symptom in view.symptoms() {
        if !matches!(symptom.class, Class::App | Class::Crash) {
            continue;
        }
        let Some(statement) = symptom.signal(is_refusal) else { continue };
        let (Some(pod), Some(name)) = (symptom.pod.as_ref().and_then(|id| view.pod(id)), symptom.container.as_deref())
        else {
            continue;
        };
        let Some(container) = pod.spec.containers.iter().find(|c| &*c.name == name) else { continue };
        let Some(signal) = statement.said.signal else { continue };
        let refusals = || symptom.said.iter().filter(|s| s.said.signal.is_some_and(is_refusal));
        let in_current_log = refusals().any(|s| !s.path.ends_with("(previous)"));
        let started = refused_run(pod, name, in_current_log);
        let mut case = CredentialUse {
            symptom: symptom.ix,
            victim: symptom.victim.clone(),
            pod,
            container,
            container_started: started,
            signal,
            user: refusals().find_map(|s| s.said.fields.user.as_deref()).map(Into::into),
            host: refusals()
                .find_map(|s| s.said.fields.host.as_deref().or(s.said.fields.url_host.as_deref()))
                .map(Into::into),
            first_refusal: refusals().filter_map(|s| s.first).min(),
            last_refusal: refusals().filter_map(|s| s.last).max(),
            keys: Vec::new(),
        };
        case.keys = keys(view, &case);
        found.push(case);
    }
    found
}

/// When the run began that was refused.
fn refused_run(pod: &Pod, container: &str, in_current_log: bool) -> Option<Time> {
    let status = pod.status(container)?;
    let of = |state: &ContainerState| match state {
        ContainerState::Running { since } => *since,
        ContainerState::Terminated { started, .. } => *started,
        _ => None,
    };
    let last = status.last.as_ref().and_then(of);
    if in_current_log { of(&status.state).or(last) } else { last.or_else(|| of(&status.state)) }
}

fn keys<'a>(view: &View<'a>, case: &CredentialUse<'a>) -> Vec<CredentialKey<'a>> {
    let all = sources::sources(view, case.pod, case.container);
    let mut keys: Vec<CredentialKey<'a>> = Vec::new();
    for source in all.iter().filter(|s| s.part.is_credential()) {
        let account = account::of_source(source, &all);
        let Some(matched) = account::fit(case, source, &account) else { continue };
        let changed = source.object.and_then(|o| view.key_change(o, &source.key));
        let rewritten = source.object.is_some_and(|o| is_rewrite(o, changed.as_ref()));
        let mut key = CredentialKey {
            object: source.object,
            key: source.key.clone(),
            via: source.via.clone(),
            part: source.part,
            value: source.value,
            matched,
            started_before_change: View::started_before(case.container_started, changed.as_ref()),
            account,
            changed,
            rewritten,
            users: Vec::new(),
            copies: Vec::new(),
            login: None,
        };
        if let Some(object) = source.object {
            key.users = users(view, case, object, &key);
            let want =
                Want::BackendLogin { namespace: object.id.namespace.to_string(), secret: object.id.name.to_string() };
            key.login = view.answer(&want).map(|(_, outcome)| outcome);
        }
        key.copies = account::copies(view, &key);
        keys.push(key);
    }
    let best = keys.iter().map(|k| k.matched).min();
    keys.retain(|k| Some(k.matched) == best);
    keys
}

/// Whether the last change of the object's data came after its creation.
fn is_rewrite(object: &DataObject, changed: Option<&Change>) -> bool {
    match (object.meta.created, changed.and_then(|c| c.when.until.or(c.when.after))) {
        (Some(created), Some(at)) => at > created,
        _ => false,
    }
}

/// Containers other than the refused one that take the same key.
fn users<'a>(
    view: &View<'a>,
    case: &CredentialUse<'a>,
    object: &'a DataObject,
    key: &CredentialKey<'a>,
) -> Vec<KeyUser<'a>> {
    let mut found: Vec<KeyUser<'a>> = Vec::new();
    let mut seen: Vec<&Id> = Vec::new();
    for consumer in view.consumers(&object.id.kind, &object.id.namespace, &object.id.name) {
        let Some(pod) = consumer.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        if seen.contains(&&pod.id) {
            continue;
        }
        seen.push(&pod.id);
        for container in &pod.spec.containers {
            if pod.id == case.pod.id && container.name == case.container.name {
                continue;
            }
            let taken = sources::sources(view, pod, container)
                .into_iter()
                .find(|s| s.object.is_some_and(|o| o.id == object.id) && s.key == key.key);
            let Some(source) = taken else { continue };
            let (fate, last_login) = fate(view, pod, &container.name);
            let started = pod.status(&container.name).and_then(|s| match &s.state {
                ContainerState::Running { since } => *since,
                ContainerState::Terminated { started, .. } => *started,
                _ => match &s.last {
                    Some(ContainerState::Terminated { started, .. }) => *started,
                    _ => None,
                },
            });
            found.push(KeyUser {
                workload: view.top_owner(pod),
                pod,
                container: container.name.clone(),
                via: source.via,
                started,
                started_before_change: View::started_before(started, key.changed.as_ref()),
                fate,
                last_login,
            });
        }
    }
    found
}

/// What a container's log says about its logins, by its last word.
pub fn fate(view: &View<'_>, pod: &Pod, container: &str) -> (Fate, Option<Time>) {
    let runs = pod.status(container).is_some_and(|s| matches!(s.state, ContainerState::Running { .. }));
    let mut good = None;
    let mut bad = None;
    for log in view.logs_of(pod, container) {
        for hit in &log.hits {
            // A previous run's words come before those of the present one.
            let order = (!log.previous, hit.last, hit.last_line);
            match hit.said.signal {
                Some(Signal::LoginOk) => good = good.max(Some(order)),
                Some(signal) if is_refusal(signal) => bad = bad.max(Some(order)),
                _ => {}
            }
        }
    }
    let fate = match (good, bad) {
        (Some(good), Some(bad)) if bad >= good => Fate::Refused,
        (None, Some(_)) => Fate::Refused,
        (Some(_), _) => Fate::Accepted,
        (None, None) if runs => Fate::Silent,
        (None, None) => Fate::Down,
    };
    (fate, good.and_then(|(_, at, _)| at))
}
