//! Every row reads its own examples, and the labelled sample is read within its targets.

use super::*;
use crate::messages::engine;

#[test]
fn every_row_is_well_formed() {
    let mut ids = std::collections::BTreeSet::new();
    for pattern in tables::all() {
        assert!(ids.insert(pattern.id), "the id {} is used twice", pattern.id);
        assert!(!pattern.anchors.is_empty(), "{} has no anchor", pattern.id);
        assert!(!pattern.stands_for.is_empty(), "{} stands for nothing", pattern.id);
        assert!(!pattern.examples.is_empty(), "{} has no example", pattern.id);
        assert!((1..=100).contains(&pattern.weight), "{} has a weight of {}", pattern.id, pattern.weight);
        assert!(!pattern.also.contains(&pattern.class), "{} lists its own class again", pattern.id);
        if let Err(error) = engine::compiles(pattern.regex) {
            panic!("{}: {error}", pattern.id);
        }
    }
    let (used, room) = engine::anchors();
    assert!(used <= room, "{used} anchors, room for {room}");
}

#[test]
fn every_row_reads_its_own_examples() {
    let mut bad = Vec::new();
    for pattern in tables::all() {
        for example in pattern.examples {
            let reading = read(example);
            if !reading.candidates.iter().any(|candidate| candidate.class == pattern.class)
                || !engine::hits(example).contains(&pattern.id)
            {
                bad.push(format!("{}: {:?} {:?}", pattern.id, reading.candidates, engine::hits(example)));
            } else if pattern.weight > 60 && reading.class() != pattern.class {
                bad.push(format!("{} is read as {:?} first", pattern.id, reading.candidates[0]));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn an_unknown_text_is_unrelated() {
    let reading = read("the quick brown fox");
    assert_eq!(reading.class(), Class::OtherUnrelated);
    assert!(!reading.is_known());
    assert_eq!(read("").class(), Class::OtherUnrelated);
}

#[test]
fn no_row_has_a_group_of_its_own() {
    // Captures are matched with names by their order, so a plain group would shift them.
    for pattern in tables::all() {
        let mut bytes = pattern.regex.bytes().peekable();
        let (mut escaped, mut class) = (false, false);
        while let Some(b) = bytes.next() {
            match b {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'[' => class = true,
                b']' => class = false,
                b'(' if !class => assert_eq!(bytes.peek(), Some(&b'?'), "{}: {}", pattern.id, pattern.regex),
                _ => {}
            }
        }
    }
}
