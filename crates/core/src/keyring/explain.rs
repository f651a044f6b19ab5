//! Says why a key does not cover an image, and which key comes nearest.

use super::facts::{EntryFacts, RegistryKey};
use super::go::glob;
use super::go::url::{self, Url, UrlFault};
use super::lookup::{Keyring, covers, falls_back_to_hub};
use crate::edits::edits;
use crate::image::ImageRef;

/// A name that people and tools use for Docker Hub and that no ordinary Hub image name is matched with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Alias {
    /// `registry-1.docker.io`, the host that answers pulls.
    Registry1,
    /// `hub.docker.com`, the web site.
    HubDockerCom,
    /// `registry.hub.docker.com`.
    RegistryHub,
    /// `www.docker.io`, `registry.docker.io`, `auth.docker.io` and `docker.com` with its sub-domains.
    Other,
}

/// A trait of a key that keeps it from ever matching, or from matching what was meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyTrap {
    /// It means Docker Hub to people, but no ordinary Hub image name is matched with it.
    HubAlias(Alias),
    /// It ends in `/v1` or `/v2` without a slash, so that the version counts as a repository path.
    VersionTail,
    /// It has a scheme other than lower-case `http://` and `https://`, which then counts as the host.
    ForeignScheme,
    /// Its path has a tag or a digest, which image lookups never have.
    TagOrDigest,
    /// Its path has a character that no repository has, such as an upper-case letter.
    Path,
    /// Its host has a character that no registry host has, or it has no host.
    Host,
    /// Its glob is malformed.
    BadPattern,
    /// It is readable once, but not in the form in which the kubelet stores it.
    UnreadableOnLookup,
}

/// Why a key does not cover an image. The nearer the miss, the earlier the variant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Mismatch {
    /// The key is `index.docker.io`, which serves Hub images only when no other key covers them.
    FallbackOnly,
    /// The key can never match what was meant, and its registry is the image's.
    Trap(KeyTrap),
    /// `url.Parse` refuses the key, and the image's registry stands in it.
    Unreadable(UrlFault),
    /// The hosts differ in case only.
    Case,
    /// The ports differ as text; no port is written as empty, and is not 443.
    Port { key: String, image: String },
    /// The registry is the image's, but the key's path is no prefix of the image's.
    Path { key: String },
    /// The hosts differ by one or two characters.
    Typo,
    /// A glob does not reach over dots: the numbers of labels differ.
    Labels { key: usize, image: usize },
    /// The hosts end alike, in at least two labels.
    Sibling,
    /// Another registry.
    Registry,
}

/// The key that comes nearest to covering an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Near {
    /// The Secret's name.
    pub secret: String,
    /// The key as written.
    pub key: String,
    pub why: Mismatch,
}

/// Why an entry is not used for an image by its key; `None` if its key covers the image.
pub fn explain(entry: &EntryFacts, image: &ImageRef) -> Option<Mismatch> {
    let index = match &entry.registry {
        RegistryKey::Unreadable(fault) => {
            let named = entry.key.to_ascii_lowercase().contains(&bare_host(image).to_ascii_lowercase());
            return Some(if named { Mismatch::Unreadable(*fault) } else { Mismatch::Registry });
        }
        RegistryKey::Indexed(index) => index,
    };
    let target = url::parse(image.repository().as_bytes()).ok()?;
    if index.url.as_ref().is_some_and(|key| covers(key, &target)) {
        return None;
    }
    if index.bytes == b"index.docker.io" && falls_back_to_hub(image.repository()) {
        return Some(Mismatch::FallbackOnly);
    }
    if let Some(trap) = trap(entry) {
        let meant = match trap {
            KeyTrap::HubAlias(_) => image.is_hub(),
            KeyTrap::VersionTail if image.is_hub() && index.bytes.starts_with(b"index.docker.io/") => true,
            _ => names_host(&entry.key, image),
        };
        if meant {
            return Some(Mismatch::Trap(trap));
        }
    }
    let Some(key) = &index.url else { return Some(Mismatch::Registry) };
    Some(compare(key, &target))
}

