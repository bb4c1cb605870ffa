//! Layers: versions and their policies.

use base64::Engine;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::store::{Layer, Policy};
use super::{absent, conflict, copy, invalid, lock, nothing, page, store, text, timestamp, unique};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "AddLayerVersionPermission" => add_permission,
        "DeleteLayerVersion" => delete,
        "GetLayerVersion" => get,
        "GetLayerVersionByArn" => get_by_arn,
        "GetLayerVersionPolicy" => get_policy,
        "ListLayerVersions" => list_versions,
        "ListLayers" => list,
        "PublishLayerVersion" => publish,
        "RemoveLayerVersionPermission" => remove_permission,
        _ => return None,
    })
}

fn name(input: &Input) -> String {
    let given = text(input, "LayerName").unwrap_or_default();
    given.rsplit(":layer:").next().unwrap_or(given).to_owned()
}

fn number(input: &Input) -> u64 {
    input.get("VersionNumber").and_then(Value::as_u64).unwrap_or(0)
}

fn publish(call: &Call<'_>, input: &Input) -> Answer {
    let name = name(input);
    let engine = base64::engine::general_purpose::STANDARD;
    let content = input.get("Content").and_then(Value::as_object).cloned().unwrap_or_default();
    let bytes = text(&content, "ZipFile")
        .and_then(|zip| engine.decode(zip).ok())
        .unwrap_or_else(|| Value::Object(content).to_string().into_bytes());
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let versions = store.layers.entry(name.clone()).or_default();
    let number = versions.keys().max().map_or(1, |last| last + 1);
    let layer_arn = super::arn(call, "layer", &name);
    let mut version = Map::new();
    copy(&mut version, input, &["CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"]);
    for (member, value) in [
        ("LayerArn", json!(layer_arn)),
        ("LayerVersionArn", json!(format!("{layer_arn}:{number}"))),
        ("Description", json!(text(input, "Description").unwrap_or_default())),
        ("CreatedDate", json!(timestamp(call))),
        ("Version", json!(number)),
        (
            "Content",
            json!({"Location": format!("{}/_mock/layers/{name}/{number}?X-Amz-Signature=mock", call.base_url), "CodeSha256": engine.encode(Sha256::digest(&bytes)), "CodeSize": bytes.len()}),
        ),
    ] {
        version.insert(member.to_owned(), value);
    }
    versions.insert(number, Layer { version: version.clone(), policy: None });
    Ok(Value::Object(version))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let layer = store.layers.get(&name(input)).and_then(|versions| versions.get(&number(input))).ok_or_else(absent)?;
    Ok(Value::Object(layer.version.clone()))
}

fn get_by_arn(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "Arn").unwrap_or_default();
    let store = store(call);
    let store = lock(&store);
    let mut all = store.layers.values().flat_map(|versions| versions.values());
    all.find(|layer| layer.version.get("LayerVersionArn").and_then(Value::as_str) == Some(arn))
        .map(|layer| Value::Object(layer.version.clone()))
        .ok_or_else(absent)
}

/// What lists show of a version.
fn item(layer: &Layer) -> Value {
    let mut item = Map::new();
    copy(
        &mut item,
        &layer.version,
        &["LayerVersionArn", "Version", "Description", "CreatedDate", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"],
    );
    Value::Object(item)
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let newest = |(name, versions): (&String, &std::collections::BTreeMap<u64, Layer>)| {
        let layer = versions.values().next_back()?;
        Some((name.clone(), json!({"LayerName": name, "LayerArn": super::arn(call, "layer", name), "LatestMatchingVersion": item(layer)})))
    };
    let (layers, next) = page(input, 50, store.layers.iter().filter_map(newest));
    Ok(json!({"Layers": layers, "NextMarker": next}))
}

fn list_versions(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let versions = store.layers.get(&name(input)).into_iter().flatten().rev();
    // Newest first; the marker counts on.
    let (versions, next) = page(input, 50, versions.map(|(number, layer)| (format!("{:020}", u64::MAX - number), item(layer))));
    Ok(json!({"LayerVersions": versions, "NextMarker": next}))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    if let Some(versions) = store.layers.get_mut(&name(input)) {
        versions.remove(&number(input));
    }
    store.layers.retain(|_, versions| !versions.is_empty());
    nothing()
}

fn no_policy() -> AwsError {
    AwsError::new("ResourceNotFoundException", "No policy is associated with the given resource.").member("Type", "User")
}

fn get_policy(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let layer = store.layers.get(&name(input)).and_then(|versions| versions.get(&number(input))).ok_or_else(absent)?;
    let policy = layer.policy.as_ref().ok_or_else(no_policy)?;
    Ok(json!({"Policy": policy.document.to_string(), "RevisionId": policy.revision_id}))
}

fn add_permission(call: &Call<'_>, input: &Input) -> Answer {
    let principal = text(input, "Principal").unwrap_or_default();
    let is_account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    let organization = text(input, "OrganizationId");
    if organization.is_some() && principal != "*" {
        return Err(invalid("OrganizationId is given with the principal *, and only with it."));
    }
    let resource = format!("{}:{}", super::arn(call, "layer", &name(input)), number(input));
    let mut made = json!({
        "Sid": text(input, "StatementId").unwrap_or_default(),
        "Effect": "Allow",
        "Principal": if is_account { json!({"AWS": format!("arn:{}:iam::{principal}:root", call.partition())}) } else { json!(principal) },
        "Action": text(input, "Action").unwrap_or_default(),
        "Resource": resource,
    });
    if let Some(organization) = organization {
        made["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": organization}});
    }
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let layer = store.layers.get_mut(&name(input)).and_then(|versions| versions.get_mut(&number(input))).ok_or_else(absent)?;
    let policy = layer.policy.get_or_insert_with(|| Policy {
        document: json!({"Version": "2012-10-17", "Id": "default", "Statement": []}),
        revision_id: String::new(),
    });
    let statements = policy.document["Statement"].as_array_mut().ok_or_else(absent)?;
    if statements.iter().any(|statement| statement["Sid"] == made["Sid"]) {
        return Err(conflict(
            "The statement id provided already exists. Please provide a new statement id, or remove the existing statement.".to_owned(),
        ));
    }
    statements.push(made.clone());
    policy.revision_id = unique(call);
    Ok(json!({"Statement": made.to_string(), "RevisionId": policy.revision_id}))
}

fn remove_permission(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let layer = store.layers.get_mut(&name(input)).and_then(|versions| versions.get_mut(&number(input))).ok_or_else(absent)?;
    let statements = layer.policy.as_mut().and_then(|policy| policy.document["Statement"].as_array_mut()).ok_or_else(no_policy)?;
    let sid = text(input, "StatementId").unwrap_or_default();
    let before = statements.len();
    statements.retain(|statement| statement["Sid"] != sid);
    if statements.len() == before {
        return Err(
            AwsError::new("ResourceNotFoundException", format!("Statement {sid} is not found in resource policy.")).member("Type", "User")
        );
    }
    if statements.is_empty() {
        layer.policy = None;
    }
    nothing()
}
