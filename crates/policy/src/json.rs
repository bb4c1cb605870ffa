//! JSON with the position of every value: serde_json decides what is JSON, jsonc-parser finds where
//! each part of it stands.

use std::fmt;

pub(crate) use jsonc_parser::ast::{Object, ObjectProp, Value};
pub(crate) use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Why a text is not valid JSON, and the byte where the error is.
pub(crate) struct Syntax {
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// What an AST may hold beyond JSON: nothing.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Any JSON, of which nothing is kept: every string is decoded, every number read, and the depth is
/// limited.
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Sound {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self, A::Error> {
        while access.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self, A::Error> {
        while access.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

/// Reads a text. Takes time in proportion to its length, and goes no deeper than serde_json does
/// (128 levels).
pub(crate) fn parse(text: &str) -> Result<Value<'_>, Syntax> {
    if text.starts_with('\u{feff}') {
        return Err(Syntax {
            at: 0,
            message: "the text begins with a byte order mark".to_owned(),
        });
    }
    if let Err(error) = serde_json::from_str::<Sound>(text) {
        let words = error.to_string();
        let message = words
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        return Err(Syntax {
            at: offset(text, error.line(), error.column()),
            message,
        });
    }
    match parse_to_ast(text, &CollectOptions::default(), &STRICT) {
        Ok(result) => result.value.ok_or_else(|| Syntax {
            at: 0,
            message: "the text is empty".to_owned(),
        }),
        Err(error) => Err(Syntax {
            at: error.range().start,
            message: error.kind().to_string(),
        }),
    }
}

/// The byte at a line (from 1) and a column in bytes (from 1; 0 before the first).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => text
            .match_indices('\n')
            .nth(line - 2)
            .map_or(text.len(), |(at, _)| at + 1),
    };
    text.floor_char_boundary(start + column.saturating_sub(1))
}

/// The lines and columns (both from 1, columns in characters) of bytes in ascending order.
pub(crate) fn positions(
    text: &str,
    ascending: impl IntoIterator<Item = usize>,
) -> Vec<(usize, usize)> {
    let (mut line, mut column, mut from) = (1, 1, 0);
    let mut found = Vec::new();
    for at in ascending {
        let at = text.floor_char_boundary(at).max(from);
        for character in text[from..at].chars() {
            if character == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        from = at;
        found.push((line, column));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Ranged, Value, parse, positions};

    #[test]
    fn bytes_become_lines_and_columns_in_characters() {
        let text = "{\n \"ä\": 1,\n \"b\": 2}";
        let at = |part: &str| text.find(part).expect(part);
        assert_eq!(
            positions(text, [0, at("\"ä"), at("1"), at("\"b"), 400]),
            [(1, 1), (2, 2), (2, 7), (3, 2), (3, 9)]
        );
    }

    #[test]
    fn every_part_knows_its_byte() {
        let text = "{\"ä\": [true, \"\\u00e4\"]}";
        let Ok(Value::Object(object)) = parse(text) else {
            panic!("an object")
        };
        let Value::Array(array) = &object.properties[0].value else {
            panic!("an array")
        };
        assert_eq!(object.properties[0].name.range().start, 1);
        assert_eq!(
            &text[array.elements[0].start()..array.elements[0].end()],
            "true"
        );
        assert_eq!(
            array.elements[1].as_string_lit().map(|it| &*it.value),
            Some("ä")
        );
    }

    #[test]
    fn what_serde_json_refuses_is_refused_where_it_stands() {
        for (text, at) in [
            ("", 0),
            ("{\"a\": 1,}", 8),
            ("{\"a\": '1'}", 6),
            ("\u{feff}{}", 0),
            ("{} {}", 3),
            ("{\n\"a\": \"\u{1}\"}", 8),
            ("\"\\ud800\"", 7),
            ("[1e999]", 5),
        ] {
            assert_eq!(parse(text).err().map(|it| it.at), Some(at), "{text:?}");
        }
        assert!(parse(&"[".repeat(200_000)).is_err());
        assert!(parse(&format!("{}{}", "[".repeat(130), "]".repeat(130))).is_err());
    }
}
