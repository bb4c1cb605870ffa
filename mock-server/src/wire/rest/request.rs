//! The input of an operation from all parts of a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use super::header;
use crate::call::AwsError;
use crate::model::TimestampFormat::Iso8601;
use crate::model::{Body, Field, Location, Protocol, Service, Type};
use crate::raw::RawRequest;
use crate::wire::json::Json;
use crate::wire::request::{json_object, json_value, malformed};
use crate::wire::{query, scalar, xml};

/// Reads the input of an operation; `labels` are those of its path.
pub(crate) fn take(
    service: &Service,
    protocol: Protocol,
    input: &Body,
    labels: &[(&str, String)],
    request: &RawRequest<'_>,
) -> Result<Map<String, Value>, AwsError> {
    let shape = service.shape(&input.shape);
    let pairs = query::url_pairs(request.query)?;
    let mut taken = body(service, protocol, input, request.body)?;
    for (name, member) in &shape.members {
        let field = service.field(member);
        let wire = field.wire_name(name);
        let value = match member.location {
            Some(Location::Uri) => {
                let label = labels.iter().find(|(label, _)| *label == wire);
                label.map(|(_, value)| scalar::read(field, Iso8601, value))
            }
            Some(Location::Querystring) => of_query(service, field, wire, &pairs),
            Some(Location::Header) => {
                let values = request.headers.get_all(wire).iter();
                let texts: Vec<_> = values
                    .map(|it| String::from_utf8_lossy(it.as_bytes()))
                    .collect();
                (!texts.is_empty()).then(|| header::read(service, field, &texts.join(", ")))
            }
            Some(Location::Headers) => prefixed(field.wire_name(""), request.headers),
            Some(Location::StatusCode) | None => None,
        };
        if let Some(value) = value {
            taken.insert(name.clone(), value);
        }
    }
    Ok(taken)
}

/// The headers whose names begin with a prefix, by their names without it.
fn prefixed(prefix: &str, headers: &http::HeaderMap) -> Option<Value> {
    let prefix = prefix.to_ascii_lowercase();
    let entries: Map<String, Value> = headers
        .iter()
        .filter_map(|(name, value)| {
            let key = name.as_str().strip_prefix(&prefix)?;
            Some((
                key.to_owned(),
                Value::from(String::from_utf8_lossy(value.as_bytes())),
            ))
        })
        .collect();
    (!entries.is_empty()).then_some(Value::Object(entries))
}

/// A member in the query: lists are repeated parameters, and maps contain all parameters of the
/// query, as in Smithy's servers.
fn of_query(
    service: &Service,
    field: Field<'_>,
    wire: &str,
    pairs: &[(String, String)],
) -> Option<Value> {
    let mut values = pairs
        .iter()
        .filter(|(name, _)| name == wire)
        .map(|(_, value)| value);
    match (field.shape.kind, &field.shape.member, &field.shape.value) {
        (Type::List, Some(item), _) => {
            let item = service.field(item);
            let values: Vec<Value> = values
                .map(|value| scalar::read(item, Iso8601, value))
                .collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        (Type::Map, _, Some(item)) => {
            let item = service.field(item);
            let mut entries = Map::new();
            for (name, value) in pairs {
                if item.shape.kind != Type::List {
                    entries
                        .entry(name)
                        .or_insert_with(|| scalar::read(item, Iso8601, value));
                } else if let Value::Array(values) = entries
                    .entry(name)
                    .or_insert_with(|| Vec::<Value>::new().into())
                {
                    values.push(value.clone().into());
                }
            }
            (!entries.is_empty()).then_some(Value::Object(entries))
        }
        _ => values
            .next()
            .map(|value| scalar::read(field, Iso8601, value)),
    }
}

/// The members of the input that are in the body.
fn body(
    service: &Service,
    protocol: Protocol,
    input: &Body,
    body: &[u8],
) -> Result<Map<String, Value>, AwsError> {
    let shape = service.shape(&input.shape);
    let Some((name, member)) = shape.payload() else {
        return match protocol {
            Protocol::RestXml => {
                xml_structure(service, &input.shape, input.location_name.as_deref(), body)
            }
            _ => Ok(Json::rest(service).take_structure(shape, json_object(body)?)),
        };
    };
    let field = service.field(member);
    let value = match field.shape.kind {
        _ if body.is_empty() => None,
        Type::Blob => Some(Value::String(BASE64.encode(body))),
        Type::String | Type::Character => Some(utf8(protocol, body)?.into()),
        Type::Structure if protocol == Protocol::RestXml => {
            let root = member.location_name.as_deref();
            Some(xml_structure(service, &member.shape, root, body)?.into())
        }
        _ => Some(Json::rest(service).take(member, json_value(body)?)),
    };
    Ok(value
        .map(|value| (name.to_owned(), value))
        .into_iter()
        .collect())
}

/// A structure as the root element; its name is the one that the model gives the member, or one of
/// the shape's own.
fn xml_structure(
    service: &Service,
    name: &str,
    root: Option<&str>,
    body: &[u8],
) -> Result<Map<String, Value>, AwsError> {
    let shape = service.shape(name);
    if body.trim_ascii().is_empty() || shape.members.iter().all(|(_, it)| it.location.is_some()) {
        return Ok(Map::new());
    }
    let own = root.into_iter().chain(shape.own_location_name());
    let mut roots: Vec<&str> = own.collect();
    if !roots.is_empty() {
        roots.push(name);
    }
    let taken = xml::take(service, shape, &roots, utf8(Protocol::RestXml, body)?);
    taken.map_err(|problem| malformed(Protocol::RestXml, &problem))
}

fn utf8(protocol: Protocol, body: &[u8]) -> Result<&str, AwsError> {
    std::str::from_utf8(body).map_err(|_| malformed(protocol, "it is not UTF-8"))
}
