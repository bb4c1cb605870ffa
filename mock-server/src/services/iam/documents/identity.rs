//! Identity policies: customer managed policies and permissions boundaries, and the inline policies
//! of roles.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::super::super::members::one_or_more;
use super::{
    INLINE_SIZE, MANAGED_SIZE, Members, OF_DOCUMENT, OF_STATEMENT, dates, exceeded, is_condition,
    malformed, meaning, resources, size, statements, texts,
};
use crate::call::AwsError;

/// Checks the document of a customer managed policy, which may become a permissions boundary.
///
/// # Errors
///
/// MalformedPolicyDocument, or LimitExceeded where it is too long.
pub(in super::super) fn boundary_or_managed(text: &str) -> Result<(), AwsError> {
    let document = read(text)?;
    if document.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
        return Err(malformed(
            "Policy document must be version 2012-10-17 or greater.",
        ));
    }
    check(text, &document)?;
    if size(text) > MANAGED_SIZE {
        return Err(exceeded(format!(
            "Cannot exceed quota for PolicySize: {MANAGED_SIZE}"
        )));
    }
    Ok(())
}

/// Checks the document of an inline policy of a role whose other inline policies have `others`
/// characters. Versions before 2012-10-17, which managed policies never had, are accepted here.
///
/// # Errors
///
/// MalformedPolicyDocument, or LimitExceeded where the role's inline policies become too long.
pub(in super::super) fn inline(text: &str, role: &str, others: usize) -> Result<(), AwsError> {
    identity(text)?;
    if others + size(text) > INLINE_SIZE {
        return Err(exceeded(format!(
            "Maximum policy size of {INLINE_SIZE} bytes exceeded for role {role}"
        )));
    }
    Ok(())
}

/// Checks the document of an identity policy of any length.
///
/// # Errors
///
/// MalformedPolicyDocument.
pub(in super::super) fn identity(text: &str) -> Result<(), AwsError> {
    check(text, &read(text)?)
}

/// Parses a document and checks its structure.
fn read(text: &str) -> Result<Members, AwsError> {
    let syntax = || malformed("Syntax errors in policy.");
    let document: Members = serde_json::from_str(text).map_err(|_| syntax())?;
    let is_text = |name| document.get(name).is_none_or(Value::is_string);
    let version = document.get("Version").and_then(Value::as_str);
    let right = document
        .keys()
        .all(|key| OF_DOCUMENT.contains(&key.as_str()))
        && is_text("Version")
        && version.is_none_or(|version| matches!(version, "2008-10-17" | "2012-10-17"))
        && is_text("Id")
        && statements(&document)
            .is_some_and(|statements| statements.iter().all(|statement| is_statement(statement)));
    if right { Ok(document) } else { Err(syntax()) }
}

fn is_statement(statement: &Members) -> bool {
    let has = |name: &str| statement.contains_key(name);
    let is_word = |value: &Value| value.is_string();
    // IAM ignores null among the resources.
    let is_resource = |value: &Value| value.is_string() || value.is_null();
    let is_list = |name: &str, is_item: &dyn Fn(&Value) -> bool| {
        statement.get(name).is_none_or(|value| {
            value.is_string()
                || value
                    .as_array()
                    .is_some_and(|values| values.iter().all(is_item))
        })
    };
    let effect = statement
        .get("Effect")
        .and_then(Value::as_str)
        .unwrap_or_default();
    statement
        .keys()
        .all(|key| OF_STATEMENT.contains(&key.as_str()))
        && !(has("Action") && has("NotAction"))
        && !(has("Resource") && has("NotResource"))
        && ["allow", "deny"]
            .iter()
            .any(|known| effect.eq_ignore_ascii_case(known))
        && ["Action", "NotAction"]
            .iter()
            .all(|name| is_list(name, &is_word))
        && ["Resource", "NotResource"]
            .iter()
            .all(|name| is_list(name, &is_resource))
        && statement.get("Condition").is_none_or(is_condition)
        && statement.get("Sid").is_none_or(Value::is_string)
}

