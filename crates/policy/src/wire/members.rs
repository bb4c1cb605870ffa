//! The members of an input: each is taken by its name, and unknown ones are copied to the answer.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{WireError, wrong};
use crate::Document;

/// Unknown members of an input, such as an `id`: they are copied to the answer.
pub type Further = Map<String, Value>;

/// An input's members as they were written, so that a policy keeps its own text with the places of
/// its mistakes.
pub(super) struct Members<'a> {
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

struct InOrder<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for InOrder<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = InOrder<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push((name.0, value));
                }
                Ok(InOrder(members))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A name, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Members<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, WireError> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| WireError::Json(error.to_string()))?;
        let kind = match raw.get().as_bytes().first() {
            Some(b'{') => None,
            Some(b'[') => Some("a list"),
            Some(b'"') => Some("a text"),
            Some(b't' | b'f') => Some("a truth value"),
            Some(b'n') => Some("null"),
            _ => Some("a number"),
        };
        if let Some(kind) = kind {
            return Err(WireError::NoObject(kind));
        }
        let InOrder(members) =
            serde_json::from_str(raw.get()).map_err(|error| WireError::Json(error.to_string()))?;
        Ok(Self { members })
    }

    pub(super) fn each_once(&self) -> Result<(), WireError> {
        let mut names: Vec<&str> = self.members.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        names
            .windows(2)
            .find(|pair| pair[0] == pair[1])
            .map_or(Ok(()), |twice| Err(WireError::Twice(twice[0].to_owned())))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(it, _)| it == name)
    }

    /// Takes a member; `null` is as good as none.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let at = self.members.iter().position(|(it, _)| it == name)?;
        let (_, value) = self.members.remove(at);
        (value.get() != "null").then_some(value)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, WireError> {
        self.take(name)
            .map(|raw| decode(name, raw, "is not a string"))
            .transpose()
    }

    pub(super) fn boolean(&mut self, name: &str) -> Result<Option<bool>, WireError> {
        self.take(name)
            .map(|raw| decode(name, raw, "is not a boolean"))
            .transpose()
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Vec<(String, Value)>, WireError> {
        let Some(raw) = self.take(name) else {
            return Ok(Vec::new());
        };
        let InOrder(members) =
            serde_json::from_str(raw.get()).or_else(|_| wrong(name, "is not an object"))?;
        let value = |(key, raw): (Cow<'_, str>, &RawValue)| {
            let value = decode(&format!("{name}.{key}"), raw, "cannot be read")?;
            Ok((key.into_owned(), value))
        };
        members.into_iter().map(value).collect()
    }

    pub(super) fn policy(&mut self, name: &str) -> Result<Option<Document>, WireError> {
        self.take(name).map(|raw| document(name, raw)).transpose()
    }

    /// A list of policies; a single one will do.
    pub(super) fn policies(&mut self, name: &str) -> Result<Vec<Document>, WireError> {
        let Some(raw) = self.take(name) else {
            return Ok(Vec::new());
        };
        if !raw.get().starts_with('[') {
            return Ok(vec![document(name, raw)?]);
        }
        list(name, raw)?
            .into_iter()
            .enumerate()
            .map(|(index, raw)| document(&format!("{name}[{index}]"), raw))
            .collect()
    }

    /// A list of levels with a list of policies each.
    pub(super) fn levels(&mut self, name: &str) -> Result<Vec<Vec<Document>>, WireError> {
        let Some(raw) = self.take(name) else {
            return Ok(Vec::new());
        };
        let level = |(level, raw): (usize, &RawValue)| {
            let name = format!("{name}[{level}]");
            list(&name, raw)?
                .into_iter()
                .enumerate()
                .map(|(index, raw)| document(&format!("{name}[{index}]"), raw))
                .collect()
        };
        list(name, raw)?
            .into_iter()
            .enumerate()
            .map(level)
            .collect()
    }

    /// What was not taken. Names that the answer uses itself are left out.
    ///
    /// A member with nearly a known name, or with a policy in it, is a mistake, and an answer
    /// without it would be wrong.
    pub(super) fn further(
        self,
        known: &[&'static str],
        holders: &[&'static str],
        answer: &[&str],
    ) -> Result<Further, WireError> {
        let mut further = Further::new();
        for (name, raw) in self.members {
            if let Some(nearest) = known.iter().find(|it| alike(it, &name)) {
                return Err(WireError::Misspelt {
                    name: name.into_owned(),
                    nearest,
                });
            }
            let value: Value = decode(&name, raw, "cannot be read")?;
            if is_policy(&value) {
                return Err(WireError::Stray {
                    name: name.into_owned(),
                    known: holders.join(", "),
                });
            }
            if !answer.contains(&name.as_ref()) {
                further.insert(name.into_owned(), value);
            }
        }
        Ok(further)
    }

    /// The members that are not known as they came: for the answer to an input that could not be
    /// understood.
    pub(super) fn lenient(self, known: &[&'static str], answer: &[&str]) -> Further {
        let members = self.members.into_iter().filter(|(name, _)| {
            !known.contains(&name.as_ref()) && !answer.contains(&name.as_ref())
        });
        let values = members.filter_map(|(name, raw)| {
            Some((name.into_owned(), serde_json::from_str(raw.get()).ok()?))
        });
        values.filter(|(_, value)| !is_policy(value)).collect()
    }
}

fn decode<T: DeserializeOwned>(name: &str, raw: &RawValue, problem: &str) -> Result<T, WireError> {
    serde_json::from_str(raw.get()).or_else(|_| wrong(name, problem))
}

fn list<'a>(name: &str, raw: &'a RawValue) -> Result<Vec<&'a RawValue>, WireError> {
    serde_json::from_str(raw.get()).or_else(|_| wrong(name, "is not a list"))
}

fn document(name: &str, raw: &RawValue) -> Result<Document, WireError> {
    let text = policy_text(name, raw)?;
    Document::parse_url_encoded(&text).map_err(|source| WireError::Policy {
        member: name.to_owned(),
        source,
    })
}

/// A policy's text: an object as it was written, or what a string holds, percent-encoded or not.
pub(super) fn policy_text<'a>(name: &str, raw: &'a RawValue) -> Result<Cow<'a, str>, WireError> {
    match raw.get().as_bytes().first() {
        Some(b'{') => Ok(Cow::Borrowed(raw.get())),
        Some(b'"') => decode(name, raw, "is not a string").map(Cow::Owned),
        _ => wrong(
            name,
            "is neither an object nor a string that contains a policy",
        ),
    }
}

/// Whether a name was meant for a known one: other capitals, singular and plural, or one letter's
/// difference.
fn alike(known: &str, name: &str) -> bool {
    let plain = |name: &str| -> String {
        let name: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let singular = name.strip_suffix("ies").map(|stem| format!("{stem}y"));
        singular.unwrap_or_else(|| name.strip_suffix('s').map_or(name.clone(), str::to_owned))
    };
    let (known, name) = (plain(known), plain(name));
    known == name
        || (known.len() > 5
            && name.len() < 2 * known.len()
            && lambdasweep_model::edits(&known, &name) <= 1)
}

/// Whether a value is a policy, or a list with one in it.
fn is_policy(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.contains_key("Statement"),
        Value::Array(values) => values.iter().any(is_policy),
        _ => false,
    }
}
