//! The story of a value that a backend refuses: for each refused credential, what is wrong with the value that the
//! container was given. A container that merely holds an old value is another story (delivery).

pub mod report;

use crate::coverage::{Seen, Unseen};
use crate::messages::Signal;
use crate::objects::{ContainerState, DataObject, EnvSource, Id, Kind, Str, ValueFacts, Via};
use crate::snapshot::Outcome as Answer;
use crate::symptoms::{Class, Statement, SymptomIx};
use crate::verdict::Verdicts;
use crate::view::View;
use crate::view::credentials::{self, CredentialKey, CredentialUse, Fate, Match, Part, Provider, Source, sources};
use crate::view::record::Record;

/// One refused container (or several of one key) and what is wrong with what it was given.
#[derive(Debug)]
pub struct Story<'a> {
    pub symptoms: Vec<SymptomIx>,
    pub victims: Vec<Id>,
    pub case: CredentialUse<'a>,
    /// The value at fault.
    pub given: Given<'a>,
    pub outcome: Outcome<'a>,
}

/// A value that a container was given.
#[derive(Clone, Debug)]
pub struct Given<'a> {
    /// `None` for a literal in the pod spec.
    pub object: Option<&'a DataObject>,
    pub key: Str,
    pub via: Provider,
    pub value: &'a ValueFacts,
}

#[derive(Debug)]
pub enum Outcome<'a> {
    /// The value has no bytes, or is a stand-in that was never replaced.
    Empty,
    /// White space, quotes or a layer of base64 around the value.
    Damaged { damage: Damage, proof: Option<(Id, Str)> },
    /// Two sources give the variable; the one that wins is not the one that the backend knows.
    Shadowed { loser: Given<'a>, witness: Option<Id> },
    /// All other copies for the account agree with each other, and not with this one.
    OddOneOut { copies: Vec<(Id, Str)>, missed: bool },
    /// The value itself is wrong.
    Wrong(Wrong),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Damage {
    Newline,
    CarriageReturn,
    Quotes,
    Space,
    Base64,
}

impl Damage {
    pub fn words(self) -> &'static str {
        match self {
            Self::Newline => "ends in a line end",
            Self::CarriageReturn => "has a carriage return",
            Self::Quotes => "has quotes around it",
            Self::Space => "has blanks around it",
            Self::Base64 => "is base64 once more",
        }
    }
}

/// What speaks for a wrong value.
#[derive(Clone, Debug, Default)]
pub struct Wrong {
    /// It was written over an earlier value before the refused run began.
    pub rewritten: bool,
    /// A container that still holds the earlier value is let in.
    pub former_works: Option<Id>,
    /// A consumer of another copy of the account's credential is let in with another value.
    pub other_works: Option<(Id, Id)>,
    /// The backend was asked and refused the present value.
    pub asked: bool,
    /// Another writer changed it before the last one: the last one may have put an old value back.
    pub written_back: bool,
    /// A stand-in that was never replaced.
    pub placeholder: bool,
    /// It names a host that cannot be reached; inside, whether the application's words name that host.
    pub host: Option<bool>,
}

/// Every story of the snapshot, one for each key (or literal of a workload).
pub fn stories<'a>(view: &View<'a>) -> Vec<Story<'a>> {
    let mut found: Vec<Story<'a>> = Vec::new();
    let mut add = |story: Story<'a>| {
        let same = found.iter_mut().find(|s| {
            s.given.object.map(|o| &o.id) == story.given.object.map(|o| &o.id)
                && s.given.key == story.given.key
                && (s.given.object.is_some() || s.victims == story.victims)
                && std::mem::discriminant(&s.outcome) == std::mem::discriminant(&story.outcome)
                && (!matches!(s.outcome, Outcome::Shadowed { .. }) || s.victims == story.victims)
        });
        match same {
            Some(known) => {
                known.symptoms.extend(story.symptoms);
                known.victims.extend(story.victims);
                known.victims.sort();
                known.victims.dedup();
            }
            None => found.push(story),
        }
    };
    for case in view.refused_credentials() {
        if let Some((given, outcome)) = of_refusal(view, case) {
            add(Story {
                symptoms: vec![case.symptom],
                victims: vec![case.victim.clone()],
                case: case.clone(),
                given,
                outcome,
            });
        }
    }
    for (case, given, outcome) in of_unusable(view) {
        add(Story { symptoms: vec![case.symptom], victims: vec![case.victim.clone()], case, given, outcome });
    }
    found
}

