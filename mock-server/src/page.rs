//! Responses of the mock's own pages.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::Value;

/// A response with a complete body.
pub(crate) type Page = Response<Full<Bytes>>;

pub(crate) fn json_page(status: StatusCode, body: &Value) -> Page {
    page(status, "application/json", body.to_string())
}

pub(crate) fn text_page(status: StatusCode, body: &str) -> Page {
    page(status, "text/plain; charset=utf-8", body.to_owned())
}

/// A page with a content type.
pub(crate) fn page(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Page {
    let mut page = Response::new(Full::new(body.into()));
    *page.status_mut() = status;
    page.headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    page
}
