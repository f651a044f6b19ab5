//! `keytrace explain`: the page of a failure mode, the list of all, or what an error message means.

use std::fmt::Write as _;
use std::io::Read as _;

use keytrace_core::checks;
use keytrace_core::checks::rows::ROWS;
use keytrace_core::messages;

use super::print;
use crate::args::{Explain, Global, Output};
use crate::exit::{Exit, Failure};
use crate::subject::distance;

/// A pasted message is cut here; no real one is longer.
const MESSAGE_CAP: u64 = 64 * 1024;

pub fn run(explain: &Explain, global: &Global) -> Result<Exit, Failure> {
    if explain.list {
        print(&list());
        return Ok(Exit::Clean);
    }
    if let Some(text) = &explain.message {
        return message(text, global);
    }
    let asked = explain.code.as_deref().unwrap_or_default().to_ascii_uppercase();
    if let Some(card) = checks::card(&asked) {
        print(card.page);
        return Ok(Exit::Clean);
    }
    if let Some(row) = ROWS.iter().find(|r| r.code == asked) {
        print(&format!(
            "# {}: {}\n\nThis failure mode is in the catalogue and is not judged by this version yet.\n",
            row.code, row.title
        ));
        return Ok(Exit::Clean);
    }
    let mut near: Vec<(usize, String)> =
        ROWS.iter().map(|r| (distance(r.code, &asked), r.code.to_owned())).filter(|(d, _)| *d <= 2).collect();
    near.sort();
    Err(Failure::NoSuchCode { asked, near: near.into_iter().take(3).map(|(_, c)| c).collect() })
}

fn list() -> String {
    let mut out = String::new();
    for row in ROWS {
        let (title, mark) = match checks::card(row.code) {
            Some(card) => (card.title, ""),
            None => (row.title, "  (not judged yet)"),
        };
        let _ = writeln!(out, "{}  {:<11}  {title}{mark}", row.code, row.link.word());
    }
    out
}

fn message(text: &str, global: &Global) -> Result<Exit, Failure> {
    let mut pasted = String::new();
    let text = if text == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .take(MESSAGE_CAP)
            .read_to_end(&mut bytes)
            .map_err(|source| Failure::Write { path: "stdin".to_owned(), source })?;
        pasted.push_str(&String::from_utf8_lossy(&bytes));
        pasted.as_str()
    } else {
        text
    };
    let reading = messages::read(text);
    let candidates: Vec<serde_json::Value> = reading
        .candidates
        .iter()
        .map(|c| serde_json::json!({"class": c.class.name(), "codes": c.codes, "why": c.why}))
        .collect();
    let fields: serde_json::Map<String, serde_json::Value> =
        reading.fields.iter().map(|(name, value)| (name.to_owned(), value.into_owned().into())).collect();
    match global.output {
        Output::Json => {
            let mut out = serde_json::json!({"candidates": candidates, "fields": fields}).to_string();
            out.push('\n');
            print(&out);
        }
        _ => {
            let mut out = String::new();
            for (n, c) in reading.candidates.iter().enumerate() {
                let _ = writeln!(
                    out,
                    "{} {}  {}\n    {}",
                    if n == 0 { "→" } else { " " },
                    c.class.name(),
                    c.codes.join(" "),
                    c.why
                );
            }
            for (name, value) in reading.fields.iter() {
                let _ = writeln!(out, "    {name}: {value}");
            }
            if let Some(code) = reading.candidates.first().and_then(|c| c.codes.first()) {
                let _ = writeln!(out, "\n  keytrace explain {code}   says more");
            }
            print(&out);
        }
    }
    Ok(Exit::Clean)
}
