//! Builds a snapshot from a readable file: Kubernetes objects, and a header that says what else was seen.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use keytrace_collect::wire::{Context, FoldOptions, Folder, LogPlace, Part};
use keytrace_core::coverage::{Basis, Unseen};
use keytrace_core::objects::{Kind, Str};
use keytrace_core::snapshot::{Answer, Outcome, Snapshot, Want};
use keytrace_core::time::Time;
use keytrace_core::value::Tagger;
use serde::Deserialize;

/// What a file states beside its objects.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct World {
    as_of: Option<String>,
    collected: Vec<String>,
    unseen: Vec<UnseenSpec>,
    answers: Vec<AnswerSpec>,
    logs: Vec<LogSpec>,
    audit: Vec<AuditSpec>,
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

impl World {
    /// The snapshot of the objects in `documents`; `name` is for the words of a failure.
    pub fn snapshot(&self, name: &str, documents: &[String]) -> Snapshot {
        let mut folder = Folder::new(Arc::new(Tagger::new(1, [9; 32])), FoldOptions::default());
        let file: Str = name.into();
        let context = Context { file: &file, namespace: None, list_kind: None, list_api_version: None };
        let mut kinds: BTreeSet<Kind> = BTreeSet::new();
        for document in documents {
            let folded = folder.yaml(document, &context).unwrap_or_else(|f| panic!("{name}: {f:?} in\n{document}"));
            kinds.insert(folded.kind);
        }
        for log in &self.logs {
            let place = LogPlace {
                namespace: log.namespace.as_deref().map(Into::into),
                pod: log.pod.as_str().into(),
                container: log.container.as_deref().map(Into::into),
                previous: log.previous,
            };
            let text = log.lines.join("\n") + "\n";
            folder.log(place, &mut Cursor::new(text)).unwrap_or_else(|f| panic!("{name}: {f:?}"));
        }
        for line in &self.audit {
            folder.audit_line(audit_json(line).as_bytes()).unwrap_or_else(|f| panic!("{name}: {f:?}"));
        }
        let mut snapshot = Part::merge(vec![folder.finish()]);
        for kind in kinds.into_iter().chain(self.collected.iter().map(|k| kind_named(name, k))) {
            snapshot.coverage.state(kind, "", Basis::Stated);
        }
        for unseen in &self.unseen {
            snapshot.coverage.state_unseen(
                kind_named(name, &unseen.kind),
                &unseen.namespace,
                reason(name, &unseen.why),
            );
        }
        snapshot.answers = self.answers.iter().map(|a| answer(name, a)).collect();
        let as_of = self.as_of.as_deref().map(|t| Time::parse(t).unwrap_or_else(|| panic!("{name}: bad as_of")));
        snapshot.seal(as_of);
        snapshot
    }
}

/// The documents of a YAML file that hold more than comments.
pub fn documents(text: &str) -> Vec<String> {
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
