//! The simple kind of YAML is read as the full parser reads it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::full;
use super::*;
use crate::wire::tests::emit;

fn read(text: &str) -> Option<Value> {
    to_json(text).map(|json| serde_json::from_slice(&json).expect("JSON"))
}

#[test]
fn what_kubectl_prints_is_read() {
    let text = r#"apiVersion: v1
data:
  app.conf: |
    a = 1

      b: 2
  cut: |-
    x
  kept: |+
    y

  long: 'one
    two

    three ''quoted'''
  plain: one two
    three
  "quoted: key": "tab\tand \u00e9 \"x\""
items:
- key: a
  list:
  - - 1
    - -2
  - {}
  mode: 0400
-
  key: []
  none:
  nothing: ~
  sure: yes
  version: 1.10
kind: ConfigMap # not a Secret
"#;
    let expected = json!({
        "apiVersion": "v1",
        "data": {"app.conf": "a = 1\n\n  b: 2\n", "cut": "x", "kept": "y\n\n", "long": "one two\nthree 'quoted'",
            "plain": "one two three", "quoted: key": "tab\tand é \"x\""},
        "items": [
            {"key": "a", "list": [[1, -2], {}], "mode": 256},
            {"key": [], "none": null, "nothing": null, "sure": true, "version": "1.10"},
        ],
        "kind": "ConfigMap",
    });
    assert_eq!(read(text), Some(expected));
}

#[test]
fn what_is_not_of_the_simple_kind_is_left_to_the_full_parser() {
    for text in [
        "a: &x 1",
        "a: *x",
        "a: !!str 1",
        "a: {b: 1}",
        "a: [1]",
        "a: >\n  x\n",
        "? a\n: b",
        "<<: x",
        "a:\tb",
        "a: b: c",
        "---\na: 1",
        "a: 1\r\n",
        "- a\nb: 1",
        "a: 1\n  b: 2",
        "a: 'x",
        "a: 'x' y",
        "plain",
        "\"x\"",
        "a: \"\\q\"",
        "a: @x",
        "a:b",
        "",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1000_i64..1000).prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        "([a-z :#'\"|>{}-]|\n|  ){0,16}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-zA-Z/._-]{1,8}|[ -~]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn objects_as_kubectl_prints_them_are_read_back(
        map in proptest::collection::hash_map("[a-z]{1,6}", values(), 1..4)
    ) {
        let value = Value::Object(map.into_iter().collect());
        let text = emit(&value);
        let read = read(&text);
        prop_assert_eq!(read.as_ref(), Some(&value), "{}", text);
    }

    #[test]
    fn whatever_is_read_is_what_the_full_parser_reads(
        text in "(a|b|kind|: |:|- |-|  |    |\n|\n  |'|\"|#| #|\\||\\|-|>|\\{\\}|\\[\\]|x y|\\\\|null|1|''){0,30}"
    ) {
        if let Some(value) = read(&text) {
            let full = full(&text).map(|json| serde_json::from_slice::<Value>(&json).expect("JSON"));
            prop_assert_eq!(full.ok(), Some(value), "{:?}", text);
        }
    }
}
