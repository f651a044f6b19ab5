//! The one type that may hold a value, and what may be learnt from a value without showing it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes that must not leave the process: a Secret's value, an environment literal, a ConfigMap's text.
///
/// It has no `Display`, no `Serialize` and no `Clone`; `Debug` prints a constant; the memory is zeroed on drop.
/// The only way in is [`SecretValue::expose`], whose call sites `cargo xtask tidy` lists and limits.
pub struct SecretValue(Zeroizing<Vec<u8>>);

impl SecretValue {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves. Every caller is on the reviewed list in `xtask/expose.txt`.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(..)")
    }
}

/// Says whether two values are equal without saying what they are: a truncated HMAC-SHA-256 under a key of one run.
///
/// Tags of different domains (two runs, two captures) say nothing about each other: [`EqTag::same`] is then `None`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EqTag {
    domain: u32,
    mac: [u8; 12],
}

impl EqTag {
    /// `None` when the tags were made under different keys, so that nothing can be said.
    pub fn same(self, other: Self) -> Option<bool> {
        (self.domain == other.domain).then_some(self.mac == other.mac)
    }
}

impl fmt::Debug for EqTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EqTag(domain {})", self.domain)
    }
}

/// Makes equality tags under one key. The key is random and comes from the shell; `core` draws no random numbers.
pub struct Tagger {
    domain: u32,
    key: Zeroizing<[u8; 32]>,
}

impl Tagger {
    pub fn new(domain: u32, key: [u8; 32]) -> Self {
        Self { domain, key: Zeroizing::new(key) }
    }

    pub fn tag(&self, bytes: &[u8]) -> EqTag {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.key).expect("HMAC takes a key of any length");
        mac.update(bytes);
        let full = mac.finalize().into_bytes();
        let mut short = [0; 12];
        short.copy_from_slice(&full[..12]);
        EqTag { domain: self.domain, mac: short }
    }
}

impl fmt::Debug for Tagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tagger(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_of_a_value_never_holds_the_value() {
        let value = SecretValue::new(b"hunter2".to_vec());
        assert_eq!(format!("{value:?}"), "SecretValue(..)");
        assert!(!format!("{:?}", Tagger::new(1, [7; 32]).tag(b"hunter2")).contains("hunter2"));
    }

    #[test]
    fn tags_of_one_domain_compare_and_tags_of_two_domains_do_not() {
        let a = Tagger::new(1, [1; 32]);
        let b = Tagger::new(2, [1; 32]);
        assert_eq!(a.tag(b"x").same(a.tag(b"x")), Some(true));
        assert_eq!(a.tag(b"x").same(a.tag(b"y")), Some(false));
        assert_eq!(a.tag(b"x").same(b.tag(b"x")), None);
    }
}
