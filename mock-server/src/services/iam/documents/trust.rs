//! Trust policies: who may assume a role.

use std::collections::HashSet;

use lambdasweep_model::{AccountId, Arn};
use serde_json::Value;

use super::super::lock;
use super::{
    Members, OF_DOCUMENT, OF_STATEMENT, TRUST_SIZE, exceeded, is_condition, is_operator, malformed,
    shared, size, statements, texts,
};
use crate::call::{AwsError, Call};
use crate::services::iam::store::Store;
use crate::services::organizations::store::Organization;

/// Identity providers that need no object in the account. Source: "AWS JSON policy elements:
/// Principal".
const WEB_PROVIDERS: [&str; 4] = [
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// Checks a trust policy; the principals that it names must exist. This locks the IAM state of
/// accounts, so none may be locked already.
///
/// # Errors
///
/// MalformedPolicyDocument, or LimitExceeded where it is too long.
pub(in super::super) fn trust(call: &Call<'_>, text: &str) -> Result<(), AwsError> {
    let invalid = || malformed("This policy contains invalid Json");
    let document: Members = serde_json::from_str(text).map_err(|_| invalid())?;
    known_fields(&document, &OF_DOCUMENT)?;
    match document.get("Version") {
        None => {}
        Some(Value::String(version)) if matches!(version.as_str(), "2008-10-17" | "2012-10-17") => {
        }
        Some(_) => return Err(malformed("The policy must contain a valid version string")),
    }
    if document.get("Id").is_some_and(|id| !id.is_string()) {
        return Err(malformed("Syntax error in policy."));
    }
    let no_statement = || malformed("Could not parse the policy: Statement is empty!");
    let statements = statements(&document).ok_or_else(no_statement)?;
    let mut sids = HashSet::new();
    for statement in &statements {
        check(statement)?;
        if let Some(sid) = statement
            .get("Sid")
            .and_then(Value::as_str)
            .filter(|sid| !sid.is_empty())
            && !sids.insert(sid)
        {
            return Err(malformed("The Statement Ids in the policy are not unique"));
        }
    }
    statements
        .iter()
        .try_for_each(|statement| principals(call, statement))?;
    lambdasweep_policy::Document::parse(text).map_err(|_| malformed("Syntax error in policy."))?;
    if size(text) > TRUST_SIZE {
        return Err(exceeded(format!(
            "Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}"
        )));
    }
    Ok(())
}

fn known_fields(object: &Members, known: &[&str]) -> Result<(), AwsError> {
    let unknown = object.keys().find(|key| !known.contains(&key.as_str()));
    unknown.map_or(Ok(()), |key| Err(malformed(format!("Unknown field {key}"))))
}

/// Checks a statement's elements, except the existence of its principals.
fn check(statement: &Members) -> Result<(), AwsError> {
    let has = |name: &str| statement.contains_key(name);
    let missing = |name: &str| Err(malformed(format!("Missing required field {name}")));
    known_fields(statement, &OF_STATEMENT)?;
    let effect = match statement.get("Effect") {
        None => return missing("Effect"),
        Some(effect) => effect.as_str().unwrap_or_default(),
    };
    if !matches!(effect, "Allow" | "Deny") {
        return Err(malformed(format!("Invalid effect: {effect}")));
    }
    if has("NotPrincipal") {
        let allows = "Allow with NotPrincipal is not allowed.";
        return Err(malformed(if effect == "Allow" {
            allows
        } else {
            "AssumeRole policy must not contain NotPrincipal field."
        }));
    }
    match statement.get("Principal") {
        None => return missing("Principal"),
        Some(Value::Object(principal)) if principal.is_empty() => {
            return missing("Principal cannot be empty!");
        }
        Some(Value::Object(_)) => {}
        Some(_) => return Err(malformed("Principal must be a JSON object.")),
    }
    let syntax = || Err(malformed("Syntax error in policy."));
    if statement.get("Sid").is_some_and(|sid| !sid.is_string())
        || (has("Action") && has("NotAction"))
    {
        return syntax();
    }
    condition(statement.get("Condition"))?;
    let actions: Vec<&str> = texts(statement.get("Action"))
        .chain(texts(statement.get("NotAction")))
        .collect();
    if actions.is_empty() {
        return missing("Action");
    }
    let is_of_sts = |action: &&str| {
        action
            .get(..4)
            .is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts:"))
    };
    if !actions.iter().all(is_of_sts) {
        return Err(malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ));
    }
    if has("Resource") {
        return Err(malformed("Has prohibited field Resource"));
    }
    if has("NotResource") {
        return Err(malformed("AssumeRole policy must not contain resources."));
    }
    Ok(())
}

