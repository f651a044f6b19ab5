//! Image references as the kubelet reads them.
//!
//! Upstream: `ParseNormalizedNamed` of github.com/distribution/reference v0.6.0, wrapped by `ParseImageName` of
//! k8s.io/kubernetes, `pkg/util/parsers/parsers.go`.

use std::fmt;

/// The domain of Docker Hub in canonical names. The host that answers is `registry-1.docker.io`.
pub const HUB_DOMAIN: &str = "docker.io";

/// A readable image reference, with Docker's defaults applied.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ImageRef {
    repository: String,
    /// Bytes of `repository` that are the domain; 0 in the rare case that the grammar finds none (`a__b.c/d`).
    domain: usize,
    tag: Option<String>,
    digest: Option<String>,
}

/// Why the kubelet answers `InvalidImageName`. It never carries the text itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageError {
    /// 64 hexadecimal digits are an image id, which cannot be pulled.
    Identifier,
    /// The repository path has an upper-case letter.
    UpperCase,
    /// The text does not follow the grammar.
    Format,
    /// The repository path is longer than 255 bytes.
    TooLong,
    /// The digest's algorithm is none of sha256, sha384, sha512.
    DigestAlgorithm,
    /// The digest's length or case is wrong for its algorithm.
    DigestForm,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identifier => "64 hexadecimal digits are an image id, not a name",
            Self::UpperCase => "the repository path must be in lower case",
            Self::Format => "invalid reference format",
            Self::TooLong => "the repository path is longer than 255 characters",
            Self::DigestAlgorithm => "unsupported digest algorithm",
            Self::DigestForm => "the digest's length or case is wrong",
        })
    }
}

impl std::error::Error for ImageError {}

