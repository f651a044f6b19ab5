//! Instants and intervals with one second of resolution, as Kubernetes writes them.

use std::fmt;

/// Seconds since the Unix epoch. Kubernetes cuts fractions off, so `T` means the second `[T, T + 1 s)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// Reads an RFC 3339 time such as `2026-11-22T05:24:54Z` or with a fraction or an offset. `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        parse_plain(text.as_bytes()).or_else(|| text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_second())))
    }

    /// Seconds from `earlier` to `self`; negative if `self` is the earlier one.
    pub fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

/// The form that the API server writes, `YYYY-MM-DDTHH:MM:SSZ`, without the general parser: it is read millions of times.
fn parse_plain(b: &[u8]) -> Option<Time> {
    if b.len() != 20 || b[4] != b'-' || b[7] != b'-' || b[10] != b'T' || b[13] != b':' || b[16] != b':' || b[19] != b'Z'
    {
        return None;
    }
    let num = |range: std::ops::Range<usize>| -> Option<i64> {
        b[range].iter().try_fold(0, |acc, c| c.is_ascii_digit().then(|| acc * 10 + i64::from(c - b'0')))
    };
    let (year, month, day) = (num(0..4)?, num(5..7)?, num(8..10)?);
    let (hour, minute, second) = (num(11..13)?, num(14..16)?, num(17..19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days from civil date, counted in eras of 400 years that begin in March.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(Time(days * 86_400 + hour * 3_600 + minute * 60 + second))
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => f.write_str("(time out of range)"),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// When something changed: after `after`, and at `until` at the latest. An open end is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Interval {
    pub after: Option<Time>,
    pub until: Option<Time>,
}

impl Interval {
    /// A change whose second is known.
    pub fn at(time: Time) -> Self {
        Self { after: Some(time), until: Some(time) }
    }

    pub fn between(after: Option<Time>, until: Option<Time>) -> Self {
        Self { after, until }
    }

    pub fn is_unknown(self) -> bool {
        self.after.is_none() && self.until.is_none()
    }

    /// Seconds between both ends, when both are known.
    pub fn width(self) -> Option<i64> {
        Some(self.until?.since(self.after?))
    }

    /// Whether the change can have begun by `time`. An unknown beginning can.
    pub fn may_start_by(self, time: Time) -> bool {
        self.after.is_none_or(|after| after <= time)
    }

    /// Whether the change was certainly over before the second of `time`.
    pub fn over_before(self, time: Time) -> bool {
        self.until.is_some_and(|until| until < time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_and_print_alike() {
        for text in ["2026-11-22T05:24:54Z", "1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2000-03-01T00:00:00Z"] {
            let time = Time::parse(text).expect(text);
            assert_eq!(time.to_string(), text);
            assert_eq!(time.0, text.parse::<jiff::Timestamp>().expect(text).as_second());
        }
    }

    #[test]
    fn fractions_are_cut_and_offsets_are_applied() {
        assert_eq!(Time::parse("2026-11-22T05:24:54.999999Z"), Time::parse("2026-11-22T05:24:54Z"));
        assert_eq!(Time::parse("2026-11-22T06:24:54+01:00"), Time::parse("2026-11-22T05:24:54Z"));
        for bad in ["", "2026-13-22T05:24:54Z", "yesterday", "2026-11-22T05:24:54"] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }
}
