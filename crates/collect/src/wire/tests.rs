//! Each kind folds from JSON and from YAML into equal facts, and no value comes out again.

mod data;
mod objects;
mod said;
mod sync;

use std::fmt::Write as _;

use serde_json::Value;

use super::*;
use keytrace_core::snapshot::Snapshot;

fn folder() -> Folder {
    Folder::new(Arc::new(Tagger::new(1, [7; 32])), FoldOptions::default())
}

const CONTEXT_FILE: &str = "test.json";

fn fold_all(items: &[Value], yaml: bool) -> Snapshot {
    let file: Str = CONTEXT_FILE.into();
    let context = Context { file: &file, namespace: None, list_kind: None, list_api_version: None };
    let mut folder = folder();
    for item in items {
        let folded =
            if yaml { folder.yaml(&emit(item), &context) } else { folder.json(item.to_string().as_bytes(), &context) };
        folded.unwrap_or_else(|fault| panic!("{fault:?}\n{item}"));
    }
    let mut snapshot = Part::merge(vec![folder.finish()]);
    snapshot.seal(None);
    snapshot
}

/// Folds objects from JSON, and checks that YAML of the same objects gives the same facts.
fn fold(items: &[Value]) -> Snapshot {
    let snapshot = fold_all(items, false);
    let (json, yaml) = (format!("{snapshot:#?}"), format!("{:#?}", fold_all(items, true)));
    let differs = json.lines().zip(yaml.lines()).position(|(a, b)| a != b);
    if let Some(at) = differs {
        let near = |text: &str| text.lines().skip(at.saturating_sub(8)).take(10).collect::<Vec<_>>().join("\n");
        panic!("JSON gives\n{}\nand YAML\n{}", near(&json), near(&yaml));
    }
    assert_eq!(json.lines().count(), yaml.lines().count());
    snapshot
}

/// Block YAML as kubectl prints it.
pub(super) fn emit(value: &Value) -> String {
    let mut out = String::new();
    emit_to(value, 0, &mut out);
    out
}

fn emit_to(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./".contains(&b));
                let key = if plain { key.clone() } else { Value::from(key.as_str()).to_string() };
                match value {
                    Value::Object(inner) if !inner.is_empty() => {
                        let _ = writeln!(out, "{pad}{key}:");
                        emit_to(value, indent + 2, out);
                    }
                    Value::Array(inner) if !inner.is_empty() => {
                        let _ = writeln!(out, "{pad}{key}:");
                        emit_to(value, indent, out);
                    }
                    Value::String(text)
                        if text.contains('\n') && !text.starts_with([' ', '\n']) && !text.ends_with("\n\n") =>
                    {
                        let chomp = if text.ends_with('\n') { "" } else { "-" };
                        let _ = writeln!(out, "{pad}{key}: |{chomp}");
                        for line in text.trim_end_matches('\n').split('\n') {
                            let _ = writeln!(out, "{pad}  {line}");
                        }
                    }
                    leaf => {
                        let _ = writeln!(out, "{pad}{key}: {}", scalar(leaf));
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let mut inner = String::new();
                emit_to(item, indent + 2, &mut inner);
                let _ = write!(out, "{pad}- {}", inner.trim_start_matches(' '));
            }
        }
        leaf => {
            let _ = writeln!(out, "{pad}{}", scalar(leaf));
        }
    }
}

fn scalar(leaf: &Value) -> String {
    match leaf {
        Value::String(text) => {
            let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./ ".contains(&b))
                && !text.ends_with(' ')
                && !matches!(
                    text.to_lowercase().as_str(),
                    "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
                );
            if plain { text.clone() } else { leaf.to_string() }
        }
        other => other.to_string(),
    }
}

