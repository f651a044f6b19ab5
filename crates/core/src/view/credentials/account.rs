//! Whom a credential logs in as, and who else holds a credential for the same account.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::{Part, Source, part, words};
use super::{CredentialKey, CredentialUse, Match};
use crate::messages::Signal;
use crate::objects::{DataObject, Kind, Str, ValueFacts};
use crate::value::EqTag;
use crate::view::View;

/// The account that a credential belongs to, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    pub user: Option<Str>,
    pub host: Option<Str>,
    pub database: Option<Str>,
}

/// Another key that holds a credential for the same account.
#[derive(Clone, Debug)]
pub struct AccountCopy<'a> {
    pub object: &'a DataObject,
    pub key: Str,
    pub account: Account,
    /// Whether it holds the same password; `None` where values were not seen or cannot be compared.
    pub same: Option<bool>,
    /// It differs only by white space or quotes around it, or by a layer of base64.
    pub same_but_damaged: bool,
}

impl Account {
    /// Whether both can be one account: nothing known contradicts, and the user or the host is known to agree.
    pub fn may_be(&self, other: &Self) -> bool {
        let user = agree(self.user.as_deref(), other.user.as_deref(), |a, b| a == b);
        let host = agree(self.host.as_deref(), other.host.as_deref(), same_host);
        user != Some(false) && host != Some(false) && (user == Some(true) || host == Some(true))
    }

    /// Whether both are one account: user and host are known to agree.
    pub fn is(&self, other: &Self) -> bool {
        agree(self.user.as_deref(), other.user.as_deref(), |a, b| a == b) == Some(true)
            && agree(self.host.as_deref(), other.host.as_deref(), same_host) == Some(true)
    }

    pub fn is_known(&self) -> bool {
        self.user.is_some() || self.host.is_some()
    }
}

fn agree(a: Option<&str>, b: Option<&str>, same: impl Fn(&str, &str) -> bool) -> Option<bool> {
    Some(same(a?, b?))
}

/// Compares hosts without ports, and a Service's short name with its long ones.
pub fn same_host(a: &str, b: &str) -> bool {
    let bare = |host: &str| host.split(':').next().unwrap_or(host).to_ascii_lowercase();
    let (a, b) = (bare(a), bare(b));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    short == long || long.strip_prefix(short.as_str()).is_some_and(|rest| rest.starts_with('.'))
}

/// The account of a value that a container is given, from its URL, else from what stands beside it.
pub(super) fn of_source(source: &Source<'_>, all: &[Source<'_>]) -> Account {
    let mut account = of_url(source.value);
    let stem = stem(source.name());
    let mut fill = |part: Part, slot: fn(&mut Account) -> &mut Option<Str>| {
        if slot(&mut account).is_some() {
            return;
        }
        let candidates = || all.iter().filter(|s| s.part == part && s.value.identifier.is_some());
        let same_stem = || candidates().find(|s| self::stem(s.name()) == stem);
        let same_object =
            || candidates().find(|s| s.object.is_some() && s.object.map(|o| &o.id) == source.object.map(|o| &o.id));
        let only = || {
            let mut all = candidates();
            let first = all.next();
            if all.next().is_none() { first } else { None }
        };
        let best = same_stem().or_else(same_object).or_else(only);
        *slot(&mut account) = best.and_then(|s| s.value.identifier.clone());
    };
    fill(Part::User, |a| &mut a.user);
    fill(Part::Host, |a| &mut a.host);
    fill(Part::Database, |a| &mut a.database);
    // What the container is not given may still stand beside the key in its object.
    if let Some(object) = source.object
        && let Some((_, own)) = credentials_of(object).into_iter().find(|(key, _)| *key == source.key)
        && (account.user.is_none() || own.user.is_none() || account.user == own.user)
    {
        account.user = account.user.or(own.user);
        account.host = account.host.or(own.host);
        account.database = account.database.or(own.database);
    }
    account
}

fn of_url(value: &ValueFacts) -> Account {
    value.url.as_deref().map_or_else(Account::default, |url| Account {
        user: url.user.clone(),
        host: url.host.clone(),
        database: url.database.clone(),
    })
}

/// A name without the word that says what part it is: `DB_PASSWORD` and `DB_USER` have one stem.
fn stem(name: &str) -> Vec<String> {
    let mut found = words(name);
    found.retain(|w| {
        !matches!(
            &**w,
            "password"
                | "passwd"
                | "pass"
                | "pwd"
                | "user"
                | "username"
                | "host"
                | "hostname"
                | "server"
                | "name"
                | "database"
                | "login"
                | "token"
                | "url"
                | "uri"
                | "dsn"
                | "addr"
                | "address"
                | "port"
        )
    });
    found
}

/// How well a value fits a refusal; `None` if it cannot be what was refused.
pub(super) fn fit(case: &CredentialUse<'_>, source: &Source<'_>, account: &Account) -> Option<Match> {
    let user = agree(case.user.as_deref(), account.user.as_deref(), |a, b| a == b);
    let host = agree(case.host.as_deref(), account.host.as_deref(), same_host);
    if user == Some(false) || (host == Some(false) && user.is_none()) {
        return None;
    }
    if user == Some(true) || host == Some(true) {
        return Some(if source.part == Part::File { Match::File } else { Match::Named });
    }
    Some(match source.part {
        Part::File => Match::File,
        part => {
            let words = words(source.name());
            let object_words = source.object.map(|o| self::words(&o.id.name)).unwrap_or_default();
            let database = words.iter().chain(&object_words).any(|w| is_database_word(w));
            let fits = match case.signal {
                Signal::DbAuthFailed | Signal::AccountLocked => part == Part::Password && database || part == Part::Url,
                _ => part == Part::Token,
            };
            if fits { Match::Kind } else { Match::Any }
        }
    })
}

