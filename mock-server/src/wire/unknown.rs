//! Errors for unknown services and operations, in the protocol that the client uses.

use serde_json::json;

use super::error::{Failure, XmlForm, xml_error};
use super::protocol::{action, is_cbor, rpc_path, target};
use super::response::RawResponse;
use crate::raw::RawRequest;
use crate::wire::cbor;

/// The response for a service that is not implemented, or a request that names none.
pub(crate) fn refuse(
    raw: &RawRequest<'_>,
    service: &str,
    (status, code, message): (u16, &str, &str),
    request_id: &str,
) -> RawResponse {
    let failure = Failure {
        status,
        code,
        message,
        request_id,
    };
    let xml = |form| RawResponse::new(status, "text/xml", xml_error(form, &failure, None, ""));
    let mut response = match service {
        _ if is_cbor(raw) => {
            let texts = [("__type", code), ("message", message)];
            let body = cbor::write_error(&texts, None, &json!({}));
            let mut response = RawResponse::new(status, "application/cbor", body);
            response.header("smithy-protocol", "rpc-v2-cbor");
            response
        }
        _ if target(raw).is_some() => json_error(&failure, json_type(raw)),
        "ec2" => xml(XmlForm::Ec2),
        "s3" | "s3express" | "s3-object-lambda" | "s3-outposts" => xml(XmlForm::S3),
        "route53" | "cloudfront" => xml(XmlForm::RestXml),
        _ if action(raw).is_some() => xml(XmlForm::Query),
        _ => json_error(&failure, "application/json"),
    };
    response.header("x-amzn-requestid", request_id);
    response
}

/// The operation that a request names, in whichever way its protocol does; method and path if it
/// names none.
pub(crate) fn operation_of(raw: &RawRequest<'_>) -> String {
    if let Some(target) = target(raw) {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    if let Some(action) = action(raw) {
        return action;
    }
    match rpc_path(raw) {
        Some((_, operation)) => operation.to_owned(),
        None => format!("{} {}", raw.method, raw.path),
    }
}

/// The content type for the version of the JSON protocol that a request uses.
fn json_type(raw: &RawRequest<'_>) -> &'static str {
    let content_type = raw.headers.get(http::header::CONTENT_TYPE);
    if content_type.is_some_and(|it| it.as_bytes().ends_with(b"1.0")) {
        "application/x-amz-json-1.0"
    } else {
        "application/x-amz-json-1.1"
    }
}

fn json_error(failure: &Failure<'_>, content_type: &'static str) -> RawResponse {
    let body = json!({"__type": failure.code, "message": failure.message});
    let mut response =
        RawResponse::new(failure.status, content_type, body.to_string().into_bytes());
    response.header("x-amzn-errortype", failure.code);
    response
}