#[test]
fn kinds_that_no_check_reads_are_skipped_and_broken_items_are_faults() {
    let file: Str = CONTEXT_FILE.into();
    let context = Context { file: &file, namespace: None, list_kind: None, list_api_version: None };
    let mut folder = folder();
    for skipped in [
        r#"{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"a"}}"#,
        r#"{"apiVersion":"serving.knative.dev/v1","kind":"Service"}"#,
        r#"{"metadata":{"name":"a"}}"#,
    ] {
        assert!(folder.json(skipped.as_bytes(), &context).expect_err(skipped).skip, "{skipped}");
    }
    let shape = br#"{"apiVersion":"v1","kind":"Secret","data":{"password":["hunter2"]}}"#;
    let fault = folder.json(shape, &context).expect_err("a list is no value");
    assert!(!fault.skip);
    assert_eq!(fault.what, "not the expected shape at byte 54");
    let cut = br#"{"apiVersion":"v1","kind":"Secret","data":{"password":"hunt"#;
    let fault = folder.json(cut, &context).expect_err("cut off");
    assert_eq!(fault.what, format!("the JSON is cut off at byte {}", cut.len() - 1));
    let nested = br#"{"kind":"Pod","spec":{"containers":[{"env":"hunter2"}]}}"#;
    assert_eq!(folder.json(nested, &context).expect_err("no list").offset_in_item, Some(51));
    let fault = folder.yaml("kind: Secret\ndata:\n  a: eA==\n  b:\n  - hunter2\nx: 1\n", &context).expect_err("a list");
    assert_eq!((fault.line_in_item, &*fault.what), (Some(4), "not the expected shape at line 4"));
    let fault = folder.yaml("kind: Secret\ndata: [hunter2\n", &context).expect_err("no YAML");
    assert!(!fault.skip && !fault.what.contains("hunter2"), "{fault:?}");
}

#[test]
fn items_of_a_typed_list_take_kind_and_version_from_the_list_and_the_namespace_from_the_layout() {
    let file: Str = CONTEXT_FILE.into();
    let context =
        Context { file: &file, namespace: Some("shop"), list_kind: Some("ConfigMap"), list_api_version: Some("v1") };
    let mut folder = folder();
    let folded = folder.json(br#"{"metadata":{"name":"flags"},"data":{"kind":"Secret"}}"#, &context);
    assert_eq!(folded, Ok(Folded { kind: Kind::ConfigMap, namespace: "shop".into() }));
    let partial = br#"{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata","metadata":{"name":"only"}}"#;
    folder.json(partial, &context).expect("folded");
    let roles = Context { list_kind: Some("Role"), ..context };
    assert!(folder.json(partial, &roles).expect_err("a role without its rules").skip);
    let snapshot = Part::merge(vec![folder.finish()]);
    assert!(snapshot.roles.is_empty() && snapshot.coverage.of(&Kind::Role, "shop") == Err(Unseen::MetadataOnly));
    assert!(snapshot.data[1].keys_unseen && !snapshot.data[0].keys_unseen);
    assert!(snapshot.coverage.kinds[&Kind::ConfigMap].metadata_only);
    assert_eq!(snapshot.coverage.kinds[&Kind::ConfigMap].count, 2);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_fold_panic(
        head in "(\\{\"apiVersion\":\"v1\",\"kind\":\"(Pod|Secret|Event|ConfigMap|Role)\",|kind: (Pod|Secret|Event)\n|)",
        body in "(\"?(spec|data|metadata|name|status|containers|env|value|managedFields|fieldsV1|f:data|annotations|nodeName|kube-api-access-abcde|stringData|volumes|secret)\"?|: ?|\\{|\\}|\\[|\\]|,|\"|\n|  |- |'|\\|-?|1|null|eyJ.e30.x|postgres://a:%@b:1/c|<>|é|#|\\\\|&|\t){0,60}"
    ) {
        let text = format!("{head}{body}");
        let file: Str = CONTEXT_FILE.into();
        let context = Context { file: &file, namespace: None, list_kind: Some("Secret"), list_api_version: None };
        let mut folder = folder();
        let _ = folder.json(text.as_bytes(), &context);
        let _ = folder.yaml(&text, &context);
        let _ = folder.audit_line(text.as_bytes());
        let value = serde_json::json!({"kind": "Secret", "stringData": {"host": text, "tls.crt": body}});
        let _ = folder.json(value.to_string().as_bytes(), &context);
        let place = LogPlace { namespace: None, pod: "p".into(), container: None, previous: false };
        let _ = folder.log(place, &mut text.as_bytes());
    }
}
