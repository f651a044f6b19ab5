//! The report for a ticket.

use std::fmt::Write as _;

use keytrace_core::report::{Incident, Report};

use crate::words::{ago, clock, interval, object, safe};

pub fn report(report: &Report) -> String {
    let mut out = String::new();
    if report.incidents.is_empty() {
        out.push_str(if report.is_incomplete() { "Of what could be seen, nothing fails" } else { "Nothing fails" });
        out.push_str(" for want of a Secret, a ConfigMap or a registry credential.\n");
    }
    for incident in &report.incidents {
        one(&mut out, incident, report);
    }
    if !report.unknown.is_empty() {
        out.push_str("### Not seen\n\n");
        for u in &report.unknown {
            let _ = writeln!(out, "- {}: {} ({})", escape(&object(&u.subject, "")), escape(&u.missing), u.reason);
        }
    }
    out
}

fn one(out: &mut String, i: &Incident, report: &Report) {
    let now = report.as_of;
    let victim = i.victims.first().unwrap_or(&i.cause.subject);
    let _ = writeln!(
        out,
        "## {} `{}` in `{}`\n",
        if i.latent { "Risk:" } else { "Incident:" },
        safe(&victim.to_string()),
        safe(&victim.namespace)
    );
    let _ = writeln!(
        out,
        "**{}** {} ({}, {})\n",
        i.cause.card.code,
        escape(&i.headline),
        i.cause.confidence.word(),
        i.severity.word()
    );
    if let Some(t) = i.onset {
        let _ = writeln!(out, "- Since {}{}", clock(t, None), ago(t, now));
    }
    if let Some(change) = &i.cause.changed
        && let Some(when) = interval(change.when, None)
    {
        let by = change.by.as_deref().map(|b| format!(" by {}", escape(b))).unwrap_or_default();
        let what = escape(&object(&i.cause.change_of, &victim.namespace));
        let _ = writeln!(out, "- Changed: {what} {when}{by} (source: {})", change.source);
    }
    if let Some(t) = &i.trigger {
        let _ = writeln!(out, "- Trigger, not cause: {} {}", escape(&object(&t.object, "")), escape(&t.what));
    }
    let names: Vec<String> = i.victims.iter().map(|v| format!("`{}`", object(v, &victim.namespace))).collect();
    let _ = writeln!(out, "- Hit: {}", names.join(", "));
    out.push_str("\n### Evidence\n\n");
    for e in &i.cause.evidence {
        let at = e.at.map(|t| format!(", {}", clock(t, None))).unwrap_or_default();
        let _ =
            writeln!(out, "- `{}` {}: {} ({}{at})", object(&e.object, ""), escape(&e.path), escape(&e.seen), e.source);
    }
    if let Some(plan) = &i.plan {
        out.push_str("\n### Fix\n\n");
        for (n, s) in plan.steps.iter().enumerate() {
            let _ = writeln!(out, "{}. {} ({})", n + 1, escape(&s.title), s.risk.word());
            if let Some(command) = &s.command {
                let _ = writeln!(out, "\n   ```sh\n   {}\n   ```", safe(command));
            }
            if !s.inverse.is_empty() {
                let _ = writeln!(out, "   Undo: {}", escape(&s.inverse));
            }
        }
    }
    if !i.alternatives.is_empty() {
        out.push_str("\n### Or else\n\n");
        for a in i.alternatives.iter().take(2) {
            let _ = writeln!(out, "- {} ({}): {}", a.code, a.confidence.word(), escape(&a.decided_by));
        }
    }
    if !i.ruled_out.is_empty() {
        out.push_str("\n### Ruled out\n\n");
        for (code, because) in &i.ruled_out {
            let _ = writeln!(out, "- {code}: {}", escape(because));
        }
    }
    out.push('\n');
}

/// Keeps names from being read as markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe(text).chars() {
        if matches!(c, '*' | '_' | '`' | '<' | '>' | '[' | ']' | '|' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
