//! Inputs as requests in the services' protocols, derived from the models alone.

use std::collections::BTreeMap;

use base64::Engine;
use serde_json::{Map, Value};

use super::model::Model;
use crate::client::{Answer, Mock};

/// Sends an input, which is keyed by the model's member names, as the root user of an account.
pub(super) fn send(mock: &Mock, model: &Model, operation: &str, input: &Value) -> Answer {
    send_as(mock, ("111122223333", "eu-west-1"), model, operation, input)
}

/// Sends an input with a key and to a Region.
pub(super) fn send_as(
    mock: &Mock,
    (key, region): (&str, &str),
    model: &Model,
    operation: &str,
    input: &Value,
) -> Answer {
    match model.protocol() {
        "query" => mock.query(
            key,
            model.name,
            &format!("Action={operation}{}", form(model, operation, input)),
        ),
        "json" => mock.organizations(key, operation, &input.to_string()),
        _ => rest(mock, (key, region), model, operation, input),
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn form(model: &Model, operation: &str, input: &Value) -> String {
    fn put(out: &mut BTreeMap<String, String>, name: String, value: &Value) {
        match value {
            Value::Object(members) => members
                .iter()
                .for_each(|(member, value)| put(out, format!("{name}.{member}"), value)),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(at, item)| put(out, format!("{name}.member.{}", at + 1), item)),
            value => drop(out.insert(name, plain(value))),
        }
    }
    assert!(
        !model.input(operation).to_string().contains("locationName"),
        "{operation}: members of query inputs have their own names"
    );
    let mut pairs = BTreeMap::new();
    for (member, value) in input.as_object().into_iter().flatten() {
        put(&mut pairs, member.clone(), value);
    }
    pairs
        .iter()
        .map(|(name, value)| format!("&{name}={}", encoded(value)))
        .collect()
}

fn rest(
    mock: &Mock,
    (key, region): (&str, &str),
    model: &Model,
    operation: &str,
    input: &Value,
) -> Answer {
    let http = &model.operation(operation)["http"];
    let shape = model.input(operation);
    let mut path = http["requestUri"].as_str().unwrap().to_owned();
    let (mut query, mut headers, mut body) = (Vec::new(), Vec::new(), Map::new());
    for (name, value) in input.as_object().into_iter().flatten() {
        let member = &shape["members"][name];
        let wire = member["locationName"].as_str().unwrap_or(name);
        match member["location"].as_str() {
            Some("uri") => path = path.replace(&format!("{{{wire}}}"), &encoded(&plain(value))),
            Some("querystring") => match value {
                Value::Array(items) => query.extend(
                    items
                        .iter()
                        .map(|item| format!("{wire}={}", encoded(&plain(item)))),
                ),
                value => query.push(format!("{wire}={}", encoded(&plain(value)))),
            },
            Some("header") => headers.push((wire.to_owned(), plain(value))),
            _ => drop(body.insert(wire.to_owned(), value.clone())),
        }
    }
    let body = match shape["payload"].as_str() {
        Some(payload)
            if model.shape(shape["members"][payload]["shape"].as_str().unwrap())["type"]
                == "blob" =>
        {
            let blob = body
                .get(payload)
                .and_then(Value::as_str)
                .unwrap_or_default();
            String::from_utf8(
                base64::engine::general_purpose::STANDARD
                    .decode(blob)
                    .unwrap(),
            )
            .unwrap()
        }
        Some(payload) => body.get(payload).map_or_else(String::new, Value::to_string),
        None => Value::Object(body).to_string(),
    };
    if !query.is_empty() {
        path = format!(
            "{path}{}{}",
            if path.contains('?') { '&' } else { '?' },
            query.join("&")
        );
    }
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    mock.rest_with(
        key,
        region,
        model.name,
        (http["method"].as_str().unwrap(), &path, &headers, &body),
    )
}
