//! Which values are identifiers by their name: hosts, ports, users and databases, which may be shown.

/// The value, if its name says that it is a host, a port, a user or a database name, and it looks like one. Names that
/// speak of a credential are never identifiers.
pub fn identifier<'v>(name: &str, value: &'v str) -> Option<&'v str> {
    if looks_secret(name) || value.is_empty() || value.len() > 253 {
        return None;
    }
    let fits = match part(name)? {
        Part::Port => value.len() <= 5 && value.bytes().all(|b| b.is_ascii_digit()),
        Part::Host => value.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[],".contains(&b)),
        Part::Name => value.len() <= 63 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_@+\\".contains(&b)),
    };
    fits.then_some(value)
}

/// Whether a name speaks of a credential: `DB_PASSWORD`, `apiKey`, `token`.
pub fn looks_secret(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "pass",
        "pwd",
        "pw",
        "token",
        "secret",
        "secrets",
        "key",
        "keys",
        "apikey",
        "credential",
        "credentials",
        "creds",
        "cred",
        "private",
        "salt",
        "auth",
        "pin",
        "otp",
        "seed",
        "signature",
        "hash",
        "cert",
        "certificate",
        "cookie",
        "session",
        "jwt",
        "bearer",
        "webhook",
    ];
    words(name).iter().any(|w| {
        WORDS.contains(&w.as_str())
            || ["password", "passwd", "secret", "token", "apikey"].iter().any(|s| w.ends_with(s) || w.starts_with(s))
    })
}

enum Part {
    Host,
    Port,
    Name,
}

fn part(name: &str) -> Option<Part> {
    let words = words(name);
    let last = words.last()?.as_str();
    let before = words.len().checked_sub(2).map(|i| words[i].as_str());
    /// Products whose variables run the words together: `PGHOST`, `DBUSER`.
    const STEMS: &[&str] = &["pg", "db", "mysql", "mariadb", "postgres", "redis", "mongo", "rabbitmq", "amqp", "smtp"];
    let last = STEMS.iter().find_map(|s| last.strip_prefix(s).filter(|rest| rest.len() > 3)).unwrap_or(last);
    match last {
        "host" | "hostname" | "hosts" | "server" | "servers" | "addr" | "address" | "endpoint" | "brokers" => {
            Some(Part::Host)
        }
        "port" => Some(Part::Port),
        "user" | "username" | "login" | "role" | "database" | "dbname" | "db" | "schema" | "vhost" => Some(Part::Name),
        "name" if matches!(before, Some("db" | "database" | "user" | "schema")) => Some(Part::Name),
        "name" if matches!(before, Some("host" | "server")) => Some(Part::Host),
        _ => None,
    }
}

/// The words of a name in lower case, parted at signs and at the humps of camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = c.is_ascii_lowercase();
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_ports_users_and_databases_are_known_by_their_names() {
        for (name, value) in [
            ("DB_HOST", "db.example.internal"),
            ("PGPORT", "5432"),
            ("MYSQL_USER", "orders"),
            ("username", "orders@example"),
            ("POSTGRES_DB", "orders"),
            ("dbName", "orders"),
            ("spring.datasource.username", "orders"),
        ] {
            assert_eq!(identifier(name, value), Some(value), "{name}");
        }
    }

    #[test]
    fn nothing_that_a_credential_name_holds_is_an_identifier() {
        for name in ["DB_PASSWORD", "userPassword", "USER_TOKEN", "API_KEY", "login_secret", "DATABASE_URL", "note"] {
            assert_eq!(identifier(name, "plain"), None, "{name}");
        }
        assert_eq!(identifier("DB_HOST", "user:pw@host/x"), None);
        assert_eq!(identifier("PGPORT", "hunter2"), None);
    }
}
