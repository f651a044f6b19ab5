//! Small pieces of wording that all human outputs share: ages, times, objects, and texts made safe to print.

use keytrace_core::objects::Id;
use keytrace_core::time::{Interval, Time};

/// Replaces control characters, so that a name in a hostile bundle cannot move the cursor or change colours.
pub fn safe(text: &str) -> String {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if text.chars().any(hostile) {
        text.chars().map(|c| if hostile(c) { '\u{fffd}' } else { c }).collect()
    } else {
        text.to_owned()
    }
}

/// `kind/name`, with the namespace in front where it is not the one that the reader is in.
pub fn object(id: &Id, home: &str) -> String {
    let short = safe(&id.to_string());
    if id.namespace.is_empty() || &*id.namespace == home {
        short
    } else {
        format!("{} ({})", short, safe(&id.namespace))
    }
}

/// `4 min`, `17 days`: one unit, rounded down.
pub fn age(seconds: i64) -> String {
    let s = seconds.max(0);
    match s {
        0..120 => format!("{s} s"),
        120..7_200 => format!("{} min", s / 60),
        7_200..172_800 => format!("{} h", s / 3_600),
        _ => format!("{} days", s / 86_400),
    }
}

/// A time as a person near `now` reads it: the clock on the same day, else with the date. Always UTC, with Z.
pub fn clock(time: Time, now: Option<Time>) -> String {
    let text = time.to_string();
    let same_day = now.is_some_and(|n| n.to_string().get(..10) == text.get(..10));
    match (text.get(..10), text.get(11..19)) {
        (Some(_), Some(clock)) if same_day => format!("{clock}Z"),
        (Some(date), Some(clock)) => format!("{date} {clock}Z"),
        _ => text,
    }
}

/// `at 10:15:00Z`, `between A and B`, `after A`, `by B`.
pub fn interval(when: Interval, now: Option<Time>) -> Option<String> {
    Some(match (when.after, when.until) {
        (Some(a), Some(u)) if a == u => format!("at {}", clock(u, now)),
        (Some(a), Some(u)) => format!("between {} and {}", clock(a, now), clock(u, now)),
        (Some(a), None) => format!("after {}", clock(a, now)),
        (None, Some(u)) => format!("by {}", clock(u, now)),
        (None, None) => return None,
    })
}

/// How far back, in brackets, when both are known.
pub fn ago(time: Time, now: Option<Time>) -> String {
    now.map(|n| format!(" ({})", age(n.since(time)))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_carry_terminal_escapes() {
        assert_eq!(safe("a\u{1b}[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
        assert_eq!(safe("api-1"), "api-1");
    }

    #[test]
    fn ages_are_said_in_one_unit() {
        assert_eq!(age(59), "59 s");
        assert_eq!(age(240), "4 min");
        assert_eq!(age(7_200), "2 h");
        assert_eq!(age(17 * 86_400), "17 days");
    }
}
