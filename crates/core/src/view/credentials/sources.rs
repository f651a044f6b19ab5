//! What a container is given: its effective environment and its mounted keys, and what part of a credential each is.

use std::collections::BTreeMap;

use crate::objects::{
    Container, DataObject, EnvSource, Item, Kind, Pod, ProjectedSource, Str, ValueFacts, VolumeSource,
};
use crate::view::View;

/// How a container gets a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Provider {
    /// `env` with a key reference.
    Env { variable: Str },
    /// `envFrom`.
    EnvFrom { variable: Str },
    /// A literal in `env`.
    Literal { variable: Str },
    /// A mounted file that follows the object.
    File { volume: Str },
    /// A file mounted by `subPath`, which does not.
    SubPath { volume: Str },
}

impl Provider {
    /// Whether the value is taken once, when the container starts.
    pub fn is_snapshot(&self) -> bool {
        !matches!(self, Self::File { .. })
    }

    pub fn variable(&self) -> Option<&str> {
        match self {
            Self::Env { variable } | Self::EnvFrom { variable } | Self::Literal { variable } => Some(variable),
            Self::File { .. } | Self::SubPath { .. } => None,
        }
    }

    /// For headlines and evidence.
    pub fn words(&self) -> String {
        match self {
            Self::Env { variable } | Self::EnvFrom { variable } => format!("variable {variable}"),
            Self::Literal { variable } => format!("literal {variable}"),
            Self::File { volume } => format!("volume {volume}"),
            Self::SubPath { volume } => format!("volume {volume} by subPath"),
        }
    }
}

/// What part of a credential a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Password,
    /// A token or an API key.
    Token,
    /// A URL or a connection string with a password in it.
    Url,
    /// A whole file, such as a configuration.
    File,
    User,
    Host,
    Database,
    /// Nothing of a credential.
    Other,
}

impl Part {
    /// Whether it can be what a backend refuses by itself.
    pub fn is_credential(self) -> bool {
        matches!(self, Self::Password | Self::Token | Self::Url | Self::File)
    }
}

/// One value that a container is given.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// `None` for literals.
    pub object: Option<&'a DataObject>,
    /// Key of the object, or the variable of a literal.
    pub key: Str,
    pub via: Provider,
    pub part: Part,
    pub value: &'a ValueFacts,
}

impl Source<'_> {
    /// The variable's name where there is one, else the key.
    pub fn name(&self) -> &str {
        self.via.variable().unwrap_or(&self.key)
    }
}

