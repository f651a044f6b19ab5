//! Finds where a JSON value ends, without parsing it.

use wide::u8x16;

/// Counts one kind of brackets outside of strings. It may be fed a value in pieces of any size.
///
/// In sound JSON each kind of brackets is balanced on its own, so that the matching bracket is found by counting that
/// kind alone. In unsound JSON it finds some end, and the parser of the item says what is wrong.
#[derive(Clone, Debug)]
pub(super) struct Scanner {
    open: u8,
    close: u8,
    depth: u64,
    /// All ones while inside a string.
    inside: u64,
    /// The next byte is escaped by a backslash before it.
    escaped: bool,
}

const BLOCK: usize = 64;

impl Scanner {
    /// For a value that begins with `first`, which must be `{` or `[`.
    pub fn new(first: u8) -> Self {
        Self { open: first, close: if first == b'{' { b'}' } else { b']' }, depth: 0, inside: 0, escaped: false }
    }

    /// Reads on. Says how many bytes of `data` belong to the value, once its last bracket is among them.
    pub fn feed(&mut self, data: &[u8]) -> Option<usize> {
        let (blocks, rest) = data.as_chunks::<BLOCK>();
        for (i, block) in blocks.iter().enumerate() {
            if let Some(end) = self.block(block, BLOCK) {
                return Some(i * BLOCK + end);
            }
        }
        if rest.is_empty() {
            return None;
        }
        let mut block = [b' '; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        self.block(&block, rest.len()).map(|end| blocks.len() * BLOCK + end)
    }

    /// One block, of which `length` bytes count; the others must be spaces.
    #[inline]
    fn block(&mut self, block: &[u8; BLOCK], length: usize) -> Option<usize> {
        let masks = Masks::of(block, self.open, self.close);
        let (escaped, next_escaped) = escapes(masks.backslash, self.escaped, length);
        self.escaped = next_escaped;
        let strings = prefix_xor(masks.quote & !escaped) ^ self.inside;
        // The sign bit says whether the block ends inside a string; the padding of a short block inherits it.
        self.inside = ((strings as i64) >> 63) as u64;
        let opens = masks.open & !strings;
        let closes = masks.close & !strings;
        let closing = u64::from(closes.count_ones());
        if closing < self.depth {
            self.depth = self.depth + u64::from(opens.count_ones()) - closing;
            return None;
        }
        let mut either = opens | closes;
        while either != 0 {
            let bit = either & either.wrapping_neg();
            if opens & bit != 0 {
                self.depth += 1;
            } else {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Some(bit.trailing_zeros() as usize + 1);
                }
            }
            either ^= bit;
        }
        None
    }
}

/// Where certain bytes are in a block, one bit a byte.
struct Masks {
    quote: u64,
    backslash: u64,
    open: u64,
    close: u64,
}

impl Masks {
    #[inline]
    fn of(block: &[u8; BLOCK], open: u8, close: u8) -> Self {
        let (quarters, _) = block.as_chunks::<16>();
        let mut masks = Self { quote: 0, backslash: 0, open: 0, close: 0 };
        for (i, quarter) in quarters.iter().enumerate() {
            let bytes = u8x16::from(*quarter);
            let find = |byte: u8| u64::from(bytes.simd_eq(u8x16::splat(byte)).to_bitmask()) << (16 * i);
            masks.quote |= find(b'"');
            masks.backslash |= find(b'\\');
            masks.open |= find(open);
            masks.close |= find(close);
        }
        masks
    }
}

/// Bytes that a backslash escapes, and whether the byte after `length` is one.
#[inline]
fn escapes(backslash: u64, escaped: bool, length: usize) -> (u64, bool) {
    let mut found = u64::from(escaped);
    let mut next = false;
    let mut rest = backslash & !found;
    while rest != 0 {
        let at = rest.trailing_zeros();
        if at as usize + 1 >= length {
            next = true;
            break;
        }
        // What follows is escaped, and if it is a backslash, it escapes nothing.
        found |= 2 << at;
        rest &= !(3 << at);
    }
    (found, next)
}

/// For each bit, whether an odd number of bits is set up to and including it.
#[inline]
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, one byte at a time.
    fn plain(data: &[u8], open: u8, close: u8) -> Option<usize> {
        let (mut depth, mut inside, mut escaped) = (0u64, false, false);
        for (i, &byte) in data.iter().enumerate() {
            let was_escaped = std::mem::take(&mut escaped);
            if byte == b'\\' {
                escaped = !was_escaped;
            } else if byte == b'"' && !was_escaped {
                inside = !inside;
            } else if byte == open && !inside {
                depth += 1;
            } else if byte == close && !inside {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(i + 1);
                }
            }
        }
        None
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn blocks_find_the_same_end_as_single_bytes_however_the_data_are_cut(
            text in "\\{[a{}\\[\\]\"\\\\ ]{0,400}",
            cuts in prop::collection::vec(1usize..100, 1..20),
        ) {
            let data = text.as_bytes();
            let mut scanner = Scanner::new(b'{');
            let (mut from, mut end) = (0, None);
            for cut in cuts.iter().cycle() {
                let to = (from + cut).min(data.len());
                if let Some(found) = scanner.feed(&data[from..to]) {
                    end = Some(from + found);
                    break;
                }
                from = to;
                if from == data.len() {
                    break;
                }
            }
            prop_assert_eq!(end, plain(data, b'{', b'}'));
        }
    }
}
