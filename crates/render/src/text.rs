//! The report for a terminal: words before tables, the cause first, one screen.

use std::fmt::Write as _;

use keytrace_core::objects::Id;
use keytrace_core::report::{Incident, Report};
use keytrace_core::time::Time;
use keytrace_core::verdict::{Confidence, LinkState};

use crate::words::{ago, clock, interval, object, safe};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub colour: bool,
    /// Columns; text is wrapped to it.
    pub width: usize,
    /// Every incident in full, not only the first.
    pub all: bool,
}

/// What was asked, for the line that a healthy subject gets.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    Everything,
    Namespace(&'a str),
    Subject(&'a Id),
}

pub fn report(report: &Report, asked: Asked<'_>, style: Style) -> String {
    let mut out = Printer { text: String::new(), style, now: report.as_of };
    let (live, latent): (Vec<_>, Vec<_>) = report.incidents.iter().partition(|i| !i.latent);
    if live.len() + latent.len() > 1 {
        for incident in &report.incidents {
            out.line_of(incident);
        }
        out.blank();
    }
    for (n, incident) in report.incidents.iter().enumerate() {
        if n == 0 || style.all {
            out.incident(incident);
        }
    }
    if live.is_empty() {
        out.healthy(report, asked);
    } else if report.incidents.len() > 1 && !style.all {
        out.dim(&format!("{} more: --all shows them in full", report.incidents.len() - 1));
    }
    out.limits(report);
    out.text
}

struct Printer {
    text: String,
    style: Style,
    now: Option<Time>,
}

#[derive(Clone, Copy)]
enum Colour {
    Red,
    Yellow,
    Green,
    Bold,
    Dim,
}

const LABEL: usize = 10;

impl Printer {
    fn paint(&self, colour: Colour, text: &str) -> String {
        if !self.style.colour {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Red => "31",
            Colour::Yellow => "33",
            Colour::Green => "32",
            Colour::Bold => "1",
            Colour::Dim => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn dim(&mut self, text: &str) {
        let line = self.paint(Colour::Dim, text);
        let _ = writeln!(self.text, "{line}");
    }

    /// The mark says live or latent without colour: `✗` fails, `!` will fail.
    fn mark(&self, incident: &Incident) -> String {
        if incident.latent { self.paint(Colour::Yellow, "!") } else { self.paint(Colour::Red, "✗") }
    }

    fn line_of(&mut self, i: &Incident) {
        let victim = i.victims.first().unwrap_or(&i.cause.subject);
        let more = if i.victims.len() > 1 { format!(" +{}", i.victims.len() - 1) } else { String::new() };
        let since = i.onset.map(|t| format!(" · since {}", clock(t, self.now))).unwrap_or_default();
        let mark = self.mark(i);
        let head = format!(
            "{:<8} {}  {}{}  {} · {}{since}",
            i.severity.word(),
            i.cause.card.code,
            object(victim, ""),
            more,
            safe(&i.headline),
            i.cause.confidence.word(),
        );
        let _ = writeln!(self.text, "{mark} {}", cut(&head, self.style.width.saturating_sub(2)));
    }

    fn incident(&mut self, i: &Incident) {
        let victim = i.victims.first().unwrap_or(&i.cause.subject).clone();
        let home = victim.namespace.to_string();
        let mark = self.mark(i);
        let name = self.paint(Colour::Bold, &safe(&victim.to_string()));
        let mut head = format!("{mark} {name}  {}", safe(&home));
        if i.failing_pods > 0 {
            let _ = write!(head, " · {} of {} pods hit", i.failing_pods, i.pods.max(i.failing_pods));
        }
        if let Some(onset) = i.onset {
            let _ = write!(head, " · since {}{}", clock(onset, self.now), ago(onset, self.now));
        }
        if i.latent {
            head.push_str(" · nothing fails yet");
        }
        let _ = writeln!(self.text, "{head}\n");

        let sure = match i.cause.confidence {
            Confidence::Certain => self.paint(Colour::Green, "certain"),
            Confidence::Likely => self.paint(Colour::Yellow, "likely"),
            Confidence::Possible => self.paint(Colour::Yellow, "possible"),
        };
        self.field("cause", &format!("{}  {}  ({sure})", i.cause.card.code, safe(i.cause.card.title)));
        self.field("", &safe(&i.headline));
        if let Some(change) = &i.cause.changed
            && let Some(when) = interval(change.when, self.now)
        {
            let by = change.by.as_deref().map(|b| format!(" by {}", safe(b))).unwrap_or_default();
            let back = change.when.until.or(change.when.after).map(|t| ago(t, self.now)).unwrap_or_default();
            self.field("changed", &format!("{} {when}{by}{back}", object(&i.cause.change_of, &home)));
        }
        for (n, e) in i.cause.evidence.iter().enumerate() {
            let at = e.at.map(|t| format!(" · {}", clock(t, self.now))).unwrap_or_default();
            let line = format!("{} {}: {}{at}", object(&e.object, &home), safe(&e.path), safe(&e.seen));
            self.field(if n == 0 { "seen" } else { "" }, &line);
        }
        for (n, link) in i.chain.iter().enumerate() {
            let state = match link.state {
                LinkState::Ok => self.paint(Colour::Green, "✓"),
                LinkState::Broken => self.paint(Colour::Red, "✗"),
                LinkState::Unknown => "?".to_owned(),
                LinkState::Affected => self.paint(Colour::Yellow, "!"),
            };
            let line =
                format!("{state} {:<11} {}  {}", link.link.word(), object(&link.object, &home), safe(&link.note));
            self.field(if n == 0 { "chain" } else { "" }, line.trim_end());
        }
        for note in &i.notes {
            self.field("note", &safe(note));
        }
        if let Some(trigger) = &i.trigger {
            let at = trigger.at.map(|t| format!(" at {}", clock(t, self.now))).unwrap_or_default();
            self.field(
                "trigger",
                &format!("{} {}{at}; it is not the cause", object(&trigger.object, &home), safe(&trigger.what)),
            );
        }
        self.timeline(i, &home);
        if i.victims.len() > 1 {
            let names: Vec<String> = i.victims[1..].iter().map(|v| object(v, &home)).collect();
            self.field("also hit", &names.join(", "));
        }
        self.plan(i, &home);
        if i.cause.confidence != Confidence::Certain || !i.alternatives.is_empty() {
            for (n, a) in i.alternatives.iter().take(2).enumerate() {
                self.field(
                    if n == 0 { "or else" } else { "" },
                    &format!("{} ({}): {}", a.code, a.confidence.word(), safe(&a.decided_by)),
                );
            }
        }
        if !i.ruled_out.is_empty() {
            let out: Vec<String> = i.ruled_out.iter().map(|(c, because)| format!("{c} {}", safe(because))).collect();
            self.field("ruled out", &out.join(" · "));
        }
        self.blank();
    }

    fn timeline(&mut self, i: &Incident, home: &str) {
        let lines: Vec<_> = i.timeline.iter().filter(|l| l.when.until.or(l.when.after).is_some()).collect();
        for (n, line) in lines.iter().take(6).enumerate() {
            let when = match (line.when.after, line.when.until) {
                (Some(a), Some(u)) if a != u => format!("{} .. {}", clock(a, self.now), clock(u, self.now)),
                (after, until) => until.or(after).map(|t| clock(t, self.now)).unwrap_or_default(),
            };
            let text = format!("{when}  {}: {}", object(&line.object, home), safe(&line.what));
            self.field(if n == 0 { "timeline" } else { "" }, &text);
        }
    }

    fn plan(&mut self, i: &Incident, home: &str) {
        let Some(plan) = &i.plan else { return };
        for (n, step) in plan.steps.iter().enumerate() {
            let place = step
                .target
                .as_ref()
                .map(|t| format!(" [{}]", object(t, home)))
                .unwrap_or_else(|| " [outside the cluster]".to_owned());
            self.field(
                if n == 0 { "fix" } else { "" },
                &format!("{}. {}{place} · {}", n + 1, safe(&step.title), step.risk.word()),
            );
            if let Some(command) = &step.command {
                // A command must stay in one piece to be pasted.
                let _ = writeln!(self.text, "{:width$}   {}", "", safe(command), width = LABEL + 2);
            }
        }
    }

    fn healthy(&mut self, report: &Report, asked: Asked<'_>) {
        let what = match asked {
            Asked::Everything => "nothing fails".to_owned(),
            Asked::Namespace(n) => format!("nothing fails in {}", safe(n)),
            Asked::Subject(id) => format!("{}  {} · nothing fails", safe(&id.to_string()), safe(&id.namespace)),
        };
        let c = &report.counts;
        // Not seen is not healthy: the mark and the words say so.
        let (mark, seen) = if report.is_incomplete() {
            (self.paint(Colour::Yellow, "?"), "of what could be seen, ")
        } else {
            (self.paint(Colour::Green, "✓"), "")
        };
        let _ = writeln!(
            self.text,
            "{mark} {seen}{what} for want of a Secret, a ConfigMap or a registry credential · {} checks over {} pods, {} workloads, {} Secrets, {} ConfigMaps",
            c.checks, c.pods, c.workloads, c.secrets, c.config_maps
        );
        for (victim, words) in report.unexplained.iter().take(3) {
            self.field("other", &format!("{}: {words}; no link of the chain explains it", object(victim, "")));
        }
    }

    /// What was not seen, in as few lines as possible.
    fn limits(&mut self, report: &Report) {
        for (n, u) in report.unknown.iter().take(5).enumerate() {
            let code = u.code.map(|c| format!(" ({c})")).unwrap_or_default();
            self.field(
                if n == 0 { "unknown" } else { "" },
                &format!("{}: {} {}{code}", object(&u.subject, ""), safe(&u.missing), u.reason),
            );
        }
        if report.unknown.len() > 5 {
            self.field("", &format!("and {} more", report.unknown.len() - 5));
        }
        for p in report.coverage.problems.iter().filter(|p| p.damage).take(5) {
            let at = match p.at {
                keytrace_core::coverage::Position::Whole => String::new(),
                keytrace_core::coverage::Position::Byte(b) => format!(" at byte {b}"),
                keytrace_core::coverage::Position::Line(l) => format!(" at line {l}"),
            };
            self.field("damaged", &format!("{}{at}: {}", safe(&p.file), safe(&p.what)));
        }
        if report.as_of_is_lower_bound
            && let Some(now) = self.now
        {
            self.dim(&format!("as of {} at the earliest: the newest time in the input", clock(now, None)));
        }
        if report.coverage.without_managed_fields > 0 && report.coverage.with_managed_fields == 0 {
            self.dim("no managedFields in the input: --show-managed-fields would tell who changed which key when");
        }
    }

    fn field(&mut self, label: &str, text: &str) {
        let room = self.style.width.saturating_sub(LABEL + 2).max(30);
        let mut first = true;
        for line in wrap(text, room) {
            let label = if first { label } else { "" };
            let _ = writeln!(self.text, "  {label:<LABEL$}{line}");
            first = false;
        }
    }
}

/// Wraps at blanks. Escape sequences count nothing.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let len = visible(word);
        if used > 0 && used + 1 + len > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 || (!line.is_empty()) {
            line.push(' ');
            used += 1;
        } else if word.is_empty() {
            line.push(' ');
            used += 1;
            continue;
        }
        line.push_str(word);
        used += len;
    }
    lines.push(line);
    lines
}

fn visible(word: &str) -> usize {
    let mut count = 0;
    let mut escape = false;
    for c in word.chars() {
        match (escape, c) {
            (false, '\u{1b}') => escape = true,
            (true, 'm') => escape = false,
            (true, _) => {}
            (false, _) => count += 1,
        }
    }
    count
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
