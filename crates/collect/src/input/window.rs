//! A bounded window over a stream of bytes: what was read and not yet consumed.

use std::io::{self, Read};

use keytrace_core::coverage::Position;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// The part of a stream that is in memory. It grows only as far as its user asks for more without consuming.
pub(super) struct Window<'r> {
    reader: &'r mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    line: u64,
    lines_known: bool,
    ended: bool,
    failure: Option<io::ErrorKind>,
}

impl<'r> Window<'r> {
    /// `buffer` is taken over, so that many small files share one allocation; see [`Window::into_buffer`].
    pub fn new(reader: &'r mut dyn Read, buffer: Vec<u8>) -> Self {
        Self { reader, buffer, start: 0, end: 0, offset: 0, line: 1, lines_known: true, ended: false, failure: None }
    }

    pub fn into_buffer(mut self) -> Vec<u8> {
        if self.buffer.len() > 4 * CHUNK {
            self.buffer.truncate(CHUNK);
            self.buffer.shrink_to_fit();
        }
        self.buffer
    }

    /// What is in memory. It is empty at the end of the stream only after [`Window::more`] said so.
    pub fn data(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Position in the stream of the first byte of [`Window::data`].
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The line in which [`Window::data`] begins, as long as the lines before it were counted; else the byte.
    pub fn position(&self) -> Position {
        if self.lines_known { Position::Line(self.line) } else { Position::Byte(self.offset) }
    }

    /// How reading failed, if it did; the stream then ends where it failed.
    pub fn failure(&self) -> Option<io::ErrorKind> {
        self.failure
    }

    /// Consumes bytes, among which line ends are not counted from now on: that would cost a pass over all of them.
    pub fn consume(&mut self, bytes: usize) {
        self.lines_known = false;
        self.pass(bytes);
    }

    fn pass(&mut self, bytes: usize) {
        debug_assert!(bytes <= self.end - self.start);
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Consumes bytes, and counts the line ends in them.
    pub fn consume_lines(&mut self, bytes: usize) {
        self.line += memchr::memchr_iter(b'\n', &self.data()[..bytes]).count() as u64;
        self.pass(bytes);
    }

    /// Reads more, keeping what is there. `false` at the end of the stream.
    pub fn more(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < CHUNK / 2 {
            // Doubling keeps the copying linear; a fresh buffer starts at one chunk.
            let size = (self.buffer.len() * 2).max(CHUNK);
            self.buffer.resize(size, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(read) => {
                    self.end += read;
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.failure = Some(error.kind());
                    self.ended = true;
                }
            }
            return false;
        }
    }

    /// Reads until `bytes` are there or the stream ends; says whether they are there.
    pub fn require(&mut self, bytes: usize) -> bool {
        while self.data().len() < bytes {
            if !self.more() {
                return false;
            }
        }
        true
    }

    /// The byte at `position` of the window, reading more if need be.
    pub fn byte(&mut self, position: usize) -> Option<u8> {
        if self.start + position >= self.end && !self.require(position + 1) {
            return None;
        }
        Some(self.buffer[self.start + position])
    }
}

/// Reads what is left of the window.
impl Read for Window<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && !self.more() {
            return match self.failure {
                Some(kind) => Err(kind.into()),
                None => Ok(0),
            };
        }
        let count = into.len().min(self.end - self.start);
        into[..count].copy_from_slice(&self.buffer[self.start..self.start + count]);
        self.pass(count);
        Ok(count)
    }
}
