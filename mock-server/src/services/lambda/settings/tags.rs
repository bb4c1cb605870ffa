//! Tags of functions, event source mappings, code signing configurations and other taggable
//! resources.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::store::Store;
use super::super::{Target, invalid, lock, mappings, not_there, nothing, store, text, unique};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How many tags a resource may have, and how long a key and a value may be, in characters. Source:
/// "Tag requirements", Lambda Developer Guide.
const MOST_TAGS: usize = 50;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// The tags of one resource.
type Tags = BTreeMap<String, String>;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "ListTags" => list,
        "TagResource" => tag,
        "UntagResource" => untag,
        _ => return None,
    })
}

/// The tags that a resource has after a request's `Tags` have been added, which may be absent.
///
/// # Errors
/// InvalidParameterValueException if there are too many, or if one is not a tag that callers can
/// give.
pub(in super::super) fn with(before: &Tags, given: Option<&Value>) -> Result<Tags, AwsError> {
    let mut tags = before.clone();
    for (key, value) in given.and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        // AWS's texts for these three are not known; the rules are documented.
        if key
            .get(..4)
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
        {
            return Err(invalid(
                "aws: prefixed tag key names are not allowed for external use.",
            ));
        }
        if key.is_empty() || key.chars().count() > LONGEST_KEY {
            return Err(invalid(format!(
                "Tag keys must be between 1 and {LONGEST_KEY} characters in length."
            )));
        }
        if value.chars().count() > LONGEST_VALUE {
            return Err(invalid(format!(
                "Tag values must be at most {LONGEST_VALUE} characters in length."
            )));
        }
        tags.insert(key.clone(), value.to_owned());
    }
    if tags.len() > MOST_TAGS {
        return Err(invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(tags)
}

/// A resource with tags: a function, or one whose tags are stored by its ARN.
enum Tagged {
    Function(Target),
    Other(String),
}

impl Tagged {
    /// The resource that the request names.
    ///
    /// # Errors
    /// If it does not exist, with AWS's message for its kind; InvalidParameterValueException for a
    /// version or an alias.
    fn of(call: &Call<'_>, input: &Input, store: &Store) -> Result<Self, AwsError> {
        let arn = text(input, "Resource").unwrap_or_default();
        let kind = arn.split(':').nth(5).unwrap_or_default();
        if kind == "function" {
            let target = Target::read(call, arn, None)?;
            if target.qualifier.is_some() {
                return Err(invalid(
                    "Tags on function aliases and versions are not supported. Please specify a function ARN.",
                ));
            }
            target.function(call, store)?;
            return Ok(Self::Function(target));
        }
        let id = arn.rsplit(':').next().unwrap_or_default();
        let (named, is_there) = match kind {
            "event-source-mapping" => ("Event source mapping", mappings::is_there(call, store, id)),
            "code-signing-config" => (
                "Code signing config",
                store.code_signing_configs.contains_key(arn),
            ),
            "capacity-provider" => ("Capacity provider", false),
            // AWS's text is not known.
            _ => ("Resource", false),
        };
        // Resources of other accounts and Regions are reported as missing.
        if is_there && arn == super::super::arn(call, kind, id) {
            Ok(Self::Other(arn.to_owned()))
        } else {
            Err(not_there(format!("{named} not found: {arn}")))
        }
    }

    fn tags<'a>(&self, call: &Call<'_>, store: &'a Store) -> Result<Option<&'a Tags>, AwsError> {
        match self {
            Self::Function(target) => Ok(Some(&target.function(call, store)?.tags)),
            Self::Other(arn) => Ok(store.tags.get(arn)),
        }
    }

    /// Replaces the tags. This changes the RevisionId of a function, as answers recorded from AWS
    /// show.
    fn set(self, call: &Call<'_>, store: &mut Store, tags: Tags) -> Answer {
        match self {
            Self::Function(target) => {
                let function = target.function_mut(call, store)?;
                function.tags = tags;
                function.configuration.revise(&unique(call));
            }
            Self::Other(arn) => {
                store.modified = true;
                store.tags.insert(arn, tags);
            }
        }
        nothing()
    }
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let tags = Tagged::of(call, input, &store)?
        .tags(call, &store)?
        .cloned()
        .unwrap_or_default();
    Ok(json!({"Tags": tags}))
}

fn tag(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    let tagged = Tagged::of(call, input, &store)?;
    if input
        .get("Tags")
        .and_then(Value::as_object)
        .is_none_or(serde_json::Map::is_empty)
    {
        return Err(invalid(
            "An error occurred and the request cannot be processed.",
        ));
    }
    let tags = with(
        tagged.tags(call, &store)?.unwrap_or(&Tags::new()),
        input.get("Tags"),
    )?;
    tagged.set(call, &mut store, tags)
}

fn untag(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    let tagged = Tagged::of(call, input, &store)?;
    let mut tags = tagged.tags(call, &store)?.cloned().unwrap_or_default();
    for key in input
        .get("TagKeys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        tags.remove(key);
    }
    tagged.set(call, &mut store, tags)
}
