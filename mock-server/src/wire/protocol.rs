//! Determines which of a service's protocols a request uses.

use super::query::parameter;
use crate::model::{Protocol, Service};
use crate::raw::RawRequest;

/// The protocol of a request: the one that its headers, path or parameters indicate, if the service
/// supports it; else the one that SDKs use.
pub(crate) fn protocol_of(service: &Service, raw: &RawRequest<'_>) -> Protocol {
    let metadata = &service.metadata;
    if metadata.protocols.len() < 2 {
        return metadata.protocol;
    }
    let candidates: &[Protocol] = if is_cbor(raw) {
        &[Protocol::RpcV2Cbor]
    } else if target(raw).is_some() {
        &[Protocol::Json]
    } else if is_form(raw) || action(raw).is_some() {
        &[Protocol::Query, Protocol::Ec2]
    } else {
        &[Protocol::RestJson, Protocol::RestXml]
    };
    let spoken = candidates.iter().find(|it| metadata.speaks(**it));
    spoken.copied().unwrap_or(metadata.protocol)
}

/// Whether a request declares the protocol `rpcv2Cbor`.
pub(super) fn is_cbor(raw: &RawRequest<'_>) -> bool {
    let header = raw.headers.get("smithy-protocol");
    header.is_some_and(|it| it.as_bytes() == b"rpc-v2-cbor")
}

/// The target of a request in the JSON protocol: the operation with its prefix.
pub(super) fn target<'a>(raw: &RawRequest<'a>) -> Option<&'a str> {
    raw.headers
        .get("x-amz-target")
        .and_then(|it| it.to_str().ok())
}

/// Service and operation in the path of a request in the protocol `rpcv2Cbor`.
pub(super) fn rpc_path<'a>(raw: &RawRequest<'a>) -> Option<(&'a str, &'a str)> {
    let (before, operation) = raw.path.rsplit_once("/operation/")?;
    let (_, service) = before.rsplit_once("/service/")?;
    (!service.contains('/') && !operation.contains('/')).then_some((service, operation))
}

/// Whether the content type of the body is that of a form.
fn is_form(raw: &RawRequest<'_>) -> bool {
    let content_type = raw.headers.get(http::header::CONTENT_TYPE);
    content_type.is_some_and(|it| {
        it.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}

/// The `Action` of a query, from the URL or a form.
pub(super) fn action(raw: &RawRequest<'_>) -> Option<String> {
    let in_form = |form: &str| parameter(form, "Action");
    let body = || std::str::from_utf8(raw.body).ok().filter(|_| is_form(raw));
    in_form(raw.query).or_else(|| in_form(body()?))
}