/// Everything that a container is given: variables as they come out (`env` beats `envFrom`, a later source an earlier
/// one), then mounted keys. Objects that were not seen are left out.
pub fn sources<'a>(view: &View<'a>, pod: &'a Pod, container: &'a Container) -> Vec<Source<'a>> {
    let mut variables: BTreeMap<Str, Source<'a>> = BTreeMap::new();
    let namespace = &*pod.id.namespace;
    for from in &container.env_from {
        let Some(object) = view.data(&from.kind, namespace, &from.name).seen() else { continue };
        // Binary data of a ConfigMap does not become variables.
        for key in object.keys.iter().filter(|k| !k.binary) {
            let variable: Str = format!("{}{}", from.prefix, key.name).into();
            let via = Provider::EnvFrom { variable: variable.clone() };
            let part = part(&variable, &key.value);
            let source = Source { object: Some(object), key: key.name.clone(), via, part, value: &key.value };
            variables.insert(variable, source);
        }
    }
    for env in &container.env {
        let variable = env.name.clone();
        let source = match &env.source {
            EnvSource::Literal(value) => Source {
                object: None,
                key: variable.clone(),
                part: part(&variable, value),
                via: Provider::Literal { variable: variable.clone() },
                value,
            },
            EnvSource::Key { kind, name, key, .. } => {
                let object = view.data(kind, namespace, name).seen();
                let Some((object, facts)) = object.and_then(|o| Some((o, o.key(key)?))) else {
                    // An optional reference to an absent key leaves what envFrom gave.
                    continue;
                };
                Source {
                    object: Some(object),
                    key: key.clone(),
                    part: part(&variable, &facts.value),
                    via: Provider::Env { variable: variable.clone() },
                    value: &facts.value,
                }
            }
            EnvSource::FileKey { .. } | EnvSource::Field => {
                variables.remove(&variable);
                continue;
            }
        };
        variables.insert(variable, source);
    }
    let mut found: Vec<Source<'a>> = variables.into_values().collect();
    for mount in &container.mounts {
        let Some(volume) = pod.spec.volumes.iter().find(|v| v.name == mount.volume) else { continue };
        let frozen = mount.sub_path.is_some() || mount.sub_path_expr;
        let via = if frozen {
            Provider::SubPath { volume: volume.name.clone() }
        } else {
            Provider::File { volume: volume.name.clone() }
        };
        let mut add = |kind: &Kind, name: &str, items: &[Item]| {
            let Some(object) = view.data(kind, namespace, name).seen() else { return };
            for key in &object.keys {
                let path = match items.iter().find(|i| i.key == key.name) {
                    Some(item) => &*item.path,
                    None if items.is_empty() => &*key.name,
                    None => continue,
                };
                if mount.sub_path.as_deref().is_some_and(|sub| sub != path && !path.starts_with(&format!("{sub}/"))) {
                    continue;
                }
                let part = match part(&key.name, &key.value) {
                    Part::Other if !is_certificate(&key.name) => Part::File,
                    part => part,
                };
                let (key, via, value) = (key.name.clone(), via.clone(), &*key.value);
                found.push(Source { object: Some(object), key, via, part, value });
            }
        };
        match &volume.source {
            VolumeSource::Data { kind, name, items, .. } => add(kind, name, items),
            VolumeSource::Projected { sources, .. } => {
                for source in sources {
                    if let ProjectedSource::Data { kind, name, items, .. } = source {
                        add(kind, name, items);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn is_certificate(key: &str) -> bool {
    [".crt", ".pem", ".cer", ".key", ".jks", ".p12"].iter().any(|end| key.ends_with(end))
}

/// What part of a credential a value is, by the words of its name and the facts about it.
pub fn part(name: &str, value: &ValueFacts) -> Part {
    if value.url.as_ref().is_some_and(|u| u.password.is_some() || u.broken) {
        return Part::Url;
    }
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    // `PASSWORD_FILE`, `TOKEN_TTL`, `SECRET_NAME`: about a credential, not one.
    let about = words.last().is_some_and(|w| {
        matches!(
            &**w,
            "file"
                | "path"
                | "dir"
                | "ttl"
                | "expiry"
                | "expires"
                | "expiration"
                | "timeout"
                | "length"
                | "policy"
                | "ref"
                | "enabled"
                | "type"
                | "mode"
                | "format"
                | "algorithm"
                | "issuer"
                | "audience"
                | "header"
                | "count"
                | "id"
                | "interval"
                | "age"
                | "rotation"
        )
    });
    if about {
        return Part::Other;
    }
    if has(&["password", "passwd", "pass", "pwd", "passphrase", "pw"]) {
        Part::Password
    } else if has(&["tls", "crt", "cert", "ca", "pem"]) {
        Part::Other
    } else if has(&["token", "apikey", "secret", "credential", "credentials", "key", "auth", "bearer"]) {
        Part::Token
    } else if has(&["url", "uri", "dsn", "connection", "connstr"]) && value.url.is_none() {
        // Elided or not a URL by our reading: it may still hold a password.
        if value.tag.is_none() || value.credential_shaped { Part::Url } else { Part::Host }
    } else if has(&["user", "username", "login", "uid"]) {
        Part::User
    } else if has(&["host", "hostname", "server", "addr", "address", "endpoint", "url", "uri"]) {
        Part::Host
    } else if has(&["database", "dbname", "name"]) {
        Part::Database
    } else if value.token_kind.is_some() || value.jwt.is_some() {
        Part::Token
    } else {
        Part::Other
    }
}

/// The words of a name in lower case: split at what is no letter or digit and where lower case turns to upper.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower_before) {
            found.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(last) = found.last_mut()
        {
            last.push(c.to_ascii_lowercase());
        }
        lower_before = c.is_ascii_lowercase();
    }
    found.retain(|w| !w.is_empty());
    // `PGPASSWORD`, `dbpassword`, `MYSQLUSER`: a known ending counts as a word of its own.
    let mut split = Vec::new();
    for word in found {
        let ending = ["password", "passwd", "username", "user", "host", "token", "database"]
            .into_iter()
            .find(|end| word.len() > end.len() && word.ends_with(end));
        match ending {
            Some(end) => {
                split.push(word[..word.len() - end.len()].to_owned());
                split.push(end.to_owned());
            }
            None => split.push(word),
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words_at_separators_case_and_known_endings() {
        for (name, wanted) in [
            ("DB_PASSWORD", "db password"),
            ("PGPASSWORD", "pg password"),
            ("dbPassword", "db password"),
            ("spring.datasource.username", "spring datasource username"),
            ("API-KEY", "api key"),
        ] {
            assert_eq!(words(name).join(" "), wanted);
        }
    }

    #[test]
    fn the_part_of_a_credential_is_told_by_its_name() {
        let value = ValueFacts { tag: Some(crate::value::Tagger::new(1, [0; 32]).tag(b"x")), ..ValueFacts::default() };
        for (name, wanted) in [
            ("DB_PASSWORD", Part::Password),
            ("SEARCH_TOKEN", Part::Token),
            ("client-secret", Part::Token),
            ("tls.key", Part::Other),
            ("PGUSER", Part::User),
            ("DB_HOST", Part::Host),
            ("LOG_LEVEL", Part::Other),
            ("PASSWORD_FILE", Part::Other),
            ("TOKEN_TTL", Part::Other),
        ] {
            assert_eq!(part(name, &value), wanted, "{name}");
        }
    }
}
