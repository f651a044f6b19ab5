//! What an item is, found without parsing it: `kind` and `apiVersion` at its top level.

use keytrace_core::objects::Kind;

/// `kind` and `apiVersion` as far as the item states them.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct TypeMeta<'a> {
    pub kind: Option<&'a str>,
    pub api_version: Option<&'a str>,
    /// The first field is `metadata`, as in items of a typed list, which state no kind.
    pub starts_with_metadata: bool,
}

/// Looks for both fields at the top level and stops as soon as it has them. Values on the way are passed over by their
/// brackets, unchecked: whether the item is sound shows when it is parsed.
pub(crate) fn type_meta(item: &[u8]) -> TypeMeta<'_> {
    let mut found = TypeMeta::default();
    let mut at = skip_blank(item, 0);
    if item.get(at) != Some(&b'{') {
        return found;
    }
    at = skip_blank(item, at + 1);
    let mut first = true;
    while item.get(at) == Some(&b'"') {
        let Some(end) = string_end(item, at + 1) else { return found };
        let key = &item[at + 1..end];
        at = skip_blank(item, end + 1);
        if item.get(at) != Some(&b':') {
            return found;
        }
        at = skip_blank(item, at + 1);
        if std::mem::take(&mut first) && key == b"metadata" {
            found.starts_with_metadata = true;
        }
        let Some(end) = value_end(item, at) else { return found };
        if key == b"kind" || key == b"apiVersion" {
            let text = item[at..end].strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\""));
            let text = text.and_then(|t| std::str::from_utf8(t).ok());
            let field = if key == b"kind" { &mut found.kind } else { &mut found.api_version };
            *field = text;
            if found.kind.is_some() && found.api_version.is_some() {
                return found;
            }
        }
        at = skip_blank(item, end);
        if item.get(at) != Some(&b',') {
            return found;
        }
        at = skip_blank(item, at + 1);
    }
    found
}

fn skip_blank(item: &[u8], mut at: usize) -> usize {
    while matches!(item.get(at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

/// Position of the closing quote of a string whose content starts at `at`.
fn string_end(item: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', item.get(at..)?)?;
        if item[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Position after the value that starts at `at`.
fn value_end(item: &[u8], at: usize) -> Option<usize> {
    match item.get(at)? {
        b'"' => string_end(item, at + 1).map(|end| end + 1),
        b'{' | b'[' => {
            let mut depth = 0_usize;
            let mut at = at;
            loop {
                match item.get(at)? {
                    b'"' => at = string_end(item, at + 1)?,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
        }
        _ => Some(at + item[at..].iter().position(|b| matches!(b, b',' | b'}' | b']'))?),
    }
}

/// The known kind behind a `kind` and an API group; `None` where no check knows it, so that a `Service` of some other
/// group is not taken for the core one.
pub(crate) fn known(kind: &str, group: Option<&str>) -> Option<Kind> {
    let known = Kind::from_name(kind)?;
    let Some(group) = group else { return Some(known) };
    let fits = match &known {
        Kind::Event => matches!(group, "" | "events.k8s.io"),
        Kind::Ingress => matches!(group, "networking.k8s.io" | "extensions"),
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet => matches!(group, "apps" | "extensions"),
        // Two operators have a kind of this name.
        Kind::VaultDynamicSecret => matches!(group, "generators.external-secrets.io" | "secrets.hashicorp.com"),
        other => other.group() == group,
    };
    fits.then_some(known)
}

/// Groups of which every kind is folded as a custom resource, since all of them deal in Secrets.
pub(crate) fn is_delivery_group(group: &str) -> bool {
    matches!(
        group,
        "external-secrets.io"
            | "generators.external-secrets.io"
            | "secrets.hashicorp.com"
            | "cert-manager.io"
            | "secrets-store.csi.x-k8s.io"
            | "bitnami.com"
            | "argoproj.io"
    ) || group.ends_with(".toolkit.fluxcd.io")
}

/// The group in an `apiVersion`, empty for the core group.
pub(crate) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_found_at_the_front_behind_data_and_never_inside_another_object() {
        let meta = |text: &'static str| {
            let found = type_meta(text.as_bytes());
            (found.kind, found.api_version)
        };
        assert_eq!(meta(r#"{"apiVersion":"v1","kind":"Pod","spec":{"#), (Some("Pod"), Some("v1")));
        assert_eq!(
            meta(r#" { "apiVersion" : "v1", "data": {"kind":"x","a":"}\"]{\\"}, "kind" : "Secret" }"#),
            (Some("Secret"), Some("v1"))
        );
        assert_eq!(meta(r#"{"metadata":{"kind":"x"},"spec":[{"kind":"y"}]}"#), (None, None));
        assert_eq!(meta(r#"{"a":1,"kind":"Job"}"#), (Some("Job"), None));
        for broken in ["", "[", "{", r#"{"a"#, r#"{"a":"#, r#"{"a":{"b":"#, r#"{"kind":"x\"#] {
            assert_eq!(meta(broken), (None, None), "{broken}");
        }
    }

    #[test]
    fn a_kind_of_another_group_is_not_taken_for_the_known_one() {
        assert_eq!(known("Service", Some("")), Some(Kind::Service));
        assert_eq!(known("Service", Some("serving.knative.dev")), None);
        assert_eq!(known("Event", Some("events.k8s.io")), Some(Kind::Event));
        assert_eq!(known("Gateway", Some("networking.istio.io")), None);
        assert_eq!(known("Pod", None), Some(Kind::Pod));
    }
}
