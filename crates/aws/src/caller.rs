//! Makes calls for one account and Region: each attempt is paced and counted, and retried where
//! that makes sense.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambdasweep_model::Outcome;

use crate::error::{Again, CallError, Failure, classify};
use crate::exchange::Exchange;
use crate::lane::Lane;
use crate::operation::Operation;
use crate::pacer::Pacer;

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How many attempts are made where another one is unlikely to help.
const BRIEFLY: u32 = 3;

/// Makes the calls for one reading (a fact of a unit or of a function) and counts their attempts.
#[derive(Debug)]
pub struct Caller {
    pacer: Arc<Pacer>,
    account: Arc<str>,
    region: Arc<str>,
    /// The ARN of the function that the calls are about; empty if they are not about a function.
    function: Arc<str>,
    attempts: AtomicU32,
}

impl Caller {
    /// A caller for an account; `region` is empty for global services.
    pub fn new(pacer: &Arc<Pacer>, account: &str, region: &str) -> Self {
        Self {
            pacer: Arc::clone(pacer),
            account: account.into(),
            region: region.into(),
            function: "".into(),
            attempts: AtomicU32::new(0),
        }
    }

    /// The same caller for calls about one function, given by its ARN: a response about another
    /// function is rejected.
    #[must_use]
    pub fn about(mut self, function_arn: &str) -> Self {
        self.function = function_arn.into();
        self
    }

