//! Certificates: dates, names and issuer, which are public, and whether a private key belongs to them.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::objects::{CertFacts, Str};
use crate::time::Time;
use crate::value::{SecretValue, Tagger};

/// Only so many certificates of a bundle are read.
const MOST: usize = 512;

/// Facts about `tls.crt`, its `tls.key` and the bundle in `ca.crt`. Of a chain the first certificate is the server's.
pub fn certificate(
    chain: &SecretValue,
    key: Option<&SecretValue>,
    bundle: Option<&SecretValue>,
    tagger: &Tagger,
) -> CertFacts {
    let blocks = public(chain);
    let mut facts = CertFacts {
        chain_length: blocks.len() as u32,
        unreadable: blocks.is_empty() || !blocks.iter().all(|der| is_sequence(der)),
        ..CertFacts::default()
    };
    if let Some(bundle) = bundle {
        facts.ca_tags = public(bundle)
            .iter()
            .filter_map(|der| Certificate::from_der(der).ok())
            .filter_map(|ca| ca.tbs_certificate().subject_public_key_info().to_der().ok())
            .map(|spki| tagger.tag(&spki))
            .collect();
        facts.ca_tags.sort();
        facts.ca_tags.dedup();
    }
    // A certificate of the right form that this strict parser refuses may still be good: nothing is known of it.
    let Some(leaf) = blocks.first().and_then(|der| Certificate::from_der(der).ok()) else { return facts };
    let leaf = leaf.tbs_certificate();
    let time = |t: x509_cert::time::Time| Time(t.to_unix_duration().as_secs() as i64);
    facts.not_before = Some(time(leaf.validity().not_before));
    facts.not_after = Some(time(leaf.validity().not_after));
    facts.issuer = Some(leaf.issuer().to_string().into());
    facts.serial = Some(hex(leaf.serial_number().as_bytes()).into());
    if let Ok(Some((_, SubjectAltName(names)))) = leaf.get_extension::<SubjectAltName>() {
        facts.names = names.iter().filter_map(name).collect();
    }
    if facts.names.is_empty()
        && let Some(common) = leaf.subject().to_string().split(',').find_map(|part| part.strip_prefix("CN="))
    {
        facts.names.push(common.into());
    }
    if let Some(key) = key {
        let spki = leaf.subject_public_key_info();
        let public = spki.subject_public_key.raw_bytes();
        facts.key_matches = key_matches(spki.algorithm.oid.as_bytes(), public, key);
    }
    facts
}

/// One DER sequence that fills all of the bytes.
fn is_sequence(der: &[u8]) -> bool {
    matches!(element(der), Some((0x30, _, [])))
}

fn name(name: &GeneralName) -> Option<Str> {
    match name {
        GeneralName::DnsName(dns) => Some(dns.as_str().into()),
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().into()),
        GeneralName::IpAddress(octets) => match *octets.as_bytes() {
            [a, b, c, d] => Some(std::net::Ipv4Addr::new(a, b, c, d).to_string().into()),
            ref long => <[u8; 16]>::try_from(long).ok().map(|o| std::net::Ipv6Addr::from(o).to_string().into()),
        },
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The certificates in a PEM file, which are public.
fn public(pem: &SecretValue) -> Vec<Vec<u8>> {
    blocks(pem, "CERTIFICATE").iter().map(|der| der.expose().to_vec()).collect()
}

/// The decoded bodies of all PEM blocks of a label.
fn blocks(pem: &SecretValue, label: &str) -> Vec<SecretValue> {
    let Ok(text) = std::str::from_utf8(pem.expose()) else { return Vec::new() };
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let bodies = text.split(begin.as_str()).skip(1).take(MOST);
    bodies
        .map(|rest| {
            let body = rest.split(end.as_str()).next().unwrap_or_default();
            let packed = SecretValue::new(body.bytes().filter(|b| !b.is_ascii_whitespace()).collect());
            SecretValue::new(STANDARD.decode(packed.expose()).unwrap_or_default())
        })
        .collect()
}

/// `rsaEncryption` and `id-ecPublicKey` as DER content.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// The public half that a private key carries.
#[derive(PartialEq)]
enum Public<'k> {
    /// Modulus and exponent, without leading zeros.
    Rsa(&'k [u8], &'k [u8]),
    /// The point; `None` where the key leaves it out.
    Ec(Option<&'k [u8]>),
    /// Other kinds of keys hold only the private half.
    Other,
}

/// Whether a private key belongs to a public key, given by the algorithm's OID and the key's bits. `None` where that takes
/// more than comparing: encrypted keys, EC keys without their point, Ed25519. `Some(false)` also for a key of another kind.
pub fn key_matches(algorithm: &[u8], public: &[u8], key: &SecretValue) -> Option<bool> {
    type Read = fn(&[u8]) -> Option<Public<'_>>;
    let forms: [(&str, Read); 3] =
        [("PRIVATE KEY", of_pkcs8), ("RSA PRIVATE KEY", of_pkcs1), ("EC PRIVATE KEY", of_sec1)];
    let (der, read) =
        forms.into_iter().find_map(|(label, read)| blocks(key, label).into_iter().next().map(|der| (der, read)))?;
    let private = read(der.expose())?;
    match (algorithm, private) {
        (RSA, Public::Rsa(modulus, exponent)) => {
            let (_, body, _) = element(public)?;
            let (_, n, rest) = element(body)?;
            let (_, e, _) = element(rest)?;
            Some(trim(n) == modulus && trim(e) == exponent)
        }
        (EC, Public::Ec(point)) => point.map(|p| p == public),
        (RSA, Public::Ec(_)) | (EC, Public::Rsa(..)) => Some(false),
        _ => None,
    }
}

/// `PrivateKeyInfo`: version, algorithm, and the key of that algorithm inside an octet string.
fn of_pkcs8(der: &[u8]) -> Option<Public<'_>> {
    let (_, body, _) = element(der)?;
    let (_, _version, rest) = element(body)?;
    let (_, algorithm, rest) = element(rest)?;
    let (_, inner, _) = element(rest)?;
    let (_, oid, _) = element(algorithm)?;
    match oid {
        RSA => of_pkcs1(inner),
        EC => of_sec1(inner),
        _ => Some(Public::Other),
    }
}

