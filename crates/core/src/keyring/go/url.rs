//! `net/url.Parse` of Go for `http://` and `https://` texts, as far as host and path go.

use std::net::Ipv6Addr;

use super::decode_rune;

/// Host (with its port) and path, both unescaped. They are bytes, since `%ff` unescapes to no valid UTF-8.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Url {
    pub host: Vec<u8>,
    pub path: Vec<u8>,
}

/// Why `url.Parse` refuses a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum UrlFault {
    /// A byte below 0x20, or 0x7f: often a newline that was pasted along.
    ControlCharacter,
    /// `%` without two hexadecimal digits, or an escape that a host may not have.
    Escape,
    /// A character before the `@` that user information may not have.
    UserInfo,
    /// A character that a host may not have, such as a space.
    HostCharacter,
    /// A bracket that does not enclose an IPv6 address, such as a glob class `[a-z]`. Kubelets that were built with older
    /// Go read such a key, and match the class.
    Bracket,
    /// What follows the first colon of the host is not a number.
    Port,
}

impl UrlFault {
    pub fn describe(self) -> &'static str {
        match self {
            Self::ControlCharacter => "it has a control character",
            Self::Escape => "it has a bad percent escape",
            Self::UserInfo => "it has bad user information before the @",
            Self::HostCharacter => "it has a character that a host may not have",
            Self::Bracket => "it has a bracket that does not enclose an IPv6 address",
            Self::Port => "what follows the colon of the host is not a port",
        }
    }
}

/// Which characters an escape may stand for, and which may stand bare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Free,
    Host,
    Zone,
}

/// Parses what follows `https://` or `http://`; both schemes are read alike.
pub(crate) fn parse(after_scheme: &[u8]) -> Result<Url, UrlFault> {
    let (text, fragment) = cut(after_scheme, b'#');
    if text.iter().any(|b| *b < b' ' || *b == 0x7f) {
        return Err(UrlFault::ControlCharacter);
    }
    let (text, _query) = cut(text, b'?');
    let split = text.iter().position(|b| *b == b'/').unwrap_or(text.len());
    let host = parse_authority(&text[..split])?;
    let path = unescape(&text[split..], Part::Free)?;
    unescape(fragment, Part::Free)?;
    Ok(Url { host, path })
}

impl Url {
    /// The dot-separated labels of the host, and the port (empty if there is none): `SplitURL` of the keyring.
    pub fn labels_and_port(&self) -> (Vec<&[u8]>, &[u8]) {
        let (host, port) = split_host_port(&self.host).unwrap_or((&self.host, b""));
        (host.split(|b| *b == b'.').collect(), port)
    }
}

/// `net.SplitHostPort`; `None` where it returns an error.
pub(crate) fn split_host_port(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = text.iter().rposition(|b| *b == b':')?;
    let (host, rest_open, rest_close) = if text[0] == b'[' {
        let end = text.iter().position(|b| *b == b']')?;
        if end + 1 != colon {
            return None;
        }
        (&text[1..end], &text[1..], &text[end + 1..])
    } else {
        if text[..colon].contains(&b':') {
            return None;
        }
        (&text[..colon], text, text)
    };
    (!rest_open.contains(&b'[') && !rest_close.contains(&b']')).then_some((host, &text[colon + 1..]))
}

fn cut(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    match text.iter().position(|b| *b == at) {
        Some(i) => (&text[..i], &text[i + 1..]),
        None => (text, b""),
    }
}

fn parse_authority(authority: &[u8]) -> Result<Vec<u8>, UrlFault> {
    let Some(at) = authority.iter().rposition(|b| *b == b'@') else { return parse_host(authority) };
    let host = parse_host(&authority[at + 1..])?;
    let user = &authority[..at];
    if !is_user_info(user) {
        return Err(UrlFault::UserInfo);
    }
    // Go unescapes user and password one by one; a colon is no hexadecimal digit, so that this makes no difference.
    unescape(user, Part::Free)?;
    Ok(host)
}

fn parse_host(host: &[u8]) -> Result<Vec<u8>, UrlFault> {
    match host.iter().rposition(|b| *b == b'[') {
        Some(0) => return parse_ip_literal(host),
        Some(_) => return Err(UrlFault::Bracket),
        None => {}
    }
    // For http and https the first colon begins the port, so that a second colon is an error.
    if let Some(colon) = host.iter().position(|b| *b == b':')
        && !is_optional_port(&host[colon..])
    {
        return Err(UrlFault::Port);
    }
    unescape(host, Part::Host)
}

