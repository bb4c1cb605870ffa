//! The input of the query protocol and of EC2's: `Name=value` pairs whose names contain the
//! structure (`Filters.member.1.Name`).

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::{PercentDecode, percent_decode_str};
use serde_json::{Map, Value};

use crate::call::AwsError;
use crate::model::TimestampFormat::{Iso8601, UnixTimestamp};
use crate::model::{Field, Protocol, Service, Shape, Type};
use crate::wire::{scalar, time};

/// The maximum number of parameters of a request. No operation of the mock needs a tenth of it.
pub(crate) const MOST_PARAMETERS: usize = 10_000;

/// The maximum nesting depth of names; the models need 7.
const MOST_DEPTH: usize = 16;

/// The parameters of a form, decoded, in the given order.
///
/// # Errors
/// If there are more than any operation takes, or one is not valid UTF-8.
pub(crate) fn pairs(form: &str) -> Result<Vec<(String, String)>, AwsError> {
    let not_text =
        || malformed("A parameter of the request is not text: it is not UTF-8".to_owned());
    pairs_by(form, |bytes| {
        bytes
            .decode_utf8()
            .map(Cow::into_owned)
            .map_err(|_| not_text())
    })
}

/// The parameters of a URL, decoded, in the given order. Bytes that are not valid UTF-8 become a
/// character that no pattern allows.
///
/// # Errors
/// If there are more than any operation takes.
pub(crate) fn url_pairs(query: &str) -> Result<Vec<(String, String)>, AwsError> {
    pairs_by(query, |bytes| Ok(bytes.decode_utf8_lossy().into_owned()))
}

fn pairs_by(
    form: &str,
    text: impl Fn(PercentDecode<'_>) -> Result<String, AwsError>,
) -> Result<Vec<(String, String)>, AwsError> {
    let decode = |part: &str| text(percent_decode_str(&part.replace('+', " ")));
    let mut pairs = Vec::new();
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == MOST_PARAMETERS {
            let message = format!("The request has more than {MOST_PARAMETERS} parameters");
            return Err(malformed(message));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decode(name)?, decode(value)?));
    }
    Ok(pairs)
}

fn malformed(message: String) -> AwsError {
    AwsError::new("MalformedQueryString", message).status(400)
}

/// The value of one parameter, decoded except for `+`, which keys and tokens may contain.
pub(crate) fn parameter(form: &str, name: &str) -> Option<String> {
    let value = form
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Parameters as a tree by the parts of their names, so that each name is processed once,
/// regardless of the number of parameters.
#[derive(Debug, Default)]
pub(crate) struct Tree<'a> {
    value: Option<&'a str>,
    below: HashMap<&'a str, Tree<'a>>,
}

impl<'a> Tree<'a> {
    /// The tree of the parameters. The first of two parameters with the same name counts; names
    /// that nest deeper than any structure are ignored.
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

    /// The subtree below a name, which may have several parts.
    fn at(&self, name: &str) -> Option<&Self> {
        name.split('.')
            .try_fold(self, |node, part| node.below.get(part))
    }

    /// The nodes `1`, `2` and so on, up to the first missing number.
    fn numbered(&self) -> impl Iterator<Item = &Self> {
        (1_usize..).map_while(|at| self.below.get(at.to_string().as_str()))
    }
}

/// Reads the input of an operation from a tree.
pub(crate) fn take(
    service: &Service,
    protocol: Protocol,
    shape: &Shape,
    tree: &Tree<'_>,
) -> Map<String, Value> {
    Reader {
        service,
        ec2: protocol == Protocol::Ec2,
    }
    .structure(shape, tree)
}

struct Reader<'a> {
    service: &'a Service,
    /// Whether names and lists have EC2's form.
    ec2: bool,
}

impl<'a> Reader<'a> {
    fn structure(&self, shape: &'a Shape, tree: &Tree<'_>) -> Map<String, Value> {
        let mut taken = Map::new();
        for (name, member) in &shape.members {
            let field = self.service.field(member);
            let below = self
                .names(name, field)
                .into_iter()
                .flatten()
                .find_map(|name| tree.at(&name));
            if let Some(value) = below.and_then(|below| self.value(field, below)) {
                taken.insert(name.clone(), value);
            }
        }
        taken
    }

    /// The names that a member may have in a form.
    fn names(&self, name: &'a str, field: Field<'a>) -> [Option<Cow<'a, str>>; 3] {
        let own = field.wire_name(name);
        if self.ec2 {
            let query_name = field.member.query_name.as_deref();
            let name = query_name.map_or_else(|| capitalized(own), Cow::Borrowed);
            return [Some(name), Some(own.into()), None];
        }
        // In botocore, and so in SQS and SimpleDB, a flattened list has the name of its items, and
        // a shape's name applies to all members of that shape; in Smithy, only the member's name
        // counts.
        let item = field.shape.member.as_ref().filter(|_| field.is_flattened());
        let of_item = item.and_then(|item| item.location_name.as_deref());
        [of_item, Some(own), field.shape.own_location_name()].map(|name| name.map(Cow::Borrowed))
    }

    fn value(&self, field: Field<'a>, tree: &Tree<'_>) -> Option<Value> {
        let shape = field.shape;
        match shape.kind {
            Type::Structure => Some(Value::Object(self.structure(shape, tree))),
            Type::List => {
                let item = self.service.field(shape.member.as_ref()?);
                let items = if self.ec2 || field.is_flattened() {
                    Some(tree)
                } else {
                    tree.at(item.wire_name("member"))
                };
                let items = items.into_iter().flat_map(Tree::numbered);
                Some(items.filter_map(|tree| self.value(item, tree)).collect())
            }
            Type::Map => {
                let key = self.service.field(shape.key.as_ref()?).wire_name("key");
                let value = self.service.field(shape.value.as_ref()?);
                let of_value = value.wire_name("value");
                let entries = if field.is_flattened() {
                    Some(tree)
                } else {
                    tree.at("entry")
                };
                let entries = entries
                    .into_iter()
                    .flat_map(Tree::numbered)
                    .filter_map(|entry| {
                        let key = entry.at(key)?.value?;
                        Some((key.to_owned(), self.value(value, entry.at(of_value)?)?))
                    });
                Some(Value::Object(entries.collect()))
            }
            Type::Timestamp => {
                let text = tree.value?;
                // AWS's query services also accept epoch seconds.
                let seconds = time::parse(field.timestamp_format(Iso8601), text)
                    .or_else(|| time::parse(UnixTimestamp, text));
                Some(seconds.map_or_else(|| Value::from(text), Value::from))
            }
            _ => tree.value.map(|text| scalar::read(field, Iso8601, text)),
        }
    }
}

fn capitalized(name: &str) -> Cow<'_, str> {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MOST_PARAMETERS, Tree, pairs, take};
    use crate::model::Protocol;
    use crate::service::models;

    fn taken(operation: &str, form: &str) -> serde_json::Value {
        let (_, iam) = models().find(|(name, _)| *name == "iam").expect("iam");
        let input = iam.operations[operation].input.as_ref().expect("an input");
        let pairs = pairs(form).expect("few parameters");
        take(
            iam,
            Protocol::Query,
            iam.shape(&input.shape),
            &Tree::new(&pairs),
        )
        .into()
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

    /// The work is linear in the number of parameters: the tree has one node for each part of a
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
