//! JSON in which no object has a field twice. Some readers take the first of two such fields, others the last (RFC 8259, 4).

use std::cell::RefCell;
use std::fmt::{self, Display};

use contract::ErrorCode;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{Error, Result};

/// Reads a document.
///
/// # Errors
/// `malformed_json`, or `duplicate` at the first field that occurs twice.
pub fn read(bytes: &[u8]) -> Result<Value> {
    let twice = RefCell::default();
    let malformed = |error: serde_json::Error| {
        Error::new(ErrorCode::MalformedJson, format!("line {}, column {}", error.line(), error.column()))
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { place: None, twice: &twice }.deserialize(&mut reader).map_err(malformed)?;
    reader.end().map_err(malformed)?;
    match twice.into_inner() {
        Some(pointer) => Err(Error::field(pointer, "duplicate")),
        None => Ok(value),
    }
}

/// A place within the document. It becomes a pointer only for an error.
struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    name: &'a dyn Display,
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outer.map_or(Ok(()), |outer| outer.fmt(f))?;
        write!(f, "/{}", self.name.to_string().replace('~', "~0").replace('/', "~1"))
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    place: Option<&'a Place<'a>>,
    twice: &'a RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("no number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) =
            seq.next_element_seed(Strict { place: Some(&Place { outer: self.place, name: &items.len() }), ..self })?
        {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let place = Place { outer: self.place, name: &name };
            let value = map.next_value_seed(Strict { place: Some(&place), ..self })?;
            if fields.contains_key(&name) {
                self.twice.borrow_mut().get_or_insert_with(|| place.to_string());
            }
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_field_that_is_there_twice_is_named() {
        let at = |text: &str| read(text.as_bytes()).unwrap_err().errors[0].pointer.clone();
        assert_eq!(at(r#"{"a": 1, "b": 2, "a": 1}"#), "/a");
        assert_eq!(at(r#"{"members": [{"name": "a"}, {"name": "a", "x/y~": {}, "x/y~": {}}]}"#), "/members/1/x~1y~0");
        assert_eq!(at(r#"{"\u0061": 1, "a": 2}"#), "/a");
    }

    proptest! {
        #[test]
        fn everything_else_is_read_as_anybody_reads_it(text in r#"[\[\]{},:0-9.eE+a-z" -]{0,12}|[\[{]("a":|"b":)?(-?[0-9]{1,20}(\.[0-9]+)?([eE][0-9]{1,3})?|null|true|"\\u[0-9a-f]{4}"|\[\])[\]}]"#) {
            let (own, usual) = (read(text.as_bytes()), serde_json::from_str::<Value>(&text));
            match (own, usual) {
                (Ok(own), Ok(usual)) => prop_assert_eq!(own, usual),
                (Err(own), usual) => prop_assert!(usual.is_err() || own.code == ErrorCode::ValidationFailed),
                (Ok(own), Err(error)) => prop_assert!(false, "{} {}", own, error),
            }
        }
    }
}
