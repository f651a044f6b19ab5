//! Containers' logs: only what a line was recognised as is kept, never the line.

use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::sync::Arc;

use keytrace_core::messages::{self, Class, Reading, Surface};
use keytrace_core::objects::{Log, LogHit};
use keytrace_core::time::Time;

use super::state::State;
use super::{Fault, LogPlace};

/// How many lines at the end of a log are searched for a time: the last ones are often a trace without any.
const TAIL: usize = 16;

/// Bytes of a line in which its time stands.
const HEAD: usize = 320;

pub(crate) fn read(place: LogPlace, reader: &mut dyn BufRead, state: &mut State) -> Result<(), Fault> {
    let mut log = Log {
        namespace: place.namespace,
        pod: place.pod,
        container: place.container,
        previous: place.previous,
        lines: 0,
        hits: Vec::new(),
        first_at: None,
        last_at: None,
    };
    let mut tail: VecDeque<String> = VecDeque::with_capacity(TAIL);
    let mut line = Vec::new();
    let mut fault = None;
    loop {
        match next_line(reader, &mut line, state.options.log_line) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                fault = Some(Fault {
                    offset_in_item: None,
                    line_in_item: Some(u64::from(log.lines) + 1),
                    what: "the log cannot be read on".to_owned(),
                    skip: false,
                });
                break;
            }
        }
        log.lines = log.lines.saturating_add(1);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if text.is_empty() {
            continue;
        }
        let reading = messages::read_on(text, Surface::Log);
        let telling = !reading.signals.is_empty() || reading.class() != Class::OtherUnrelated;
        let time = if telling || log.first_at.is_none() { messages::line_time(text) } else { None };
        log.first_at = log.first_at.or(time);
        if telling {
            hit(&mut log, reading, time, state.options.log_hits);
        }
        let mut head = if tail.len() == TAIL { tail.pop_front().unwrap_or_default() } else { String::new() };
        head.clear();
        head.push_str(&text[..text.floor_char_boundary(HEAD)]);
        tail.push_back(head);
    }
    log.last_at = tail.iter().rev().find_map(|head| messages::line_time(head)).or(log.first_at);
    state.out.coverage.logs += 1;
    state.out.logs.push(log);
    fault.map_or(Ok(()), Err)
}

fn hit(log: &mut Log, reading: Reading, time: Option<Time>, most: usize) {
    let number = log.lines;
    if let Some(known) = log.hits.iter_mut().find(|h| *h.said == reading) {
        known.count = known.count.saturating_add(1);
        known.last_line = number;
        known.first = known.first.or(time);
        known.last = time.or(known.last);
    } else if log.hits.len() < most {
        log.hits.push(LogHit {
            said: Arc::new(reading),
            first: time,
            last: time,
            count: 1,
            first_line: number,
            last_line: number,
        });
    }
}

/// Reads a line without its end into `line`, at most `most` bytes of it; what is longer is passed over.
/// `false` at the end of the log.
fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>, most: usize) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = memchr::memchr(b'\n', chunk);
        let used = end.unwrap_or(chunk.len());
        let room = most.saturating_sub(line.len()).min(used);
        line.extend_from_slice(&chunk[..room]);
        reader.consume(end.map_or(used, |e| e + 1));
        if end.is_some() {
            return Ok(true);
        }
    }
}
