//! Base64 as Go's `encoding/base64` decodes it: CR and LF are skipped, spare bits are ignored, errors have a byte.

use zeroize::Zeroizing;

/// Where decoding stopped: the `N` of `illegal base64 data at input byte N`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CorruptInput(pub usize);

/// Decodes with `base64.StdEncoding` (padded) or `base64.RawStdEncoding` (not padded).
pub(crate) fn decode(src: &[u8], padded: bool) -> Result<Zeroizing<Vec<u8>>, CorruptInput> {
    let mut out = Zeroizing::new(Vec::with_capacity(src.len() / 4 * 3 + 3));
    let mut at = 0;
    while at < src.len() {
        at = quantum(src, at, padded, &mut out)?;
    }
    Ok(out)
}

/// Decodes up to four digits from `at` on, and returns where the next four begin.
fn quantum(src: &[u8], mut at: usize, padded: bool, out: &mut Vec<u8>) -> Result<usize, CorruptInput> {
    let mut digits = [0_u8; 4];
    let mut count = 0;
    let mut trailing = None;
    while count < 4 {
        let Some(&byte) = src.get(at) else {
            match count {
                0 => return Ok(at),
                1 => return Err(CorruptInput(at - 1)),
                _ if padded => return Err(CorruptInput(at - count)),
                _ => break,
            }
        };
        at += 1;
        if let Some(digit) = digit(byte) {
            digits[count] = digit;
            count += 1;
            continue;
        }
        if is_newline(byte) {
            continue;
        }
        if !padded || byte != b'=' || count < 2 {
            return Err(CorruptInput(at - 1));
        }
        if count == 2 {
            at = skip_newlines(src, at);
            match src.get(at) {
                None => return Err(CorruptInput(src.len())),
                Some(b'=') => at += 1,
                Some(_) => return Err(CorruptInput(at - 1)),
            }
        }
        at = skip_newlines(src, at);
        if at < src.len() {
            trailing = Some(CorruptInput(at));
        }
        break;
    }
    if let Some(error) = trailing {
        return Err(error);
    }
    let word = digits.iter().fold(0_u32, |acc, d| acc << 6 | u32::from(*d));
    let bytes = word.to_be_bytes();
    out.extend_from_slice(&bytes[1..count]);
    Ok(at)
}

fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn is_newline(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

fn skip_newlines(src: &[u8], mut at: usize) -> usize {
    while src.get(at).is_some_and(|b| is_newline(*b)) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(text: &str) -> Result<Vec<u8>, CorruptInput> {
        decode(text.as_bytes(), true).map(|v| v.to_vec())
    }

    fn raw(text: &str) -> Result<Vec<u8>, CorruptInput> {
        decode(text.as_bytes(), false).map(|v| v.to_vec())
    }

    #[test]
    fn newlines_are_skipped_and_spaces_are_not() {
        assert_eq!(padded("YT\npi\r\n").as_deref(), Ok(&b"a:b"[..]));
        assert_eq!(padded("YTpi\n"), Ok(b"a:b".to_vec()));
        assert_eq!(padded("YT pi"), Err(CorruptInput(2)));
        assert_eq!(padded("YQ=\n=\n"), Ok(b"a".to_vec()));
    }

    #[test]
    fn padding_is_needed_in_one_variant_and_refused_in_the_other() {
        assert_eq!(padded("YQ=="), Ok(b"a".to_vec()));
        assert_eq!(raw("YQ"), Ok(b"a".to_vec()));
        assert_eq!(raw("YQ=="), Err(CorruptInput(2)));
        assert_eq!(padded("YQ"), Err(CorruptInput(0)));
        assert_eq!(padded("YQ="), Err(CorruptInput(3)));
        assert_eq!(padded("YWI=x"), Err(CorruptInput(4)));
        assert_eq!(raw("Y"), Err(CorruptInput(0)));
    }

    #[test]
    fn spare_bits_are_ignored() {
        assert_eq!(raw("YR"), Ok(b"a".to_vec()));
    }
}
