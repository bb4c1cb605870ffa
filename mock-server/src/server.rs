//! The mock over HTTP: a listener, its own pages, and a handle for tests in the same process.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming as HyperBody;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::clock::now;
use crate::dispatch::{Dispatcher, Incoming};
use crate::faults::Fault;
use crate::intake::{Intake, Limits};
use crate::ledger::LedgerEntry;
use crate::localstack::{self, Cors};
use crate::page::{Page, json_page, page};
use crate::service;
use crate::services::lambda::invocations::Invocations;
use crate::services::lambda::packages::{self, Packages};
use crate::store::{Planted, Seed};
use crate::wire::{RawRequest, RawResponse};

/// The configuration of a mock.
#[derive(Debug)]
pub struct Options {
    /// The initial state of the world.
    pub seed: Box<dyn Seed>,
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Whether AWS's quotas are enforced.
    pub quotas: bool,
    /// The minimum and maximum delay of each response.
    pub latency: Option<(Duration, Duration)>,
    /// Calls that fail.
    pub faults: Vec<Fault>,
    /// Whether calls need the permissions that AWS requires: by identity-based, session and
    /// resource-based policies, boundaries and control policies.
    pub enforce_iam: bool,
    /// Limits for clients.
    pub limits: Limits,
    /// Whether every response is checked against the output's shape; one that does not match
    /// becomes a 500 that says what is wrong.
    pub check_answers: bool,
    /// Origins whose pages may call the mock from a browser, in addition to those that LocalStack
    /// allows; `*` for all.
    pub cors_origins: Vec<String>,
    /// How long it takes until a function that was created or updated is ready; with zero it is
    /// ready at the next call.
    pub transition: Duration,
}

impl Options {
    /// A mock on a free port of the loopback interface, without quotas, delays, faults and
    /// enforcement, that checks its own responses.
    pub fn new(seed: Box<dyn Seed>) -> Self {
        Self {
            seed,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            quotas: false,
            latency: None,
            faults: Vec::new(),
            enforce_iam: false,
            limits: Limits::default(),
            check_answers: true,
            cors_origins: Vec::new(),
            transition: Duration::ZERO,
        }
    }
}

/// A running mock. It stops when it is dropped.
#[derive(Debug)]
pub struct MockServer {
    address: SocketAddr,
    dispatcher: Arc<Dispatcher>,
    task: JoinHandle<()>,
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl MockServer {
    /// Starts a mock.
    ///
    /// # Errors
    /// If the mock cannot listen on the address.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let world = service::world(options.seed).with_transition(options.transition);
        let dispatcher = Dispatcher::new(world, options.quotas, options.faults, options.latency);
        let dispatcher = Arc::new(dispatcher.check_answers(options.check_answers));
        dispatcher.enforcement.switch(options.enforce_iam);
        let site = Arc::new(Site {
            address,
            cors: Cors::new(address.port(), options.cors_origins),
            intake: Intake::new(options.limits.clone()),
        });
        let task = tokio::spawn(serve(
            listener,
            site,
            Arc::clone(&dispatcher),
            options.limits,
        ));
        Ok(Self {
            address,
            dispatcher,
            task,
        })
    }

    /// The URL for clients.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a client asks the mock to stop (`POST /_localstack/health` with the action
    /// `kill`).
    pub async fn ended(&self) {
        self.dispatcher.ended().await;
    }

    /// The calls so far.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.dispatcher.ledger.entries()
    }

    /// The misconfigurations that the seed planted, as of a date (`YYYY-MM-DD`).
    pub fn truth(&self, as_of: &str) -> Vec<Planted> {
        self.dispatcher.world.seed().truth(as_of)
    }

    /// Switches the enforcement of IAM on or off.
    pub fn enforce_iam(&self, on: bool) {
        self.dispatcher.enforcement.switch(on);
    }

    /// Makes calls fail from now on.
    pub fn add_fault(&self, fault: Fault) {
        self.dispatcher
            .faults
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(fault);
    }
}

