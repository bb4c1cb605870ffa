//! The output of an operation as status, headers and body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::header;
use crate::model::{Body, Location, Member, Operation, Protocol, Service, Shape, Type};
use crate::wire::json::Json;
use crate::wire::response::RawResponse;
use crate::wire::xml;

/// The response to a call that succeeded.
pub(crate) fn success(
    service: &Service,
    protocol: Protocol,
    operation: &Operation,
    answer: &Value,
) -> RawResponse {
    let status = operation.http.response_code.unwrap_or(200);
    let Some(output) = &operation.output else {
        return RawResponse::new(status, content_type(protocol), Vec::new());
    };
    let shape = service.shape(&output.shape);
    let of_status = shape
        .members
        .iter()
        .find(|(_, it)| it.location == Some(Location::StatusCode));
    let status = of_status
        .and_then(|(name, _)| answer.get(name)?.as_u64())
        .and_then(|status| u16::try_from(status).ok())
        .unwrap_or(status);
    let (content_type, body) = body(service, protocol, output, status, answer);
    let mut response = RawResponse::new(status, content_type, body);
    headers(service, shape, answer, &mut response);
    response
}

pub(super) fn content_type(protocol: Protocol) -> &'static str {
    if protocol == Protocol::RestXml {
        "application/xml"
    } else {
        "application/json"
    }
}

/// Adds the members of an output or an error that are in headers.
pub(crate) fn headers(
    service: &Service,
    shape: &Shape,
    answer: &Value,
    response: &mut RawResponse,
) {
    for (name, member) in &shape.members {
        let field = service.field(member);
        let wire = field.wire_name(name);
        match (member.location, answer.get(name)) {
            (_, None | Some(Value::Null)) => {}
            (Some(Location::Header), Some(value)) => {
                response.header(wire, &header::write(service, field, value));
            }
            (Some(Location::Headers), Some(Value::Object(entries))) => {
                let prefix = field.wire_name("");
                for (key, value) in entries {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    response.header(&format!("{prefix}{key}"), &text);
                }
            }
            _ => {}
        }
    }
}

/// The body and its content type.
fn body(
    service: &Service,
    protocol: Protocol,
    output: &Body,
    status: u16,
    answer: &Value,
) -> (&'static str, Vec<u8>) {
    let shape = service.shape(&output.shape);
    let usual = content_type(protocol);
    let Some((name, member)) = shape.payload() else {
        let has_elements = shape.members.iter().any(|(_, it)| it.location.is_none());
        return match protocol {
            _ if status == 204 => (usual, Vec::new()),
            Protocol::RestXml if has_elements => {
                let own = output
                    .location_name
                    .as_deref()
                    .or_else(|| shape.own_location_name());
                let mut writer = xml::Writer::document(service);
                let namespace = output
                    .xml_namespace
                    .as_ref()
                    .or_else(|| shape.own_xml_namespace());
                writer.structure(own.unwrap_or(&output.shape), namespace, shape, answer);
                (usual, writer.out.into_bytes())
            }
            Protocol::RestXml => (usual, Vec::new()),
            _ => {
                let mut out = Vec::with_capacity(1024);
                Json::rest(service).write_structure(&mut out, shape, answer);
                (usual, out)
            }
        };
    };
    payload(service, protocol, member, answer.get(name))
}

/// A member that is the whole body, and its content type.
fn payload(
    service: &Service,
    protocol: Protocol,
    member: &Member,
    value: Option<&Value>,
) -> (&'static str, Vec<u8>) {
    let usual = content_type(protocol);
    let field = service.field(member);
    match (field.shape.kind, value) {
        (_, None | Some(Value::Null)) => (usual, Vec::new()),
        // Lambda's functions return JSON, with its content type.
        (Type::Blob, Some(Value::String(blob))) if protocol == Protocol::RestJson => {
            (usual, BASE64.decode(blob).unwrap_or_default())
        }
        (Type::Blob, Some(Value::String(blob))) => (
            "binary/octet-stream",
            BASE64.decode(blob).unwrap_or_default(),
        ),
        (Type::String | Type::Character, Some(Value::String(text))) => {
            ("text/plain", text.clone().into_bytes())
        }
        (Type::Structure, Some(value)) if protocol == Protocol::RestXml => {
            let mut writer = xml::Writer::document(service);
            writer.structure(
                field.root_name(),
                field.root_namespace(),
                field.shape,
                value,
            );
            (usual, writer.out.into_bytes())
        }
        (_, Some(value)) => {
            let mut out = Vec::with_capacity(1024);
            Json::rest(service).write(&mut out, field, value);
            (usual, out)
        }
    }
}
