//! Errors in the form of each protocol.

use serde_json::{Map, Value, json};

use crate::call::AwsError;
use crate::model::{Protocol, Shape};
use crate::wire::json::Json;
use crate::wire::response::{RawResponse, Reply};
use crate::wire::{cbor, rest, xml};

/// The parts that every error has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure<'a> {
    pub(super) status: u16,
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) request_id: &'a str,
}

impl Failure<'_> {
    /// Whose fault it is, in the query protocol's terms.
    fn kind(&self) -> &'static str {
        if self.status >= 500 {
            "Receiver"
        } else {
            "Sender"
        }
    }
}

/// The forms that errors have in XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum XmlForm {
    Query,
    Ec2,
    RestXml,
    S3,
}

/// An error in XML; `namespace` and `members` are written without escaping.
pub(super) fn xml_error(
    form: XmlForm,
    failure: &Failure<'_>,
    namespace: Option<&str>,
    members: &str,
) -> Vec<u8> {
    let declared = if form == XmlForm::Query {
        ""
    } else {
        xml::DECLARATION
    };
    let namespace = namespace
        .map(|it| format!(" xmlns=\"{it}\""))
        .unwrap_or_default();
    let (begin, end, id_name, outer) = match form {
        XmlForm::Query | XmlForm::RestXml => (
            format!("<ErrorResponse{namespace}><Error>"),
            "</Error>",
            "RequestId",
            "</ErrorResponse>",
        ),
        XmlForm::Ec2 => (
            "<Response><Errors><Error>".to_owned(),
            "</Error></Errors>",
            "RequestID",
            "</Response>",
        ),
        XmlForm::S3 => ("<Error>".to_owned(), "", "RequestId", "</Error>"),
    };
    let mut out = format!("{declared}{begin}");
    if matches!(form, XmlForm::Query | XmlForm::RestXml) {
        xml::text_element(&mut out, "Type", failure.kind());
    }
    xml::text_element(&mut out, "Code", failure.code);
    if !failure.message.is_empty() {
        xml::text_element(&mut out, "Message", failure.message);
    }
    out.push_str(members);
    out.push_str(end);
    xml::text_element(&mut out, id_name, failure.request_id);
    out.push_str(outer);
    out.into_bytes()
}

