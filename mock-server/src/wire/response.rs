//! Responses: an output or an error, in the protocol that the client used.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::protocol::protocol_of;
use crate::model::{Body, Operation, Protocol, Service};
use crate::raw::RawRequest;
use crate::wire::json::Json;
use crate::wire::{cbor, rest, xml};

/// A response before it is sent.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    pub(super) fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        let content_type = HeaderValue::from_static(content_type);
        Self {
            status,
            headers: vec![(http::header::CONTENT_TYPE, content_type)],
            body,
        }
    }

    /// Sets a header, if the value is valid in one.
    pub(crate) fn header(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.retain(|(known, _)| *known != name);
            self.headers.push((name, value));
        }
    }
}

/// How to write the response to one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply<'a> {
    pub(super) service: &'static Service,
    pub(super) protocol: Protocol,
    pub(super) request_id: &'a str,
    /// Whether a client of a query service asked for JSON instead of XML.
    pub(super) as_json: bool,
}

impl<'a> Reply<'a> {
    pub(crate) fn new(
        service: &'static Service,
        request: &RawRequest<'_>,
        request_id: &'a str,
    ) -> Self {
        let accept = request.headers.get(http::header::ACCEPT);
        let accept = accept.and_then(|it| it.to_str().ok()).unwrap_or_default();
        let first = accept.split([',', ';']).next().unwrap_or_default().trim();
        Self {
            service,
            protocol: protocol_of(service, request),
            request_id,
            as_json: first.eq_ignore_ascii_case("application/json"),
        }
    }

    /// The protocol that the client used.
    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The response to a call that succeeded.
    pub(crate) fn success(&self, name: &str, operation: &Operation, answer: &Value) -> RawResponse {
        let mut response = match self.protocol {
            Protocol::Query if self.as_json => self.query_json(name, operation, answer),
            Protocol::Query => self.query(name, operation, answer),
            Protocol::Ec2 => self.ec2(name, operation, answer),
            Protocol::Json => self.json(operation, answer),
            Protocol::RpcV2Cbor => self.cbor(operation, answer),
            Protocol::RestJson | Protocol::RestXml => {
                rest::success(self.service, self.protocol, operation, answer)
            }
        };
        self.identify(&mut response);
        response
    }

    /// Adds the request id, in the header that the service uses for it.
    pub(super) fn identify(&self, response: &mut RawResponse) {
        if self.service.is_s3() {
            response.header("x-amz-request-id", self.request_id);
        } else {
            response.header("x-amzn-requestid", self.request_id);
        }
        if self.protocol == Protocol::RpcV2Cbor {
            response.header("smithy-protocol", "rpc-v2-cbor");
        }
    }

    pub(super) fn json_type(&self) -> &'static str {
        match self.service.metadata.json_version.as_deref() {
            Some("1.0") => "application/x-amz-json-1.0",
            _ => "application/x-amz-json-1.1",
        }
    }

    fn json(&self, operation: &Operation, answer: &Value) -> RawResponse {
        let mut out = Vec::with_capacity(512);
        match &operation.output {
            Some(output) => {
                let shape = self.service.shape(&output.shape);
                Json::rpc(self.service).write_structure(&mut out, shape, answer);
            }
            None => out.extend_from_slice(b"{}"),
        }
        RawResponse::new(200, self.json_type(), out)
    }

    fn cbor(&self, operation: &Operation, answer: &Value) -> RawResponse {
        let Some(output) = &operation.output else {
            return RawResponse {
                status: 200,
                headers: Vec::new(),
                body: Vec::new(),
            };
        };
        let shape = self.service.shape(&output.shape);
        RawResponse::new(
            200,
            "application/cbor",
            cbor::write_structure(self.service, shape, answer),
        )
    }

    fn query(&self, name: &str, operation: &Operation, answer: &Value) -> RawResponse {
        let mut writer = xml::Writer {
            service: self.service,
            out: String::with_capacity(1024),
        };
        let namespace = self
            .service
            .metadata
            .xml_namespace
            .as_deref()
            .unwrap_or_default();
        writer
            .out
            .push_str(&format!("<{name}Response xmlns=\"{namespace}\">"));
        if let Some(output) = &operation.output {
            let wrapper = result_name(name, output);
            writer.out.push_str(&format!("<{wrapper}>"));
            writer.members(self.service.shape(&output.shape), answer);
            writer.out.push_str(&format!("</{wrapper}>"));
        }
        let request_id = self.request_id;
        writer.out.push_str(&format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"));
        RawResponse::new(200, "text/xml", writer.out.into_bytes())
    }

    fn ec2(&self, name: &str, operation: &Operation, answer: &Value) -> RawResponse {
        let mut writer = xml::Writer::document(self.service);
        // EC2 itself ends its namespace with a slash; botocore's model does not.
        let namespace = self
            .service
            .metadata
            .xml_namespace
            .as_deref()
            .unwrap_or_default();
        let namespace = namespace.trim_end_matches('/');
        writer
            .out
            .push_str(&format!("<{name}Response xmlns=\"{namespace}/\">"));
        xml::text_element(&mut writer.out, "requestId", self.request_id);
        if let Some(output) = &operation.output {
            writer.members(self.service.shape(&output.shape), answer);
        }
        writer.out.push_str(&format!("</{name}Response>"));
        RawResponse::new(200, "text/xml;charset=UTF-8", writer.out.into_bytes())
    }

    /// The same in JSON, with times as numbers, as STS and IAM send it to clients that accept it.
    /// Source: responses to GetCallerIdentity in clients' tests, and LocalStack's test of times,
    /// which was verified against AWS.
    fn query_json(&self, name: &str, operation: &Operation, answer: &Value) -> RawResponse {
        let mut out = format!("{{\"{name}Response\":{{").into_bytes();
        if let Some(output) = &operation.output {
            out.extend_from_slice(format!("\"{}\":", result_name(name, output)).as_bytes());
            let shape = self.service.shape(&output.shape);
            Json::rpc(self.service).write_structure(&mut out, shape, answer);
            out.push(b',');
        }
        let request_id = self.request_id;
        let metadata = format!("\"ResponseMetadata\":{{\"RequestId\":\"{request_id}\"}}}}}}");
        out.extend_from_slice(metadata.as_bytes());
        RawResponse::new(200, "application/json", out)
    }
}

/// The query protocol's name for an output. Models of services that later changed to another
/// protocol do not contain it.
fn result_name<'a>(operation: &str, output: &'a Body) -> Cow<'a, str> {
    match &output.result_wrapper {
        Some(wrapper) => Cow::Borrowed(wrapper),
        None => format!("{operation}Result").into(),
    }
}
