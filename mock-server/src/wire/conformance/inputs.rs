//! Requests from botocore's protocol tests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use super::compare::{canonical, inside};
use super::{Case, FILES, cases, headers, report};
use crate::model::{Location, Member, Protocol};
use crate::wire::{RawRequest, Rules, parse, validate};

/// Cases in which the client generates a token.
const MADE_UP: &[&str] = &[
    "Ec2ProtocolIdempotencyTokenAutoFill",
    "QueryProtocolIdempotencyTokenAutoFill",
    "RestJsonQueryIdempotencyTokenAutoFill",
    "QueryIdempotencyTokenAutoFill",
];

/// Cases whose requests are incomplete: targets are missing, or paths are those of an endpoint.
const NOT_WHOLE: &[&str] = &[
    "AwsJson10EndpointTrait",
    "AwsJson10EndpointTraitWithHostLabel",
    "AwsJson10HostWithPath",
    "RestJsonHostWithPath",
];

/// Cases whose requests do not contain all that the client meant: an empty object may be a payload
/// without members, and of two values for one parameter only one is sent.
const NOT_SENT: &[&str] = &[
    "RestJsonHttpWithEmptyStructurePayload",
    "RestJsonHttpWithHeadersButNoPayload",
    "RestJsonQueryPrecedence",
    "RestXmlQueryPrecedence",
];

#[test]
fn requests_become_the_inputs_that_clients_meant() {
    let left_out = [MADE_UP, NOT_WHOLE, NOT_SENT].concat();
    let (mut problems, mut seen) = (Vec::new(), Vec::new());
    for file in FILES {
        for case in cases(file, "input") {
            seen.push(case.id.clone());
            if !left_out.contains(&case.id.as_str())
                && let Err(problem) = check(&case)
            {
                problems.push(format!("{file} {}: {problem}", case.id));
            }
        }
    }
    report(&problems, &left_out, &seen);
}

fn check(case: &Case) -> Result<(), String> {
    let serialized = &case.data["serialized"];
    let uri = serialized["uri"].as_str().unwrap_or("/");
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let text = serialized["body"].as_str().unwrap_or_default();
    let body = match case.service.metadata.protocol {
        Protocol::RpcV2Cbor => BASE64.decode(text).expect("Base64"),
        _ => text.as_bytes().to_vec(),
    };
    let raw = RawRequest {
        method: serialized["method"].as_str().unwrap_or("POST"),
        path,
        query,
        headers: &headers(serialized),
        body: &body,
    };
    let parsed = parse("test", case.service, &raw).map_err(|error| format!("{error:?}"))?;
    if parsed.name != case.name {
        return Err(format!("{} instead of {}", parsed.name, case.name));
    }
    validate("test", case.service, &parsed, &Rules::NONE).map_err(|error| format!("{error:?}"))?;
    let expected = expected(case, &parsed.input);
    let taken = canonical(&Value::Object(parsed.input));
    if taken == expected {
        Ok(())
    } else {
        Err(format!("{taken} instead of {expected}"))
    }
}

/// The parameters of a case, without those that are not visible in a request.
fn expected(case: &Case, taken: &Map<String, Value>) -> Value {
    let Some(input) = &case.operation.input else {
        return Value::Object(Map::new());
    };
    let shape = case.service.shape(&input.shape);
    let Value::Object(mut expected) = inside(case.service, shape, &case.data["params"]) else {
        panic!("parameters are a structure")
    };
    for (name, member) in &shape.members {
        let is_empty = match expected.get(name) {
            Some(Value::Array(values)) => values.is_empty(),
            Some(Value::Object(values)) => values.is_empty(),
            _ => false,
        };
        let leaves_no_trace =
            member.location.is_some() || case.service.metadata.protocol.is_query();
        if is_empty && leaves_no_trace && !taken.contains_key(name) {
            expected.remove(name);
        }
        // A map that is bound to the query has all parameters, including those of other members.
        if member.location == Some(Location::Querystring)
            && let Some(Value::Object(taken)) = taken.get(name)
            && let Value::Object(expected) = expected
                .entry(name.clone())
                .or_insert_with(|| Map::new().into())
        {
            for (key, value) in taken {
                let is_named =
                    |(name, of): &(String, Member)| case.service.field(of).wire_name(name) == key;
                if shape.members.iter().any(is_named) {
                    expected.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
        }
    }
    canonical(&Value::Object(expected))
}