impl Reply<'_> {
    /// The response to a call that failed.
    pub(crate) fn error(&self, error: &AwsError) -> RawResponse {
        let shape = self.service.find_shape(&error.code);
        let known = shape.and_then(|shape| shape.error.as_ref());
        let fault = shape.is_some_and(|shape| shape.fault);
        let status = error
            .status
            .or_else(|| known.and_then(|it| it.http_status_code))
            .unwrap_or(if fault { 500 } else { 400 });
        // The query protocol's code for an error may differ from the shape's name.
        let code = known.and_then(|it| it.code.as_deref());
        let failure = Failure {
            status,
            code: code.unwrap_or(&error.code),
            message: &error.message,
            request_id: self.request_id,
        };
        let mut members: Map<String, Value> = (*error.members).clone();
        let seconds = members.remove("retryAfterSeconds");
        let members = Value::Object(members);
        let mut response = match self.protocol {
            Protocol::Query if self.as_json => {
                let body = json!({
                    "Error": {"Code": failure.code, "Message": failure.message, "Type": failure.kind()},
                    "RequestId": self.request_id,
                });
                RawResponse::new(status, "application/json", body.to_string().into_bytes())
            }
            Protocol::Query | Protocol::Ec2 | Protocol::RestXml => {
                self.xml(&failure, shape, &members)
            }
            Protocol::Json | Protocol::RestJson => self.json_error(error, &failure, shape, members),
            Protocol::RpcV2Cbor => self.cbor_error(error, &failure, shape, &members),
        };
        if let Some(code) = code.filter(|_| self.is_query_compatible()) {
            response.header("x-amzn-query-error", &format!("{code};{}", failure.kind()));
        }
        if let Some(shape) = shape.filter(|_| self.protocol.is_rest()) {
            rest::headers(self.service, shape, &error_members(error), &mut response);
        }
        if let Some(seconds) = seconds {
            let text = seconds
                .as_str()
                .map_or_else(|| seconds.to_string(), str::to_owned);
            response.header("retry-after", &text);
        }
        self.identify(&mut response);
        response
    }

    fn cbor_error(
        &self,
        error: &AwsError,
        failure: &Failure<'_>,
        shape: Option<&'static Shape>,
        members: &Value,
    ) -> RawResponse {
        let kind = self.full_name(&error.code);
        let texts = [
            ("__type", kind.as_str()),
            (message_name(shape, true), failure.message),
        ];
        let texts = if failure.message.is_empty() {
            &texts[..1]
        } else {
            &texts[..]
        };
        let shape = shape.map(|shape| (self.service, shape));
        let body = cbor::write_error(texts, shape, members);
        RawResponse::new(failure.status, "application/cbor", body)
    }

    /// Whether the client uses a protocol other than query with a service whose errors keep the
    /// codes of the query protocol.
    fn is_query_compatible(&self) -> bool {
        self.service.metadata.is_query_compatible()
            && matches!(self.protocol, Protocol::Json | Protocol::RpcV2Cbor)
    }

    /// A shape's name with the service's namespace, if the model has one.
    fn full_name(&self, name: &str) -> String {
        match &self.service.metadata.service_id {
            Some(id) => {
                let namespace = id.to_ascii_lowercase().replace(' ', "");
                format!("com.amazonaws.{namespace}#{name}")
            }
            None => name.to_owned(),
        }
    }

    fn json_error(
        &self,
        error: &AwsError,
        failure: &Failure<'_>,
        shape: Option<&'static Shape>,
        members: Value,
    ) -> RawResponse {
        let is_rest = self.protocol == Protocol::RestJson;
        // For errors that are not in the model, rest-json services write `message`, except for
        // denials.
        let name = message_name(shape, is_rest && failure.code != "AccessDeniedException");
        let mut body = match shape {
            Some(shape) => {
                let codec = if is_rest {
                    Json::rest(self.service)
                } else {
                    Json::rpc(self.service)
                };
                codec.to_object(shape, &members)
            }
            None => object(members),
        };
        if !failure.message.is_empty() {
            body.insert(name.to_owned(), failure.message.into());
        }
        let named = if self.is_query_compatible() {
            self.full_name(&error.code)
        } else {
            failure.code.to_owned()
        };
        let content_type = if is_rest {
            "application/json"
        } else {
            body.insert("__type".to_owned(), named.into());
            self.json_type()
        };
        let body = Value::Object(body).to_string().into_bytes();
        let mut response = RawResponse::new(failure.status, content_type, body);
        response.header("x-amzn-errortype", failure.code);
        response
    }

    fn xml(
        &self,
        failure: &Failure<'_>,
        shape: Option<&'static Shape>,
        members: &Value,
    ) -> RawResponse {
        let mut writer = xml::Writer {
            service: self.service,
            out: String::new(),
        };
        if let Some(shape) = shape {
            writer.members(shape, members);
        }
        let namespace = self.service.metadata.xml_namespace.as_deref();
        let (form, content_type, namespace) = match self.protocol {
            Protocol::Ec2 => (XmlForm::Ec2, "text/xml;charset=UTF-8", None),
            Protocol::RestXml if self.service.is_s3() => (XmlForm::S3, "application/xml", None),
            Protocol::RestXml => (XmlForm::RestXml, "text/xml", namespace),
            _ => (
                XmlForm::Query,
                "text/xml",
                Some(namespace.unwrap_or_default()),
            ),
        };
        RawResponse::new(
            failure.status,
            content_type,
            xml_error(form, failure, namespace, &writer.out),
        )
    }
}

fn error_members(error: &AwsError) -> Value {
    Value::Object((*error.members).clone())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// The name of an error's message member, which models spell either way; `lower` applies to errors
/// that are not in the model.
fn message_name(shape: Option<&Shape>, lower: bool) -> &'static str {
    let lower = shape.map_or(lower, |shape| shape.find_member("message").is_some());
    if lower { "message" } else { "Message" }
}