/// The nearest miss among all entries of a keyring; `None` if none is near. Of equals the first in the pod's order.
pub fn nearest(keyring: &Keyring<'_>, image: &ImageRef) -> Option<Near> {
    keyring
        .entries()
        .filter_map(|(secret, entry)| Some((explain(entry, image)?, secret, entry)))
        .filter(|(why, ..)| *why != Mismatch::Registry)
        .min_by(|a, b| a.0.cmp(&b.0))
        .map(|(why, secret, entry)| Near { secret: secret.to_owned(), key: entry.key.clone(), why })
}

/// A trait of the key that is wrong for every image. `None` for a sound key, and for one that is not readable at all.
pub fn trap(entry: &EntryFacts) -> Option<KeyTrap> {
    let index = entry.registry.indexed()?;
    if let Some((scheme, _)) = entry.key.split_once("://")
        && scheme != "http"
        && scheme != "https"
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    {
        return Some(KeyTrap::ForeignScheme);
    }
    let Some(key) = &index.url else { return Some(KeyTrap::UnreadableOnLookup) };
    let (labels, _) = key.labels_and_port();
    if labels.iter().any(|label| glob::matches(label, b"a").is_err()) {
        return Some(KeyTrap::BadPattern);
    }
    let is_host_byte = |b: &u8| b.is_ascii_alphanumeric() || b"-.:[]*?".contains(b);
    if key.host.is_empty() || !key.host.iter().all(is_host_byte) {
        return Some(KeyTrap::Host);
    }
    if key.path == b"/v1" || key.path == b"/v2" {
        return Some(KeyTrap::VersionTail);
    }
    if let Some(last) = key.path.rsplit(|b| *b == b'/').next()
        && last.iter().any(|b| matches!(b, b':' | b'@'))
    {
        return Some(KeyTrap::TagOrDigest);
    }
    let is_path_byte = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/._-".contains(b);
    if !key.path.iter().all(is_path_byte) || key.path.windows(2).any(|pair| pair == b"//") {
        return Some(KeyTrap::Path);
    }
    hub_alias(&key.host).map(KeyTrap::HubAlias)
}

fn hub_alias(host: &[u8]) -> Option<Alias> {
    let host = host.to_ascii_lowercase();
    Some(match &*host {
        b"registry-1.docker.io" => Alias::Registry1,
        b"hub.docker.com" => Alias::HubDockerCom,
        b"registry.hub.docker.com" => Alias::RegistryHub,
        b"www.docker.io" | b"registry.docker.io" | b"auth.docker.io" | b"docker.com" => Alias::Other,
        _ if host.ends_with(b".docker.com") => Alias::Other,
        _ => return None,
    })
}

/// Compares two hosts and paths that do not match, the host first, since it is what people get right.
fn compare(key: &Url, image: &Url) -> Mismatch {
    let (key_labels, key_port) = key.labels_and_port();
    let (labels, port) = image.labels_and_port();
    let text = |bytes: &[u8]| super::go::to_valid_utf8(bytes);
    let hosts_match = key_labels.len() == labels.len()
        && key_labels.iter().zip(&labels).all(|(pattern, label)| glob::matches(pattern, label) == Ok(true));
    if hosts_match {
        return if key_port != port {
            Mismatch::Port { key: text(key_port), image: text(port) }
        } else {
            Mismatch::Path { key: text(&key.path) }
        };
    }
    let (key_host, host) = (key_labels.join(&b'.'), labels.join(&b'.'));
    if key_host.eq_ignore_ascii_case(&host) {
        return Mismatch::Case;
    }
    let has_glob = key_host.iter().any(|b| matches!(b, b'*' | b'?'));
    if !has_glob && key_host.len().min(host.len()) >= 5 && within_two_edits(&key_host, &host) {
        return Mismatch::Typo;
    }
    let shared = key_labels.iter().rev().zip(labels.iter().rev()).take_while(|(a, b)| a == b).count();
    if has_glob && key_labels.len() != labels.len() && shared >= 1 {
        return Mismatch::Labels { key: key_labels.len(), image: labels.len() };
    }
    if shared >= 2 { Mismatch::Sibling } else { Mismatch::Registry }
}

/// Whether two texts differ by at most two inserted, removed or changed bytes.
fn within_two_edits(a: &[u8], b: &[u8]) -> bool {
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    // Two edits can lie far apart; a label's length is far enough.
    if a.len().abs_diff(b.len()) > 2 || a.len().max(b.len()) > 63 {
        return false;
    }
    edits(a, b) <= 2
}

