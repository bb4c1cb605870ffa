//! Requests: which operation a request is for, and its input.

use base64::Engine;
use serde_json::{Map, Value};

use crate::call::{AwsError, Input};
use crate::model::{Location, Operation, Protocol, Service, Type};
use crate::wire::{json, query};

/// A request as it came.
#[derive(Debug)]
pub(crate) struct RawRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a http::HeaderMap,
    pub(crate) body: &'a [u8],
}

/// A request that was understood.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) name: String,
    pub(crate) operation: &'static Operation,
    pub(crate) input: Input,
}

/// Finds the operation of a service, which comes with its name, and takes its input.
pub(crate) fn parse(
    name: &str,
    service: &'static Service,
    request: &RawRequest<'_>,
) -> Result<Parsed, AwsError> {
    let parsed = match service.metadata.protocol {
        Protocol::Json => parse_json(service, request)?,
        Protocol::Query => parse_query(service, request)?,
        Protocol::RestJson => parse_rest(service, request)?,
    };
    parsed.ok_or_else(|| AwsError::not_implemented(name, &super::operation_of(request)))
}

fn body_object(body: &[u8]) -> Result<Map<String, Value>, AwsError> {
    let broken = |problem: String| AwsError::new("SerializationException", problem).status(400);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(broken("The request body is not a JSON object".to_owned())),
        Err(error) => Err(broken(format!("The request body is not JSON: {error}"))),
    }
}

// In each protocol: nothing where the model has no such operation.

fn parse_json(
    service: &'static Service,
    request: &RawRequest<'_>,
) -> Result<Option<Parsed>, AwsError> {
    let target = request
        .headers
        .get("x-amz-target")
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let name = target.rsplit('.').next().unwrap_or_default();
    let Some((name, operation)) = service.operations.get_key_value(name) else {
        return Ok(None);
    };
    let body = body_object(request.body)?;
    let input = operation.input.as_ref().map_or(Value::Null, |input| {
        json::take(service, service.shape(&input.shape), Value::Object(body))
    });
    Ok(Some(Parsed {
        name: name.clone(),
        operation,
        input: object(input),
    }))
}

fn parse_query(
    service: &'static Service,
    request: &RawRequest<'_>,
) -> Result<Option<Parsed>, AwsError> {
    // A form, or the URL: AWS takes the parameters of a POST from either.
    let form = if request.body.is_empty() {
        std::borrow::Cow::Borrowed(request.query)
    } else {
        String::from_utf8_lossy(request.body)
    };
    let pairs = query::pairs(&form)?;
    let name = pairs
        .iter()
        .find(|(name, _)| name == "Action")
        .map(|(_, value)| value.as_str())
        .unwrap_or_default();
    let Some((name, operation)) = service.operations.get_key_value(name) else {
        return Ok(None);
    };
    let input = operation.input.as_ref().and_then(|input| {
        query::take(
            service,
            service.shape(&input.shape),
            &query::Tree::new(&pairs),
        )
    });
    Ok(Some(Parsed {
        name: name.clone(),
        operation,
        input: object(input.unwrap_or(Value::Null)),
    }))
}

fn parse_rest(
    service: &'static Service,
    request: &RawRequest<'_>,
) -> Result<Option<Parsed>, AwsError> {
    let Some((name, labels)) = service.route(request.method, request.path, request.query) else {
        return Ok(None);
    };
    let Some((name, operation)) = service.operations.get_key_value(name) else {
        return Ok(None);
    };
    let Some(input) = &operation.input else {
        return Ok(Some(Parsed {
            name: name.clone(),
            operation,
            input: Map::new(),
        }));
    };
    let shape = service.shape(&input.shape);
    let pairs = query::pairs(request.query)?;
    let mut taken = match &shape.payload {
        Some(payload) => {
            let mut taken = Map::new();
            if let Some((_, member)) = shape.members.iter().find(|(name, _)| name == payload) {
                let inner = service.of(member);
                let value = if inner.kind == Type::Structure {
                    json::take(service, inner, Value::Object(body_object(request.body)?))
                } else if inner.kind == Type::Blob {
                    Value::String(base64::engine::general_purpose::STANDARD.encode(request.body))
                } else {
                    Value::String(String::from_utf8_lossy(request.body).into_owned())
                };
                taken.insert(payload.clone(), value);
            }
            taken
        }
        None => object(json::take(
            service,
            shape,
            Value::Object(body_object(request.body)?),
        )),
    };
    for (member_name, member) in &shape.members {
        let wire = member.location_name.as_deref().unwrap_or(member_name);
        let inner = service.of(member);
        let value = match member.location {
            Some(Location::Uri) => labels
                .iter()
                .find(|(label, _)| *label == wire)
                .map(|(_, value)| query::scalar(inner.kind, value)),
            Some(Location::Querystring) if inner.kind == Type::List => {
                let kind = inner
                    .member
                    .as_ref()
                    .map_or(Type::String, |member| service.of(member).kind);
                let values: Vec<Value> = pairs
                    .iter()
                    .filter(|(name, _)| name == wire)
                    .map(|(_, value)| query::scalar(kind, value))
                    .collect();
                (!values.is_empty()).then_some(Value::Array(values))
            }
            Some(Location::Querystring) => pairs
                .iter()
                .find(|(name, _)| name == wire)
                .map(|(_, value)| query::scalar(inner.kind, value)),
            Some(Location::Header) => request
                .headers
                .get(wire)
                .map(|value| query::scalar(inner.kind, &String::from_utf8_lossy(value.as_bytes()))),
            _ => None,
        };
        if let Some(value) = value {
            taken.insert(member_name.clone(), value);
        }
    }
    Ok(Some(Parsed {
        name: name.clone(),
        operation,
        input: taken,
    }))
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(object) = value {
        object
    } else {
        Map::new()
    }
}
