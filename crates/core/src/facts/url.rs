//! Parts of URLs and connection strings: host, port, user and database as identifiers, the password as a tag.

use std::borrow::Cow;

use crate::objects::UrlFacts;
use crate::value::{SecretValue, Tagger};

/// Reads a URL with an authority, a `jdbc:` URL, a `key=value` connection string, or the DSN of Go's MySQL driver.
/// `None` if the text is none of these.
pub fn url(text: &str, tagger: &Tagger) -> Option<UrlFacts> {
    let text = text.trim();
    let inner = text.strip_prefix("jdbc:").unwrap_or(text);
    if let Some((scheme, rest)) = inner.split_once("://")
        && is_scheme(scheme)
    {
        return Some(with_authority(scheme, rest, tagger));
    }
    if let Some(parts) = key_values(text) {
        return Some(of_pairs(None, parts.iter().map(|(k, v)| (k.as_str(), v.as_ref())), tagger));
    }
    go_mysql(text, tagger)
}

fn is_scheme(scheme: &str) -> bool {
    scheme.len() <= 32
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.:".contains(&b))
}

fn with_authority(scheme: &str, rest: &str, tagger: &Tagger) -> UrlFacts {
    // `sqlserver://host:1433;database=x;user=y` keeps its properties behind semicolons.
    let (rest, properties) = match scheme {
        "sqlserver" => rest.split_once(';').unwrap_or((rest, "")),
        _ => (rest, ""),
    };
    let mut facts = UrlFacts { scheme: Some(scheme.to_ascii_lowercase().into()), ..UrlFacts::default() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (mut authority, mut tail) = rest.split_at(end);
    // A raw `/`, `?` or `#` in the password ends the authority early: what follows still has the `@` of the user info.
    if !authority.contains('@')
        && authority.contains(':')
        && !port_is_sound(authority)
        && let Some(at) = rest.rfind('@')
    {
        facts.broken = true;
        let end = rest[at..].find(['/', '?']).map_or(rest.len(), |e| at + e);
        (authority, tail) = rest.split_at(end);
    }
    let (user_info, hosts) = match authority.rsplit_once('@') {
        Some((info, hosts)) => (Some(info), hosts),
        None => (None, authority),
    };
    if let Some(info) = user_info {
        let (user, password) = match info.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (info, None),
        };
        facts.broken |= !info_is_sound(info) || user.is_empty() && password.is_none();
        facts.user = identifier(&percent_decoded(user));
        if let Some(password) = password.filter(|p| !p.is_empty()) {
            let value = SecretValue::new(percent_decoded(password).into_owned().into_bytes());
            facts.password = Some(tagger.tag(value.expose()));
        }
    }
    let first = hosts.split(',').next().unwrap_or_default();
    let (host, port) = split_port(first);
    facts.broken |= !hosts.split(',').all(host_is_sound) || (hosts.is_empty() && !tail.starts_with('/'));
    facts.host = identifier(host);
    facts.port = port.and_then(|p| p.parse().ok());
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    if !matches!(scheme, "http" | "https") {
        let path = path.trim_start_matches('/').split(['/', '#']).next().unwrap_or_default();
        facts.database = identifier(&percent_decoded(path));
        let pairs = query.split('&').chain(properties.split(';')).filter_map(|p| p.split_once('='));
        let decoded: Vec<(String, Cow<str>)> =
            pairs.map(|(k, v)| (k.to_ascii_lowercase(), percent_decoded(v))).collect();
        let more = of_pairs(None, decoded.iter().map(|(k, v)| (k.as_str(), v.as_ref())), tagger);
        facts.user = facts.user.or(more.user);
        facts.password = facts.password.or(more.password);
        facts.database = facts.database.or(more.database);
    }
    facts
}

