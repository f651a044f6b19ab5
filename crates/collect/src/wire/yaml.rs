//! YAML items, brought into JSON so that both forms are read by the same structs.

mod block;

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use block::string;

use super::Fault;

/// One document or list item as JSON text.
pub(crate) fn to_json(item: &str) -> Result<Vec<u8>, Fault> {
    block::to_json(item).map_or_else(|| full(item), Ok)
}

/// The line, counted from 1, of which the byte at `offset` of [`to_json`]'s text was made, where that is known.
pub(crate) fn line_of(item: &str, offset: u64) -> Option<u64> {
    block::line_of(item, usize::try_from(offset).ok()?)
}

/// Any YAML, by the full parser.
fn full(item: &str) -> Result<Vec<u8>, Fault> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: 2_200_000,
            max_events: 2_500_000,
        },
        // As `sigs.k8s.io/yaml` reads file modes.
        legacy_octal_numbers: true,
        null_as_string: true,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
    };
    match serde_saphyr::from_str_with_options::<Json>(item, options) {
        Ok(Json(json)) => Ok(json),
        Err(error) => {
            let line = error.location().map(|l| l.line());
            let what = match line {
                Some(line) => format!("not YAML at line {line}"),
                None => "not YAML".to_owned(),
            };
            Err(Fault { offset_in_item: None, line_in_item: line, what, skip: false })
        }
    }
}

/// JSON text of whatever is deserialized into it.
struct Json(Vec<u8>);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut out = Vec::new();
        Value(&mut out).deserialize(deserializer)?;
        Ok(Self(out))
    }
}

/// Writes one value to the end of the text.
struct Value<'o>(&'o mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<(), E> {
        self.0.extend_from_slice(if v { b"true" } else { b"false" });
        Ok(())
    }

    fn visit_i64<E>(self, v: i64) -> Result<(), E> {
        self.0.extend_from_slice(v.to_string().as_bytes());
        Ok(())
    }

    fn visit_u64<E>(self, v: u64) -> Result<(), E> {
        self.0.extend_from_slice(v.to_string().as_bytes());
        Ok(())
    }

    fn visit_f64<E>(self, v: f64) -> Result<(), E> {
        // Infinity and NaN are no JSON; as text they reach the fields that take any scalar.
        if v.is_finite() {
            self.0.extend_from_slice(v.to_string().as_bytes());
        } else {
            string(self.0, &v.to_string());
        }
        Ok(())
    }

    fn visit_str<E>(self, v: &str) -> Result<(), E> {
        string(self.0, v);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        let start = self.0.len();
        loop {
            let before = self.0.len();
            if before > start {
                self.0.push(b',');
            }
            if seq.next_element_seed(Value(self.0))?.is_none() {
                self.0.truncate(before);
                break;
            }
        }
        self.0.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.push(b'{');
        let start = self.0.len();
        while let Some(key) = map.next_key::<Key>()? {
            if self.0.len() > start {
                self.0.push(b',');
            }
            string(self.0, &key.0);
            self.0.push(b':');
            map.next_value_seed(Value(self.0))?;
        }
        self.0.push(b'}');
        Ok(())
    }
}

/// A key as written: YAML also lets it be a number, a boolean or `null`.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}
