//! Looks an image up in the pull secrets of a pod: `BasicDockerKeyring.Add`, `Lookup` and `URLsMatch`.

use super::facts::{DockerConfigFacts, EntryFacts, IndexKey};
use super::go::glob;
use super::go::url::{self, Url};
use crate::image::ImageRef;

/// The key whose credentials Docker Hub images fall back to.
const HUB_FALLBACK: &str = "index.docker.io";

/// The index over all entries of a pod's pull secrets, in the order in which the kubelet tries its keys.
pub struct Keyring<'a> {
    secrets: Vec<(&'a str, &'a DockerConfigFacts)>,
    keys: Vec<Key<'a>>,
}

struct Key<'a> {
    index: &'a IndexKey,
    /// Secret and entry, in the order of the pod's list.
    slots: Vec<(usize, usize)>,
}

/// All credentials that the kubelet sends for an image, in turn, until one is accepted. If there is none it pulls
/// anonymously; if there is one it never does.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Lookup {
    pub matches: Vec<Match>,
    /// Two matches of one Secret stand under keys that mean the same, so that their order differs from try to try.
    pub undetermined: bool,
}

/// One credential that is sent.
#[derive(Clone, PartialEq, Debug)]
pub struct Match {
    /// The Secret's name.
    pub secret: String,
    /// Its place in the list that the keyring was made from.
    pub secret_index: usize,
    /// The entry's place in [`DockerConfigFacts::entries`].
    pub entry_index: usize,
    /// The entry's key as written.
    pub key: String,
    pub via: Via,
    /// Matches with one rank are tried in random order.
    pub rank: usize,
}

/// By which rule an entry matches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Via {
    /// The key covers the image's registry and path.
    Key,
    /// No key covers it, and the image's name counts as one of Docker Hub.
    HubFallback,
}

impl<'a> Keyring<'a> {
    /// Takes the pod's pull secrets in the order of its list, without those that are absent, not used or malformed.
    ///
    /// A malformed one makes the pull fail before any lookup, which is the caller's to say.
    pub fn new(secrets: &[(&'a str, &'a DockerConfigFacts)]) -> Self {
        let mut slots: Vec<(&'a IndexKey, (usize, usize))> = Vec::new();
        for (s, (_, facts)) in secrets.iter().enumerate() {
            for (e, entry) in facts.entries.iter().enumerate() {
                if let Some(index) = entry.registry.indexed() {
                    slots.push((index, (s, e)));
                }
            }
        }
        // Longer keys of one host come first, and `*` after letters and digits: the reverse order of bytes.
        slots.sort_by(|a, b| b.0.bytes.cmp(&a.0.bytes).then(a.1.cmp(&b.1)));
        let mut keys: Vec<Key<'a>> = Vec::new();
        for (index, slot) in slots {
            match keys.last_mut() {
                Some(key) if key.index.bytes == index.bytes => key.slots.push(slot),
                _ => keys.push(Key { index, slots: vec![slot] }),
            }
        }
        Self { secrets: secrets.to_vec(), keys }
    }

    /// The credentials for an image, in the kubelet's order.
    pub fn lookup(&self, image: &ImageRef) -> Lookup {
        let mut found = Lookup::default();
        let target = url::parse(image.repository().as_bytes()).ok();
        if let Some(target) = &target {
            for key in &self.keys {
                if key.index.url.as_ref().is_some_and(|glob| covers(glob, target)) {
                    self.push(key, Via::Key, &mut found);
                }
            }
        }
        if found.matches.is_empty()
            && falls_back_to_hub(image.repository())
            && let Some(key) = self.keys.iter().find(|key| key.index.bytes == HUB_FALLBACK.as_bytes())
        {
            self.push(key, Via::HubFallback, &mut found);
        }
        found
    }

    /// The facts behind a match.
    pub fn entry(&self, found: &Match) -> Option<&'a EntryFacts> {
        self.secrets.get(found.secret_index)?.1.entries.get(found.entry_index)
    }