/// Only what looks like a name is kept; anything else could be part of a badly quoted password.
fn identifier(text: &str) -> Option<crate::objects::Str> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b".-_[]:+@".contains(&b);
    (!text.is_empty() && text.len() <= 253 && text.bytes().all(fits)).then(|| text.into())
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (host, None),
    }
}

fn port_is_sound(authority: &str) -> bool {
    split_port(authority).1.is_none_or(|p| p.parse::<u16>().is_ok() || p.is_empty())
}

fn host_is_sound(host: &str) -> bool {
    let (name, _) = split_port(host);
    port_is_sound(host) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_[]:%".contains(&b) || b >= 0x80)
}

/// Characters that must be escaped in user info, and escapes that are none.
fn info_is_sound(info: &str) -> bool {
    let bytes = info.as_bytes();
    let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    bytes.iter().enumerate().all(|(i, b)| match b {
        b'%' => hex(i + 1) && hex(i + 2),
        b'@' | b'/' | b'?' | b'#' | b'[' | b']' | b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
            false
        }
        _ => *b > b' ' && *b != 0x7f,
    })
}

/// Percent-decoded; what is no escape stays as it is.
pub fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |b: &u8| char::from(*b).to_digit(16).map(|d| d as u8);
        if *first == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            bytes.push(high * 16 + low);
            rest = after;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// `host=db user=app password='a b'` or `Server=db;User Id=app;Password=x`. At least two known keys are needed.
fn key_values(text: &str) -> Option<Vec<(String, Cow<'_, str>)>> {
    const KNOWN: &[&str] = &[
        "host",
        "hostaddr",
        "server",
        "data source",
        "port",
        "user",
        "user id",
        "uid",
        "username",
        "password",
        "pwd",
        "dbname",
        "database",
        "initial catalog",
        "sslmode",
        "connect_timeout",
    ];
    if !text.contains('=') || text.contains('\n') {
        return None;
    }
    let pairs = if text.contains(';') {
        let parts = text.split(';').map(str::trim).filter(|p| !p.is_empty());
        let pair =
            |p| str::split_once(p, '=').map(|(k, v): (&str, &str)| (k.trim().to_ascii_lowercase(), v.trim().into()));
        parts.map(pair).collect::<Option<Vec<_>>>()?
    } else {
        spaced_pairs(text)?
    };
    (pairs.iter().filter(|(k, _)| KNOWN.contains(&k.as_str())).count() >= 2).then_some(pairs)
}

/// libpq's form: values may stand in single quotes, with a backslash before a quote or a backslash.
fn spaced_pairs(text: &str) -> Option<Vec<(String, Cow<'_, str>)>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return None;
        }
        let after = after.trim_start();
        let value;
        if let Some(quoted) = after.strip_prefix('\'') {
            let mut text = String::new();
            let mut chars = quoted.char_indices();
            let end = loop {
                match chars.next()? {
                    (_, '\\') => text.push(chars.next()?.1),
                    (at, '\'') => break at,
                    (_, c) => text.push(c),
                }
            };
            value = Cow::Owned(text);
            rest = quoted[end + 1..].trim_start();
        } else {
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            value = Cow::Borrowed(&after[..end]);
            rest = after[end..].trim_start();
        }
        pairs.push((key.to_ascii_lowercase(), value));
    }
    Some(pairs)
}

fn of_pairs<'p>(scheme: Option<&str>, pairs: impl Iterator<Item = (&'p str, &'p str)>, tagger: &Tagger) -> UrlFacts {
    let mut facts = UrlFacts { scheme: scheme.map(Into::into), ..UrlFacts::default() };
    for (key, value) in pairs {
        match key {
            "host" | "hostaddr" | "server" | "data source" => {
                // `tcp:host,1433` is how SQL Server writes it.
                let host = value.strip_prefix("tcp:").unwrap_or(value);
                let (host, port) = host.split_once(',').unwrap_or_else(|| {
                    let (host, port) = split_port(host);
                    (host, port.unwrap_or_default())
                });
                facts.host = identifier(host);
                facts.port = port.parse().ok().or(facts.port);
            }
            "port" => facts.port = value.parse().ok(),
            "user" | "user id" | "uid" | "username" => facts.user = identifier(value),
            "password" | "pwd" if !value.is_empty() => facts.password = Some(tagger.tag(value.as_bytes())),
            "dbname" | "database" | "databasename" | "initial catalog" => facts.database = identifier(value),
            _ => {}
        }
    }
    facts
}