fn is_database_word(word: &str) -> bool {
    matches!(
        word,
        "db" | "database"
            | "pg"
            | "postgres"
            | "postgresql"
            | "mysql"
            | "mariadb"
            | "mongo"
            | "mongodb"
            | "redis"
            | "sql"
            | "datasource"
            | "rabbitmq"
            | "amqp"
            | "kafka"
            | "oracle"
            | "mssql"
    )
}

/// Every credential of the snapshot by whom it logs in as: a store of accounts is read once, and asked for each refusal.
pub(in crate::view) struct Copies<'a> {
    all: Vec<(&'a DataObject, Str, Account)>,
    by_user: BTreeMap<Str, Vec<usize>>,
    /// By the first label of the host, in lower case: a Service's short and long names share it.
    by_host: BTreeMap<String, Vec<usize>>,
}

impl<'a> Copies<'a> {
    pub(in crate::view) fn new(view: &View<'a>) -> Self {
        let mut copies = Self { all: Vec::new(), by_user: BTreeMap::new(), by_host: BTreeMap::new() };
        for object in &view.snap.data {
            for (key, account) in credentials_of(object) {
                let at = copies.all.len();
                if let Some(user) = &account.user {
                    copies.by_user.entry(user.clone()).or_default().push(at);
                }
                if let Some(host) = &account.host {
                    copies.by_host.entry(first_label(host)).or_default().push(at);
                }
                copies.all.push((object, key, account));
            }
        }
        copies
    }

    /// Those that share the user or the host with an account, in the order of the snapshot.
    fn near(&self, account: &Account) -> BTreeSet<usize> {
        let users = account.user.as_ref().and_then(|u| self.by_user.get(u));
        let hosts = account.host.as_ref().and_then(|h| self.by_host.get(&first_label(h)));
        users.into_iter().chain(hosts).flatten().copied().collect()
    }
}

fn first_label(host: &str) -> String {
    host.split([':', '.']).next().unwrap_or(host).to_ascii_lowercase()
}

/// Keys of all Secrets (and of ConfigMaps that hold a password) for the same account, except the key itself.
pub(super) fn copies<'a>(view: &View<'a>, key: &CredentialKey<'a>) -> Vec<AccountCopy<'a>> {
    if !key.account.is_known() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let copies = view.copies.get_or_init(|| Copies::new(view));
    for at in copies.near(&key.account) {
        let (object, name, account) = &copies.all[at];
        if key.object.is_some_and(|o| o.id == object.id) && *name == key.key {
            continue;
        }
        // Hosts are often short names: they agree only within one namespace.
        let elsewhere = key.object.is_some_and(|o| o.id.namespace != object.id.namespace);
        let short = account.host.as_deref().is_some_and(|h| !h.contains('.'));
        if !account.may_be(&key.account) || (elsewhere && (short || account.host.is_none())) {
            continue;
        }
        let Some(facts) = object.key(name) else { continue };
        found.push(AccountCopy {
            object,
            same: same_password(key.value, &facts.value),
            same_but_damaged: same_but_damaged(key.value, &facts.value),
            key: name.clone(),
            account: account.clone(),
        });
    }
    found
}

/// The credentials that an object holds by itself: password, token and URL keys, each with the account that the
/// object's own keys tell.
pub fn credentials_of(object: &DataObject) -> Vec<(Str, Account)> {
    let parts: Vec<(&crate::objects::KeyFacts, Part)> =
        object.keys.iter().map(|k| (k, part(&k.name, &k.value))).collect();
    let mut found = Vec::new();
    for (key, kind) in &parts {
        let tells = match kind {
            Part::Password | Part::Url => true,
            // A token in a ConfigMap is rather a setting about tokens.
            Part::Token => object.id.kind == Kind::Secret,
            _ => false,
        };
        if !tells {
            continue;
        }
        let mut account = of_url(&key.value);
        let own_stem = stem(&key.name);
        let beside = |wanted: Part| {
            let of_part = || parts.iter().filter(move |(k, p)| *p == wanted && k.value.identifier.is_some());
            of_part()
                .find(|(k, _)| stem(&k.name) == own_stem)
                .or_else(|| if of_part().count() == 1 { of_part().next() } else { None })
                .and_then(|(k, _)| k.value.identifier.clone())
        };
        account.user = account.user.or_else(|| beside(Part::User));
        account.host = account.host.or_else(|| beside(Part::Host));
        account.database = account.database.or_else(|| beside(Part::Database));
        found.push((key.name.clone(), account));
    }
    found
}

/// The tag of the password itself: inside a URL, else of the whole value.
pub fn password_tag(value: &ValueFacts) -> Option<EqTag> {
    value.url.as_deref().and_then(|u| u.password).or(value.tag)
}

/// Whether two values hold one password; `None` where that cannot be said.
pub fn same_password(a: &ValueFacts, b: &ValueFacts) -> Option<bool> {
    password_tag(a)?.same(password_tag(b)?)
}

/// Whether two values differ, yet only by what surrounds them or by a layer of base64.
pub fn same_but_damaged(a: &ValueFacts, b: &ValueFacts) -> bool {
    if same_password(a, b) != Some(false) {
        return false;
    }
    let forms = |v: &ValueFacts| [password_tag(v), v.trimmed, v.decoded];
    let (a, b) = (forms(a), forms(b));
    a.iter().flatten().any(|x| b.iter().flatten().any(|y| x.same(*y) == Some(true)))
}
