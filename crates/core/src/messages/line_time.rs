//! The time that a log line itself states, in the forms of common loggers.

use crate::time::Time;

/// A line's own time stands within this many bytes, or it is not the line's time but part of its sentence.
const HEAD: usize = 300;

/// The time at the head of a log line, in UTC where the line names no zone. `None` for forms without a year (klog,
/// syslog): see [`line_time_near`].
pub fn line_time(line: &str) -> Option<Time> {
    let head = head(line);
    dated(head).or_else(|| day_first(head)).or_else(|| epoch(head))
}

/// As [`line_time`], and for forms without a year the year that puts the line closest to `near`.
pub fn line_time_near(line: &str, near: Time) -> Option<Time> {
    line_time(line).or_else(|| yearless(head(line), near))
}

fn head(line: &str) -> &[u8] {
    let line = line.trim_start().as_bytes();
    &line[..line.len().min(HEAD)]
}

/// `2026-11-22T05:34:39Z`, `2026/11/22 05:34:39`, `[2026-11-22 05:34:39,123]`, `ts=...`, `"time":"..."`.
fn dated(head: &[u8]) -> Option<Time> {
    for at in 0..head.len() {
        if at > 0 && head[at - 1].is_ascii_digit() {
            continue;
        }
        if let Some((date, used)) = year_first(&head[at..])
            && leads(&head[..at])
        {
            return at_zone(date, &head[at + used..]);
        }
    }
    None
}

/// Date and time as seconds without a zone, and the bytes that they take.
fn year_first(b: &[u8]) -> Option<(Time, usize)> {
    let separator = *b.get(4)?;
    if !matches!(separator, b'-' | b'/' | b'.') || *b.get(7)? != separator {
        return None;
    }
    if !matches!(b.get(10)?, b'T' | b't' | b' ' | b'_') {
        return None;
    }
    let (hour, used) = clock(b.get(11..)?)?;
    Some((civil(number(b, 0, 4)?, number(b, 5, 2)?, number(b, 8, 2)?, hour)?, 11 + used))
}

/// `05:34:39` with any fraction, as seconds of the day.
fn clock(b: &[u8]) -> Option<(i64, usize)> {
    if b.get(2) != Some(&b':') || b.get(5) != Some(&b':') {
        return None;
    }
    let (hour, minute, second) = (number(b, 0, 2)?, number(b, 3, 2)?, number(b, 6, 2)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut used = 8;
    if matches!(b.get(8), Some(b'.' | b',' | b':')) && b.get(9).is_some_and(u8::is_ascii_digit) {
        used = 9;
        while b.get(used).is_some_and(u8::is_ascii_digit) {
            used += 1;
        }
    }
    Some((hour * 3_600 + minute * 60 + second, used))
}

fn civil(year: i64, month: i64, day: i64, second_of_day: i64) -> Option<Time> {
    if !(1970..=9999).contains(&year) {
        return None;
    }
    Time::parse(&format!("{year:04}-{month:02}-{day:02}T00:00:00Z")).map(|midnight| midnight.plus(second_of_day))
}

/// Applies the zone that follows a time, if one does.
fn at_zone(local: Time, after: &[u8]) -> Option<Time> {
    let after = match after {
        [b' ', rest @ ..] if matches!(rest.first(), Some(b'+' | b'-')) => rest,
        _ => after,
    };
    let (sign, digits) = match after {
        [b'+', rest @ ..] => (-1, rest),
        [b'-', rest @ ..] => (1, rest),
        _ => return Some(local),
    };
    let Some(hours) = number(digits, 0, 2) else { return Some(local) };
    let minutes = match digits.get(2) {
        Some(b':') => number(digits, 3, 2).unwrap_or(0),
        _ => number(digits, 2, 2).unwrap_or(0),
    };
    if hours > 14 || minutes > 59 {
        return Some(local);
    }
    Some(local.plus(sign * (hours * 3_600 + minutes * 60)))
}

/// Whether what stands before a date lets the date be the line's own: nothing, brackets, a level, or a key for times.
fn leads(before: &[u8]) -> bool {
    let Ok(before) = std::str::from_utf8(before) else { return false };
    let before = before.to_ascii_lowercase();
    let bare = before.trim_end_matches(['"', '\'', '[', '(', '=', ':', ' ', '{', '$']);
    if ["ts", "time", "timestamp", "datetime", "date", "asctime", "eventtime", "t"].iter().any(|key| {
        bare.len() < before.len()
            && bare.ends_with(key)
            && !bare[..bare.len() - key.len()].ends_with(|c: char| c.is_ascii_alphanumeric())
    }) {
        return true;
    }
    before.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).all(|word| {
        word.bytes().all(|b| b.is_ascii_digit())
            || matches!(
                word,
                "i" | "w"
                    | "e"
                    | "d"
                    | "f"
                    | "m"
                    | "s"
                    | "c"
                    | "info"
                    | "warn"
                    | "warning"
                    | "error"
                    | "err"
                    | "debug"
                    | "fatal"
                    | "trace"
                    | "notice"
                    | "critical"
                    | "crit"
                    | "severe"
                    | "panic"
                    | "level"
                    | "log"
                    | "stdout"
                    | "stderr"
                    | "p"
            )
    })
}

/// `22/Nov/2026:05:34:39 +0000` of web servers and `22 Nov 2026 05:34:39.123` of Redis.
fn day_first(head: &[u8]) -> Option<Time> {
    for at in 0..head.len().min(80) {
        let b = &head[at..];
        if at > 0 && head[at - 1].is_ascii_digit() {
            continue;
        }
        let (Some(day), Some(separator)) = (number(b, 0, 2), b.get(2)) else { continue };
        if !matches!(separator, b'/' | b' ' | b'-') || b.get(6) != Some(separator) {
            continue;
        }
        let (Some(month), Some(year)) = (b.get(3..6).and_then(month), number(b, 7, 4)) else { continue };
        let Some((second, used)) = b.get(12..).and_then(clock) else { continue };
        return at_zone(civil(year, month, day, second)?, b.get(12 + used..).unwrap_or_default());
    }
    None
}