/// `user:password@tcp(host:3306)/database?options`.
fn go_mysql(text: &str, tagger: &Tagger) -> Option<UrlFacts> {
    let open = text.find("@tcp(")?;
    let (info, rest) = (&text[..open], &text[open + "@tcp(".len()..]);
    let (host, tail) = rest.split_once(')')?;
    let (user, password) = info.split_once(':').unwrap_or((info, ""));
    let (host, port) = split_port(host);
    let database = tail.strip_prefix('/').unwrap_or_default().split('?').next().unwrap_or_default();
    Some(UrlFacts {
        scheme: Some("mysql".into()),
        host: identifier(host),
        port: port.and_then(|p| p.parse().ok()),
        user: identifier(user),
        database: identifier(database),
        password: (!password.is_empty()).then(|| tagger.tag(password.as_bytes())),
        broken: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagger() -> Tagger {
        Tagger::new(1, [9; 32])
    }

    fn read(text: &str) -> UrlFacts {
        url(text, &tagger()).expect(text)
    }

    #[test]
    fn the_same_backend_reads_alike_in_every_way_to_write_it() {
        for text in [
            "postgres://app:p%40ss@db.example:5432/orders?sslmode=require",
            "host=db.example port=5432 user=app password='p@ss' dbname=orders",
            "jdbc:postgresql://db.example:5432/orders?user=app&password=p%40ss",
            "Server=db.example,5432;Database=orders;User Id=app;Password=p@ss;",
            "app:p@ss@tcp(db.example:5432)/orders?parseTime=true",
        ] {
            let facts = read(text);
            assert_eq!(facts.host.as_deref(), Some("db.example"), "{text}");
            assert_eq!(facts.port, Some(5432), "{text}");
            assert_eq!(facts.user.as_deref(), Some("app"), "{text}");
            assert_eq!(facts.database.as_deref(), Some("orders"), "{text}");
            assert_eq!(facts.password, Some(tagger().tag(b"p@ss")), "{text}");
            assert!(!facts.broken, "{text}");
        }
    }

    #[test]
    fn a_password_with_raw_signs_breaks_a_url_and_is_still_found() {
        for (text, password) in [
            ("postgres://app:p@ss@db:5432/x", "p@ss"),
            ("amqp://app:p/ss@mq:5672/", "p/ss"),
            ("redis://:p#ss@cache:6379/0", "p#ss"),
            ("mysql://app:50%off@db/x", "50%off"),
        ] {
            let facts = read(text);
            assert!(facts.broken, "{text}");
            assert_eq!(facts.password, Some(tagger().tag(password.as_bytes())), "{text}");
        }
    }

    #[test]
    fn several_hosts_and_addresses_in_brackets_are_sound() {
        let many = read("mongodb://app:x@a.example:27017,b.example:27017/orders?replicaSet=rs0");
        assert_eq!((many.host.as_deref(), many.port, many.broken), (Some("a.example"), Some(27017), false));
        let six = read("postgres://app@[fd00::1]:5432/x");
        assert_eq!((six.host.as_deref(), six.port, six.broken), (Some("[fd00::1]"), Some(5432), false));
    }

    #[test]
    fn ordinary_text_is_no_url() {
        for text in ["plain", "a=b", "p@ss:word", "key = value", "C:\\x", "://x"] {
            assert_eq!(url(text, &tagger()), None, "{text}");
        }
    }
}