impl<'a> From<&CredentialKey<'a>> for Given<'a> {
    fn from(key: &CredentialKey<'a>) -> Self {
        Self { object: key.object, key: key.key.clone(), via: key.via.clone(), value: key.value }
    }
}

impl<'a> From<&Source<'a>> for Given<'a> {
    fn from(source: &Source<'a>) -> Self {
        Self { object: source.object, key: source.key.clone(), via: source.via.clone(), value: source.value }
    }
}

fn of_refusal<'a>(view: &View<'a>, case: &CredentialUse<'a>) -> Option<(Given<'a>, Outcome<'a>)> {
    let keys = || case.keys.iter().filter(|k| k.matched != Match::File);
    // Whoever started before the change does not hold the present value: nothing can be read off it.
    let current = |k: &&CredentialKey<'a>| !(k.started_before_change == Some(true) && was_replaced(view, case, k));
    for key in keys().filter(current) {
        if key.value.tag.is_some() && key.value.len == 0 {
            return Some((key.into(), Outcome::Empty));
        }
    }
    if let Some(found) = shadowed(view, case) {
        return Some(found);
    }
    for key in keys().filter(current) {
        let excused = key.accepted_with_present_value().next().is_some() || key.login == Some(Answer::Accepted);
        if excused {
            continue;
        }
        let sibling = key.copies.iter().find(|c| c.same_but_damaged).map(|c| (c.object.id.clone(), c.key.clone()));
        if let Some(damage) = damage(key.value, &key.via, sibling.is_some()) {
            return Some((key.into(), Outcome::Damaged { damage, proof: sibling }));
        }
    }
    if let Some(found) = damaged_neighbour(view, case) {
        return Some(found);
    }
    case.keys.iter().filter(current).find_map(|key| {
        let outcome = wrong(view, case, key)?;
        Some((key.into(), outcome))
    })
}

/// The present value came by a change of the object, or with an object that took an older one's place.
fn was_replaced(view: &View<'_>, case: &CredentialUse<'_>, key: &CredentialKey<'_>) -> bool {
    key.rewritten
        || key.object.is_some_and(|o| {
            view.references(case.pod).iter().any(|(r, _)| {
                r.kind == o.id.kind
                    && r.name == o.id.name
                    && !r.optional
                    && r.container.as_ref().is_none_or(|c| *c == case.container.name)
            })
        })
}

/// What surrounds or wraps the value. A file may end in a line end by custom, so that this counts only with a sound copy
/// beside it. Random text of a dozen characters hardly ever decodes to printable text by chance.
fn damage(value: &ValueFacts, via: &Provider, sound_copy: bool) -> Option<Damage> {
    let file = matches!(via, Provider::File { .. } | Provider::SubPath { .. });
    if value.has_carriage_return {
        Some(Damage::CarriageReturn)
    } else if value.ends_in_newline && (!file || sound_copy) {
        Some(Damage::Newline)
    } else if value.has_outer_quotes {
        Some(Damage::Quotes)
    } else if value.has_outer_space {
        Some(Damage::Space)
    } else if value.decoded.is_some()
        && (sound_copy || (!file && value.len >= 12 && value.token_kind.is_none() && value.jwt.is_none()))
    {
        Some(Damage::Base64)
    } else {
        None
    }
}