/// The image's registry without its port.
fn bare_host(image: &ImageRef) -> &str {
    let domain = image.domain();
    match domain.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => domain,
    }
}

/// Whether the image's registry stands in the key, as the user wrote it.
fn names_host(key: &str, image: &ImageRef) -> bool {
    let host = bare_host(image).to_ascii_lowercase();
    !host.is_empty() && key.to_ascii_lowercase().contains(&host)
}

#[cfg(test)]
mod tests {
    use super::super::{Parsed, PullSecretKind, parse};
    use super::*;
    use crate::value::{SecretValue, Tagger};

    fn why(key: &str, image: &str) -> Option<Mismatch> {
        let text = serde_json::json!({ "auths": { key: {} } }).to_string();
        let tagger = Tagger::new(1, [1; 32]);
        let payload = SecretValue::new(text.into_bytes());
        match parse(PullSecretKind::DockerConfigJson, Some(&payload), &tagger) {
            Parsed::Entries(facts) => explain(&facts.entries[0], &ImageRef::parse(image).expect(image)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_nearest_key_is_the_one_that_needs_the_smallest_change() {
        let text = r#"{"auths":{"quay.example":{},"reg.example:5000":{},"*.other.example":{},"reg.example/team":{}}}"#;
        let payload = SecretValue::new(text.as_bytes().to_vec());
        let Parsed::Entries(facts) = parse(PullSecretKind::DockerConfigJson, Some(&payload), &Tagger::new(1, [1; 32]))
        else {
            panic!("readable")
        };
        let keyring = Keyring::new(&[("s", &facts)]);
        let near = |image| nearest(&keyring, &ImageRef::parse(image).expect(image)).map(|near| near.key);
        assert_eq!(near("reg.example/app").as_deref(), Some("reg.example:5000"));
        assert_eq!(near("a.b.other.example/app").as_deref(), Some("*.other.example"));
        assert_eq!(near("elsewhere.test/app"), None);
    }

    #[test]
    fn each_miss_has_its_reason() {
        for (key, image, want) in [
            ("reg.example", "reg.example/a", None),
            ("https://reg.example/v2/", "reg.example/a", None),
            (
                "reg.example",
                "reg.example:5000/a",
                Some(Mismatch::Port { key: String::new(), image: "5000".to_owned() }),
            ),
            ("reg.example/team/", "reg.example/other/a", Some(Mismatch::Path { key: "/team/".to_owned() })),
            ("https://reg.example/v2", "reg.example/a", Some(Mismatch::Trap(KeyTrap::VersionTail))),
            ("https://index.docker.io/v1", "busybox", Some(Mismatch::Trap(KeyTrap::VersionTail))),
            ("https://index.docker.io/v1/", "busybox", Some(Mismatch::FallbackOnly)),
            ("hub.docker.com", "busybox", Some(Mismatch::Trap(KeyTrap::HubAlias(Alias::HubDockerCom)))),
            ("registry-1.docker.io", "team/app", Some(Mismatch::Trap(KeyTrap::HubAlias(Alias::Registry1)))),
            ("Reg.example", "reg.example/a", Some(Mismatch::Case)),
            ("oci://reg.example", "reg.example/a", Some(Mismatch::Trap(KeyTrap::ForeignScheme))),
            ("reg.example/a:v1", "reg.example/a", Some(Mismatch::Trap(KeyTrap::TagOrDigest))),
            ("reg.example/Team", "reg.example/team/a", Some(Mismatch::Trap(KeyTrap::Path))),
            ("reg.example\n", "reg.example/a", Some(Mismatch::Unreadable(UrlFault::ControlCharacter))),
            ("*.example", "a.b.example/x", Some(Mismatch::Labels { key: 2, image: 3 })),
            ("regs.example", "reg.example/a", Some(Mismatch::Typo)),
            ("eu.images.example", "us.images.example/a", Some(Mismatch::Typo)),
            ("europe.images.example", "us.images.example/a", Some(Mismatch::Sibling)),
            ("quay.example", "reg.test/a", Some(Mismatch::Registry)),
        ] {
            assert_eq!(why(key, image), want, "{key} {image}");
        }
    }
}
