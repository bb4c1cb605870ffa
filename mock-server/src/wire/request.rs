//! Requests: the operation of a request, and its input.

use serde_json::{Map, Value};

use crate::call::{AwsError, Input};
use crate::model::{Operation, Protocol, Service};
use crate::raw::RawRequest;
use crate::wire::json::Json;
use crate::wire::protocol::{protocol_of, rpc_path, target};
use crate::wire::{cbor, encoding, query, rest};

/// A request that was understood.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) name: String,
    pub(crate) operation: &'static Operation,
    pub(crate) input: Input,
    /// The protocol that the client used.
    pub(crate) protocol: Protocol,
}

/// Finds the operation of a request and reads its input; `name` is that of the service.
///
/// # Errors
/// If the service has no such operation, or the body is not valid in the protocol.
pub(crate) fn parse(
    name: &str,
    service: &'static Service,
    request: &RawRequest<'_>,
) -> Result<Parsed, AwsError> {
    let protocol = protocol_of(service, request);
    let body =
        encoding::decoded(service, request).map_err(|problem| malformed(protocol, &problem))?;
    let request = &RawRequest {
        body: &body,
        ..*request
    };
    let found = match protocol {
        Protocol::Json => parse_json(service, request)?,
        Protocol::RpcV2Cbor => parse_cbor(service, request)?,
        Protocol::Query | Protocol::Ec2 => parse_query(service, protocol, request)?,
        Protocol::RestJson | Protocol::RestXml => parse_rest(service, protocol, request)?,
    };
    let Some((operation, input)) = found else {
        return Err(AwsError::not_implemented(
            name,
            &super::operation_of(request),
        ));
    };
    let Some((name, operation)) = service.operations.get_key_value(operation) else {
        return Err(AwsError::not_implemented(name, operation));
    };
    Ok(Parsed {
        name: name.clone(),
        operation,
        input,
        protocol,
    })
}

/// The error for a body that cannot be read, as the protocol words it.
pub(super) fn malformed(protocol: Protocol, problem: &str) -> AwsError {
    let (code, what) = match protocol {
        Protocol::Json | Protocol::RestJson => ("SerializationException", "JSON"),
        Protocol::RpcV2Cbor => ("SerializationException", "CBOR"),
        Protocol::RestXml => ("MalformedXML", "XML"),
        Protocol::Query | Protocol::Ec2 => ("MalformedQueryString", "form data"),
    };
    AwsError::new(
        code,
        format!("The request body is not valid {what}: {problem}"),
    )
    .status(400)
}

/// A body as a JSON value of any kind.
pub(super) fn json_value(body: &[u8]) -> Result<Value, AwsError> {
    serde_json::from_slice(body).map_err(|error| malformed(Protocol::Json, &error.to_string()))
}

/// A body as a JSON object; an empty body counts as an empty object.
pub(super) fn json_object(body: &[u8]) -> Result<Map<String, Value>, AwsError> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match json_value(body)? {
        Value::Object(object) => Ok(object),
        _ => Err(AwsError::new(
            "SerializationException",
            "The request body is not a JSON object",
        )
        .status(400)),
    }
}

/// The name of an operation and its input; `None` if the model does not have the operation.
type Found<'a> = Option<(&'a str, Input)>;

fn parse_json<'a>(service: &'a Service, request: &RawRequest<'a>) -> Result<Found<'a>, AwsError> {
    let name = target(request)
        .unwrap_or_default()
        .rsplit('.')
        .next()
        .unwrap_or_default();
    let Some(operation) = service.operations.get(name) else {
        return Ok(None);
    };
    let body = json_object(request.body)?;
    let input = operation
        .input
        .as_ref()
        .map(|input| Json::rpc(service).take_structure(service.shape(&input.shape), body));
    Ok(Some((name, input.unwrap_or_default())))
}

fn parse_cbor<'a>(service: &'a Service, request: &RawRequest<'a>) -> Result<Found<'a>, AwsError> {
    let prefix = service.metadata.target_prefix.as_deref();
    let Some((_, name)) =
        rpc_path(request).filter(|(of, _)| prefix.is_none_or(|prefix| prefix == *of))
    else {
        return Ok(None);
    };
    let Some(operation) = service.operations.get(name) else {
        return Ok(None);
    };
    let Some(input) = &operation.input else {
        return Ok(Some((name, Map::new())));
    };
    let input = cbor::take(service, service.shape(&input.shape), request.body);
    let input = input.map_err(|problem| malformed(Protocol::RpcV2Cbor, &problem))?;
    Ok(Some((name, input)))
}

fn parse_query<'a>(
    service: &'a Service,
    protocol: Protocol,
    request: &RawRequest<'_>,
) -> Result<Found<'a>, AwsError> {
    // The parameters are in a form or in the URL: AWS accepts those of a POST from either.
    let form = if request.body.is_empty() {
        request.query
    } else {
        std::str::from_utf8(request.body).map_err(|_| malformed(protocol, "it is not UTF-8"))?
    };
    let pairs = query::pairs(form)?;
    let action = pairs.iter().find(|(name, _)| name == "Action");
    let name = action.map(|(_, value)| value.as_str()).unwrap_or_default();
    let Some((name, operation)) = service.operations.get_key_value(name) else {
        return Ok(None);
    };
    let input = operation.input.as_ref().map(|input| {
        query::take(
            service,
            protocol,
            service.shape(&input.shape),
            &query::Tree::new(&pairs),
        )
    });
    Ok(Some((name, input.unwrap_or_default())))
}

fn parse_rest<'a>(
    service: &'a Service,
    protocol: Protocol,
    request: &RawRequest<'_>,
) -> Result<Found<'a>, AwsError> {
    let Some((name, labels)) = service.route(request) else {
        return Ok(None);
    };
    let input = service
        .operations
        .get(name)
        .and_then(|operation| operation.input.as_ref());
    let taken = input.map(|input| rest::take(service, protocol, input, &labels, request));
    Ok(Some((name, taken.transpose()?.unwrap_or_default())))
}
