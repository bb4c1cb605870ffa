//! Identity providers that many organisations share: a trust policy for one must restrict the
//! users.

use serde_json::{Map, Value};

use super::{malformed, texts};
use crate::call::AwsError;

const COGNITO: &str = "cognito-identity.amazonaws.com";

/// OpenID Connect providers by the URL in their ARN, each with the condition keys of which a trust
/// policy must use one. Source: "Identity-provider controls for shared OIDC providers", IAM User
/// Guide; for the second key of GitHub the text of the error.
const PROVIDERS: [(&str, &[&str]); 13] = [
    ("agent.buildkite.com", &["sub"]),
    ("api.pulumi.com/oidc", &["aud"]),
    ("app.terraform.io", &["sub"]),
    ("gitlab.com", &["sub"]),
    (
        "oidc-configuration.audit-log.githubusercontent.com",
        &["sub"],
    ),
    ("oidc.codefresh.io", &["sub"]),
    ("oidc.vercel.com", &["aud"]),
    ("proidc.upbound.io", &["sub"]),
    ("sandboxes.cloud", &["aud"]),
    ("scalr.io", &["sub"]),
    ("studio.datachain.ai/api", &["sub"]),
    (
        "token.actions.githubusercontent.com",
        &["sub", "job_workflow_ref"],
    ),
    ("tokens.cloud.shisho.dev", &["sub"]),
];

/// Checks that a statement that trusts a shared provider restricts the identities.
///
/// # Errors
///
/// MalformedPolicyDocument. Sources of the texts: Versity's checks against IAM; quoted by users of
/// GitHub's provider.
pub(super) fn check(provider: &str, statement: &Map<String, Value>) -> Result<(), AwsError> {
    if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
        return Ok(());
    }
    if provider == COGNITO && !statement.contains_key("Condition") {
        return Err(malformed(
            "A condition block must be present for the Cognito provider",
        ));
    }
    let url = provider.split_once(":oidc-provider/").map(|(_, url)| url);
    let Some((url, claims)) = PROVIDERS.iter().find(|(known, _)| Some(*known) == url) else {
        return Ok(());
    };
    if claims
        .iter()
        .any(|claim| narrows(statement, &format!("{url}:{claim}")))
    {
        return Ok(());
    }
    let keys: Vec<String> = claims
        .iter()
        .map(|claim| format!("{url}:{claim}"))
        .collect();
    Err(malformed(format!(
        "Trust policy with trusted principal {provider} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, {} which is not \
         scoped to all.",
        keys.join(" or ")
    )))
}

/// Whether a condition compares a key with values none of which matches everything.
fn narrows(statement: &Map<String, Value>, key: &str) -> bool {
    let operators = statement
        .get("Condition")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    operators
        .filter(|(operator, _)| is_positive(operator))
        .filter_map(|(_, keys)| keys.as_object())
        .flatten()
        .any(|(known, values)| {
            let mut values = texts(Some(values)).peekable();
            known.eq_ignore_ascii_case(key)
                && values.peek().is_some()
                && values.all(|value| value.contains(|c| !matches!(c, '*' | '?')))
        })
}

/// Whether an operator compares a key with a list of accepted strings.
fn is_positive(operator: &str) -> bool {
    let bare = operator.rsplit(':').next().unwrap_or_default();
    matches!(
        bare,
        "StringEquals" | "StringLike" | "StringEqualsIgnoreCase"
    )
}
