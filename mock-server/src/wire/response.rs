//! Responses: an answer or an error, in the protocol that the client spoke.

use base64::Engine;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json as object};

use crate::call::AwsError;
use crate::model::{Location, Operation, Protocol, Service, Type};
use crate::wire::{json, xml};

/// A response before it goes out.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    pub(super) fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![(
                http::header::CONTENT_TYPE,
                HeaderValue::from_static(content_type),
            )],
            body,
        }
    }

    /// Adds a header, where the value can stand in one.
    pub(crate) fn header(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.push((name, value));
        }
    }
}

fn json_type(service: &Service) -> &'static str {
    match (
        service.metadata.protocol,
        service.metadata.json_version.as_deref(),
    ) {
        (Protocol::Json, Some("1.0")) => "application/x-amz-json-1.0",
        (Protocol::Json, _) => "application/x-amz-json-1.1",
        _ => "application/json",
    }
}

/// How calls of one request are answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply<'a> {
    service: &'static Service,
    request_id: &'a str,
    /// Whether a client of a query service asked for JSON in place of XML.
    as_json: bool,
}

impl<'a> Reply<'a> {
    pub(crate) fn new(
        service: &'static Service,
        headers: &http::HeaderMap,
        request_id: &'a str,
    ) -> Self {
        let accept = headers
            .get(http::header::ACCEPT)
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default();
        let first = accept.split([',', ';']).next().unwrap_or_default().trim();
        Self {
            service,
            request_id,
            as_json: first.eq_ignore_ascii_case("application/json"),
        }
    }

    /// The response to a call that succeeded.
    pub(crate) fn success(&self, name: &str, operation: &Operation, answer: &Value) -> RawResponse {
        let service = self.service;
        let mut response = match service.metadata.protocol {
            Protocol::Query if self.as_json => self.query_json(name, operation, answer),
            Protocol::Query => self.query(name, operation, answer),
            Protocol::Json => {
                let mut out = Vec::with_capacity(512);
                match &operation.output {
                    Some(output) => {
                        json::write(&mut out, service, service.shape(&output.shape), answer)
                    }
                    None => out.extend_from_slice(b"{}"),
                }
                RawResponse::new(200, json_type(service), out)
            }
            Protocol::RestJson => rest(service, operation, answer),
        };
        response.header("x-amzn-requestid", self.request_id);
        response
    }