/// The user, host or database beside the password is damaged.
fn damaged_neighbour<'a>(view: &View<'a>, case: &CredentialUse<'a>) -> Option<(Given<'a>, Outcome<'a>)> {
    let words: Vec<Str> = case.keys.iter().filter_map(|k| k.object.map(|o| o.id.name.clone())).collect();
    sources(view, case.pod, case.container).iter().find_map(|source| {
        let beside = source.object.is_some_and(|o| words.contains(&o.id.name));
        let identifies = matches!(source.part, Part::User | Part::Host | Part::Database);
        let damage = damage(source.value, &source.via, false)?;
        (identifies && beside && !source.value.is_pem)
            .then(|| (Given::from(source), Outcome::Damaged { damage, proof: None }))
    })
}

/// A variable that two sources give with different values.
fn shadowed<'a>(view: &View<'a>, case: &CredentialUse<'a>) -> Option<(Given<'a>, Outcome<'a>)> {
    let mut weaker = None;
    for (winner, loser) in collisions(view, case) {
        if !(winner.part.is_credential() || matches!(winner.part, Part::User | Part::Host | Part::Database)) {
            continue;
        }
        if winner.part.is_credential() && !case.keys.iter().any(|k| k.key == winner.key && k.via == winner.via) {
            continue;
        }
        // Whoever uses the value that lost and is let in shows that it is the right one.
        let witness = loser.object.and_then(|o| accepted_user(view, o, &loser.key, case));
        let outcome = Outcome::Shadowed { loser: Given::from(&loser), witness: witness.clone() };
        if witness.is_some() {
            return Some((Given::from(&winner), outcome));
        }
        let secret = loser.object.is_some_and(|o| o.id.kind == Kind::Secret);
        if winner.part.is_credential() && secret {
            weaker = weaker.or(Some((Given::from(&winner), outcome)));
        }
    }
    weaker
}

/// Variables of a container that more than one source gives, with the winner and the last loser whose value differs.
pub fn collisions<'a>(view: &View<'a>, case: &CredentialUse<'a>) -> Vec<(Source<'a>, Source<'a>)> {
    let namespace = &*case.pod.id.namespace;
    let effective = sources(view, case.pod, case.container);
    let mut found = Vec::new();
    for winner in effective.iter().filter(|s| s.via.variable().is_some()) {
        let Some(variable) = winner.via.variable() else { continue };
        let mut losers: Vec<Source<'a>> = Vec::new();
        for from in &case.container.env_from {
            let Some(object) = view.data(&from.kind, namespace, &from.name).seen() else { continue };
            let Some(key) = variable.strip_prefix(&*from.prefix) else { continue };
            let Some(facts) = object.key(key).filter(|k| !k.binary) else { continue };
            let via = Provider::EnvFrom { variable: variable.into() };
            let same = winner.object.is_some_and(|o| o.id == object.id) && *winner.key == *key;
            if !same {
                let part = credentials::part(variable, &facts.value);
                losers.push(Source { object: Some(object), key: key.into(), via, part, value: &facts.value });
            }
        }
        for env in case.container.env.iter().filter(|e| &*e.name == variable) {
            if let EnvSource::Key { kind, name, key, .. } = &env.source
                && let Seen::Seen(object) = view.data(kind, namespace, name)
                && let Some(facts) = object.key(key)
                && !(winner.object.is_some_and(|o| o.id == object.id) && winner.key == *key)
            {
                let via = Provider::Env { variable: variable.into() };
                let part = credentials::part(variable, &facts.value);
                losers.push(Source { object: Some(object), key: key.clone(), via, part, value: &facts.value });
            }
        }
        let differs = |s: &Source<'a>| credentials::same_password(s.value, winner.value) == Some(false);
        if let Some(loser) = losers.into_iter().rev().find(differs) {
            found.push((winner.clone(), loser));
        }
    }
    found
}

/// A container that takes the key, is not the refused one, and is let in.
fn accepted_user(view: &View<'_>, object: &DataObject, key: &str, case: &CredentialUse<'_>) -> Option<Id> {
    view.consumers(&object.id.kind, &object.id.namespace, &object.id.name).iter().find_map(|c| {
        let pod = view.pod(c.pod.as_ref()?)?;
        pod.spec.containers.iter().find_map(|container| {
            if pod.id == case.pod.id && container.name == case.container.name {
                return None;
            }
            let takes = sources(view, pod, container)
                .iter()
                .any(|s| s.object.is_some_and(|o| o.id == object.id) && &*s.key == key);
            (takes && credentials::fate(view, pod, &container.name).0 == Fate::Accepted).then(|| pod.id.clone())
        })
    })
}

