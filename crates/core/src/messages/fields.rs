//! The identifiers that a message names: objects, hosts, users, paths, status codes, and never a value.

use std::borrow::Cow;

/// Longest text that a field takes, in bytes.
const MAX_LEN: usize = 1024;

/// The characters that the name of an object may have. What has others is not captured at all.
const OBJECT: &str = r"[a-z0-9](?:[-a-z0-9._]*)";
const DATA_KEY: &str = r"[-._a-z0-9]+";

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $charset:expr;)*) => {
        /// What a message names. Every field is an identifier of bounded length and character set.
        #[derive(Clone, PartialEq, Eq, Default)]
        pub struct Fields {
            $($(#[$doc])* pub $field: Option<Box<str>>,)*
            /// HTTP status of an answer that the text quotes.
            pub http_status: Option<u16>,
            /// Offset in bytes of the first byte that is no base64, as Go counts it.
            pub byte_offset: Option<u32>,
            /// Seconds to wait, by a `Retry-After` or a back-off that the text names.
            pub retry_after: Option<u32>,
            /// The text says that no credential was sent.
            pub anonymous: bool,
        }

        impl Fields {
            /// The set fields as name and text, in a fixed order.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
                let texts = [$((stringify!($field), self.$field.as_deref()),)*];
                let numbers = [
                    ("http_status", self.http_status.map(u32::from)),
                    ("byte_offset", self.byte_offset),
                    ("retry_after", self.retry_after),
                ];
                texts
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, Cow::Borrowed(value?))))
                    .chain(numbers.into_iter().filter_map(|(name, n)| Some((name, Cow::Owned(n?.to_string())))))
                    .chain(self.anonymous.then_some(("anonymous", Cow::Borrowed("true"))))
            }

            fn slot(&mut self, name: &str) -> Option<&mut Option<Box<str>>> {
                match name {
                    $(stringify!($field) => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }

        /// The expression for one field of the tables, in which `<secret>` stands for a captured Secret name.
        pub(super) fn charset(field: &str) -> Option<&'static str> {
            match field {
                $(stringify!($field) => Some($charset),)*
                "http_status" => Some(r"[1-5][0-9]{2}"),
                "byte_offset" | "retry_after" => Some(r"[0-9]{1,9}"),
                _ => None,
            }
        }
    };
}

fields! {
    /// Image reference as the text writes it, without any user info.
    image = r"[a-z0-9][a-z0-9._:/@+-]*";
    /// Host, and port if any, of a registry or a backend that the text names outside a URL.
    host = r"[a-z0-9_](?:[a-z0-9._-]*)(?::[0-9]{1,5})?";
    /// Repository within its registry.
    repository = r"[a-z0-9][a-z0-9._/-]*";
    /// Host and port of the first URL in the text.
    url_host = r"\[?[a-z0-9][a-z0-9._:-]*\]?";
    /// Path of the first URL in the text, without its query.
    url_path = r"/[a-z0-9._/:@%+~=-]*";
    secret = OBJECT;
    /// Several Secrets, joined by `, `.
    secrets = r"[a-z0-9][-a-z0-9., _]*";
    configmap = OBJECT;
    namespace = r"[a-z0-9](?:[-a-z0-9]*)";
    /// Key of a Secret or ConfigMap, or property of a remote entry.
    key = DATA_KEY;
    /// Several keys, joined by `, `.
    keys = r"[-._a-z0-9][-._a-z0-9, ]*";
    /// Name in the remote store: a path, an ARN or an object name.
    remote = r"[a-z0-9_/][a-z0-9_.:/@+=-]*";
    /// User of the Kubernetes API or of a backend.
    user = r"[a-z0-9_$.][a-z0-9_$.:@/+~-]*";
    database = r"[a-z0-9_$][a-z0-9_$.-]*";
    verb = r"[a-z]{2,32}";
    /// Resource type of the Kubernetes API.
    resource = r"[a-z][a-z0-9./-]*";
    api_group = r"[a-z0-9.-]*";
    /// Name of the object that the text is about, when it is no Secret or ConfigMap.
    name = OBJECT;
    /// Role or ClusterRole that a refusal names, or an auth role of Vault.
    role = r"[a-z0-9_](?:[-a-z0-9._:/]*)";
    /// File path.
    path = r"(?:/|\./|\.\./|[a-z]:/)[a-z0-9._/@+=~-]*";
    env_name = r"(?-i:[A-Z_][A-Z0-9_]+)";
    node = r"[a-z0-9](?:[-a-z0-9.]*)";
    service_account = OBJECT;
    webhook = r"[a-z0-9](?:[-a-z0-9._/]*)";
    policy = r"[a-z0-9](?:[-a-z0-9._/]*)";
    quota = OBJECT;
    /// SecretStore or ClusterSecretStore.
    store = OBJECT;
    /// Provider or driver by its name.
    provider = r"[a-z0-9](?:[-a-z0-9._]*)";
    volume = OBJECT;
    container = OBJECT;
    pod = OBJECT;
}

impl Fields {
    /// Stores a captured text unless the field is set already. Names that no field has are ignored.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match name {
            "http_status" => self.http_status = self.http_status.or_else(|| value.parse().ok()),
            "byte_offset" => self.byte_offset = self.byte_offset.or_else(|| value.parse().ok()),
            "retry_after" => self.retry_after = self.retry_after.or_else(|| value.parse().ok()),
            _ => {
                // A sentence ends in a full stop or colon that the character sets admit inside of names.
                let value = value.trim_end_matches(['.', ':', ',', ' ', '-']);
                if let Some(slot) = self.slot(name)
                    && slot.is_none()
                    && (1..=MAX_LEN).contains(&value.len())
                {
                    *slot = Some(value.into());
                }
            }
        }
    }

    /// The names of a field that holds several, such as `secrets`.
    pub fn split(value: &str) -> impl Iterator<Item = &str> {
        value.split([',', ' ']).filter(|name| !name.is_empty())
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_text_of_a_field_stays_and_the_order_is_fixed() {
        let mut fields = Fields::default();
        fields.set("key", "tls.crt.");
        fields.set("key", "other");
        fields.set("secret", "edge");
        fields.set("http_status", "401");
        fields.set("no_such_field", "x");
        let all: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(all, ["secret=edge", "key=tls.crt", "http_status=401"]);
    }
}
