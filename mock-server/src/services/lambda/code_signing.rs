//! Code signing configurations and what they are attached to.

use serde_json::{Value, json};

use super::{Target, copy, lock, nothing, page, store, text, timestamp};
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

fn missing(arn: &str) -> AwsError {
    AwsError::new(
        "ResourceNotFoundException",
        format!("The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."),
    )
    .member("Type", "User")
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let digits: String = call.request_id.bytes().filter(u8::is_ascii_hexdigit).map(char::from).collect();
    let id = format!("csc-0{}", &digits[digits.len().saturating_sub(16)..]);
    let arn = format!("arn:{}:lambda:{}:{}:code-signing-config:{id}", call.partition(), call.region, call.account());
    let config = json!({
        "CodeSigningConfigId": id,
        "CodeSigningConfigArn": arn,
        "Description": text(input, "Description").unwrap_or_default(),
        "AllowedPublishers": input.get("AllowedPublishers"),
        "CodeSigningPolicies": input.get("CodeSigningPolicies").cloned().unwrap_or_else(|| json!({"UntrustedArtifactOnDeployment": "Warn"})),
        "LastModified": timestamp(call),
    });
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    store.code_signing_configs.insert(arn, config.clone());
    Ok(json!({"CodeSigningConfig": config}))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let store = lock(&store);
    let config = store.code_signing_configs.get(arn).ok_or_else(|| missing(arn))?;
    Ok(json!({"CodeSigningConfig": config}))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let mut store = lock(&store);
    if store.functions.values().any(|function| function.code_signing_config.as_deref() == Some(arn)) {
        return Err(super::conflict("The code signing configuration is in use. Remove it from all functions first.".to_owned()));
    }
    store.modified = true;
    store.code_signing_configs.remove(arn).ok_or_else(|| missing(arn))?;
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let (configs, next) = page(input, 50, store.code_signing_configs.iter().map(|(arn, config)| (arn.clone(), config.clone())));
    Ok(json!({"CodeSigningConfigs": configs, "NextMarker": next}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let config = store.code_signing_configs.get_mut(arn).and_then(Value::as_object_mut).ok_or_else(|| missing(arn))?;
    copy(config, input, &["Description", "AllowedPublishers", "CodeSigningPolicies"]);
    config.insert("LastModified".to_owned(), json!(timestamp(call)));
    Ok(json!({"CodeSigningConfig": config}))
}

fn attach(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let arn = text(input, "CodeSigningConfigArn").unwrap_or_default();
    let store = store(call);
    let mut store = lock(&store);
    if !store.code_signing_configs.contains_key(arn) {
        return Err(AwsError::new("CodeSigningConfigNotFoundException", format!("The code signing configuration cannot be found: {arn}."))
            .member("Type", "User"));
    }
    target.function_mut(call, &mut store)?.code_signing_config = Some(arn.to_owned());
    Ok(json!({"CodeSigningConfigArn": arn, "FunctionName": target.name}))
}

fn attached(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let arn = target.function(call, &store)?.code_signing_config.clone().unwrap_or_default();
    Ok(json!({"CodeSigningConfigArn": arn, "FunctionName": target.name}))
}

fn detach(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
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
    let with = store.functions.iter().filter(|(_, function)| function.code_signing_config.as_deref() == Some(arn));
    let (arns, next) = page(input, 50, with.map(|(name, _)| (name.clone(), super::arn(call, "function", name))));
    Ok(json!({"FunctionArns": arns, "NextMarker": next}))
}