/// The value is wrong as such: odd among its siblings, or refused although it is what the Secret holds.
fn wrong<'a>(view: &View<'a>, case: &CredentialUse<'a>, key: &CredentialKey<'a>) -> Option<Outcome<'a>> {
    if key.login == Some(Answer::Accepted) || key.accepted_with_present_value().next().is_some() {
        return None;
    }
    if kept_on_node(view, case, key) {
        return None;
    }
    // What nobody can have changed was right when it was made, and a newer value that was refused tells the rest.
    let locked = key.object.is_some_and(|o| {
        let newer_refused = || {
            view.audit_of(&o.id).any(|w| w.code == 422 && w.said.as_ref().is_some_and(|s| s.says(Signal::Immutable)))
        };
        o.immutable && (!key.rewritten || newer_refused())
    });
    if locked && key.login != Some(Answer::Rejected) {
        return None;
    }
    // A locked account refuses every value, the right one too (CON-06).
    if view.symptom(case.symptom).says(Signal::AccountLocked).is_some() {
        return None;
    }
    // What an operator writes comes from its source: that the source is wrong is decided there.
    let from_source = key.object.is_some_and(|o| matches!(view.record_of(o), Record::Sync(_)));
    if from_source {
        return None;
    }
    if key.matched == Match::Named
        && let Some(odd) = odd_one_out(view, key)
    {
        return Some(odd);
    }
    // A run that was let in with what it took at its start was given the right value.
    let let_in =
        view.symptom(case.symptom).said.iter().any(|s| s.said.says(Signal::LoginOk) && !s.path.ends_with("(previous)"));
    if let_in && key.via.is_snapshot() {
        return None;
    }
    let mut wrong = Wrong {
        rewritten: key.rewritten,
        former_works: key.accepted_with_former_value().next().map(|u| u.workload.clone()),
        asked: key.login == Some(Answer::Rejected),
        placeholder: key.value.placeholder,
        ..Wrong::default()
    };
    wrong.other_works = key.copies.iter().filter(|c| c.same == Some(false)).find_map(|c| {
        let pod = accepted_user(view, c.object, &c.key, case)?;
        Some((c.object.id.clone(), pod))
    });
    wrong.written_back = key.object.is_some_and(|o| written_back(view, o));
    let certain_of_something =
        wrong.former_works.is_some() || wrong.asked || wrong.other_works.is_some() || wrong.placeholder;
    // With no change and nobody who is let in, the backend may as well have changed on its own.
    let worked_before = view.symptom(case.symptom).said.iter().any(|s| s.said.says(Signal::LoginOk))
        || key.users.iter().any(|u| u.last_login.is_some());
    if !certain_of_something && !wrong.rewritten && worked_before {
        return None;
    }
    if key.matched >= Match::Any && !certain_of_something && case.keys.len() > 1 {
        return None;
    }
    Some(Outcome::Wrong(wrong))
}

/// All other copies for the account hold one password, at least two of them, and this one another.
fn odd_one_out<'a>(view: &View<'a>, key: &CredentialKey<'a>) -> Option<Outcome<'a>> {
    let object = key.object?;
    let copies: Vec<_> = key.copies.iter().filter(|c| c.account.is(&key.account)).collect();
    let first = copies.first()?;
    let reference = first.object.key(&first.key)?;
    let agree = copies.iter().all(|c| {
        c.same == Some(false)
            && c.object
                .key(&c.key)
                .is_some_and(|k| credentials::same_password(&k.value, &reference.value) == Some(true))
    });
    if copies.len() < 2 || !agree {
        return None;
    }
    let own = view.key_change(object, &key.key).and_then(|c| c.when.until);
    let missed = copies.iter().all(|c| {
        c.object.id.namespace != object.id.namespace
            && own
                .zip(view.key_change(c.object, &c.key).and_then(|c| c.when.until))
                .is_some_and(|(own, other)| other > own)
    });
    Some(Outcome::OddOneOut { copies: copies.iter().map(|c| (c.object.id.clone(), c.key.clone())).collect(), missed })
}

