//! Reads tar archives and gzip streams, with bounds on everything that an archive can claim.

use std::cell::Cell;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::sniff::{is_tar, octal};
use super::window::Window;

/// Objects of Kubernetes compress 10 to 30 times; what goes far beyond, after a size that does no harm, is a bomb.
const RATIO: u64 = 300;
const HARMLESS: u64 = 128 << 20;
/// Names and extended headers of entries.
const NAME_CAP: u64 = 64 << 10;
const BLOCK: u64 = 512;

/// Unpacks gzip, and fails with [`io::ErrorKind::FileTooLarge`] when it expands too far.
pub(super) struct Gunzip<'a, 'r> {
    inner: MultiGzDecoder<Counted<'a, 'r>>,
    packed: &'a Cell<u64>,
    unpacked: u64,
}

struct Counted<'a, 'r> {
    w: &'a mut Window<'r>,
    count: &'a Cell<u64>,
}

impl<'a, 'r> Gunzip<'a, 'r> {
    pub fn new(w: &'a mut Window<'r>, packed: &'a Cell<u64>) -> Self {
        Self { inner: MultiGzDecoder::new(Counted { w, count: packed }), packed, unpacked: 0 }
    }
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.w.read(into)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

impl Read for Gunzip<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.unpacked += read as u64;
        if self.unpacked > HARMLESS && self.unpacked / RATIO > self.packed.get() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(read)
    }
}

/// What a tar archive holds next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A file of this size. Its content follows in the window; see [`Content`].
    File {
        name: String,
        size: u64,
    },
    /// A link, device or the like.
    Other,
    /// A folder, or a header for what follows.
    Nothing,
    /// A name that leads out of the archive.
    Outside,
    End,
    /// What follows cannot be read.
    Damaged(&'static str),
}

/// Reads the header of the next entry (POSIX.1-1988 ustar, with the long names of GNU and of pax). The window must
/// stand behind the content of the entry before.
pub(super) fn next_entry(w: &mut Window) -> Entry {
    let mut long_name = None;
    let mut long_size = None;
    loop {
        if !w.require(BLOCK as usize) {
            let left = w.data().len();
            return if left == 0 { Entry::End } else { Entry::Damaged("the archive is cut off") };
        }
        let block = &w.data()[..BLOCK as usize];
        if block.iter().all(|b| *b == 0) {
            return Entry::End;
        }
        if !is_tar(block) {
            return Entry::Damaged("not a header of a tar entry");
        }
        let Some(size) = number(&block[124..136]) else { return Entry::Damaged("entry without a size") };
        let kind = block[156];
        let mut name = until_nul(&block[..100]).to_vec();
        let prefix = until_nul(&block[345..500]);
        if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        w.consume(BLOCK as usize);
        match kind {
            b'L' | b'x' => {
                if size > NAME_CAP {
                    return Entry::Damaged("entry with a name of unreasonable length");
                }
                if !w.require(padded(size) as usize) {
                    return Entry::Damaged("the archive is cut off");
                }
                let text = &w.data()[..size as usize];
                if kind == b'L' {
                    long_name = Some(until_nul(text).to_vec());
                } else {
                    for (key, value) in pax(text) {
                        match key {
                            b"path" => long_name = Some(value.to_vec()),
                            b"size" => long_size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()),
                            _ => {}
                        }
                    }
                }
                w.consume(padded(size) as usize);
            }
            0 | b'0' | b'7' => {
                let name = long_name.take().unwrap_or(name);
                let size = long_size.take().unwrap_or(size);
                let name = String::from_utf8_lossy(&name).into_owned();
                if name.ends_with('/') {
                    skip(w, padded(size));
                    return Entry::Nothing;
                }
                if name.starts_with('/') || name.split('/').any(|part| part == "..") {
                    skip(w, padded(size));
                    return Entry::Outside;
                }
                return Entry::File { name, size };
            }
            _ => {
                // Headers for all that follows, long names of links, links, folders, devices.
                let size = if matches!(kind, b'1'..=b'6') { 0 } else { long_size.take().unwrap_or(size) };
                skip(w, padded(size));
                return if matches!(kind, b'5' | b'g' | b'K') { Entry::Nothing } else { Entry::Other };
            }
        }
    }
}

/// The content of an entry: reads `left` bytes of the window.
pub(super) struct Content<'a, 'r> {
    pub w: &'a mut Window<'r>,
    pub left: u64,
    padding: u64,
}

impl<'a, 'r> Content<'a, 'r> {
    pub fn new(w: &'a mut Window<'r>, size: u64) -> Self {
        Self { w, left: size, padding: padded(size) - size }
    }

    /// Passes over what was not read. `false` if the archive ends before.
    pub fn finish(self) -> bool {
        skip(self.w, self.left.saturating_add(self.padding))
    }
}

impl Read for Content<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = self.left.min(into.len() as u64) as usize;
        if most == 0 {
            return Ok(0);
        }
        let read = self.w.read(&mut into[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

fn skip(w: &mut Window, mut bytes: u64) -> bool {
    while bytes > 0 {
        if w.data().is_empty() && !w.more() {
            return false;
        }
        let step = (w.data().len() as u64).min(bytes);
        w.consume(step as usize);
        bytes -= step;
    }
    true
}

fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK).saturating_mul(BLOCK)
}

fn until_nul(field: &[u8]) -> &[u8] {
    &field[..memchr::memchr(0, field).unwrap_or(field.len())]
}

/// A size: octal digits, or GNU's binary form for large ones.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => {
            let (high, low) = rest.split_at(rest.len() - 8);
            let size = u64::from_be_bytes(low.try_into().ok()?);
            (high.iter().all(|b| *b == 0) && size < 1 << 60).then_some(size)
        }
        _ => octal(field),
    }
}

/// Records of a pax header: `LENGTH KEY=VALUE\n`.
fn pax(mut text: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut records = Vec::new();
    while let Some(space) = memchr::memchr(b' ', text) {
        let Some(length) = std::str::from_utf8(&text[..space]).ok().and_then(|l| l.parse::<usize>().ok()) else {
            break;
        };
        let Some(record) = text.get(space + 1..length.saturating_sub(1)) else { break };
        if let Some(equals) = memchr::memchr(b'=', record) {
            records.push((&record[..equals], &record[equals + 1..]));
        }
        text = text.get(length..).unwrap_or_default();
    }
    records
}
