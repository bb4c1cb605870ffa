//! Runs botocore's own protocol tests (`tests/protocols`, which were generated from Smithy's)
//! against the mock: requests become the intended inputs, and outputs become the responses that
//! clients expect.

use std::path::Path;

use serde_json::{Value, json};

use crate::model::{Operation, Service};

mod compare;
mod hostile;
mod inputs;
mod outputs;
mod several;

/// One case, with its service.
struct Case {
    id: String,
    service: &'static Service,
    name: &'static str,
    operation: &'static Operation,
    data: Value,
}

/// The files of `tests/protocols`, without `.json`.
const FILES: [&str; 10] = [
    "ec2",
    "json",
    "json_1_0",
    "json_1_0-query-compatible",
    "query",
    "rest-json",
    "rest-xml",
    "smithy-rpc-v2-cbor",
    "smithy-rpc-v2-cbor-query-compatible",
    "smithy-rpc-v2-cbor-non-query-compatible",
];

fn file(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/protocols");
    let text =
        std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("a file of tests");
    serde_json::from_str(&text).expect("JSON")
}

/// A service with the shapes of a suite and one operation. It is leaked, since the mock's models
/// are static.
fn service(suite: &Value, operation: &Value) -> &'static Service {
    let name = operation["name"].as_str().unwrap_or("OperationName");
    let model = json!({
        "metadata": suite["metadata"],
        "operations": {name: operation},
        "shapes": suite["shapes"],
    });
    Box::leak(Box::new(Service::load(&model.to_string())))
}

/// The cases for one side, `input` or `output`, in a file.
fn cases(file_name: &str, side: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for suite in file(file_name)[side].as_array().expect("suites") {
        for data in suite["cases"].as_array().expect("cases") {
            let service = service(suite, &data["given"]);
            let (name, operation) = service.operations.iter().next().expect("an operation");
            cases.push(Case {
                id: data["id"].as_str().expect("an id").to_owned(),
                service,
                name,
                operation,
                data: data.clone(),
            });
        }
    }
    cases
}

/// The headers of a request or response in a test.
fn headers(given: &Value) -> http::HeaderMap {
    let given = given["headers"].as_object();
    let named = given.into_iter().flatten().map(|(name, value)| {
        let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a name");
        let value = value.as_str().expect("text");
        (
            name,
            http::HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
        )
    });
    named.collect()
}

/// Fails with all mismatches, so that one run reports everything; every case that is left out must
/// exist.
fn report(problems: &[String], left_out: &[&str], seen: &[String]) {
    for id in left_out {
        assert!(
            seen.iter().any(|known| known == id),
            "there is no case {id}"
        );
    }
    assert!(
        problems.is_empty(),
        "{} cases\n{}",
        problems.len(),
        problems.join("\n")
    );
}
