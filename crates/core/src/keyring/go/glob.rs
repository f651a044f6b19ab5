//! `path/filepath.Match` of Go on Linux.

use super::decode_rune;

/// `filepath.ErrBadPattern`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BadPattern;

/// Whether all of `name` matches `pattern`. A bad pattern is found only as far as matching gets, as in Go.
pub(crate) fn matches(mut pattern: &[u8], mut name: &[u8]) -> Result<bool, BadPattern> {
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains(&b'/'));
        }
        if let Some(tail) = match_chunk(chunk, name)?
            && (tail.is_empty() || !pattern.is_empty())
        {
            name = tail;
            continue;
        }
        if star {
            let mut i = 0;
            while i < name.len() && name[i] != b'/' {
                i += 1;
                let Some(tail) = match_chunk(chunk, &name[i..])? else { continue };
                if pattern.is_empty() && !tail.is_empty() {
                    continue;
                }
                name = tail;
                continue 'pattern;
            }
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// The next part without `*`, whether stars stood before it, and what follows.
fn scan_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|b| **b == b'*').count();
    let pattern = &pattern[stars..];
    let mut in_range = false;
    let mut i = 0;
    while i < pattern.len() {
        match pattern[i] {
            b'\\' if i + 1 < pattern.len() => i += 1,
            b'[' => in_range = true,
            b']' => in_range = false,
            b'*' if !in_range => break,
            _ => {}
        }
        i += 1;
    }
    (stars > 0, &pattern[..i], &pattern[i..])
}

/// What is left of `s` after `chunk`, or `None`. The chunk is read to its end even when the match has failed.
fn match_chunk<'s>(mut chunk: &[u8], mut s: &'s [u8]) -> Result<Option<&'s [u8]>, BadPattern> {
    let mut failed = false;
    while let Some(&first) = chunk.first() {
        failed |= s.is_empty();
        match first {
            b'[' => {
                let mut c = '\0';
                if !failed {
                    let (rune, width) = decode_rune(s);
                    c = rune;
                    s = &s[width..];
                }
                chunk = &chunk[1..];
                let negated = chunk.first() == Some(&b'^');
                if negated {
                    chunk = &chunk[1..];
                }
                let mut hit = false;
                let mut ranges = 0;
                loop {
                    if chunk.first() == Some(&b']') && ranges > 0 {
                        chunk = &chunk[1..];
                        break;
                    }
                    let (low, rest) = class_char(chunk)?;
                    chunk = rest;
                    let mut high = low;
                    if chunk[0] == b'-' {
                        let (rune, rest) = class_char(&chunk[1..])?;
                        high = rune;
                        chunk = rest;
                    }
                    hit |= low <= c && c <= high;
                    ranges += 1;
                }
                failed |= hit == negated;
            }
            b'?' => {
                if !failed {
                    failed = s[0] == b'/';
                    s = &s[decode_rune(s).1..];
                }
                chunk = &chunk[1..];
            }
            _ => {
                if first == b'\\' {
                    chunk = &chunk[1..];
                }
                let literal = *chunk.first().ok_or(BadPattern)?;
                if !failed {
                    failed = literal != s[0];
                    s = &s[1..];
                }
                chunk = &chunk[1..];
            }
        }
    }
    Ok((!failed).then_some(s))
}

/// A character of a class, perhaps escaped. The rest is never empty, for a class must be closed.
fn class_char(mut chunk: &[u8]) -> Result<(char, &[u8]), BadPattern> {
    match chunk.first() {
        None | Some(b'-' | b']') => return Err(BadPattern),
        Some(b'\\') => chunk = &chunk[1..],
        Some(_) => {}
    }
    let (rune, width) = decode_rune(chunk);
    if width == 0 || (rune == char::REPLACEMENT_CHARACTER && width == 1) || chunk.len() == width {
        return Err(BadPattern);
    }
    Ok((rune, &chunk[width..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_marks_and_classes_match_as_in_go() {
        for (pattern, name, want) in [
            ("*", "abc", Ok(true)),
            ("a*c", "abbc", Ok(true)),
            ("a?c", "abc", Ok(true)),
            ("a[a-c]c", "abc", Ok(true)),
            ("a[^a-c]c", "abc", Ok(false)),
            ("*ab*", "xxabyy", Ok(true)),
            ("a*b*c", "axbyc", Ok(true)),
            ("a", "ab", Ok(false)),
            ("[", "a", Err(BadPattern)),
            ("a\\", "a", Err(BadPattern)),
            ("b[", "a", Err(BadPattern)),
            ("a\\*", "a*", Ok(true)),
            ("", "", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[a-]", "a", Err(BadPattern)),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), want, "{pattern} {name}");
        }
    }
}
