//! What Lambda leaves out of a response if the caller may make the call but not see all of it:
//! tags, and environment variables encrypted with a customer managed key.
//!
//! Sources: `GetFunction` and `EnvironmentResponse` in botocore's model of Lambda; "Securing Lambda
//! environment variables", Lambda Developer Guide; "Default key policy", AWS KMS Developer Guide.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{EnforcedCall, Enforcement, resource};
use crate::call::AwsError;
use crate::permission::{Need, Resource, need};
use crate::services::lambda::FUNCTION;

const LIST_TAGS: Need = need("lambda:ListTags", FUNCTION);
/// The key itself is passed separately.
const DECRYPT: Need = need("kms:Decrypt", Resource::Any);

/// Whether an operation's response can contain data that not every caller may see.
pub(super) fn is_about(service: &str, operation: &str) -> bool {
    service == "lambda"
        && matches!(
            operation,
            "CreateFunction"
                | "GetFunction"
                | "GetFunctionConfiguration"
                | "ListFunctions"
                | "ListVersionsByFunction"
                | "PublishVersion"
                | "UpdateFunctionCode"
                | "UpdateFunctionConfiguration"
        )
}

/// Tags are returned only with the permission to list them.
pub(super) fn tags(
    enforcement: &Enforcement,
    asked: &EnforcedCall<'_>,
    answer: &mut Map<String, Value>,
) {
    if answer.get("Tags").is_some_and(|tags| !tags.is_null())
        && let Err(error) = enforcement.allows(asked, &LIST_TAGS)
    {
        answer.insert("Tags".to_owned(), Value::Null);
        answer.insert(
            "TagsError".to_owned(),
            json!({"ErrorCode": error.code, "Message": error.message}),
        );
    }
}

/// Environment variables encrypted with a customer managed key are returned to callers that may
/// decrypt with that key.
pub(super) fn environments(
    enforcement: &Enforcement,
    asked: &EnforcedCall<'_>,
    answer: &mut Map<String, Value>,
) {
    let mut keys: HashMap<String, Result<(), AwsError>> = HashMap::new();
    let mut hide = |configuration: &mut Map<String, Value>| {
        let key = configuration
            .get("KMSKeyArn")
            .and_then(Value::as_str)
            .filter(|key| !key.is_empty())
            .map(str::to_owned);
        let (Some(key), Some(_)) = (
            key,
            configuration
                .get("Environment")
                .and_then(|it| it.get("Variables")),
        ) else {
            return;
        };
        let decide = |key: &String| {
            let target = resource::key(asked.call, key, &enforcement.documents);
            enforcement.allows_on(&through_lambda(asked), &DECRYPT, &target)
        };
        let allowed = keys.entry(key).or_insert_with_key(decide);
        if let Err(error) = allowed {
            let message = format!(
                "Lambda was unable to decrypt your environment variables because the KMS access was denied. Please check your KMS permissions. KMS Exception: AccessDeniedException KMS Message: {}",
                error.message
            );
            configuration.insert(
                "Environment".to_owned(),
                json!({"Error": {"ErrorCode": "AccessDeniedException", "Message": message}}),
            );
        }
    };
    hide(answer);
    if let Some(Value::Object(configuration)) = answer.get_mut("Configuration") {
        hide(configuration);
    }
    for list in ["Functions", "Versions"] {
        let items = answer
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten();
        items.filter_map(Value::as_object_mut).for_each(&mut hide);
    }
}

/// The same caller, through Lambda.
fn through_lambda<'a>(asked: &EnforcedCall<'a>) -> EnforcedCall<'a> {
    let context = asked
        .context
        .clone()
        .with_all("aws:ViaAWSService", vec!["true".to_owned()])
        .with("aws:CalledViaFirst", "lambda.amazonaws.com")
        .with(
            "kms:ViaService",
            format!("lambda.{}.amazonaws.com", asked.call.region),
        )
        .with("kms:CallerAccount", asked.call.account());
    EnforcedCall {
        service: "kms",
        context,
        ..asked.clone()
    }
}
