//! Receives requests, and limits the resources that clients can use: connections, slow bodies, and
//! many large bodies at once.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits for clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of connections; a further one waits until another ends.
    pub connections: usize,
    /// How long a request's head may take, and how long a connection may be idle.
    pub head_time: Duration,
    /// How long a request's body may take.
    pub body_time: Duration,
    /// The maximum size of a body, in bytes. Lambda accepts packages of 50 MB, which are a third
    /// larger in base64.
    pub body_bytes: usize,
    /// The maximum total size of bodies that are being received or processed, in bytes; the
    /// beginning of each is not counted.
    pub bytes_in_flight: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(60),
            body_bytes: 80 * 1024 * 1024,
            bytes_in_flight: 256 * 1024 * 1024,
        }
    }
}

/// This much of each body is not counted: nearly all requests are smaller, so they are served while
/// others send large ones.
const FREE_BYTES: usize = 16 * 1024;

/// How long to wait for further bytes of a rejected body.
const PAUSE: Duration = Duration::from_millis(250);

/// The unit in which the size of bodies is counted.
const UNIT: usize = 1024;

/// Receives bodies.
#[derive(Debug)]
pub(crate) struct Intake {
    limits: Limits,
    space: Arc<Semaphore>,
}

/// A body, and its share of the limit while it is in use.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    _space: Option<OwnedSemaphorePermit>,
}

/// Why a body was rejected: the status and a message.
pub(crate) type Refusal = (StatusCode, String);

impl Intake {
    pub(crate) fn new(limits: Limits) -> Self {
        let space = Arc::new(Semaphore::new(
            (limits.bytes_in_flight / UNIT).min(Semaphore::MAX_PERMITS),
        ));
        Self { limits, space }
    }

    /// Receives a whole body.
    pub(crate) async fn body(&self, body: Incoming) -> Result<Body, Refusal> {
        let too_slow = || {
            (
                StatusCode::REQUEST_TIMEOUT,
                "the body did not arrive in time".to_owned(),
            )
        };
        tokio::time::timeout(self.limits.body_time, self.collect(body))
            .await
            .unwrap_or_else(|_| Err(too_slow()))
    }

    async fn collect(&self, mut body: Incoming) -> Result<Body, Refusal> {
        let too_large = || {
            (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is larger than {} bytes", self.limits.body_bytes),
            )
        };
        if usize::try_from(body.size_hint().lower())
            .map_or(true, |bytes| bytes > self.limits.body_bytes)
        {
            self.pass_over(&mut body).await;
            return Err(too_large());
        }
        let mut bytes = BytesMut::new();
        let mut space: Option<OwnedSemaphorePermit> = None;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                (
                    StatusCode::BAD_REQUEST,
                    format!("the body cannot be read: {error}"),
                )
            })?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            let length = bytes.len() + data.len();
            if length > self.limits.body_bytes {
                drop((bytes, space));
                self.pass_over(&mut body).await;
                return Err(too_large());
            }
            let held = space.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
            let more = length
                .saturating_sub(FREE_BYTES)
                .div_ceil(UNIT)
                .saturating_sub(held);
            if let Some(more) = u32::try_from(more).ok().filter(|more| *more > 0) {
                let full = |_| {
                    (
                        StatusCode::SERVICE_UNAVAILABLE,
                        "too many large bodies are being sent at once; try again".to_owned(),
                    )
                };
                let more = Arc::clone(&self.space)
                    .try_acquire_many_owned(more)
                    .map_err(full)?;
                match &mut space {
                    Some(space) => space.merge(more),
                    None => space = Some(more),
                }
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Body {
            bytes: bytes.freeze(),
            _space: space,
        })
    }

    /// Reads and discards further data, because most clients read the response only after they have
    /// sent everything; at most as much again as the maximum size.
    async fn pass_over(&self, body: &mut Incoming) {
        let mut passed = 0;
        while passed <= self.limits.body_bytes {
            let Ok(Some(Ok(frame))) = tokio::time::timeout(PAUSE, body.frame()).await else {
                return;
            };
            passed += frame.data_ref().map_or(0, Bytes::len);
        }
    }
}
