//! Code signing configurations and what they are attached to.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::settings::tags;
use super::store::Store;
use super::{Target, copy, invalid, lock, nothing, page, store, text, timestamp};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateCodeSigningConfig" => create,
        "DeleteCodeSigningConfig" => delete,
        "GetCodeSigningConfig" => get,
        "ListCodeSigningConfigs" => list,
        "UpdateCodeSigningConfig" => update,
        "DeleteFunctionCodeSigningConfig" => detach,
        "GetFunctionCodeSigningConfig" => attached,
        "PutFunctionCodeSigningConfig" => attach,
        "ListFunctionsByCodeSigningConfig" => list_functions,
        _ => return None,
    })
}

/// AWS's error for a missing configuration, which has no `Type`.
fn missing(arn: &str) -> AwsError {
    AwsError::new(
        "ResourceNotFoundException",
        format!("The Lambda code signing configuration {arn} can not be found."),
    )
}

/// Checks that a configuration exists before it is attached to a function.
///
/// # Errors
/// CodeSigningConfigNotFoundException with AWS's message.
pub(super) fn check(store: &Store, arn: &str) -> Result<(), AwsError> {
    if store.code_signing_configs.contains_key(arn) {
        return Ok(());
    }
    let message = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    Err(AwsError::new("CodeSigningConfigNotFoundException", message).member("Type", "User"))
}

/// Rejects container images, which code signing does not support. Source of the text: what AWS
/// answered in issue 1225 of aws-controllers-k8s/community.
pub(super) fn check_package(is_image: bool) -> Result<(), AwsError> {
    if is_image {
        Err(invalid(
            "Code signing is not supported for functions created with container images.",
        ))
    } else {
        Ok(())
    }
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let digits: String = call
        .request_id
        .bytes()
        .filter(u8::is_ascii_hexdigit)
        .map(char::from)
        .collect();
    let id = format!("csc-0{}", &digits[digits.len().saturating_sub(16)..]);
    let arn = super::arn(call, "code-signing-config", &id);
    let config = json!({
        "CodeSigningConfigId": id,
        "CodeSigningConfigArn": arn,
        "Description": text(input, "Description").unwrap_or_default(),
        "AllowedPublishers": input.get("AllowedPublishers"),
        "CodeSigningPolicies": input.get("CodeSigningPolicies").cloned().unwrap_or_else(|| json!({"UntrustedArtifactOnDeployment": "Warn"})),
        "LastModified": timestamp(call),
    });
    let tags = tags::with(&BTreeMap::new(), input.get("Tags"))?;
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    if !tags.is_empty() {
        store.tags.insert(arn.clone(), tags);
    }
    store.code_signing_configs.insert(arn, config.clone());
    Ok(json!({"CodeSigningConfig": config}))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let store = lock(&store);
    let config = store
        .code_signing_configs
        .get(arn)
        .ok_or_else(|| missing(arn))?;
    Ok(json!({"CodeSigningConfig": config}))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let mut store = lock(&store);
    if !store.code_signing_configs.contains_key(arn) {
        return Err(missing(arn));
    }
    if store
        .functions
        .values()
        .any(|function| function.code_signing_config.as_deref() == Some(arn))
    {
        return Err(super::conflict(
            "The code signing configuration is in use. Remove it from all functions first."
                .to_owned(),
        ));
    }
    store.modified = true;
    store.code_signing_configs.remove(arn);
    store.tags.remove(arn);
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let (configs, next) = page(
        input,
        50,
        store
            .code_signing_configs
            .iter()
            .map(|(arn, config)| (arn.clone(), config.clone())),
    );
    Ok(json!({"CodeSigningConfigs": configs, "NextMarker": next}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let mut store = lock(&store);
    let config = store
        .code_signing_configs
        .get_mut(arn)
        .and_then(Value::as_object_mut)
        .ok_or_else(|| missing(arn))?;
    copy(
        config,
        input,
        &["Description", "AllowedPublishers", "CodeSigningPolicies"],
    );
    config.insert("LastModified".to_owned(), json!(timestamp(call)));
    let answer = json!({"CodeSigningConfig": config});
    store.modified = true;
    Ok(answer)
}

fn attach(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let mut store = lock(&store);
    check(&store, arn)?;
    check_package(target.function(call, &store)?.is_image())?;
    target.function_mut(call, &mut store)?.code_signing_config = Some(arn.to_owned());
    Ok(json!({"CodeSigningConfigArn": arn, "FunctionName": target.name}))
}

/// The configuration of a function. Without one the response is empty, although the model requires
/// both members.
fn attached(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    check_package(function.is_image())?;
    match &function.code_signing_config {
        Some(arn) => Ok(json!({"CodeSigningConfigArn": arn, "FunctionName": target.name})),
        None => nothing(),
    }
}

fn detach(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    check_package(target.function(call, &store)?.is_image())?;
    target.function_mut(call, &mut store)?.code_signing_config = None;
    nothing()
}

fn list_functions(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let store = lock(&store);
    if !store.code_signing_configs.contains_key(arn) {
        return Err(missing(arn));
    }
    let with = store
        .functions
        .iter()
        .filter(|(_, function)| function.code_signing_config.as_deref() == Some(arn));
    let (arns, next) = page(
        input,
        50,
        with.map(|(name, _)| (name.clone(), super::arn(call, "function", name))),
    );
    Ok(json!({"FunctionArns": arns, "NextMarker": next}))
}