/// Accepts connections, as many at once as the limits allow.
async fn serve(
    listener: TcpListener,
    site: Arc<Site>,
    dispatcher: Arc<Dispatcher>,
    limits: Limits,
) {
    let free = Arc::new(Semaphore::new(
        limits.connections.clamp(1, Semaphore::MAX_PERMITS),
    ));
    let head_time = limits.head_time;
    // The semaphore is never closed, so this continues until the task is stopped.
    while let Ok(place) = Arc::clone(&free).acquire_owned().await {
        let Ok((stream, peer)) = listener.accept().await else {
            // Most likely there are no free file descriptors; connections that end release some.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (dispatcher, site) = (Arc::clone(&dispatcher), Arc::clone(&site));
        tokio::spawn(async move {
            let _place = place;
            let service = service_fn(|request| respond(&dispatcher, &site, peer.ip(), request));
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(head_time)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if let Err(error) = served {
                tracing::debug!("a connection ended: {error}");
            }
        });
    }
}

/// State that all requests share, apart from the services.
#[derive(Debug)]
struct Site {
    address: SocketAddr,
    cors: Cors,
    intake: Intake,
}

async fn respond(
    dispatcher: &Dispatcher,
    site: &Site,
    peer: IpAddr,
    request: Request<HyperBody>,
) -> Result<Page, Infallible> {
    let (head, body) = request.into_parts();
    if let Some(response) = site.cors.stop(&head.method, &head.headers) {
        return Ok(response);
    }
    let mut answered = match site.intake.body(body).await {
        Ok(body) => answer(dispatcher, site, peer, &head, &body.bytes).await,
        Err((status, problem)) => {
            let raw = raw(&head, &[]);
            let told = (status == StatusCode::PAYLOAD_TOO_LARGE)
                .then(|| dispatcher.too_large(&raw))
                .flatten();
            told.map_or_else(|| json_page(status, &json!({"message": problem})), response)
        }
    };
    Cors::enrich(&head.headers, answered.headers_mut());
    Ok(answered)
}

/// Handles a request with a complete body: one of the mock's own pages, or a call.
async fn answer(
    dispatcher: &Dispatcher,
    site: &Site,
    peer: IpAddr,
    head: &http::request::Parts,
    body: &Bytes,
) -> Page {
    let path = head.uri.path();
    if path.starts_with("/_localstack/") || path.starts_with("/_mock/") {
        let of_localstack = localstack::page(dispatcher, &head.method, path, body);
        return of_localstack
            .unwrap_or_else(|| own_page(dispatcher, head.method.as_str(), path, body, peer));
    }
    if is_glance(head) {
        return Response::new(Full::default());
    }
    if let Some(wait) = dispatcher.wait() {
        tokio::time::sleep(wait).await;
    }
    let host = head
        .headers
        .get(http::header::HOST)
        .and_then(|it| it.to_str().ok());
    let base_url = format!(
        "http://{}",
        host.map_or_else(|| site.address.to_string(), str::to_owned)
    );
    response(dispatcher.answer(&Incoming {
        raw: raw(head, body),
        base_url: &base_url,
        address: peer,
    }))
}

fn raw<'a>(head: &'a http::request::Parts, body: &'a [u8]) -> RawRequest<'a> {
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    RawRequest {
        method: head.method.as_str(),
        path,
        query,
        headers: &head.headers,
        body,
    }
}

fn response(answer: RawResponse) -> Page {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().extend(answer.headers);
    response
}

/// Whether a request only checks that the mock is running: an unsigned request for the root page
/// without a query.
fn is_glance(head: &http::request::Parts) -> bool {
    let looks = head.method == http::Method::GET || head.method == http::Method::HEAD;
    looks
        && head.uri.path() == "/"
        && head.uri.query().is_none()
        && !head.headers.contains_key(http::header::AUTHORIZATION)
}

/// The mock's own pages.
fn own_page(dispatcher: &Dispatcher, method: &str, path: &str, body: &[u8], peer: IpAddr) -> Page {
    match (method, path) {
        ("GET", "/_mock/ledger") => json_page(StatusCode::OK, &json!(dispatcher.ledger.entries())),
        ("DELETE", "/_mock/ledger") => {
            dispatcher.ledger.reset();
            json_page(StatusCode::OK, &json!({}))
        }
        ("GET", "/_mock/state") => json_page(
            StatusCode::OK,
            &json!({"fingerprint": dispatcher.world.fingerprint()}),
        ),
        ("GET", "/_mock/operations") => json_page(StatusCode::OK, &implemented()),
        ("GET", "/_mock/truth") => json_page(
            StatusCode::OK,
            &json!(dispatcher.world.seed().truth("2026-11-24")),
        ),
        ("POST", "/_mock/faults") => {
            match std::str::from_utf8(body).map(|text| text.trim().parse::<Fault>()) {
                Ok(Ok(fault)) => {
                    dispatcher
                        .faults
                        .write()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push(fault);
                    json_page(StatusCode::OK, &json!({}))
                }
                Ok(Err(error)) => json_page(
                    StatusCode::BAD_REQUEST,
                    &json!({"message": error.to_string()}),
                ),
                Err(_) => json_page(
                    StatusCode::BAD_REQUEST,
                    &json!({"message": "a fault is text"}),
                ),
            }
        }
        ("DELETE", "/_mock/faults") => {
            dispatcher
                .faults
                .write()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .clear();
            json_page(StatusCode::OK, &json!({}))
        }
        ("POST", "/_mock/invocations") => told(dispatcher.world.part::<Invocations>().set(body)),
        ("DELETE", "/_mock/invocations") => {
            dispatcher.world.part::<Invocations>().clear();
            json_page(StatusCode::OK, &json!({}))
        }
        ("GET" | "HEAD", path) if path.starts_with(packages::PATH) => package(dispatcher, path),
        ("POST", "/_mock/authorize") => told(dispatcher.enforcement.authorize(
            &dispatcher.world,
            body,
            peer,
            now(),
        )),
        ("POST", "/_mock/credentials") => told(dispatcher.credentials(body)),
        ("GET", "/_mock/enforce-iam") => enforcement_page(dispatcher),
        ("POST", "/_mock/enforce-iam") => match body.trim_ascii() {
            b"on" => {
                dispatcher.enforcement.switch(true);
                enforcement_page(dispatcher)
            }
            b"off" => {
                dispatcher.enforcement.switch(false);
                enforcement_page(dispatcher)
            }
            _ => json_page(
                StatusCode::BAD_REQUEST,
                &json!({"message": "send `on` or `off`"}),
            ),
        },
        _ => json_page(
            StatusCode::NOT_FOUND,
            &json!({"message": "the page does not exist; see README.md"}),
        ),
    }
}

/// The package with this URL in a function or a layer.
fn package(dispatcher: &Dispatcher, path: &str) -> Page {
    let Some(package) = path
        .strip_prefix(packages::PATH)
        .and_then(|rest| dispatcher.world.part::<Packages>().at(rest))
    else {
        let message = "this package is not stored: it belongs to a seed or is in a bucket, it was uploaded too long ago, or the mock was reset since";
        return json_page(StatusCode::NOT_FOUND, &json!({"message": message}));
    };
    page(StatusCode::OK, "application/zip", package)
}

/// The operations that have a handler, by service.
fn implemented() -> serde_json::Value {
    let of_service = |service: &crate::spec::Registered| {
        let mut operations: Vec<&String> = service
            .model()
            .operations
            .keys()
            .filter(|operation| (service.spec.handler)(operation).is_some())
            .collect();
        operations.sort();
        (service.name.to_owned(), json!(operations))
    };
    serde_json::Value::Object(service::all().map(of_service).collect())
}

/// A result, or the message that says why there is none.
fn told(answer: Result<serde_json::Value, String>) -> Page {
    match answer {
        Ok(answer) => json_page(StatusCode::OK, &answer),
        Err(problem) => json_page(StatusCode::BAD_REQUEST, &json!({"message": problem})),
    }
}

fn enforcement_page(dispatcher: &Dispatcher) -> Page {
    json_page(
        StatusCode::OK,
        &json!({"enforce_iam": dispatcher.enforcement.is_on()}),
    )
}
