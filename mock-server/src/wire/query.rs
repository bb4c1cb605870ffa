//! The query protocol's input: `Name=value` pairs whose names tell the structure
//! (`Filters.member.1.Name`).

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::call::AwsError;
use crate::model::{Service, Shape, Type};

/// The most parameters of a request. No operation of the mock takes a tenth of it.
pub(crate) const MOST_PARAMETERS: usize = 10_000;

/// The deepest that names may nest; the models go to 7.
const MOST_DEPTH: usize = 16;

/// The parameters of a form, decoded, in their order.
///
/// # Errors
/// Where there are more than any operation takes.
pub(crate) fn pairs(form: &str) -> Result<Vec<(String, String)>, AwsError> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced)
            .decode_utf8_lossy()
            .into_owned()
    };
    let given = form.split('&').filter(|pair| !pair.is_empty());
    let pairs: Vec<(String, String)> = given
        .take(MOST_PARAMETERS + 1)
        .map(|pair| {
            pair.split_once('=')
                .map_or((decode(pair), String::new()), |(name, value)| {
                    (decode(name), decode(value))
                })
        })
        .collect();
    if pairs.len() > MOST_PARAMETERS {
        return Err(AwsError::new(
            "MalformedQueryString",
            format!("The request has more than {MOST_PARAMETERS} parameters"),
        )
        .status(400));
    }
    Ok(pairs)
}

/// The value of one parameter, decoded but for `+`, which keys and tokens have in them.
pub(crate) fn parameter(form: &str, name: &str) -> Option<String> {
    let value = form
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(
        percent_encoding::percent_decode_str(value)
            .decode_utf8_lossy()
            .into_owned(),
    )
}

/// Parameters as a tree by the parts of their names, so that each name is looked at once, however
/// many there are.
#[derive(Debug, Default)]
pub(crate) struct Tree<'a> {
    value: Option<&'a str>,
    below: HashMap<&'a str, Tree<'a>>,
}

impl<'a> Tree<'a> {
    /// The tree of some parameters. Of two with one name the first counts; names that nest deeper
    /// than any structure are passed over.
    pub(crate) fn new(pairs: &'a [(String, String)]) -> Self {
        let mut root = Self::default();
        for (name, value) in pairs
            .iter()
            .filter(|(name, _)| name.split('.').nth(MOST_DEPTH).is_none())
        {
            let leaf = name
                .split('.')
                .fold(&mut root, |node, part| node.below.entry(part).or_default());
            leaf.value.get_or_insert(value);
        }
        root
    }

    /// What stands below a name, which may have several parts.
    fn at(&self, name: &str) -> Option<&Self> {
        name.split('.')
            .try_fold(self, |node, part| node.below.get(part))
    }

    /// The nodes `1`, `2` and so on, up to the first number that is not there.
    fn numbered(&self) -> impl Iterator<Item = &Self> {
        (1_usize..).map_while(|at| self.below.get(at.to_string().as_str()))
    }
}

/// Takes a structure out of a tree.
pub(crate) fn take(service: &Service, shape: &Shape, tree: &Tree<'_>) -> Option<Value> {
    match shape.kind {
        Type::Structure => {
            let mut taken = Map::new();
            for (name, member) in &shape.members {
                if let Some(below) = tree.at(member.location_name.as_deref().unwrap_or(name))
                    && let Some(value) = take(service, service.of(member), below)
                {
                    taken.insert(name.clone(), value);
                }
            }
            Some(Value::Object(taken))
        }
        Type::List => {
            let member = shape.member.as_ref()?;
            let items = if shape.flattened {
                Some(tree)
            } else {
                tree.at(member.location_name.as_deref().unwrap_or("member"))
            };
            let items = items.into_iter().flat_map(Tree::numbered);
            Some(Value::Array(
                items
                    .filter_map(|item| take(service, service.of(member), item))
                    .collect(),
            ))
        }
        Type::Map => {
            let (key, value) = (shape.key.as_ref()?, shape.value.as_ref()?);
            let entries = if shape.flattened {
                Some(tree)
            } else {
                tree.at("entry")
            };
            let entries = entries
                .into_iter()
                .flat_map(Tree::numbered)
                .filter_map(|entry| {
                    let key = entry
                        .at(key.location_name.as_deref().unwrap_or("key"))?
                        .value?;
                    let below = entry.at(value.location_name.as_deref().unwrap_or("value"))?;
                    Some((key.to_owned(), take(service, service.of(value), below)?))
                });
            Some(Value::Object(entries.collect()))
        }
        kind => tree.value.map(|text| scalar(kind, text)),
    }
}

/// A scalar from its text; what does not fit stays text and is refused by validation.
pub(crate) fn scalar(kind: Type, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match kind {
        Type::Integer | Type::Long => text.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        Type::Float | Type::Double => text.parse::<f64>().map_or_else(|_| as_text(), Value::from),
        Type::Boolean => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => as_text(),
        },
        Type::Timestamp => super::time::parse_iso8601(text)
            .or_else(|| text.parse().ok())
            .map_or_else(as_text, Value::from),
        _ => as_text(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MOST_PARAMETERS, Tree, pairs, take};
    use crate::service::models;

    fn taken(operation: &str, form: &str) -> serde_json::Value {
        let (_, iam) = models().find(|(name, _)| *name == "iam").expect("iam");
        let input = iam.operations[operation].input.as_ref().expect("an input");
        let pairs = pairs(form).expect("few parameters");
        take(iam, iam.shape(&input.shape), &Tree::new(&pairs)).expect("a structure")
    }

    #[test]
    fn names_tell_the_structure() {
        let form = "Action=TagRole&RoleName=r&RoleName=other&Tags.member.2.Key=b&Tags.member.1.Key=a&Tags.member.1.Value=1+%26+2&Tags.member.4.Key=d";
        let expected =
            json!({"RoleName": "r", "Tags": [{"Key": "a", "Value": "1 & 2"}, {"Key": "b"}]});
        assert_eq!(taken("TagRole", form), expected);
        assert_eq!(
            taken("TagRole", "Tags.member=x&Tags.member.01.Key=a&=&.=&a.."),
            json!({"Tags": []})
        );
        let deep = format!("RoleName=r&{}=1", "Tags.member.1.".repeat(100_000));
        assert_eq!(taken("TagRole", &deep), json!({"RoleName": "r"}));
    }

    /// Twice as many parameters are twice as much to do: the tree has a node for each part of a
    /// name and no more.
    #[test]
    fn as_many_nodes_as_names_have_parts() {
        fn nodes(tree: &Tree<'_>) -> usize {
            1 + tree.below.values().map(nodes).sum::<usize>()
        }
        let form: String = (1..=4_000)
            .map(|at| format!("Tags.member.{at}.Key=k{at}&Tags.member.{at}.Value=v&"))
            .collect();
        let parsed = pairs(&form).expect("few enough");
        assert_eq!(nodes(&Tree::new(&parsed)), 3 + 4_000 * 3);
        assert_eq!(
            taken("TagRole", &form)["Tags"]
                .as_array()
                .expect("a list")
                .len(),
            4_000
        );
        let error = pairs(&"a&".repeat(MOST_PARAMETERS + 1)).expect_err("too many");
        assert_eq!(
            (error.code.as_str(), error.status),
            ("MalformedQueryString", Some(400))
        );
    }
}