    fn query(&self, name: &str, operation: &Operation, answer: &Value) -> RawResponse {
        let (service, request_id) = (self.service, self.request_id);
        let mut out = String::with_capacity(1024);
        let namespace = service
            .metadata
            .xml_namespace
            .as_deref()
            .unwrap_or_default();
        out.push_str(&format!("<{name}Response xmlns=\"{namespace}\">"));
        if let Some(output) = &operation.output {
            let wrapper = output.result_wrapper.as_deref();
            if let Some(wrapper) = wrapper {
                out.push_str(&format!("<{wrapper}>"));
            }
            xml::members(&mut out, service, service.shape(&output.shape), answer);
            if let Some(wrapper) = wrapper {
                out.push_str(&format!("</{wrapper}>"));
            }
        }
        out.push_str(&format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"));
        RawResponse::new(200, "text/xml", out.into_bytes())
    }

    /// The same in JSON, with times as numbers, which STS and IAM send to whoever accepts it.
    /// Source: answers of GetCallerIdentity in clients' tests, and LocalStack's test of times,
    /// which was held against AWS.
    fn query_json(&self, name: &str, operation: &Operation, answer: &Value) -> RawResponse {
        let service = self.service;
        let mut out = format!("{{\"{name}Response\":{{").into_bytes();
        if let Some((wrapper, output)) = operation
            .output
            .as_ref()
            .and_then(|output| Some((output.result_wrapper.as_deref()?, output)))
        {
            out.extend_from_slice(format!("\"{wrapper}\":").as_bytes());
            json::write(&mut out, service, service.shape(&output.shape), answer);
            out.push(b',');
        }
        out.extend_from_slice(
            format!(
                "\"ResponseMetadata\":{{\"RequestId\":\"{}\"}}}}}}",
                self.request_id
            )
            .as_bytes(),
        );
        RawResponse::new(200, "application/json", out)
    }

    /// The response to a call that failed.
    pub(crate) fn error(&self, error: &AwsError) -> RawResponse {
        let shape = self.service.find_shape(&error.code);
        let known = shape.and_then(|shape| shape.error.as_ref());
        let status = error
            .status
            .or_else(|| known.and_then(|it| it.http_status_code))
            .unwrap_or(400);
        // The code on the wire may differ from the shape's name.
        let code = known
            .and_then(|it| it.code.as_deref())
            .unwrap_or(&error.code);
        let mut response = match self.service.metadata.protocol {
            Protocol::Query => self.query_error(status, code, &error.message),
            protocol => {
                let mut body: Map<String, Value> = (*error.members).clone();
                body.remove("retryAfterSeconds");
                // Models spell the member either way. Of what is in no model, rest-json services
                // write `message`, but for denials.
                let lower = shape.map_or(
                    protocol == Protocol::RestJson && code != "AccessDeniedException",
                    |shape| shape.members.iter().any(|(name, _)| name == "message"),
                );
                body.insert(
                    if lower { "message" } else { "Message" }.to_owned(),
                    Value::String(error.message.clone()),
                );
                if protocol == Protocol::Json {
                    body.insert("__type".to_owned(), Value::String(code.to_owned()));
                }
                let mut response = RawResponse::new(
                    status,
                    json_type(self.service),
                    Value::Object(body).to_string().into_bytes(),
                );
                response.header("x-amzn-errortype", code);
                response
            }
        };
        if let Some(seconds) = error.members.get("retryAfterSeconds") {
            response.header("retry-after", &seconds.to_string());
        }
        response.header("x-amzn-requestid", self.request_id);
        response
    }

    fn query_error(&self, status: u16, code: &str, message: &str) -> RawResponse {
        let kind = if status >= 500 { "Receiver" } else { "Sender" };
        if self.as_json {
            let body = object!({"Error": {"Code": code, "Message": message, "Type": kind}, "RequestId": self.request_id});
            return RawResponse::new(status, "application/json", body.to_string().into_bytes());
        }
        let namespace = self
            .service
            .metadata
            .xml_namespace
            .as_deref()
            .unwrap_or_default();
        let mut out = format!("<ErrorResponse xmlns=\"{namespace}\"><Error>");
        xml::text_element(&mut out, "Type", kind);
        xml::text_element(&mut out, "Code", code);
        xml::text_element(&mut out, "Message", message);
        out.push_str(&format!(
            "</Error><RequestId>{}</RequestId></ErrorResponse>",
            self.request_id
        ));
        RawResponse::new(status, "text/xml", out.into_bytes())
    }
}

fn rest(service: &Service, operation: &Operation, answer: &Value) -> RawResponse {
    let mut status = operation.http.response_code.unwrap_or(200);
    let mut out = Vec::with_capacity(1024);
    let mut headers = Vec::new();
    if let Some(output) = &operation.output {
        let shape = service.shape(&output.shape);
        for (name, member) in &shape.members {
            let Some(value) = answer.get(name).filter(|value| !value.is_null()) else {
                continue;
            };
            match member.location {
                Some(Location::StatusCode) => {
                    status = value
                        .as_u64()
                        .and_then(|it| u16::try_from(it).ok())
                        .unwrap_or(status)
                }
                Some(Location::Header) => {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    headers.push((
                        member.location_name.clone().unwrap_or_else(|| name.clone()),
                        text,
                    ));
                }
                _ => {}
            }
        }
        match shape
            .payload
            .as_ref()
            .and_then(|payload| shape.members.iter().find(|(name, _)| name == payload))
        {
            Some((name, member)) => {
                let shape = service.of(member);
                match answer.get(name) {
                    Some(Value::String(blob)) if shape.kind == Type::Blob => {
                        out.extend(
                            base64::engine::general_purpose::STANDARD
                                .decode(blob)
                                .unwrap_or_default(),
                        );
                    }
                    Some(value) => json::write(&mut out, service, shape, value),
                    None => {}
                }
            }
            None if status != 204 => json::write(&mut out, service, shape, answer),
            None => {}
        }
    }
    let mut response = RawResponse::new(status, "application/json", out);
    for (name, value) in headers {
        response.header(&name, &value);
    }
    response
}
