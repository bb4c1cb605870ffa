//! Published versions.

use serde_json::{Map, Value, json};

use super::super::configuration::Change;
use super::super::store::{Configuration, Function};
use super::super::{
    OF_FUNCTION, Target, check_revision, conflict, invalid, lock, store, text, unique,
};
use super::{check_ready, members};
use crate::call::{Answer, AwsError, Call, Input};

/// Publishes `$LATEST`, unless nothing has changed since the newest version was published, and
/// returns the version as in the response; `made` means that the same call created or updated the
/// code, so that the version is not ready yet.
///
/// A version whose snapshot is being created is not ready either. Source: "Activating and managing
/// Lambda SnapStart", Lambda Developer Guide.
pub(super) fn push(
    call: &Call<'_>,
    function: &mut Function,
    description: &str,
    made: bool,
) -> Map<String, Value> {
    if let Some(newest) = function.versions.last().filter(|_| !function.changed) {
        return newest.at(call.now);
    }
    let number = function.highest_version() + 1;
    let mut published = function.configuration.read();
    let arn = published
        .get("FunctionArn")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    published.insert("FunctionArn".to_owned(), json!(format!("{arn}:{number}")));
    published.insert("Version".to_owned(), json!(number.to_string()));
    published.insert("RevisionId".to_owned(), json!(beside(&unique(call))));
    if !description.is_empty() {
        published.insert("Description".to_owned(), json!(description));
    }
    if published
        .get("State")
        .is_some_and(|state| state == members::NOT_INVOCABLE)
    {
        published.insert("State".to_owned(), json!("Active"));
    }
    let snapshot = published
        .get("SnapStart")
        .is_some_and(|it| it["ApplyOn"] == "PublishedVersions");
    if snapshot {
        published.insert(
            "SnapStart".to_owned(),
            json!({"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}),
        );
    }
    let mut version = Configuration::from(published);
    if made || snapshot {
        version.begin(Change::Creation, call.now + call.world.transition());
    }
    let answer = version.begun();
    function.versions.push(version);
    function.changed = false;
    if !made {
        // Publishing also changes the RevisionId of `$LATEST`. Source: recorded from AWS.
        function.configuration.revise(&unique(call));
    }
    answer
}

/// A second RevisionId of the same call.
fn beside(revision: &str) -> String {
    let other = |at: usize, letter: char| {
        let digit = letter
            .to_digit(16)
            .filter(|_| at == 17)
            .and_then(|digit| char::from_digit(digit ^ 1, 16));
        digit.unwrap_or(letter)
    };
    revision
        .chars()
        .enumerate()
        .map(|(at, letter)| other(at, letter))
        .collect()
}

/// Source of code and text: recorded from AWS.
pub(super) fn publish(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let latest = function.configuration.at(call.now);
    check_ready(call, &target, &latest)?;
    check_revision(input, text(&latest, "RevisionId"), OF_FUNCTION)?;
    let current = text(&latest, "CodeSha256").unwrap_or_default();
    if let Some(given) = text(input, "CodeSha256").filter(|given| *given != current) {
        return Err(invalid(format!(
            "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({current}). Please try again with the CodeSHA256 in $LATEST."
        )));
    }
    Ok(Value::Object(push(
        call,
        function,
        text(input, "Description").unwrap_or_default(),
        false,
    )))
}

/// Deletes a version, and what belongs to it; deleting a missing version succeeds.
pub(super) fn delete(function: &mut Function, version: &str) -> Result<(), AwsError> {
    let aliases: Vec<&str> = function
        .aliases
        .keys()
        .map(String::as_str)
        .filter(|alias| function.versions_behind(alias).contains(&version))
        .collect();
    if !aliases.is_empty() {
        return Err(conflict(format!(
            "Unable to delete version because the following aliases reference it: [{}]",
            aliases.join(", ")
        )));
    }
    let Some(number) = function.version(version).map(Configuration::version) else {
        return Ok(());
    };
    // Without the newest version, `$LATEST` counts as changed.
    function.changed |= function
        .versions
        .last()
        .is_some_and(|newest| newest.version() == number);
    function.last_version = function.highest_version();
    function.versions.retain(|it| it.version() != number);
    function.forget(version);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn a_second_revision_is_another_one() {
        let first = "0a1b2c3d-0000-4001-8000-000000000001";
        assert_eq!(beside(first), "0a1b2c3d-0000-4000-8000-000000000001");
        assert_eq!(beside(&beside(first)), first);
    }
}
