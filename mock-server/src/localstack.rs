//! What clients of LocalStack expect in addition to AWS: pages below `/_localstack/`, and CORS.
//!
//! Source: localstack/localstack, `services/internal.py`, `runtime/init.py` and
//! `aws/handlers/cors.py`.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Map, Value, json};

use crate::dispatch::Dispatcher;
use crate::page::{Page, json_page, text_page};
use crate::service;

/// Stages of LocalStack's startup, and whether they are completed once the mock answers.
const STAGES: [(&str, bool); 4] = [
    ("BOOT", true),
    ("START", true),
    ("READY", true),
    ("SHUTDOWN", false),
];

/// A page below `/_localstack/`; `None` if it does not exist.
pub(crate) fn page(
    dispatcher: &Dispatcher,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Option<Page> {
    let page = path.strip_prefix("/_localstack/")?;
    Some(match (method.as_str(), page) {
        ("GET", "health") => json_page(StatusCode::OK, &health(dispatcher)),
        ("HEAD", "health") => text_page(StatusCode::OK, ""),
        ("POST", "health") => act(dispatcher, body),
        ("PUT", "health") => {
            if let Ok(Value::Object(given)) = serde_json::from_slice(body) {
                dispatcher.put_health(given);
            }
            json_page(StatusCode::OK, &json!({"status": "OK"}))
        }
        ("GET", "info") => {
            let version = env!("CARGO_PKG_VERSION");
            json_page(
                StatusCode::OK,
                &json!({"version": version, "edition": "lambdasweep-mock", "is_license_activated": false}),
            )
        }
        ("GET", "init") => {
            let completed: Map<String, Value> = STAGES
                .into_iter()
                .map(|(stage, over)| (stage.to_owned(), json!(over)))
                .collect();
            json_page(
                StatusCode::OK,
                &json!({"completed": completed, "scripts": []}),
            )
        }
        ("POST", "state/reset") => {
            dispatcher.reset();
            json_page(StatusCode::OK, &json!({}))
        }
        ("GET", page) => stage(page.strip_prefix("init/")?),
        _ => return None,
    })
}

fn health(dispatcher: &Dispatcher) -> Value {
    let services: Map<String, Value> = service::all()
        .map(|service| (service.name.to_owned(), json!("running")))
        .collect();
    let mut health = dispatcher.health();
    merge(
        health.entry("services").or_insert_with(|| json!({})),
        Value::Object(services),
    );
    health.insert("edition".to_owned(), json!("lambdasweep-mock"));
    health.insert("version".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    Value::Object(health)
}

/// Puts the members of one object into another.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => into.extend(from),
        (into, from) => *into = from,
    }
}

/// `POST health` restarts or stops LocalStack. Here a restart returns to the seed, which has the
/// same effect.
fn act(dispatcher: &Dispatcher, body: &[u8]) -> Page {
    let Ok(asked @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
        return text_page(StatusCode::BAD_REQUEST, "invalid request");
    };
    match asked["action"].as_str() {
        Some("restart") => dispatcher.reset(),
        Some("kill") => dispatcher.end(),
        _ => {}
    }
    text_page(StatusCode::OK, "ok")
}

fn stage(name: &str) -> Page {
    match STAGES
        .iter()
        .find(|(stage, _)| stage.eq_ignore_ascii_case(name))
    {
        Some((_, over)) => json_page(StatusCode::OK, &json!({"completed": over, "scripts": []})),
        None => text_page(
            StatusCode::NOT_FOUND,
            &format!("no such stage {}", lambdasweep_model::printable(name)),
        ),
    }
}

const METHODS: &str = "HEAD,GET,PUT,POST,DELETE,OPTIONS,PATCH";
const REQUEST_HEADERS: &str = "authorization,cache-control,content-length,content-md5,content-type,etag,location,x-amz-acl,x-amz-content-sha256,x-amz-date,x-amz-request-id,x-amz-security-token,x-amz-tagging,x-amz-target,x-amz-user-agent,x-amz-version-id,x-amzn-requestid,x-localstack-target,amz-sdk-invocation-id,amz-sdk-request,x-amz-log-type";
const RESPONSE_HEADERS: &str =
    "etag,x-amz-version-id,x-amz-log-result,x-amz-executed-version,x-amz-function-error";

/// The port under which a container is usually reached, regardless of the port inside it.
const USUAL_PORT: u16 = 4566;

/// The origins whose pages may call the mock from a browser (CORS).
#[derive(Debug)]
pub(crate) struct Cors {
    port: u16,
    /// Origins in addition to LocalStack's own; `*` stands for all.
    more: Vec<String>,
}

impl Cors {
    pub(crate) fn new(port: u16, more: Vec<String>) -> Self {
        Self { port, more }
    }

    /// The response to a request that is not processed further: one from a page of a disallowed
    /// origin, or a browser's preflight request.
    pub(crate) fn stop(&self, method: &Method, headers: &HeaderMap) -> Option<Page> {
        let status = match self.allows(headers) {
            false => StatusCode::FORBIDDEN,
            true if method == Method::OPTIONS => StatusCode::NO_CONTENT,
            true => return None,
        };
        let mut response = Response::new(Full::default());
        *response.status_mut() = status;
        if status == StatusCode::NO_CONTENT {
            Self::enrich(headers, response.headers_mut());
        }
        Some(response)
    }

    /// Command line tools and SDKs send neither of the two headers.
    fn allows(&self, headers: &HeaderMap) -> bool {
        let text = |name: HeaderName| {
            headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let origin = text(header::ORIGIN).filter(|origin| !origin.is_empty());
        let of_referer = || {
            let referer = text(header::REFERER)?;
            let (scheme, rest) = referer.split_once("://")?;
            Some(format!(
                "{scheme}://{}",
                rest.split('/').next().unwrap_or_default()
            ))
        };
        origin
            .or_else(of_referer)
            .is_none_or(|origin| self.knows(&origin))
    }

    fn knows(&self, origin: &str) -> bool {
        const FIXED: [&str; 5] = [
            "https://app.localstack.cloud",
            "http://app.localstack.cloud",
            "https://localhost",
            "https://localhost.localstack.cloud",
            "file://",
        ];
        let local = || {
            let rest = origin
                .strip_prefix("http://")
                .or_else(|| origin.strip_prefix("https://"))?;
            let (host, port) = rest.rsplit_once(':')?;
            let port = port.parse::<u16>().ok()?;
            Some(
                matches!(host, "localhost" | "localhost.localstack.cloud")
                    && [self.port, USUAL_PORT].contains(&port),
            )
        };
        FIXED.contains(&origin)
            || self.more.iter().any(|more| more == "*" || more == origin)
            || local().unwrap_or(false)
    }

    /// Adds the headers that allow a page of the request's origin to read a response.
    pub(crate) fn enrich(request: &HeaderMap, response: &mut HeaderMap) {
        let Some(origin) = request.get(header::ORIGIN) else {
            return;
        };
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        response.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(METHODS),
        );
        response.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(REQUEST_HEADERS),
        );
        response.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(RESPONSE_HEADERS),
        );
        if request
            .get("access-control-request-private-network")
            .is_some_and(|it| it == "true")
        {
            response.insert(
                HeaderName::from_static("access-control-allow-private-network"),
                HeaderValue::from_static("true"),
            );
        }
        response.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
}