/// `RSAPrivateKey`: version, modulus, exponent, and the private numbers.
fn of_pkcs1(der: &[u8]) -> Option<Public<'_>> {
    let (_, body, _) = element(der)?;
    let (_, _version, rest) = element(body)?;
    let (_, n, rest) = element(rest)?;
    let (_, e, _) = element(rest)?;
    Some(Public::Rsa(trim(n), trim(e)))
}

/// `ECPrivateKey`: version, private number, and optionally the curve `[0]` and the point `[1]`.
fn of_sec1(der: &[u8]) -> Option<Public<'_>> {
    let (_, body, _) = element(der)?;
    let (_, _version, rest) = element(body)?;
    let (_, _private, mut rest) = element(rest)?;
    while let Some((tag, content, after)) = element(rest) {
        if tag == 0xa1 {
            let (_, bits, _) = element(content)?;
            return Some(Public::Ec(bits.split_first().map(|(_unused, point)| point)));
        }
        rest = after;
    }
    Some(Public::Ec(None))
}

/// One DER element: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = der else { return None };
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// An integer without its leading zeros.
fn trim(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const EC_CERTIFICATE: &str = include_str!("testdata/ec.crt");
    const RSA_CERTIFICATE: &str = include_str!("testdata/rsa.crt");

    fn read(chain: &str, key: Option<&str>) -> CertFacts {
        let value = |text: &str| SecretValue::new(text.as_bytes().to_vec());
        let key = key.map(value);
        certificate(&value(chain), key.as_ref(), Some(&value(RSA_CERTIFICATE)), &Tagger::new(1, [5; 32]))
    }

    #[test]
    fn dates_names_and_issuer_of_the_first_certificate_are_read() {
        let facts = read(&format!("{EC_CERTIFICATE}{RSA_CERTIFICATE}"), None);
        assert_eq!(facts.not_before, Time::parse("2026-11-24T14:14:20Z"));
        assert_eq!(facts.not_after, Time::parse("2036-11-21T14:14:20Z"));
        assert_eq!(facts.names.iter().map(|n| &**n).collect::<Vec<_>>(), ["app.example", "*.app.example", "10.0.0.1"]);
        assert_eq!(facts.issuer.as_deref(), Some("CN=app.example"));
        assert_eq!(facts.serial.as_deref(), Some("04e6bef8dc5c26c750641d6d9e0ca15ea33ff779"));
        assert_eq!((facts.chain_length, facts.unreadable, facts.ca_tags.len()), (2, false, 1));
        assert_eq!(&*read(RSA_CERTIFICATE, None).names[0], "rsa.example");
    }

    #[test]
    fn a_key_is_told_from_the_key_of_another_certificate_in_every_form() {
        for (certificate, key, expected) in [
            (EC_CERTIFICATE, include_str!("testdata/ec1.key"), Some(true)),
            (EC_CERTIFICATE, include_str!("testdata/ec8.key"), Some(true)),
            (EC_CERTIFICATE, include_str!("testdata/other.key"), Some(false)),
            (EC_CERTIFICATE, include_str!("testdata/rsa.key"), Some(false)),
            (RSA_CERTIFICATE, include_str!("testdata/rsa.key"), Some(true)),
            (RSA_CERTIFICATE, include_str!("testdata/rsa1.key"), Some(true)),
            (RSA_CERTIFICATE, include_str!("testdata/ec8.key"), Some(false)),
            (RSA_CERTIFICATE, "no key", None),
        ] {
            assert_eq!(
                read(certificate, Some(key)).key_matches,
                expected,
                "{}",
                key.lines().next().unwrap_or_default()
            );
        }
    }

    #[test]
    fn what_is_no_certificate_is_unreadable() {
        for text in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(read(text, None).unreadable, "{text}");
        }
        let cut = &EC_CERTIFICATE[..EC_CERTIFICATE.len() / 2];
        assert!(read(cut, None).unreadable);
    }
}
