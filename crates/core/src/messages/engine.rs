//! Finds the rows that fit a text and ranks their causes.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use regex::bytes::{Regex, RegexBuilder};

use super::class::Class;
use super::context::{Context, SIGNS};
use super::fields::{Fields, charset};
use super::pattern::Pattern;
use super::signal::Signal;
use super::{Candidate, Reading, extract, normal, tables};

/// Id of the reading that no row gave.
pub(super) const UNKNOWN: &str = "unknown";

/// Causes that are listed at most.
const MAX_CANDIDATES: usize = 8;

/// Below this weight a text counts as unknown; what its words make possible is listed behind.
const UNKNOWN_WEIGHT: u32 = 24;

/// A cause of less than this share of the best one's weight, in percent, is not listed.
const MIN_SHARE: u32 = 40;

/// A statement of less than this share of the loudest one's weight, in percent, is not reported.
const MIN_SIGNAL_SHARE: u32 = 70;

/// Each further cause of one wording weighs less than the one before by the wording's weight divided by this.
const STEPS: u8 = 14;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::build);

pub(super) fn read(text: &str, reason: &str) -> Reading {
    ENGINE.read(text, reason)
}

struct Engine {
    automaton: Option<AhoCorasick>,
    /// Of each anchor, by its number in the automaton: the settings it is a sign of, and the rows it leads.
    anchors: Vec<Anchor>,
    rows: Vec<Row>,
    scans: Vec<Scan>,
    /// The number of the word `vault`.
    vault: u16,
}

#[derive(Default)]
struct Anchor {
    context: u32,
    leads: Vec<u16>,
    scans: Vec<u16>,
}

struct Row {
    pattern: &'static Pattern,
    /// All groups must be met, each by any of its anchors.
    groups: Vec<Vec<u16>>,
    never: Vec<u16>,
    regex: OnceLock<Option<Regex>>,
}

struct Scan {
    regex: OnceLock<Option<Regex>>,
    source: &'static str,
}

/// Which anchors occur.
struct Seen([u64; 64]);

impl Seen {
    fn has(&self, anchor: u16) -> bool {
        self.0.get(usize::from(anchor / 64)).is_some_and(|word| word & (1 << (anchor % 64)) != 0)
    }