    /// All entries with the names of their Secrets, in the order of the pod's list.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, &'a EntryFacts)> {
        self.secrets.iter().flat_map(|(name, facts)| facts.entries.iter().map(|entry| (*name, entry)))
    }

    fn push(&self, key: &Key<'a>, via: Via, found: &mut Lookup) {
        let first = found.matches.len();
        for &(secret_index, entry_index) in &key.slots {
            let (name, facts) = self.secrets[secret_index];
            let rank = match found.matches.last() {
                None => 0,
                Some(last) if found.matches.len() > first && last.secret_index == secret_index => {
                    found.undetermined = true;
                    last.rank
                }
                Some(last) => last.rank + 1,
            };
            found.matches.push(Match {
                secret: name.to_owned(),
                secret_index,
                entry_index,
                key: facts.entries[entry_index].key.clone(),
                via,
                rank,
            });
        }
    }
}

/// Whether a key covers a repository: `URLsMatch`. A bad pattern covers nothing.
pub(super) fn covers(glob: &Url, target: &Url) -> bool {
    let (glob_labels, glob_port) = glob.labels_and_port();
    let (labels, port) = target.labels_and_port();
    glob_port == port
        && glob_labels.len() == labels.len()
        && target.path.starts_with(&glob.path)
        && glob_labels.iter().zip(&labels).all(|(pattern, label)| glob::matches(pattern, label) == Ok(true))
}

/// Whether the first segment of a repository is Docker Hub or no host name at all: `isDefaultRegistryMatch`.
///
/// `localhost/app` counts too, for its first segment has neither a dot nor a colon.
pub(super) fn falls_back_to_hub(repository: &str) -> bool {
    match repository.split_once('/') {
        None => !repository.is_empty(),
        Some((first, _)) => {
            !first.is_empty() && (first == "docker.io" || first == HUB_FALLBACK || !first.contains(['.', ':']))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Parsed, PullSecretKind, parse};
    use super::*;
    use crate::value::{SecretValue, Tagger};

    fn secret(keys: &[&str]) -> DockerConfigFacts {
        let members: Vec<String> = keys.iter().map(|key| format!("{key:?}:{{\"username\":\"u\"}}")).collect();
        let payload = SecretValue::new(format!("{{{}}}", members.join(",")).into_bytes());
        match parse(PullSecretKind::Dockercfg, Some(&payload), &Tagger::new(1, [1; 32])) {
            Parsed::Entries(facts) => facts,
            other => panic!("{other:?}"),
        }
    }

    fn keys(secrets: &[(&str, &DockerConfigFacts)], image: &str) -> Vec<String> {
        let image = ImageRef::parse(image).expect(image);
        let found = Keyring::new(secrets).lookup(&image);
        found.matches.iter().map(|m| format!("{} {}", m.secret, m.key)).collect()
    }

    #[test]
    fn longer_keys_come_first_globs_last_and_secrets_in_the_pods_order() {
        let one = secret(&["*.example", "reg.example"]);
        let two = secret(&["reg.example/team", "https://reg.example/v2/"]);
        let secrets = [("one", &one), ("two", &two)];
        let want = ["two reg.example/team", "one reg.example", "two https://reg.example/v2/", "one *.example"];
        assert_eq!(keys(&secrets, "reg.example/team/app"), want);
        assert_eq!(keys(&secrets, "reg.example:5000/team/app"), [] as [&str; 0]);
    }

    #[test]
    fn the_key_docker_io_hides_index_docker_io() {
        let one = secret(&["https://index.docker.io/v1/"]);
        let two = secret(&["docker.io"]);
        assert_eq!(keys(&[("one", &one)], "busybox"), ["one https://index.docker.io/v1/"]);
        assert_eq!(keys(&[("one", &one), ("two", &two)], "busybox"), ["two docker.io"]);
        assert_eq!(keys(&[("one", &one)], "localhost/app"), ["one https://index.docker.io/v1/"]);
        assert_eq!(keys(&[("one", &one)], "reg.example/app"), [] as [&str; 0]);
    }

    #[test]
    fn two_spellings_in_one_secret_have_no_order_and_in_two_secrets_they_have() {
        let image = ImageRef::parse("reg.example/app").expect("readable");
        let both = secret(&["reg.example", "https://reg.example/v1/"]);
        let one = secret(&["reg.example"]);
        let found = Keyring::new(&[("one", &one), ("both", &both), ("three", &one)]).lookup(&image);
        assert!(found.undetermined);
        assert_eq!(found.matches.iter().map(|m| m.rank).collect::<Vec<_>>(), [0, 1, 1, 2]);
        assert!(!Keyring::new(&[("one", &one), ("three", &one)]).lookup(&image).undetermined);
    }
}