fn parse_ip_literal(host: &[u8]) -> Result<Vec<u8>, UrlFault> {
    let close = host.iter().rposition(|b| *b == b']').ok_or(UrlFault::Bracket)?;
    let port = &host[close + 1..];
    if !is_optional_port(port) {
        return Err(if port[0] == b':' { UrlFault::Port } else { UrlFault::Bracket });
    }
    let inner = &host[1..close];
    let name = match inner.windows(3).position(|w| w == b"%25") {
        Some(zone) => {
            let mut name = unescape(&inner[..zone], Part::Host)?;
            name.extend(unescape(&inner[zone..], Part::Zone)?);
            name
        }
        None => unescape(inner, Part::Host)?,
    };
    if !is_ipv6(&name) {
        return Err(UrlFault::Bracket);
    }
    Ok([b"[", &*name, b"]", port].concat())
}

/// Whether `netip.ParseAddr` reads an IPv6 address, perhaps with a zone.
fn is_ipv6(text: &[u8]) -> bool {
    // Go decides by the first of `.`, `:` and `%`: only a colon makes it an IPv6 address.
    if text.iter().find(|b| matches!(b, b'.' | b':' | b'%')) != Some(&b':') {
        return false;
    }
    let (address, zone) = match text.iter().position(|b| *b == b'%') {
        Some(i) => (&text[..i], Some(&text[i + 1..])),
        None => (text, None),
    };
    zone.is_none_or(|zone| !zone.is_empty())
        && std::str::from_utf8(address).is_ok_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

fn is_optional_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((colon, digits)) => *colon == b':' && digits.iter().all(u8::is_ascii_digit),
    }
}

fn is_user_info(mut text: &[u8]) -> bool {
    while !text.is_empty() {
        let (c, width) = decode_rune(text);
        if !(c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c)) {
            return false;
        }
        text = &text[width..];
    }
    true
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, UrlFault> {
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        let byte = text[i];
        if byte != b'%' {
            if part != Part::Free && byte < 0x80 && !is_host_byte(byte) {
                return Err(UrlFault::HostCharacter);
            }
            out.push(byte);
            i += 1;
            continue;
        }
        let value = match (text.get(i + 1).and_then(hex), text.get(i + 2).and_then(hex)) {
            (Some(high), Some(low)) => high << 4 | low,
            _ => return Err(UrlFault::Escape),
        };
        let allowed = match part {
            Part::Free => true,
            Part::Host => value >= 0x80 || value == b'%',
            Part::Zone => value == b'%' || value == b' ' || is_host_byte(value),
        };
        if !allowed {
            return Err(UrlFault::Escape);
        }
        out.push(value);
        i += 3;
    }
    Ok(out)
}

fn hex(byte: &u8) -> Option<u8> {
    char::from(*byte).to_digit(16).map(|d| d as u8)
}

/// Bytes that may stand bare in a host. Those from 0x80 on are not among them: the caller lets them pass.
fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!$&'()*+,;=:[]<>\"-_.~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_and_path(text: &str) -> Result<(String, String), UrlFault> {
        parse(text.as_bytes()).map(|url| {
            (String::from_utf8_lossy(&url.host).into_owned(), String::from_utf8_lossy(&url.path).into_owned())
        })
    }

    fn ok(host: &str, path: &str) -> Result<(String, String), UrlFault> {
        Ok((host.to_owned(), path.to_owned()))
    }

    #[test]
    fn host_and_path_come_apart() {
        assert_eq!(host_and_path("reg.example:5000/a/b?q#f"), ok("reg.example:5000", "/a/b"));
        assert_eq!(host_and_path("user:pw@reg.example/x"), ok("reg.example", "/x"));
        assert_eq!(host_and_path("reg.example:"), ok("reg.example:", ""));
        assert_eq!(host_and_path("/x"), ok("", "/x"));
        assert_eq!(host_and_path("[fe80::1%25en0]:80/x"), ok("[fe80::1%en0]:80", "/x"));
        assert_eq!(host_and_path("reg.example/a%2fb"), ok("reg.example", "/a/b"));
    }

    #[test]
    fn faults_are_told_apart() {
        for (text, want) in [
            ("reg.example\n", UrlFault::ControlCharacter),
            ("reg.example/%zz", UrlFault::Escape),
            ("reg.example/#%zz", UrlFault::Escape),
            ("%41.example", UrlFault::Escape),
            ("us er@reg.example", UrlFault::UserInfo),
            ("reg example", UrlFault::HostCharacter),
            ("reg[a-z].example", UrlFault::Bracket),
            ("[a-z].example", UrlFault::Bracket),
            ("[a-z]", UrlFault::Bracket),
            ("[1.2.3.4]", UrlFault::Bracket),
            ("reg.example:http", UrlFault::Port),
            ("a:1:2", UrlFault::Port),
        ] {
            assert_eq!(host_and_path(text), Err(want), "{text}");
        }
    }

    #[test]
    fn ports_split_as_in_go() {
        assert_eq!(split_host_port(b"a:1"), Some((&b"a"[..], &b"1"[..])));
        assert_eq!(split_host_port(b"[::1]:5"), Some((&b"::1"[..], &b"5"[..])));
        for text in [&b"a"[..], b"", b"[::1]", b"::1", b"[::1", b"a]:1"] {
            assert_eq!(split_host_port(text), None);
        }
    }
}
