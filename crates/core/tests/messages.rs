//! The labelled messages are read within the targets: the true class among the candidates, and first where the text decides.

use keytrace_core::messages::{Class, read};
use serde::Deserialize;

/// Share of messages whose true class is among the candidates, in percent.
const WITHIN: usize = 97;
/// Share of the messages that decide by themselves whose true class comes first, in percent.
const FIRST: usize = 90;

#[derive(Deserialize)]
struct Labelled {
    message: String,
    cause: String,
    ambiguous_alone: bool,
    negative: bool,
}

fn labelled(lines: &str) -> Vec<Labelled> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// Reads all messages and returns what missed, in words.
fn judge(messages: &[Labelled]) -> (usize, usize, usize, Vec<String>) {
    let (mut within, mut clear, mut first) = (0, 0, 0);
    let mut missed = Vec::new();
    for labelled in messages {
        let cause = Class::parse(&labelled.cause).unwrap_or_else(|| panic!("no class {}", labelled.cause));
        let reading = read(&labelled.message);
        let classes: Vec<Class> = reading.candidates.iter().map(|candidate| candidate.class).collect();
        let is_within = classes.contains(&cause);
        let is_first = classes.first() == Some(&cause);
        within += usize::from(is_within);
        if !labelled.ambiguous_alone {
            clear += 1;
            first += usize::from(is_first);
        }
        if !is_within || (!labelled.ambiguous_alone && !is_first) {
            missed.push(format!(
                "{}{} <- {:?} {} | {}",
                if is_within { "second: " } else { "MISSED: " },
                labelled.cause,
                classes,
                reading.candidates[0].pattern,
                labelled.message.chars().take(300).collect::<String>()
            ));
        }
        // A fault that is none of secret delivery must not be shown as one, unless the text alone cannot tell.
        if labelled.negative && !labelled.ambiguous_alone && !reading.class().is_negative() {
            missed.push(format!("TAKEN FOR A SECRET FAULT: {} as {:?}", labelled.message, reading.class()));
        }
    }
    (within, clear, first, missed)
}

fn holds(lines: &str) {
    let messages = labelled(lines);
    let (within, clear, first, missed) = judge(&messages);
    let report =
        format!("{within} of {} within, {first} of {clear} clear ones first\n{}", messages.len(), missed.join("\n"));
    println!("{report}");
    assert!(within * 100 >= WITHIN * messages.len() && first * 100 >= FIRST * clear, "{report}");
    assert!(!missed.iter().any(|line| line.starts_with("TAKEN")), "{report}");
}

#[test]
fn the_sample_is_read_within_its_targets() {
    holds(include_str!("messages/dev.jsonl"));
}

#[test]
fn messages_from_the_field_are_read_within_the_targets() {
    holds(include_str!("messages/field.jsonl"));
}