/// Checks the contents of a well-formed document, in the same order as IAM.
fn check(text: &str, document: &Members) -> Result<(), AwsError> {
    let statements = statements(document).unwrap_or_default();
    if statements.iter().any(|statement| {
        statement.contains_key("Principal") || statement.contains_key("NotPrincipal")
    }) {
        return Err(malformed("Policy document should not specify a principal."));
    }
    let legacy = || malformed("The policy failed legacy parsing");
    if !statements
        .iter()
        .all(|statement| has_legacy_form(statement))
    {
        return Err(legacy());
    }
    // The first invalid resource is reported after the errors that follow here, but resources after
    // it are not parsed.
    let mut wrong = None;
    for resource in statements
        .iter()
        .flat_map(|it| texts(it.get("Resource")).chain(texts(it.get("NotResource"))))
    {
        wrong = wrong.or_else(|| resources::problem(resource));
        if wrong.is_none() && !resources::is_readable(resource) {
            return Err(legacy());
        }
    }
    sids(&statements)?;
    if statements
        .iter()
        .any(|it| lists_nothing(it, ["Action", "NotAction"]))
    {
        return Err(malformed("Policy statement must contain actions."));
    }
    if let Some(wrong) = wrong {
        return Err(malformed(wrong));
    }
    for member in ["Action", "NotAction"] {
        statements
            .iter()
            .flat_map(|it| texts(it.get(member)))
            .try_for_each(action)?;
    }
    if statements
        .iter()
        .any(|it| lists_nothing(it, ["Resource", "NotResource"]))
    {
        return Err(malformed("Policy statement must contain resources."));
    }
    // Documents that the policy engine cannot read, such as those with duplicate elements, are
    // rejected.
    meaning(text)
        .map(|_| ())
        .map_err(|_| malformed("Syntax errors in policy."))
}

/// Whether the older parser can read a statement's effect and dates.
fn has_legacy_form(statement: &Members) -> bool {
    let effect = statement
        .get("Effect")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let conditions = statement.get("Condition").and_then(Value::as_object);
    let is_of_dates = |operator: &str| {
        operator
            .rsplit(':')
            .next()
            .is_some_and(|bare| bare.starts_with("Date"))
    };
    let mut dates = conditions
        .into_iter()
        .flatten()
        .filter(|(operator, _)| is_of_dates(operator))
        .filter_map(|(_, keys)| keys.as_object())
        .flat_map(Map::values)
        .flat_map(one_or_more);
    let is_date = |value: &Value| match value {
        Value::String(text) => dates::is_date(text),
        Value::Number(number) => number.as_i64().is_some_and(|number| number >= 0),
        _ => false,
    };
    matches!(effect, "Allow" | "Deny") && dates.all(is_date)
}

/// Sids consist of letters and digits and are unique, except that several may be empty.
fn sids(statements: &[&Members]) -> Result<(), AwsError> {
    let mut seen = HashSet::new();
    for sid in statements
        .iter()
        .filter_map(|it| it.get("Sid").and_then(Value::as_str))
        .filter(|sid| !sid.is_empty())
    {
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
            return Err(malformed(message));
        }
        if !seen.insert(sid) {
            return Err(malformed(
                "Statement IDs (SID) in a single policy must be unique.",
            ));
        }
    }
    Ok(())
}

/// Whether both elements are absent, or the one that is present is empty.
fn lists_nothing(statement: &Members, names: [&str; 2]) -> bool {
    names.iter().all(|name| {
        statement
            .get(*name)
            .is_none_or(|value| value.as_array().is_some_and(Vec::is_empty))
    })
}

fn action(action: &str) -> Result<(), AwsError> {
    let Some((vendor, name)) = action.split_once(':') else {
        let vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
        return if action == "*" {
            Ok(())
        } else {
            Err(malformed(vendor))
        };
    };
    if name.contains(':') {
        return Err(malformed("Actions/Condition can contain only one colon."));
    }
    let is_vendor = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if vendor != "*" && (vendor.is_empty() || !vendor.chars().all(is_vendor)) {
        return Err(malformed(format!("Vendor {vendor} is not valid")));
    }
    Ok(())
}
