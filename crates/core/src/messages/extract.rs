//! Identifiers that any message may hold, whatever its cause: image, URL, HTTP status.

use super::fields::Fields;

/// Anchors and the expression to run when one of them occurs.
pub(super) static SCANS: &[(&[&str], &str)] = &[
    (
        &[
            "pull image",
            "pulling image",
            "unpack image",
            "resolve reference",
            "image tag",
            "inspect image",
            "container image",
        ],
        r#"(?:image|reference|image tag) "(?:docker://|https?://)?<image>""#,
    ),
    (&["pull access denied for"], r"pull access denied for <image>"),
    (
        &[
            "unauthorized",
            "forbidden",
            "not found",
            "too many requests",
            "server error",
            "bad gateway",
            "unavailable",
            "timeout",
            "bad request",
            "authentication required",
        ],
        r"\b<http_status> (?:unauthorized|forbidden|not found|too many requests|internal server error|bad gateway|service unavailable|gateway time-?out|bad request|proxy authentication required)",
    ),
    (&["status"], r#"status(?: ?code)?(?: was| is)?["':= ]{1,4}\[?<http_status>\b"#),
    (&["status code ["], r"status code \[[^\]]{1,200}\]: <http_status>\b"),
    (&["code: "], r"\bcode: <http_status>\b"),
    (&["http/1", "http/2"], r"http/[12](?:\.[01])? <http_status>\b"),
    (&["retry-after", "retry after"], r"retry[- ]after:? <retry_after>\b"),
    (&["user="], r#"\buser(?:name)?="?<user>"#),
    (&["database="], r#"\b(?:database|dbname)="?<database>"#),
    (&["\"namespace\":"], r#""namespace":"<namespace>""#),
    (&["secretstore\":{"], r#"secretstore":\{"name":"<store>""#),
    (&["externalsecret\":{"], r#"externalsecret":\{"name":"<name>""#),
    (&["(key: ", "(key="], r"\(key[:=] ?<remote>\)"),
    (&["failed to connect to `"], r"failed to connect to `[^`]{1,300}`: [^ ]{1,200} \(<host>\)"),
    (&["back-off "], r"back-off <retry_after>s "),
    (&["for pod "], r"for pod <namespace>/<pod>"),
    (&["for volume \""], r#"for volume "<volume>""#),
    (&["container \""], r#"container "<container>""#),
];

/// Takes host and path of the first URL. User info and query never pass: they hold passwords and tokens.
pub(super) fn url(plain: &[u8], fields: &mut Fields) {
    if fields.url_host.is_some() {
        return;
    }
    let mut from = 0;
    while let Some(at) = plain.get(from..).and_then(|rest| find(rest, b"://")) {
        let start = from + at + 3;
        let rest = &plain[start..];
        let end = rest
            .iter()
            .position(|b| matches!(b, b' ' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\'))
            .unwrap_or(rest.len());
        if let Some((host, path)) = host_and_path(&rest[..end]) {
            fields.set("url_host", host);
            if !path.is_empty() {
                fields.set("url_path", path);
            }
            return;
        }
        from = start;
    }
}

fn host_and_path(token: &[u8]) -> Option<(&str, &str)> {
    let token = std::str::from_utf8(token).ok()?;
    let (token, query) = token.split_at(token.find(['?', '#']).unwrap_or(token.len()));
    if query.contains('@') {
        return None;
    }
    let slash = token.find('/').unwrap_or(token.len());
    let (authority, path) = token.split_at(slash);
    // An `@` behind the first slash is a digest, or part of a password that was not escaped: then nothing is safe.
    if let Some(at) = path.find('@')
        && !path[at..].starts_with("@sha")
    {
        return None;
    }
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => host,
        None => authority,
    };
    let host = host.trim_end_matches([':', ',', '.', ')', ']', ';']);
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port.bytes().all(|b| b.is_ascii_digit()) { name } else { "" });
    if name.is_empty() || host.len() > 255 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-[]:".contains(&b))
    {
        return None;
    }
    let path = path.trim_end_matches([':', ',', '.', ')', ']', ';']);
    let good = path.len() <= 512 && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._:@%+~=-".contains(&b));
    Some((host, if good { path } else { "" }))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Whether the text is the kubelet's list of several errors, `[e1, e2]`.
pub(super) fn is_aggregated(plain: &[u8]) -> bool {
    [&b"[rpc error"[..], b"[failed to pull", b"[unable to retrieve", b"[reading manifest", b"[error"].iter().any(
        |open| {
            find(plain, open).is_some_and(|at| {
                let rest = &plain[at + open.len()..];
                [&b", rpc error"[..], b", failed to pull", b", reading manifest", b", error"]
                    .iter()
                    .any(|next| find(rest, next).is_some())
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::fields::charset;
    use super::*;

    fn url_of(text: &str) -> (Option<String>, Option<String>) {
        let mut fields = Fields::default();
        url(text.as_bytes(), &mut fields);
        (fields.url_host.map(String::from), fields.url_path.map(String::from))
    }

    #[test]
    fn urls_lose_user_info_and_query() {
        assert_eq!(
            url_of(r#"Get "https://reg.example:5000/v2/a/manifests/1?token=abc": EOF"#),
            (Some("reg.example:5000".into()), Some("/v2/a/manifests/1".into()))
        );
        assert_eq!(
            url_of("postgres://ann:pa@ss@db.example:5432/shop"),
            (Some("db.example:5432".into()), Some("/shop".into()))
        );
    }

    #[test]
    fn a_url_with_an_unescaped_password_gives_nothing_of_it() {
        assert_eq!(url_of("postgres://ann:pa/ss@db.example:5432/shop"), (None, None));
        assert_eq!(url_of("postgres://ann:pa#ss@db.example/shop"), (None, None));
        assert_eq!(url_of("amqp://ann:p?q@mq.example/"), (None, None));
    }

    #[test]
    fn lists_of_errors_are_noticed() {
        assert!(is_aggregated(b"Failed to pull image \"a\": [rpc error: code = Unknown desc = x, rpc error: y]"));
        assert!(!is_aggregated(b"Failed to pull image \"a\": rpc error: code = Unknown desc = x"));
    }

    #[test]
    fn every_scan_names_known_fields() {
        for (_, source) in SCANS {
            for name in source.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(name, _)| name) {
                assert!(charset(name).is_some(), "{name} in {source}");
            }
        }
    }
}
