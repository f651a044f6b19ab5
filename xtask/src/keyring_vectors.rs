//! `cargo xtask keyring-vectors FILE`: how far the keyring agrees with recorded answers of the real one.

use std::process::ExitCode;

use keytrace_core::keyring::vectors::{Agreement, compare};

/// At most so many differing lines are named.
const SHOWN: usize = 20;

/// Exit code 0 only if every line agrees and there is at least one, 1 if one differs, 2 if the file cannot be judged.
pub fn run(args: &[&str]) -> ExitCode {
    let [path] = args else {
        eprintln!("usage: cargo xtask keyring-vectors FILE");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(2);
        }
    };
    let mut counts = Counts::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        counts.total += 1;
        match compare(line) {
            Ok(Agreement::BothFail { words }) => {
                counts.fail += 1;
                counts.words += usize::from(words == Some(true));
                counts.other_words += usize::from(words == Some(false));
            }
            Ok(Agreement::NothingFound) => counts.nothing += 1,
            Ok(Agreement::SameCredentials { partly_unordered }) => {
                counts.found += 1;
                counts.unordered += usize::from(partly_unordered);
            }
            Ok(Agreement::Differs(difference)) => {
                counts.differ += 1;
                if counts.differ <= SHOWN {
                    println!("line {}: {difference:?}", number + 1);
                }
            }
            Err(error) => {
                eprintln!("{path}:{}: {error}", number + 1);
                return ExitCode::from(2);
            }
        }
    }
    counts.print();
    if counts.total == 0 {
        eprintln!("{path}: no vectors");
        return ExitCode::from(2);
    }
    ExitCode::from(u8::from(counts.differ > 0))
}

#[derive(Default)]
struct Counts {
    total: usize,
    differ: usize,
    fail: usize,
    nothing: usize,
    found: usize,
    /// Of `found`, those whose order is partly random in the kubelet.
    unordered: usize,
    /// Of `fail`, those whose words were foreseen.
    words: usize,
    /// Of `fail`, those for which other words were foreseen.
    other_words: usize,
}

impl Counts {
    fn print(&self) {
        let agree = self.total - self.differ;
        // Cut, not rounded: 100 means all.
        let per_mille = (agree * 1000).checked_div(self.total).unwrap_or(0);
        println!(
            "{agree} of {} agree ({}.{} %): {} with credentials ({} partly unordered), {} without, {} errors ({} of {} foreseen word for word)",
            self.total,
            per_mille / 10,
            per_mille % 10,
            self.found,
            self.unordered,
            self.nothing,
            self.fail,
            self.words,
            self.words + self.other_words
        );
    }
}
