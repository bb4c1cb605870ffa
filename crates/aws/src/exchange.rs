//! Receives responses: limits their size, and checks those that belong to a call before the SDK
//! reads them.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body::Body;

use crate::answer::{AnswerError, RequestNames, check};
use crate::credentials::Kept;
use crate::operation::Operation;

/// The maximum size of a response that does not belong to a call of the scan, such as that of a
/// credentials provider.
const LARGEST_OTHER: usize = 1 << 20;
/// The maximum size of an error response; those of AWS have some hundred bytes.
const LARGEST_ERROR: usize = 256 << 10;

tokio::task_local! {
    static EXCHANGE: Arc<Exchange>;
}

/// One attempt of a call: what was requested, and what is recorded about the response beside the
/// SDK's result.
#[derive(Debug)]
pub(crate) struct Exchange {
    operation: Operation,
    account: Arc<str>,
    region: Arc<str>,
    /// The ARN of the function that the call is about; empty if it is not about a function.
    function: Arc<str>,
    /// Whether items of lists must have what identifies them.
    strict: bool,
    checked: AtomicBool,
    /// The credentials that the attempt was signed with.
    credentials: Mutex<Option<(Kept, u64)>>,
}

impl Exchange {
    /// An attempt of an operation in an account and Region, and about a function if one is given.
    pub(crate) fn new(
        operation: &Operation,
        [account, region, function]: [&Arc<str>; 3],
        strict: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            operation: *operation,
            account: Arc::clone(account),
            region: Arc::clone(region),
            function: Arc::clone(function),
            strict,
            checked: AtomicBool::new(false),
            credentials: Mutex::new(None),
        })
    }

    fn asked(&self) -> RequestNames<'_> {
        RequestNames {
            account: &self.account,
            region: &self.region,
            function: &self.function,
        }
    }

    /// Runs an attempt.
    pub(crate) async fn run<F: Future>(self: &Arc<Self>, attempt: F) -> F::Output {
        EXCHANGE.scope(Arc::clone(self), attempt).await
    }

    /// Whether an attempt is under way in this task, so that further calls are made on its behalf.
    pub(crate) fn is_under_way() -> bool {
        EXCHANGE.try_with(|_| ()).is_ok()
    }

    /// Whether the response was checked; only responses received by the client of [`checking`] are.
    pub(crate) fn checked(&self) -> bool {
        self.checked.load(Ordering::Relaxed)
    }

    /// The credentials that the attempt was signed with, and their generation.
    pub(crate) fn credentials(&self) -> Option<(Kept, u64)> {
        self.credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Records the credentials that the current attempt is signed with.
    pub(crate) fn signed_with(credentials: &Kept, generation: u64) {
        let _ = EXCHANGE.try_with(|exchange| {
            *exchange
                .credentials
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some((credentials.clone(), generation));
        });
    }
}

/// An HTTP client that limits the size of responses, and checks those that belong to a call.
pub(crate) fn checking(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Checking(client))
}

#[derive(Debug)]
struct Checking(SharedHttpClient);

impl HttpClient for Checking {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(CheckingConnector(
            self.0.http_connector(settings, components),
        ))
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.validate_base_client_config(components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

struct CheckingConnector(SharedHttpConnector);

impl fmt::Debug for CheckingConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckingConnector")
    }
}

impl HttpConnector for CheckingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let exchange = EXCHANGE.try_with(Arc::clone).ok();
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { read(answer.await?, exchange.as_deref()).await })
    }
}

/// Reads a response to its end, or to the maximum size, and checks it.
async fn read(
    mut response: HttpResponse,
    exchange: Option<&Exchange>,
) -> Result<HttpResponse, ConnectorError> {
    let status = response.status().as_u16();
    let largest = match exchange {
        _ if status != 200 => LARGEST_ERROR,
        Some(exchange) => exchange.operation.largest,
        None => LARGEST_OTHER,
    };
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let body = collect(body, largest).await?;
    if let Some(exchange) = exchange {
        let header = |name: &'static str| response.headers().get(name).map(str::to_owned);
        check(
            &exchange.operation,
            &exchange.asked(),
            exchange.strict,
            status,
            header,
            &body,
        )
        .map_err(refused)?;
        exchange.checked.store(true, Ordering::Relaxed);
    }
    *response.body_mut() = SdkBody::from(body);
    Ok(response)
}

fn refused(error: AnswerError) -> ConnectorError {
    ConnectorError::other(error.into(), None)
}

/// Reads a body, unless its content length is too large.
async fn collect(body: SdkBody, largest: usize) -> Result<Vec<u8>, ConnectorError> {
    let mut body = pin!(body);
    if body.size_hint().lower() > largest as u64 {
        return Err(refused(AnswerError::TooLarge(largest)));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        // Trailers are ignored.
        let Ok(data) = frame.map_err(ConnectorError::io)?.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > largest {
            return Err(refused(AnswerError::TooLarge(largest)));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}