/// An immutable object that took the place of another while an older pod on the node still uses that: the node may hand
/// out the old one.
fn kept_on_node(view: &View<'_>, case: &CredentialUse<'_>, key: &CredentialKey<'_>) -> bool {
    let Some(object) = key.object.filter(|o| o.immutable) else { return false };
    let Some(made) = object.meta.created else { return false };
    view.consumers(&object.id.kind, &object.id.namespace, &object.id.name)
        .iter()
        .filter_map(|c| view.pod(c.pod.as_ref()?))
        .any(|p| p.node == case.pod.node && p.meta.created.is_some_and(|c| c < made))
}

/// More than one hand wrote the data after the creation: the last one may have put an old value back.
fn written_back(view: &View<'_>, object: &DataObject) -> bool {
    let audited: Vec<_> = view.writes_of(&object.id).filter(|w| matches!(&*w.verb, "update" | "patch")).collect();
    if let [.., before, last] = audited.as_slice()
        && (before.user != last.user || before.user_agent != last.user_agent || before.manager != last.manager)
    {
        return true;
    }
    let applied = object.last_applied.as_ref().is_some_and(|l| {
        l.kind.as_deref() == Some(object.id.kind.name())
            && l.keys.iter().any(|(name, tag)| {
                tag.zip(object.key(name).and_then(|k| k.value.tag)).and_then(|(a, b)| a.same(b)) == Some(true)
            })
    });
    let hands = object.meta.managed.iter().filter(|m| m.owns_any_data() && m.time > object.meta.created).count();
    hands > 1
        || (applied
            && hands > 0
            && object
                .meta
                .managed
                .iter()
                .any(|m| &*m.manager == "kubectl-client-side-apply" && m.time > object.meta.created))
}

/// Containers that fail before any backend refuses them, since a value is empty or cannot be read.
fn of_unusable<'a>(view: &View<'a>) -> Vec<(CredentialUse<'a>, Given<'a>, Outcome<'a>)> {
    let mut found = Vec::new();
    for symptom in view.symptoms().iter().filter(|s| matches!(s.class, Class::App | Class::Crash)) {
        if view.refused_credentials().iter().any(|c| c.symptom == symptom.ix) {
            continue;
        }
        let usable = |s: Signal| {
            matches!(s, Signal::EnvUnset | Signal::ConnParse | Signal::ConfigParse | Signal::ConnNetwork(_))
        };
        let Some(statement) = symptom.signal(usable) else { continue };
        let Some(pod) = symptom.pod.as_ref().and_then(|id| view.pod(id)) else { continue };
        let Some(container) = pod.spec.containers.iter().find(|c| Some(&c.name) == symptom.container.as_ref()) else {
            continue;
        };
        let Some(signal) = statement.said.signal else { continue };
        let case = CredentialUse {
            symptom: symptom.ix,
            victim: symptom.victim.clone(),
            pod,
            container,
            container_started: None,
            signal,
            user: None,
            host: None,
            first_refusal: statement.first,
            last_refusal: statement.last,
            keys: Vec::new(),
        };
        let named = |s: &Source<'_>| {
            symptom.said.iter().any(|st| {
                st.said.signal == Some(signal)
                    && st.said.fields.env_name.as_deref() == s.via.variable()
                    && s.via.variable().is_some()
            })
        };
        let all = sources(view, pod, container);
        if matches!(signal, Signal::ConnNetwork(_)) {
            found.extend(wrong_host(view, &case, &all, statement).map(|(given, outcome)| (case, given, outcome)));
            continue;
        }
        let empty = all.iter().find(|s| named(s) && s.value.tag.is_some() && s.value.len == 0);
        if let Some(source) = empty {
            found.push((case, Given::from(source), Outcome::Empty));
            continue;
        }
        if matches!(signal, Signal::ConnParse | Signal::ConfigParse) {
            let damaged = all.iter().find_map(|s| {
                let relevant = named(s)
                    || match signal {
                        Signal::ConnParse => matches!(s.part, Part::Url | Part::Password | Part::Host),
                        // A line end inside a header is the commonest way in which a token cannot be used.
                        _ => s.part == Part::Token && s.via.is_snapshot(),
                    };
                let damage = damage(s.value, &s.via, false)?;
                (relevant && s.object.is_some()).then_some((s, damage))
            });
            if let Some((source, damage)) = damaged {
                found.push((case, Given::from(source), Outcome::Damaged { damage, proof: None }));
            }
        }
    }
    found
}