    /// A caller for the same account and Region that counts its own attempts.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self {
            pacer: Arc::clone(&self.pacer),
            account: Arc::clone(&self.account),
            region: Arc::clone(&self.region),
            function: Arc::clone(&self.function),
            attempts: AtomicU32::new(0),
        }
    }

    /// How many attempts this caller's calls have taken so far.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// How many attempts a call gets if the network or the service fails.
    pub(crate) fn attempts_allowed(&self) -> u32 {
        self.pacer.options.attempts
    }

    /// Waits before another attempt.
    pub(crate) async fn pause(&self, attempt: u32) {
        tokio::time::sleep(wait(self.pacer.options.first_wait, attempt)).await;
    }

    /// Makes a call; `send` is called once per attempt.
    ///
    /// # Errors
    /// If the call is denied, the resource does not exist, or all attempts failed.
    pub async fn call<T, E, F, Fut>(&self, operation: &Operation, send: F) -> Result<T, CallError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let options = &self.pacer.options;
        let lane = self
            .pacer
            .lane(&self.account, &self.region, operation.quota);
        let (mut attempt, mut faults) = (0, 0);
        let mut ends = None;
        loop {
            attempt += 1;
            if lane.enter(operation.name).await.is_err() {
                return Err(self.error(operation.name, Failure::throttled(), attempt - 1));
            }
            let (exchange, result) = self
                .attempt(operation, faults + 1 < options.attempts, &send)
                .await;
            let ends = *ends.get_or_insert_with(|| Instant::now() + options.call_timeout());
            let failure = match result {
                Ok(value) => {
                    lane.answered(operation.name);
                    if let Some((credentials, _)) = exchange.credentials() {
                        credentials.accepted();
                    }
                    tracing::debug!(account = %self.account, region = %self.region, operation = operation.name, attempt, "answered");
                    return Ok(value);
                }
                Err(failure) => failure,
            };
            faults += u32::from(!matches!(failure.again, Again::AfterThrottle(_)));
            self.note(&lane, operation, &failure);
            let try_again = match failure.again {
                Again::No => false,
                // A throttle says nothing about the call itself: it is retried until the scan's
                // limit for throttling is reached.
                Again::AfterThrottle(_) => !lane.stuck(operation.name),
                Again::AfterFault => faults < options.attempts,
                Again::WithNewSignature => faults < options.attempts.min(BRIEFLY),
                Again::WithNewCredentials if renew(&exchange).await => faults < options.attempts,
                Again::WithNewCredentials => faults < options.attempts.min(BRIEFLY),
            };
            if !try_again || Instant::now() >= ends {
                return Err(self.error(operation.name, failure, attempt));
            }
            tracing::debug!(account = %self.account, region = %self.region, operation = operation.name, attempt, code = failure.code, "retrying");
            self.pause(attempt).await;
        }
    }

    /// Records what a failed attempt means for the lane and the statistics.
    fn note(&self, lane: &Lane, operation: &Operation, failure: &Failure) {
        if let Again::AfterThrottle(retry_after) = failure.again {
            self.pacer.count(|stats| &stats.throttles);
            lane.throttled(
                operation.name,
                retry_after.map(|wait| wait.min(self.pacer.options.patience)),
            );
            return;
        }
        // "The resource does not exist" is a valid response, not a failure of the call.
        if failure.outcome != Outcome::NotFound {
            self.pacer.count(|stats| &stats.failures);
        }
        if failure.again == Again::No {
            lane.answered(operation.name);
        }
    }

    /// Makes one attempt; `strict` if a further attempt may bring a response in which all items are
    /// identified.
    async fn attempt<T, E, F, Fut>(
        &self,
        operation: &Operation,
        strict: bool,
        send: F,
    ) -> (Arc<Exchange>, Result<T, Failure>)
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        // The semaphore is never closed, so this never fails. A call that obtains the credentials
        // of another call uses that call's permit, which may be the last one.
        let _permit = if Exchange::is_under_way() {
            None
        } else {
            self.pacer.in_flight.acquire().await.ok()
        };
        self.pacer.count(|stats| &stats.calls);
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let exchange = Exchange::new(
            operation,
            [&self.account, &self.region, &self.function],
            strict,
        );
        let limit = self.pacer.options.attempt_timeout;
        let result = match tokio::time::timeout(limit, exchange.run(send())).await {
            Ok(Ok(value)) if exchange.checked() => Ok(value),
            Ok(Ok(_)) => Err(Failure::own(
                "MalformedAnswer",
                "the response was not checked",
                Again::No,
            )),
            Ok(Err(error)) => Err(classify(operation, &error)),
            Err(_) => {
                let message = format!(
                    "no complete response arrived within {} seconds",
                    limit.as_secs_f64()
                );
                Err(Failure::own("TimedOut", &message, Again::AfterFault))
            }
        };
        (exchange, result)
    }

    /// The error for a response that AWS does not send: something is missing in it, or something
    /// between the caller and AWS changed it.
    pub fn incomplete(&self, operation: &Operation, what: &str) -> CallError {
        self.error(
            operation.name,
            Failure::own("IncompleteAnswer", what, Again::No),
            1,
        )
    }

    /// How long reading one fact may take.
    pub fn task_limit(&self) -> Duration {
        self.pacer.options.task_limit()
    }

    /// The error for a reading that took longer than `limit`; `operation` is what it begins with.
    pub fn overdue(&self, operation: Option<&Operation>, limit: Duration) -> CallError {
        let message = format!("it was not read within {} seconds", limit.as_secs_f64());
        let begins = operation.map_or("a reading without a call", |it| it.name);
        self.error(begins, Failure::own("TimedOut", &message, Again::No), 1)
    }

    fn error(&self, operation: &'static str, failure: Failure, attempts: u32) -> CallError {
        CallError {
            operation,
            account: self.account.to_string(),
            region: self.region.to_string(),
            outcome: failure.outcome,
            code: failure.code,
            message: failure.message,
            attempts,
        }
    }
}

/// Renews the credentials that an attempt was signed with after a service rejected them as expired.
/// Returns whether further attempts make sense.
async fn renew(exchange: &Exchange) -> bool {
    match exchange.credentials() {
        Some((credentials, generation)) => credentials.refused(generation).await,
        None => false,
    }
}

/// Exponential backoff, randomised between half of the step and the whole of it, so that calls that
/// failed together are not retried together.
fn wait(first: Duration, attempt: u32) -> Duration {
    let step = first
        .saturating_mul(1 << (attempt - 1).min(16))
        .min(LONGEST_WAIT);
    step.mul_f64(0.5 + fastrand::f64() / 2.0)
}
