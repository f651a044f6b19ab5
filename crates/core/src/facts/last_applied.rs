//! What `kubectl.kubernetes.io/last-applied-configuration` tells without its values.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::objects::{LastApplied, Str};
use crate::value::{SecretValue, Tagger};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Applied<'a> {
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<BTreeMap<Cow<'a, str>, Option<Value<'a>>>>,
    #[serde(borrow)]
    string_data: Option<BTreeMap<Cow<'a, str>, Option<Value<'a>>>>,
}

/// A text, or something else that is passed over.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Other(serde::de::IgnoredAny),
}

/// Reads the annotation: kind, size, and the keys of `data` and `stringData` with tags of their values.
pub fn last_applied(text: &str, tagger: &Tagger) -> LastApplied {
    let size = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let Ok(applied) = serde_json::from_str::<Applied>(text) else { return LastApplied { size, ..Default::default() } };
    let is_secret = applied.kind.as_deref() == Some("Secret");
    let mut keys: BTreeMap<Str, Option<crate::value::EqTag>> = BTreeMap::new();
    for (map, encoded) in [(applied.data, is_secret), (applied.string_data, false)] {
        for (key, value) in map.into_iter().flatten() {
            let tag = match value {
                Some(Value::Text(text)) if encoded => {
                    STANDARD.decode(text.as_bytes()).ok().map(|v| tagger.tag(SecretValue::new(v).expose()))
                }
                Some(Value::Text(text)) => Some(tagger.tag(text.as_bytes())),
                _ => None,
            };
            keys.insert(key.as_ref().into(), tag);
        }
    }
    LastApplied { kind: applied.kind.map(|k| k.as_ref().into()), size, keys: keys.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tags_are_kept_and_string_data_wins() {
        let tagger = Tagger::new(1, [3; 32]);
        let text = r#"{"kind":"Secret","data":{"a":"b2xk","b":"!"},"stringData":{"a":"new"}}"#;
        let read = last_applied(text, &tagger);
        assert_eq!(read.kind.as_deref(), Some("Secret"));
        assert_eq!(read.keys, vec![("a".into(), Some(tagger.tag(b"new"))), ("b".into(), None)]);
        assert_eq!(last_applied("not json", &tagger).size, 8);
    }
}