impl ImageRef {
    /// Reads an image as it stands in a container's `image` field.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        if text.len() == 64 && text.bytes().all(is_lower_hex) {
            return Err(ImageError::Identifier);
        }
        let (domain, remainder) = split_domain(text);
        let remote = remainder.split(':').next().unwrap_or_default();
        if remote.chars().any(|c| c.to_lowercase().ne(std::iter::once(c))) {
            return Err(ImageError::UpperCase);
        }

        // None of the domain, the path and the tag may hold an `@`, none of the path and the tag a `/`.
        let (name, digest) = match remainder.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (&*remainder, None),
        };
        let (path, tag) = match name.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (name, None),
        };
        if !path.split('/').all(is_path_component) || tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(ImageError::Format);
        }
        // A first component with a dot may be no host name and yet be a path component, as in `a__b.c/d`. The
        // grammar then takes all of it as the path.
        let is_domain = is_domain(domain);
        if !is_domain && !is_path_component(domain) {
            return Err(ImageError::Format);
        }
        let path_len = if is_domain { path.len() } else { domain.len() + 1 + path.len() };
        if let Some(digest) = digest
            && !is_digest_shaped(digest)
        {
            return Err(ImageError::Format);
        }
        if path_len > 255 {
            return Err(ImageError::TooLong);
        }
        digest.map_or(Ok(()), check_digest)?;
        Ok(Self {
            repository: format!("{domain}/{path}"),
            domain: if is_domain { domain.len() } else { 0 },
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The canonical repository without tag and digest, such as `docker.io/library/busybox`: what the keyring is asked.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The registry, with its port if one is written; `docker.io` for Docker Hub.
    pub fn domain(&self) -> &str {
        &self.repository[..self.domain]
    }

    /// The repository inside the registry.
    pub fn path(&self) -> &str {
        match self.domain {
            0 => &self.repository,
            n => &self.repository[n + 1..],
        }
    }

    /// The tag that is pulled: the written one, `latest` if neither tag nor digest is written, else none.
    pub fn tag(&self) -> Option<&str> {
        match (&self.tag, &self.digest) {
            (None, None) => Some("latest"),
            (tag, _) => tag.as_deref(),
        }
    }

    /// Whether a tag is written in the text.
    pub fn has_written_tag(&self) -> bool {
        self.tag.is_some()
    }

    /// The digest with its algorithm, such as `sha256:...`.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Whether the image lives on Docker Hub.
    pub fn is_hub(&self) -> bool {
        self.domain() == HUB_DOMAIN
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = self.tag() {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest() {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Splits off what Docker takes for the registry, and applies `docker.io` and `library/`.
fn split_domain(name: &str) -> (&str, String) {
    let Some((first, rest)) = name.split_once('/') else {
        return (HUB_DOMAIN, format!("library/{name}"));
    };
    let (domain, remote) = if first == "index.docker.io" {
        (HUB_DOMAIN, rest)
    } else if first == "localhost" || first.contains(['.', ':']) || first.chars().any(char::is_uppercase) {
        (first, rest)
    } else {
        (HUB_DOMAIN, name)
    };
    if domain == HUB_DOMAIN && !remote.contains('/') {
        (domain, format!("library/{remote}"))
    } else {
        (domain, remote.to_owned())
    }
}

fn is_lower_hex(b: u8) -> bool {
    b.is_ascii_digit() || (b'a'..=b'f').contains(&b)
}

/// `host[:port]`, where the host is dot-separated labels or a bracketed IPv6 address.
fn is_domain(text: &str) -> bool {
    let host = match text.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => text,
    };
    if let Some(inner) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    }
    host.split('.').all(|label| {
        let b = label.as_bytes();
        b.first().is_some_and(u8::is_ascii_alphanumeric)
            && b.last().is_some_and(u8::is_ascii_alphanumeric)
            && b.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'-')
    })
}

/// Lower-case letters and digits, joined by one `.`, one or two `_`, or any number of `-`.
fn is_path_component(text: &str) -> bool {
    let b = text.as_bytes();
    let alnum = |c: u8| c.is_ascii_digit() || c.is_ascii_lowercase();
    let mut i = 0;
    loop {
        let start = i;
        while i < b.len() && alnum(b[i]) {
            i += 1;
        }
        if i == start {
            return false;
        }
        if i == b.len() {
            return true;
        }
        let separator = i;
        while i < b.len() && b[i] == b[separator] {
            i += 1;
        }
        match (b[separator], i - separator) {
            (b'.', 1) | (b'_', 1 | 2) | (b'-', _) => {}
            _ => return false,
        }
    }
}

fn is_tag(text: &str) -> bool {
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let b = text.as_bytes();
    (1..=128).contains(&b.len()) && word(b[0]) && b.iter().all(|c| word(*c) || *c == b'.' || *c == b'-')
}

fn is_digest_shaped(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    hex.len() >= 32
        && hex.bytes().all(|b| b.is_ascii_hexdigit())
        && algorithm.split(['-', '_', '+', '.']).all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

fn check_digest(text: &str) -> Result<(), ImageError> {
    let (algorithm, hex) = text.split_once(':').ok_or(ImageError::Format)?;
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Err(ImageError::DigestAlgorithm),
    };
    if hex.len() == length && hex.bytes().all(is_lower_hex) { Ok(()) } else { Err(ImageError::DigestForm) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(text: &str) -> Result<String, ImageError> {
        ImageRef::parse(text).map(|image| image.repository().to_owned())
    }

    #[test]
    fn short_names_become_hub_names() {
        for (text, want) in [
            ("busybox", "docker.io/library/busybox"),
            ("busybox:1.36", "docker.io/library/busybox"),
            ("team/app", "docker.io/team/app"),
            ("docker.io/app", "docker.io/library/app"),
            ("index.docker.io/app", "docker.io/library/app"),
            ("localhost/app", "localhost/app"),
            ("localhost:5000/a/b:c", "localhost:5000/a/b"),
            ("Host/app", "Host/app"),
            ("[::1]:5000/app", "[::1]:5000/app"),
            ("[::1]/app", "[::1]/app"),
            ("a__b.c/d", "a__b.c/d"),
        ] {
            assert_eq!(repository(text).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn tag_and_digest_are_kept_apart() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let both = ImageRef::parse(&format!("reg.example/app:v1@{digest}")).expect("readable");
        assert_eq!((both.tag(), both.digest()), (Some("v1"), Some(&*digest)));
        let only = ImageRef::parse(&format!("reg.example/app@{digest}")).expect("readable");
        assert_eq!((only.tag(), only.digest()), (None, Some(&*digest)));
        let plain = ImageRef::parse("reg.example/app").expect("readable");
        assert_eq!((plain.tag(), plain.domain(), plain.path()), (Some("latest"), "reg.example", "app"));
    }

    #[test]
    fn unreadable_names_say_why() {
        for (text, want) in [
            ("", ImageError::Format),
            ("reg.example/App", ImageError::UpperCase),
            ("https://reg.example/app", ImageError::Format),
            ("reg.example/app:", ImageError::Format),
            ("reg.example/a___b", ImageError::Format),
            ("-reg.example/app", ImageError::Format),
            ("app@sha256:abc", ImageError::Format),
        ] {
            assert_eq!(repository(text), Err(want), "{text}");
        }
        assert_eq!(repository(&"a".repeat(64)), Err(ImageError::Identifier));
        assert_eq!(repository(&format!("app@md5:{}", "a".repeat(32))), Err(ImageError::DigestAlgorithm));
        assert_eq!(repository(&format!("app@sha256:{}", "A".repeat(64))), Err(ImageError::DigestForm));
        assert_eq!(repository(&"a".repeat(256)), Err(ImageError::TooLong));
    }
}