/// `"ts":1795325416.12`, `"time":1795325416123`, `ts=1795325416`, `%3|1755699718.439|`.
fn epoch(head: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(head).or_else(|e| std::str::from_utf8(&head[..e.valid_up_to()])).ok()?;
    let keyed = ["\"ts\":", "\"time\":", "\"timestamp\":", "\"@timestamp\":", "ts=", "time="]
        .iter()
        .find_map(|key| text.split_once(key).map(|(_, rest)| rest.trim_start().trim_start_matches('"')));
    let digits = match keyed {
        Some(rest) => rest,
        None if text.starts_with('%') => text.split_once('|')?.1,
        None => return None,
    };
    let whole: String = digits.chars().take_while(char::is_ascii_digit).collect();
    let n: i64 = whole.parse().ok()?;
    match whole.len() {
        10 => Some(Time(n)),
        13 => Some(Time(n / 1_000)),
        16 => Some(Time(n / 1_000_000)),
        19 => Some(Time(n / 1_000_000_000)),
        _ => None,
    }
}

/// klog, `E1028 04:51:25.570609`, and syslog, `Nov 22 05:34:39`.
fn yearless(head: &[u8], near: Time) -> Option<Time> {
    let (month, day, second) = klog(head).or_else(|| syslog(head))?;
    let year = number(near.to_string().as_bytes(), 0, 4)?;
    [year - 1, year, year + 1]
        .into_iter()
        .filter_map(|year| civil(year, month, day, second))
        .min_by_key(|time| time.since(near).abs())
}

fn klog(b: &[u8]) -> Option<(i64, i64, i64)> {
    if !matches!(b.first()?, b'I' | b'W' | b'E' | b'F') || b.get(5) != Some(&b' ') {
        return None;
    }
    Some((number(b, 1, 2)?, number(b, 3, 2)?, clock(b.get(6..)?)?.0))
}

fn syslog(b: &[u8]) -> Option<(i64, i64, i64)> {
    let month = month(b.get(..3)?)?;
    let day = if b.get(4) == Some(&b' ') { number(b, 5, 1)? } else { number(b, 4, 2)? };
    Some((month, day, clock(b.get(7..)?)?.0))
}

fn month(b: &[u8]) -> Option<i64> {
    const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    MONTHS.iter().position(|name| name.as_bytes().eq_ignore_ascii_case(b)).map(|i| i as i64 + 1)
}

fn number(b: &[u8], at: usize, len: usize) -> Option<i64> {
    b.get(at..at + len)?
        .iter()
        .try_fold(0, |n, c| if c.is_ascii_digit() { Some(n * 10 + i64::from(c - b'0')) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_loggers_are_read() {
        let want = Time::parse("2026-11-22T05:34:39Z");
        for line in [
            "2026-11-22T05:34:39Z starting",
            "2026-11-22T05:34:39.123456789Z stderr F starting",
            "2026-11-22T06:34:39+01:00 starting",
            "2026-11-22 05:34:39.123 UTC [17] FATAL: x",
            "2026-11-22 05:34:39,123 ERROR x",
            "2026/11/22 05:34:39 [error] 7#7: x",
            "2026/11/22 05:34:39 level=info msg=\"x\"",
            "[2026-11-22 05:34:39 +0000] [7] [INFO] x",
            "[2026-11-22T05:34:39.000Z] x",
            "INFO 2026-11-22 05:34:39,123 x",
            "level=info ts=2026-11-22T05:34:39.1Z caller=main.go:1",
            "time=\"2026-11-22T05:34:39Z\" level=error msg=\"x\"",
            "{\"level\":\"info\",\"time\":\"2026-11-22T05:34:39Z\",\"msg\":\"x\"}",
            "{\"level\":\"error\",\"ts\":1795325679.27,\"logger\":\"x\"}",
            "{\"level\":30,\"time\":1795325679270,\"pid\":7}",
            "{\"t\":{\"$date\":\"2026-11-22T05:34:39.001+00:00\"},\"s\":\"I\"}",
            "{\"@timestamp\":\"2026-11-22T05:34:39.001Z\"}",
            "%3|1795325679.439|FAIL|rdkafka#producer-1| x",
            "10.0.0.7 - - [22/Nov/2026:05:34:39 +0000] \"GET / HTTP/1.1\" 200",
            "1:M 22 Nov 2026 05:34:39.123 * Ready to accept connections",
        ] {
            assert_eq!(line_time(line), want, "{line}");
        }
    }

    #[test]
    fn a_date_inside_a_sentence_is_not_the_time_of_the_line() {
        for line in [
            "certificate expired on 2026-11-22T05:34:39Z",
            "token not valid before 2026-11-22 05:34:39",
            "starting",
            "",
            "2026-13-45T99:99:99Z x",
        ] {
            assert_eq!(line_time(line), None, "{line}");
        }
    }

    #[test]
    fn forms_without_a_year_take_the_nearest() {
        let near = Time::parse("2026-01-01T00:10:00Z").expect("a time");
        assert_eq!(
            line_time_near("E1231 23:59:58.570609 201165 x.go:303] y", near),
            Time::parse("2025-12-31T23:59:58Z")
        );
        assert_eq!(line_time_near("Jan  1 00:00:01 node kubelet: x", near), Time::parse("2026-01-01T00:00:01Z"));
        assert_eq!(line_time("E1231 23:59:58.570609 201165 x.go:303] y"), None);
    }
}