    /// Marks an anchor; tells whether it was new.
    fn mark(&mut self, anchor: u16) -> bool {
        let Some(word) = self.0.get_mut(usize::from(anchor / 64)) else { return false };
        let bit = 1 << (anchor % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

/// A row that fits, and where its expression matched.
struct Hit<'a> {
    row: &'a Row,
    captures: Option<regex::bytes::Captures<'a>>,
}

impl Engine {
    fn build() -> Self {
        let mut numbers = BTreeMap::<String, u16>::new();
        let mut words = Vec::<String>::new();
        let mut number = |word: &str| -> u16 {
            let word = word.to_ascii_lowercase();
            if let Some(n) = numbers.get(&word) {
                return *n;
            }
            let n = words.len() as u16;
            numbers.insert(word.clone(), n);
            words.push(word);
            n
        };
        let rows: Vec<Row> = tables::all()
            .map(|pattern| Row {
                pattern,
                groups: pattern.anchors.iter().map(|group| group.split('|').map(&mut number).collect()).collect(),
                never: pattern.never.iter().map(|word| number(word)).collect(),
                regex: OnceLock::new(),
            })
            .collect();
        let scans: Vec<(Vec<u16>, Scan)> = extract::SCANS
            .iter()
            .map(|(anchors, source)| {
                (anchors.iter().map(|word| number(word)).collect(), Scan { regex: OnceLock::new(), source })
            })
            .collect();
        let signs: Vec<(u32, u16)> = SIGNS
            .iter()
            .flat_map(|(context, signs)| signs.iter().map(|sign| (context.bits(), *sign)))
            .map(|(context, sign)| (context, number(sign)))
            .collect();

        let vault = number("vault");

        let mut anchors: Vec<Anchor> = words.iter().map(|_| Anchor::default()).collect();
        for (index, row) in rows.iter().enumerate() {
            for anchor in row.groups.first().into_iter().flatten() {
                anchors[usize::from(*anchor)].leads.push(index as u16);
            }
        }
        for (context, anchor) in signs {
            anchors[usize::from(anchor)].context |= context;
        }
        for (index, (leads, _)) in scans.iter().enumerate() {
            for anchor in leads {
                anchors[usize::from(*anchor)].scans.push(index as u16);
            }
        }
        let automaton =
            AhoCorasickBuilder::new().ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(&words).ok();
        Self { automaton, anchors, rows, scans: scans.into_iter().map(|(_, scan)| scan).collect(), vault }
    }

    /// The rows that fit, the heaviest first, and the scans to run.
    fn hits<'a>(&'a self, plain: &'a [u8], reason: &str) -> (Vec<Hit<'a>>, Vec<u16>) {
        let mut seen = Seen([0; 64]);
        let mut context = Context::of_reason(reason);
        let (mut leads, mut scans) = (Vec::new(), Vec::new());
        if let Some(automaton) = &self.automaton {
            for found in automaton.find_overlapping_iter(plain) {
                let number = found.pattern().as_u32() as u16;
                // The product is meant, not the vaults of Azure.
                if number == self.vault && is_azure_vault(&plain[..found.start()], &plain[found.end()..]) {
                    continue;
                }
                if seen.mark(number) {
                    let anchor = &self.anchors[usize::from(number)];
                    context = context.or(Context::from_bits(anchor.context));
                    leads.extend_from_slice(&anchor.leads);
                    scans.extend_from_slice(&anchor.scans);
                }
            }
        }
        let context = context.dominant();
        leads.sort_unstable();
        leads.dedup();
        scans.sort_unstable();
        scans.dedup();
        let mut hits: Vec<Hit<'_>> = leads
            .iter()
            .map(|index| &self.rows[usize::from(*index)])
            .filter(|row| row.may_fit(&seen, context))
            .filter_map(|row| row.fit(plain))
            .collect();
        // A stable sort: among equals the order of the tables decides.
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.row.pattern.weight));
        (hits, scans)
    }

    fn read(&self, text: &str, reason: &str) -> Reading {
        let plain = normal::plain(text);
        let (hits, scans) = self.hits(&plain, reason);
        let mut fields = Fields::default();
        for hit in &hits {
            hit.capture(&mut fields);
        }
        for index in scans {
            let scan = &self.scans[usize::from(index)];
            if let Some(captures) = scan.regex().and_then(|regex| regex.captures(&plain)) {
                store(scan.source, &captures, &mut fields);
            }
        }
        extract::url(&plain, &mut fields);
        fields.anonymous = hits.iter().any(|hit| hit.row.pattern.anonymous);

        let mut signals = Vec::<Signal>::new();
        // General rows fit beside the special ones of the same error: what they say adds nothing.
        let loudest =
            hits.iter().filter(|hit| hit.row.pattern.signal.is_some()).map(|hit| hit.row.pattern.weight).max();
        for hit in &hits {
            let pattern = hit.row.pattern;
            let Some(signal) = pattern.signal.map(|signal| signal.settle(&fields)) else { continue };
            let heard = u32::from(pattern.weight) * 100 >= u32::from(loudest.unwrap_or(0)) * MIN_SIGNAL_SHARE;
            if heard && !signals.contains(&signal) {
                signals.push(signal);
            }
        }
        Reading {
            candidates: rank(&hits),
            fields,
            signal: signals.first().copied(),
            signals,
            aggregated: extract::is_aggregated(&plain),
        }
    }
}

fn is_azure_vault(before: &[u8], after: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    before.len() >= 3 && before[before.len() - 3..].eq_ignore_ascii_case(b"key")
        || after.starts_with(b".azure.")
        || after.starts_with(b".usgov")
}

impl Row {
    fn may_fit(&self, seen: &Seen, context: Context) -> bool {
        let pattern = self.pattern;
        self.groups.iter().all(|group| group.iter().any(|anchor| seen.has(*anchor)))
            && !self.never.iter().any(|anchor| seen.has(*anchor))
            && (pattern.within.is_empty() || pattern.within.meets(context))
            && !pattern.outside.meets(context)
    }

    fn fit<'a>(&'a self, plain: &'a [u8]) -> Option<Hit<'a>> {
        if self.pattern.regex.is_empty() {
            return Some(Hit { row: self, captures: None });
        }
        let regex = self.regex.get_or_init(|| compile(self.pattern.regex)).as_ref()?;
        Some(Hit { row: self, captures: Some(regex.captures(plain)?) })
    }
}

