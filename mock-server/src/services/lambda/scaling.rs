//! Scaling of functions on managed instances: how many execution environments a version keeps, and
//! how many it may have.

use serde_json::{Value, json};

use super::store::Function;
use super::{Target, invalid, lock, not_found, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// The fixed name of the newest published version.
const NEWEST: &str = "$LATEST.PUBLISHED";

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetFunctionScalingConfig" => get,
        "PutFunctionScalingConfig" => put,
        _ => return None,
    })
}

/// The named function, and the version number of the qualifier.
fn named(call: &Call<'_>, input: &Input) -> Result<(Target, String), AwsError> {
    let qualifier = text(input, "Qualifier").unwrap_or_default().to_owned();
    let target = Target::read(call, text(input, "FunctionName").unwrap_or_default(), None)?;
    if target.qualifier.is_some() {
        return Err(invalid(
            "The function is named without a qualifier; the version is given beside it.",
        ));
    }
    Ok((target, qualifier))
}

fn version_of(
    call: &Call<'_>,
    target: &Target,
    qualifier: &str,
    function: &Function,
) -> Result<String, AwsError> {
    let found = if qualifier == NEWEST {
        function.versions.last()
    } else {
        function.version(qualifier)
    };
    let found = found.map(|version| version.version().to_string());
    found.ok_or_else(|| not_found(&format!("{}:{qualifier}", target.arn(call))))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let (target, qualifier) = named(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let version = version_of(call, &target, &qualifier, function)?;
    let config = function.scaling.get(&version);
    Ok(json!({
        "FunctionArn": format!("{}:{qualifier}", target.arn(call)),
        "AppliedFunctionScalingConfig": config,
        "RequestedFunctionScalingConfig": config,
    }))
}

fn put(call: &Call<'_>, input: &Input) -> Answer {
    let (target, qualifier) = named(call, input)?;
    let config = input.get("FunctionScalingConfig");
    let bound = |name: &str| config.and_then(|it| it.get(name)).and_then(Value::as_u64);
    if let (Some(least), Some(most)) = (
        bound("MinExecutionEnvironments"),
        bound("MaxExecutionEnvironments"),
    ) && least > most
    {
        return Err(invalid(
            "MinExecutionEnvironments must be less than or equal to MaxExecutionEnvironments.",
        ));
    }
    let store = store(call);
    let mut store = lock(&store);
    let version = version_of(call, &target, &qualifier, target.function(call, &store)?)?;
    let function = target.function_mut(call, &mut store)?;
    match config {
        Some(config) => function.scaling.insert(version, config.clone()),
        None => function.scaling.remove(&version),
    };
    Ok(json!({"FunctionState": "Active"}))
}