/// Checks a condition block. Source of the text: issue 5 of
/// aws-samples/github-actions-oidc-cdk-construct.
fn condition(block: Option<&Value>) -> Result<(), AwsError> {
    let operators = block.and_then(Value::as_object).into_iter().flatten();
    let unknown = operators.filter(|(operator, keys)| {
        !is_operator(operator) && keys.as_object().is_none_or(|keys| !keys.is_empty())
    });
    if let Some((operator, _)) = unknown.into_iter().next() {
        return Err(malformed(format!("Invalid Condition type : {operator}")));
    }
    if block.is_none_or(is_condition) {
        Ok(())
    } else {
        Err(malformed("Syntax error in policy."))
    }
}

/// Checks the principals of a statement.
fn principals(call: &Call<'_>, statement: &Members) -> Result<(), AwsError> {
    for (kind, value) in statement
        .get("Principal")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let names: Vec<&str> = texts(Some(value)).collect();
        let is_list = value.is_string()
            || value
                .as_array()
                .is_some_and(|values| values.len() == names.len() && !values.is_empty());
        let (said, is_there): (&str, fn(&Call<'_>, &str) -> bool) = match kind.as_str() {
            _ if !is_list => {
                return Err(malformed(format!(
                    "Invalid principal in policy: \"{kind}\""
                )));
            }
            "AWS" => ("AWS", is_there),
            "Service" => ("SERVICE", is_service),
            "Federated" => ("FEDERATED", is_provider),
            _ => {
                return Err(malformed(format!(
                    "Invalid principal in policy: \"{kind}\""
                )));
            }
        };
        if let Some(wrong) = names.iter().find(|name| !is_there(call, name)) {
            return Err(malformed(format!(
                "Invalid principal in policy: \"{said}\":\"{wrong}\""
            )));
        }
        if kind == "Federated" {
            names
                .iter()
                .try_for_each(|name| shared::check(name, statement))?;
        }
    }
    Ok(())
}

/// Whether a principal of `AWS` can exist: everyone, an account, or an identity in one. Roles are
/// looked up in the caller's account and in those of the organisation; users are not stored here,
/// and accounts outside of the organisation are unknown.
fn is_there(call: &Call<'_>, name: &str) -> bool {
    if name == "*" || name.parse::<AccountId>().is_ok() {
        return true;
    }
    if ["AROA", "AIDA", "ASIA", "AGPA", "ANPA"]
        .iter()
        .any(|kind| name.starts_with(kind))
    {
        let store = call.world.global::<Store>(call.account());
        return lock(&store).roles.values().any(|role| role.id == name);
    }
    let Ok(arn) = name.parse::<Arn>() else {
        return false;
    };
    if arn.partition != call.partition()
        || !arn.region.is_empty()
        || arn.account.parse::<AccountId>().is_err()
        || name.contains(['*', '?'])
    {
        return false;
    }
    match (arn.service.as_str(), arn.resource.split_once('/')) {
        ("iam", None) => arn.resource == "root",
        ("iam", Some(("user", name))) => !name.is_empty(),
        ("iam", Some(("role", path))) => !path.is_empty() && has_role(call, &arn),
        ("sts", Some(("assumed-role", session))) => {
            session.split('/').filter(|part| !part.is_empty()).count() == 2
        }
        ("sts", Some(("federated-user", name))) => !name.is_empty(),
        _ => false,
    }
}

/// Whether a role exists; also true if its account is unknown.
fn has_role(call: &Call<'_>, arn: &Arn) -> bool {
    if arn.account != call.account() && !is_known(call, &arn.account) {
        return true;
    }
    let store = call.world.global::<Store>(&arn.account);
    lock(&store).role(arn).is_some()
}

/// Whether an account belongs to the organisation.
fn is_known(call: &Call<'_>, account: &str) -> bool {
    let organization = call.world.part::<Organization>().read();
    organization.accounts.contains_key(account)
}

/// Whether a name has the form of a service principal. AWS checks that the service exists; here
/// only the form is checked.
fn is_service(_: &Call<'_>, name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    [
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".amazon.com",
        ".aws.internal",
        ".amazonaws.eu",
        ".aws.dev",
    ]
    .iter()
    .filter_map(|domain| name.strip_suffix(domain))
    .any(|service| service.split('.').all(is_label))
}

/// Whether a name has the form of an identity provider: a public one, or one of an account. Those
/// of accounts are not stored here.
fn is_provider(call: &Call<'_>, name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "iam", "", account, resource] => {
            let named = |kind: &str| {
                resource
                    .strip_prefix(kind)
                    .is_some_and(|name| !name.is_empty())
            };
            partition == call.partition()
                && account.parse::<AccountId>().is_ok()
                && (named("saml-provider/") || named("oidc-provider/"))
        }
        _ => WEB_PROVIDERS.contains(&name),
    }
}
