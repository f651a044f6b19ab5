//! Reads case files: a header that says what is expected, then Kubernetes objects.
#![allow(clippy::disallowed_methods, reason = "a test may read files")]

mod world;

use std::path::{Path, PathBuf};

use keytrace_core::card::Card;
use keytrace_core::checks;
use keytrace_core::diagnose::judge;
use keytrace_core::objects::Id;
use keytrace_core::snapshot::Snapshot;
use keytrace_core::verdict::Verdicts;
use keytrace_core::view::View;
use serde::Deserialize;

use world::{World, documents};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Header {
    case: CaseSpec,
}

/// What a case expects, and what it states beside its objects.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct CaseSpec {
    pub expect: Vec<Expected>,
    pub also: Vec<String>,
    pub unknown: Vec<String>,
    #[serde(flatten)]
    world: World,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub code: String,
    pub subject: String,
    pub confidence: String,
    #[serde(default)]
    pub latent: bool,
}

pub struct Case {
    pub name: String,
    /// Code of the check that it belongs to.
    pub code: &'static str,
    pub spec: CaseSpec,
    pub snapshot: Snapshot,
}

pub fn checks_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks")
}

/// The folder of a check: family and slug give it.
pub fn folder(card: &Card) -> PathBuf {
    checks_dir().join(card.code[..3].to_ascii_lowercase()).join(card.slug.replace('-', "_"))
}

pub fn verdicts(snapshot: &Snapshot) -> Verdicts {
    judge(&View::new(snapshot), checks::all())
}

pub fn name_of(id: &Id) -> String {
    format!("{}/{}/{}", id.kind, id.namespace, id.name)
}

/// Every case of every card; only those whose name holds the environment's `CASE`, if that is set.
pub fn cases() -> Vec<Case> {
    let only = std::env::var("CASE").ok();
    let mut all = Vec::new();
    for card in checks::all() {
        let dir = folder(card).join("cases");
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&dir).map(|d| d.filter_map(|f| Some(f.ok()?.path())).collect()).unwrap_or_default();
        files.sort();
        for file in files {
            let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
            let name = format!("{}/{stem}", card.code);
            if only.as_ref().is_some_and(|only| !name.contains(only)) {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            assert!(text.starts_with('#'), "{name}: begin with a comment that says the point of the case");
            all.push(parse(&name, card.code, &text));
        }
    }
    all
}

pub fn parse(name: &str, code: &'static str, text: &str) -> Case {
    let mut documents = documents(text);
    let has_header = documents.first().is_some_and(|d| d.lines().any(|l| l.starts_with("case:")));
    let spec = if has_header {
        let header: Header =
            serde_saphyr::from_str(&documents.remove(0)).unwrap_or_else(|e| panic!("{name}: bad header: {e}"));
        header.case
    } else {
        CaseSpec::default()
    };
    let snapshot = spec.world.snapshot(name, &documents);
    Case { name: name.to_owned(), code, spec, snapshot }
}
