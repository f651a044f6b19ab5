//! Recognises what is no text by its first bytes.

/// What a stream is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Text, as far as can be told.
    Text,
    Gzip,
    Tar,
    /// Known and not read yet, or not readable as it is; the words say what to do.
    Named {
        what: &'static str,
        damage: bool,
    },
    Binary,
}

/// Bytes that [`format`] wants to see.
pub(super) const HEAD: usize = 8 << 10;

/// The magic number of bbolt's meta page (go.etcd.io/bbolt internal/common/types.go), behind the page's header.
const BBOLT: [u8; 4] = 0xED0C_DAED_u32.to_le_bytes();

pub(super) fn format(head: &[u8]) -> Format {
    let named = |what| Format::Named { what, damage: false };
    let lost = |what| Format::Named { what, damage: true };
    match head {
        [0x1f, 0x8b, 8, ..] => Format::Gzip,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => named("zip archive: not read yet, unpack it first"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => named("compressed with zstd: not read yet, unpack it first"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => named("compressed with xz: not read yet, unpack it first"),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => {
            named("compressed with bzip2: not read yet, unpack it first")
        }
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => lost("UTF-32 text: save it as UTF-8"),
        // PowerShell's `>` writes this.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => lost("UTF-16 text: save it as UTF-8"),
        [b'{' | b'[' | b'a', 0, _, 0, ..] | [0, b'{' | b'[' | b'a', 0, _, ..] => lost("UTF-16 text: save it as UTF-8"),
        _ if head.get(16..20) == Some(&BBOLT[..]) => named("etcd snapshot: not read yet"),
        _ if is_tar(head) => Format::Tar,
        _ => {
            let start = head.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(head.len());
            let json = matches!(head.get(start), Some(b'{' | b'['));
            let head = &head[..head.len().min(HEAD)];
            if !json && memchr::memchr(0, head).is_some() { Format::Binary } else { Format::Text }
        }
    }
}

/// Whether a block is the header of a tar entry: its checksum is right.
pub(super) fn is_tar(block: &[u8]) -> bool {
    let Some(block) = block.get(..512) else { return false };
    let Some(stated) = octal(&block[148..156]) else { return false };
    let blanked = |(i, byte): (usize, &u8)| u64::from(if (148..156).contains(&i) { b' ' } else { *byte });
    block[0] != 0 && stated == block.iter().enumerate().map(blanked).sum::<u64>()
}

/// A number in a tar header: octal digits between spaces and NULs.
pub(super) fn octal(field: &[u8]) -> Option<u64> {
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|b| matches!(b, 0 | b' ')).unwrap_or(digits.len());
    if end == 0 {
        return None;
    }
    digits[..end].iter().try_fold(0_u64, |sum, b| {
        matches!(b, b'0'..=b'7').then(|| sum.checked_mul(8)?.checked_add(u64::from(b - b'0')))?
    })
}
