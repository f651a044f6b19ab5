//! Reads case files: a header that says what is expected, then Kubernetes objects.
#![allow(clippy::disallowed_methods, reason = "a test may read files")]

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keytrace_collect::wire::{Context, FoldOptions, Folder, LogPlace, Part};
use keytrace_core::card::Card;
use keytrace_core::checks;
use keytrace_core::coverage::{Basis, Unseen};
use keytrace_core::diagnose::judge;
use keytrace_core::objects::{Id, Kind, Str};
use keytrace_core::snapshot::{Answer, Outcome, Snapshot, Want};
use keytrace_core::time::Time;
use keytrace_core::value::Tagger;
use keytrace_core::verdict::Verdicts;
use keytrace_core::view::View;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Header {
    case: CaseSpec,
}

/// What a case states beside its objects.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct CaseSpec {
    pub as_of: Option<String>,
    pub expect: Vec<Expected>,
    pub also: Vec<String>,
    pub unknown: Vec<String>,
    collected: Vec<String>,
    unseen: Vec<UnseenSpec>,
    answers: Vec<AnswerSpec>,
    logs: Vec<LogSpec>,
    audit: Vec<AuditSpec>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnseenSpec {
    kind: String,
    #[serde(default)]
    namespace: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerSpec {
    want: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    image: String,
    outcome: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogSpec {
    namespace: Option<String>,
    pod: String,
    container: Option<String>,
    #[serde(default)]
    previous: bool,
    lines: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditSpec {
    at: String,
    user: String,
    verb: String,
    /// `Kind/namespace/name`.
    object: String,
    code: Option<u16>,
    message: Option<String>,
    user_agent: Option<String>,
    field_manager: Option<String>,
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
    let mut folder = Folder::new(Arc::new(Tagger::new(1, [9; 32])), FoldOptions::default());
    let file: Str = name.into();
    let context = Context { file: &file, namespace: None, list_kind: None, list_api_version: None };
    let mut kinds: BTreeSet<Kind> = BTreeSet::new();
    for document in &documents {
        let folded = folder.yaml(document, &context).unwrap_or_else(|f| panic!("{name}: {f:?} in\n{document}"));
        kinds.insert(folded.kind);
    }
    for log in &spec.logs {
        let place = LogPlace {
            namespace: log.namespace.as_deref().map(Into::into),
            pod: log.pod.as_str().into(),
            container: log.container.as_deref().map(Into::into),
            previous: log.previous,
        };
        let text = log.lines.join("\n") + "\n";
        folder.log(place, &mut Cursor::new(text)).unwrap_or_else(|f| panic!("{name}: {f:?}"));
    }
    for line in &spec.audit {
        folder.audit_line(audit_json(line).as_bytes()).unwrap_or_else(|f| panic!("{name}: {f:?}"));
    }
    let mut snapshot = Part::merge(vec![folder.finish()]);
    for kind in kinds.into_iter().chain(spec.collected.iter().map(|k| kind_named(name, k))) {
        snapshot.coverage.state(kind, "", Basis::Stated);
    }
    for unseen in &spec.unseen {
        snapshot.coverage.state_unseen(kind_named(name, &unseen.kind), &unseen.namespace, reason(name, &unseen.why));
    }
    snapshot.answers = spec.answers.iter().map(|a| answer(name, a)).collect();
    let as_of = spec.as_of.as_deref().map(|t| Time::parse(t).unwrap_or_else(|| panic!("{name}: bad as_of")));
    snapshot.seal(as_of);
    Case { name: name.to_owned(), code, spec, snapshot }
}

fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.lines() {
        if line.trim_end() == "---" {
            documents.push(String::new());
        } else if let Some(last) = documents.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    documents.retain(|d| d.lines().any(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#')));
    documents
}

fn audit_json(line: &AuditSpec) -> String {
    let parts: Vec<&str> = line.object.splitn(3, '/').collect();
    let [kind, namespace, object] = parts[..] else { panic!("{}: write Kind/namespace/name", line.object) };
    let manager = line.field_manager.as_deref().map(|m| format!("?fieldManager={m}")).unwrap_or_default();
    serde_json::json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "stage": "ResponseComplete",
        "auditID": format!("{}-{}-{}", line.at, line.verb, line.object),
        "requestURI": format!("/api/v1{manager}"),
        "verb": line.verb,
        "user": {"username": line.user},
        "userAgent": line.user_agent.as_deref().unwrap_or("kubectl/v1.36.0"),
        "objectRef": {
            "resource": kind_named(&line.object, kind).plural(), "namespace": namespace, "name": object, "apiVersion": "v1",
        },
        "responseStatus": {"code": line.code.unwrap_or(200), "message": line.message, "metadata": {}},
        "requestReceivedTimestamp": line.at,
        "stageTimestamp": line.at,
    })
    .to_string()
}

fn kind_named(name: &str, kind: &str) -> Kind {
    Kind::from_name(kind).unwrap_or_else(|| panic!("{name}: unknown kind {kind}"))
}

fn reason(name: &str, why: &str) -> Unseen {
    match why {
        "forbidden" => Unseen::Forbidden,
        "timed-out" => Unseen::TimedOut,
        "not-collected" => Unseen::NotCollected,
        "elided" => Unseen::Elided,
        "metadata-only" => Unseen::MetadataOnly,
        other => panic!("{name}: unknown reason {other}"),
    }
}

fn answer(name: &str, spec: &AnswerSpec) -> Answer {
    let (namespace, secret, image) = (spec.namespace.clone(), spec.secret.clone(), spec.image.clone());
    let want = match spec.want.as_str() {
        "pull-credential" => Want::PullCredential { namespace, secret, image },
        "image-exists" => Want::ImageExists { image },
        "backend-login" => Want::BackendLogin { namespace, secret },
        other => panic!("{name}: unknown want {other}"),
    };
    let outcome = match spec.outcome.as_str() {
        "accepted" => Outcome::Accepted,
        "rejected" => Outcome::Rejected,
        "forbidden" => Outcome::Forbidden,
        "not-found" => Outcome::NotFound,
        "rate-limited" => Outcome::RateLimited,
        "unreachable" => Outcome::Unreachable,
        other => panic!("{name}: unknown outcome {other}"),
    };
    Answer { want, at: None, outcome }
}
