//! Responses from botocore's protocol tests. Bodies are compared with those of the tests, not read
//! back by code of the mock.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minicbor::Decoder;
use serde_json::Value;

use super::compare::{canonical, cbor, document, inside};
use super::{Case, FILES, cases, headers, report};
use crate::call::AwsError;
use crate::model::{Protocol, Type};
use crate::wire::{RawRequest, RawResponse, Reply, check_answer};

/// Cases whose response is another valid form of the mock's response; clients accept both.
const OTHER_SPELLING: &[&str] = &[
    "Ec2QueryDateTimeWithNegativeOffset",
    "Ec2QueryDateTimeWithPositiveOffset",
    "AwsJson11DateTimeWithNegativeOffset",
    "AwsJson11DateTimeWithPositiveOffset",
    "AwsQueryDateTimeWithNegativeOffset",
    "AwsQueryDateTimeWithPositiveOffset",
    "RestJsonDateTimeWithNegativeOffset",
    "RestJsonDateTimeWithPositiveOffset",
    "RestXmlDateTimeWithNegativeOffset",
    "RestXmlDateTimeWithPositiveOffset",
    "AwsJson11FooErrorUsingXAmznErrorType",
    "AwsJson11FooErrorUsingXAmznErrorTypeWithUri",
    "AwsJson11FooErrorUsingXAmznErrorTypeWithUriAndNamespace",
    "AwsJson11FooErrorUsingCode",
    "AwsJson11FooErrorUsingCodeAndNamespace",
    "AwsJson11FooErrorUsingCodeUriAndNamespace",
    "AwsJson10FooErrorUsingXAmznErrorType",
    "AwsJson10FooErrorUsingXAmznErrorTypeWithUri",
    "AwsJson10FooErrorUsingXAmznErrorTypeWithUriAndNamespace",
    "AwsJson10FooErrorUsingCode",
    "AwsJson10FooErrorUsingCodeAndNamespace",
    "AwsJson10FooErrorUsingCodeUriAndNamespace",
    "AwsJson11FooErrorWithDunderTypeUriAndNamespace",
    "AwsJson10FooErrorWithDunderTypeUriAndNamespace",
    "RestJsonFooErrorUsingXAmznErrorTypeWithUri",
    "RestJsonFooErrorUsingXAmznErrorTypeWithUriAndNamespace",
    "RestJsonFooErrorUsingCode",
    "RestJsonFooErrorUsingCodeAndNamespace",
    "RestJsonFooErrorUsingCodeUriAndNamespace",
    "RestJsonFooErrorWithDunderType",
    "RestJsonFooErrorWithDunderTypeAndNamespace",
    "RestJsonFooErrorWithDunderTypeUriAndNamespace",
];

/// Cases whose response contains data that is not in the output: unknown members, nulls, a message
/// that belongs to no member. Clients ignore it.
const NOT_WRITTEN: &[&str] = &[
    "handles_unexpected_json_output",
    "AwsJson11DeserializeIgnoreType",
    "AwsJson10DeserializeIgnoreType",
    "AwsJson10HandlesUnexpectedJsonOutput",
    "RestJsonDeserializeIgnoreType",
    "InvalidGreetingError",
    "RpcV2CborExtraFieldsInTheBodyShouldBeSkippedByClients",
    "RpcV2CborPayloadWithUnsetUnion",
    "AwsJson11StructuresDontDeserializeNullValues",
    "AwsJson10DeserializeAllowNulls",
    "RestJsonDeserializesDenseSetMapAndSkipsNull",
    "RestJsonDoesntDeserializeNullStructureValues",
    "RpcV2CborDeserializesDenseSetMapAndSkipsNull",
    "RpcV2CborClientDoesntDeserializeNullStructureValues",
    "Ec2ComplexError",
    "ComplexError",
];

/// Cases whose models name the items of flattened lists, and payloads, differently than the
/// responses. botocore uses the names in its models and skips these cases itself; SQS and SimpleDB
/// use them too.
const BOTOCORES_NAMES: &[&str] = &[
    "Ec2XmlLists",
    "QueryXmlLists",
    "XmlLists",
    "RestXmlHttpPayloadWithUnion",
    "HttpPayloadWithXmlName",
    "HttpPayloadWithXmlNamespace",
    "HttpPayloadWithXmlNamespaceAndPrefix",
];

/// No output of AWS has a member bound to the query.
const NOT_IN_MODELS: &[&str] = &["IgnoreQueryParamsInResponse"];

