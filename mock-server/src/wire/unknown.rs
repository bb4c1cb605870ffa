//! Refusals of calls that the mock has no model for: services and operations that it does not know,
//! in the protocol that the client speaks.

use serde_json::json;

use super::query::parameter;
use super::request::RawRequest;
use super::response::RawResponse;
use super::xml::text_element;

/// How a client expects its errors, read off its request alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Query,
    Ec2,
    S3,
    RestXml,
    Json(&'static str),
    RestJson,
    Cbor,
}

/// A service that is not implemented, or a request that names none.
pub(crate) fn refuse(
    raw: &RawRequest<'_>,
    service: &str,
    (status, code, message): (u16, &str, &str),
    request_id: &str,
) -> RawResponse {
    let dialect = dialect(raw, service);
    let mut response = match dialect {
        Dialect::Json(content_type) => {
            RawResponse::new(status, content_type, json_error(code, message))
        }
        Dialect::RestJson => {
            RawResponse::new(status, "application/json", json_error(code, message))
        }
        Dialect::Cbor => RawResponse::new(status, "application/cbor", cbor_error(code, message)),
        dialect => RawResponse::new(
            status,
            "text/xml",
            xml_error(dialect, status, code, message, request_id).into_bytes(),
        ),
    };
    if matches!(dialect, Dialect::Json(_) | Dialect::RestJson) {
        response.header("x-amzn-errortype", code);
    }
    if dialect == Dialect::Cbor {
        response.header("smithy-protocol", "rpc-v2-cbor");
    }
    response.header("x-amzn-requestid", request_id);
    response
}

/// The operation that a request names, in whichever way its protocol names operations; method and
/// path where it names none.
pub(crate) fn operation_of(raw: &RawRequest<'_>) -> String {
    if let Some(target) = target(raw) {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    if let Some(action) = action(raw) {
        return action;
    }
    match raw.path.rsplit_once("/operation/") {
        Some((_, operation)) if raw.path.starts_with("/service/") => operation.to_owned(),
        _ => format!("{} {}", raw.method, raw.path),
    }
}

fn dialect(raw: &RawRequest<'_>, service: &str) -> Dialect {
    if raw
        .headers
        .get("smithy-protocol")
        .is_some_and(|it| it.as_bytes() == b"rpc-v2-cbor")
    {
        return Dialect::Cbor;
    }
    if target(raw).is_some() {
        let old = raw
            .headers
            .get(http::header::CONTENT_TYPE)
            .is_some_and(|it| it.as_bytes().ends_with(b"1.0"));
        return Dialect::Json(if old {
            "application/x-amz-json-1.0"
        } else {
            "application/x-amz-json-1.1"
        });
    }
    match service {
        "ec2" => Dialect::Ec2,
        "s3" | "s3express" | "s3-object-lambda" | "s3-outposts" => Dialect::S3,
        "route53" | "cloudfront" => Dialect::RestXml,
        _ if action(raw).is_some() => Dialect::Query,
        _ => Dialect::RestJson,
    }
}

fn target<'a>(raw: &RawRequest<'a>) -> Option<&'a str> {
    raw.headers
        .get("x-amz-target")
        .and_then(|it| it.to_str().ok())
}

/// The `Action` of a query, from the URL or a form.
fn action(raw: &RawRequest<'_>) -> Option<String> {
    let in_form = |form: &str| parameter(form, "Action");
    let is_form = raw
        .headers
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|it| {
            it.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
    let body = || std::str::from_utf8(raw.body).ok().filter(|_| is_form);
    in_form(raw.query).or_else(|| in_form(body()?))
}

fn json_error(code: &str, message: &str) -> Vec<u8> {
    json!({"__type": code, "message": message})
        .to_string()
        .into_bytes()
}

fn xml_error(dialect: Dialect, status: u16, code: &str, message: &str, request_id: &str) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (begin, end, kind, id) = match dialect {
        Dialect::Ec2 => (
            "<Response><Errors><Error>",
            "</Error></Errors>",
            false,
            ("RequestID", "</Response>"),
        ),
        Dialect::S3 => ("<Error>", "", false, ("RequestId", "</Error>")),
        _ => (
            "<ErrorResponse><Error>",
            "</Error>",
            true,
            ("RequestId", "</ErrorResponse>"),
        ),
    };
    out.push_str(begin);
    if kind {
        text_element(
            &mut out,
            "Type",
            if status >= 500 { "Receiver" } else { "Sender" },
        );
    }
    text_element(&mut out, "Code", code);
    text_element(&mut out, "Message", message);
    out.push_str(end);
    text_element(&mut out, id.0, request_id);
    out.push_str(id.1);
    out
}

/// A map of two texts (RFC 8949).
fn cbor_error(code: &str, message: &str) -> Vec<u8> {
    let mut out = vec![0xa2];
    for text in ["__type", code, "message", message] {
        let text: String = text.chars().take(10_000).collect();
        // Text strings are major type 3; a length in two bytes fits all of them.
        out.push(0x79);
        out.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    out
}