/// Says that values were replaced by their lengths, where they would decide.
pub fn elided(view: &View<'_>, out: &mut Verdicts) {
    for case in view.refused_credentials() {
        for key in &case.keys {
            let Some(object) = key.object else { continue };
            if object.key(&key.key).is_some_and(|k| k.elided) {
                out.unseen(&object.id, format!("the value of key {}", key.key), Unseen::Elided);
            }
        }
        // Without the object there is not even a key.
        for (reference, _) in view.references(case.pod).iter() {
            let of_container = reference.container.as_ref().is_none_or(|c| *c == case.container.name);
            let pull = matches!(reference.via, Via::PullSecret { .. });
            if !of_container || pull {
                continue;
            }
            let id = Id {
                kind: reference.kind.clone(),
                namespace: case.pod.id.namespace.clone(),
                name: reference.name.clone(),
            };
            if let Seen::Unseen(why) = view.data(&id.kind, &id.namespace, &id.name) {
                out.unseen(&id, format!("{id} in namespace {}", id.namespace), why);
            }
        }
    }
}

/// The host that cannot be reached is what a key says that was changed before the failing run began.
fn wrong_host<'a>(
    view: &View<'a>,
    case: &CredentialUse<'a>,
    all: &[Source<'a>],
    statement: &Statement,
) -> Option<(Given<'a>, Outcome<'a>)> {
    let fields = &statement.said.fields;
    let host = fields.host.as_deref().or(fields.url_host.as_deref());
    let started = case.pod.status(&case.container.name).and_then(|s| match (&s.state, &s.last) {
        (ContainerState::Running { since }, _) => *since,
        (_, Some(ContainerState::Terminated { started, .. })) => *started,
        _ => None,
    });
    let changed = |s: &Source<'a>| {
        let object = s.object?;
        let change = view.key_change(object, &s.key)?;
        let rewritten = change.when.until.zip(object.meta.created).is_some_and(|(at, made)| at > made);
        let before_start = View::started_before(started, Some(&change)) == Some(false);
        (rewritten && before_start && !matches!(view.record_of(object), Record::Sync(_))).then_some((object, change))
    };
    let mut candidates = all.iter().filter(|s| {
        let own = s.value.url.as_ref().and_then(|u| u.host.as_deref()).or(s.value.identifier.as_deref());
        matches!(s.part, Part::Host | Part::Url)
            && own.is_some_and(|own| host.is_none_or(|host| credentials::same_host(own, host)))
            && changed(s).is_some()
    });
    let source = candidates.next()?;
    // Where the text names no host, only one changed host can be meant.
    if host.is_none() && candidates.next().is_some() {
        return None;
    }
    let (object, change) = changed(source)?;
    // Others that reach the host would clear it.
    let reached = view
        .consumers(&object.id.kind, &object.id.namespace, &object.id.name)
        .iter()
        .filter_map(|c| view.pod(c.pod.as_ref()?))
        .filter(|p| p.id != case.pod.id)
        .any(|p| {
            p.statuses.iter().any(|s| match &s.state {
                ContainerState::Running { since } => {
                    View::started_before(*since, Some(&change)) == Some(false)
                        && credentials::fate(view, p, &s.name).0 == Fate::Accepted
                }
                _ => false,
            })
        });
    (!reached).then(|| {
        (Given::from(source), Outcome::Wrong(Wrong { rewritten: true, host: Some(host.is_some()), ..Wrong::default() }))
    })
}