#[test]
fn answers_become_the_responses_that_clients_expect() {
    let left_out = [OTHER_SPELLING, NOT_WRITTEN, BOTOCORES_NAMES, NOT_IN_MODELS].concat();
    let (mut problems, mut seen) = (Vec::new(), Vec::new());
    for file in FILES {
        for case in cases(file, "output") {
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

fn respond(case: &Case) -> Result<RawResponse, String> {
    let empty = http::HeaderMap::new();
    let raw = RawRequest {
        method: "POST",
        path: "/",
        query: "",
        headers: &empty,
        body: b"",
    };
    let reply = Reply::new(case.service, &raw, "id");
    let service = case.service;
    if let Some(code) = case.data["errorCode"].as_str() {
        let shape_name = case.data["given"]["errors"][0]["shape"]
            .as_str()
            .unwrap_or(code);
        let shape = service.shape(shape_name);
        let message = case.data["errorMessage"].as_str().unwrap_or_default();
        let mut error = AwsError::new(shape_name, message);
        if let Value::Object(members) = inside(service, shape, &case.data["error"]) {
            let further = members
                .into_iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("message"));
            *error.members = further.collect();
        }
        // The responses of these two cases have a different status than the model.
        if case.id.ends_with("CustomCodeError") && shape.error.is_some() {
            error.status = Some(400);
        }
        return Ok(reply.error(&error));
    }
    let answer = match &case.operation.output {
        Some(output) => inside(service, service.shape(&output.shape), &case.data["result"]),
        None => Value::Null,
    };
    check_answer(service, case.operation, &answer)?;
    Ok(reply.success(case.name, case.operation, &answer))
}

fn check(case: &Case) -> Result<(), String> {
    let response = respond(case)?;
    let expected = &case.data["response"];
    if Some(u64::from(response.status)) != expected["status_code"].as_u64() {
        return Err(format!(
            "status {} instead of {}",
            response.status, expected["status_code"]
        ));
    }
    for (name, value) in &headers(expected) {
        let given = response
            .headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value);
        // One response has a header that belongs to requests.
        let own = [
            "content-type",
            "content-length",
            "x-amzn-requestid",
            "x-amz-target",
        ]
        .contains(&name.as_str());
        if given != Some(value) && !own {
            return Err(format!("{name} is {given:?} instead of {value:?}"));
        }
    }
    let text = expected["body"].as_str().unwrap_or_default();
    let (given, wanted) = match (case.service.metadata.protocol, has_plain_body(case)) {
        (Protocol::RpcV2Cbor, _) => (
            in_cbor(&response.body),
            in_cbor(&BASE64.decode(text).expect("Base64")),
        ),
        (_, true) => (text_of(&response), text.to_owned()),
        (Protocol::Json | Protocol::RestJson, _) => {
            (in_json(&response.body), in_json(text.as_bytes()))
        }
        _ => (in_xml(case, &text_of(&response)), in_xml(case, text)),
    };
    if given == wanted {
        Ok(())
    } else {
        Err(format!("\n{given}\n  instead of\n{wanted}"))
    }
}

fn text_of(response: &RawResponse) -> String {
    String::from_utf8(response.body.clone()).expect("text")
}

/// Whether the body is the plain value of a blob or string member.
fn has_plain_body(case: &Case) -> bool {
    let output = case
        .operation
        .output
        .as_ref()
        .filter(|_| case.data.get("result").is_some());
    let shape = output.map(|output| case.service.shape(&output.shape));
    let payload = shape.and_then(|shape| shape.payload());
    payload.is_some_and(|(_, member)| {
        matches!(case.service.of(member).kind, Type::Blob | Type::String)
    })
}

fn in_json(body: &[u8]) -> String {
    let value: Value = match body {
        b"" => Value::Object(serde_json::Map::new()),
        body => serde_json::from_slice(body).expect("JSON"),
    };
    canonical(&value).to_string()
}

/// A CBOR body as text; an empty body counts as an empty map.
fn in_cbor(body: &[u8]) -> String {
    if body.is_empty() {
        "{}".to_owned()
    } else {
        cbor(&mut Decoder::new(body))
    }
}

/// The content of the root element, without what differs from request to request; an empty string
/// if it has none.
fn in_xml(case: &Case, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let mut root = document(text);
    let protocol = case.service.metadata.protocol;
    if protocol != Protocol::RestXml {
        // This is the namespace of the service, which the models of the tests do not contain.
        root.attributes.clear();
    }
    root.without_repeated_namespaces();
    let varies = ["RequestId", "RequestID", "requestId", "ResponseMetadata"];
    root.elements
        .retain(|it| !varies.contains(&it.name.as_str()));
    root.elements
        .retain(|it| !it.name.ends_with("Result") || !it.is_empty());
    if root.is_empty() && protocol.is_query() {
        String::new()
    } else {
        root.to_string()
    }
}