impl Scan {
    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compile(self.source)).as_ref()
    }
}

impl Hit<'_> {
    fn capture(&self, fields: &mut Fields) {
        if let Some(captures) = &self.captures {
            store(self.row.pattern.regex, captures, fields);
        }
    }
}

/// Stores the captured fields in the order in which the expression names them.
fn store(source: &str, captures: &regex::bytes::Captures<'_>, fields: &mut Fields) {
    // The groups stand in the order of the names: see `expand`, which makes a group of nothing else.
    for (name, group) in field_names(source).zip(captures.iter().skip(1)) {
        if let Some(value) = group.and_then(|found| std::str::from_utf8(found.as_bytes()).ok()) {
            fields.set(name, value);
        }
    }
}

/// The names in angle brackets of an expression of the tables.
fn field_names(source: &str) -> impl Iterator<Item = &str> {
    source
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(name, _)| name)
        .filter(|name| charset(name).is_some())
}

/// Compiles an expression of the tables: `<field>` becomes a capture of the field's characters, `<*>` a short gap.
fn compile(source: &str) -> Option<Regex> {
    RegexBuilder::new(&expand(source)).unicode(false).case_insensitive(true).build().ok()
}

fn expand(source: &str) -> String {
    let mut out = String::with_capacity(source.len() * 2);
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        match after.split_once('>') {
            Some(("*", tail)) => {
                out.push_str(".*?");
                rest = tail;
            }
            Some((name, tail)) if charset(name).is_some() => {
                out.push('(');
                out.push_str(charset(name).unwrap_or_default());
                out.push(')');
                rest = tail;
            }
            _ => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Each cause once, with the weight of its best row.
fn rank(hits: &[Hit<'_>]) -> Vec<Candidate> {
    let mut all = Vec::<(u8, Candidate)>::new();
    let mut add =
        |weight: u8, candidate: Candidate| match all.iter_mut().find(|(_, known)| known.class == candidate.class) {
            Some(known) if known.0 < weight => *known = (weight, candidate),
            Some(_) => {}
            None => all.push((weight, candidate)),
        };
    for hit in hits {
        let pattern = hit.row.pattern;
        add(
            pattern.weight,
            Candidate {
                class: pattern.class,
                codes: if pattern.codes.is_empty() { pattern.class.codes() } else { pattern.codes },
                pattern: pattern.id,
                why: if pattern.why.is_empty() { pattern.class.meaning() } else { pattern.why },
            },
        );
        for (i, class) in pattern.also.iter().enumerate() {
            add(
                pattern.weight.saturating_sub((pattern.weight / STEPS).max(1).saturating_mul(i as u8 + 1)).max(1),
                Candidate { class: *class, codes: class.codes(), pattern: pattern.id, why: class.meaning() },
            );
        }
    }
    all.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let best = all.first().map_or(0, |(weight, _)| u32::from(*weight));
    let mut ranked: Vec<Candidate> = all
        .into_iter()
        .filter(|(weight, _)| u32::from(*weight) * 100 >= best * MIN_SHARE)
        .map(|(_, candidate)| candidate)
        .take(MAX_CANDIDATES)
        .collect();
    if best < UNKNOWN_WEIGHT {
        ranked.retain(|candidate| candidate.class != Class::OtherUnrelated);
        ranked.insert(
            0,
            Candidate {
                class: Class::OtherUnrelated,
                codes: &[],
                pattern: UNKNOWN,
                why: "no wording of the delivery of secrets was recognised",
            },
        );
    }
    ranked
}

#[cfg(test)]
pub(super) fn compiles(source: &str) -> Result<(), String> {
    RegexBuilder::new(&expand(source))
        .unicode(false)
        .case_insensitive(true)
        .build()
        .map(|_| ())
        .map_err(|error| error.to_string())
}

/// How many anchors there are, and how many fit into [`Seen`].
#[cfg(test)]
pub(super) fn anchors() -> (usize, usize) {
    (ENGINE.anchors.len(), 64 * 64)
}

/// Ids of all rows that fit a text, the heaviest first.
#[cfg(test)]
pub(super) fn hits(text: &str) -> Vec<&'static str> {
    let plain = normal::plain(text);
    ENGINE.hits(&plain, "").0.iter().map(|hit| hit.row.pattern.id).collect()
}
