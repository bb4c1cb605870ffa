//! Makes calls for one account and Region: each attempt waits its turn, is counted, and is tried again where that makes sense.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambdasweep_model::Outcome;

use crate::error::{Again, CallError, Failure, classify};
use crate::operation::Operation;
use crate::pacer::Pacer;

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Makes calls on behalf of one reading (a fact of a unit or of a function), and counts the attempts that it took.
#[derive(Debug)]
pub struct Caller {
    pacer: Arc<Pacer>,
    account: Arc<str>,
    region: Arc<str>,
    attempts: AtomicU32,
}

impl Caller {
    /// A caller for an account; `region` is empty for global services.
    pub fn new(pacer: &Arc<Pacer>, account: &str, region: &str) -> Self {
        Self { pacer: Arc::clone(pacer), account: account.into(), region: region.into(), attempts: AtomicU32::new(0) }
    }

    /// A caller for the same account and Region that counts its own attempts.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self {
            pacer: Arc::clone(&self.pacer),
            account: Arc::clone(&self.account),
            region: Arc::clone(&self.region),
            attempts: AtomicU32::new(0),
        }
    }

    /// How many attempts this caller's calls took so far.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Makes a call: `send` is called once for each attempt.
    ///
    /// # Errors
    /// Where the call is refused, where the resource is not there, or where the attempts ran out.
    pub async fn call<T, E, F, Fut>(&self, operation: &Operation, send: F) -> Result<T, CallError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let lane = self.pacer.lane(&self.account, &self.region, operation.bucket);
        let (mut attempt, mut faults) = (0, 0);
        loop {
            attempt += 1;
            if lane.enter().await.is_err() {
                let failure = Failure {
                    outcome: Outcome::Throttled,
                    code: Some("ThrottledForGood".to_owned()),
                    message: "not tried: AWS has been throttling every such call in this account and Region".to_owned(),
                    again: Again::No,
                };
                return Err(self.error(operation, failure, attempt - 1));
            }
            let result = {
                // Never closed, so never an error.
                let _permit = self.pacer.in_flight.acquire().await;
                self.pacer.count(|stats| &stats.calls);
                self.attempts.fetch_add(1, Ordering::Relaxed);
                send().await
            };
            let error = match result {
                Ok(value) => {
                    lane.answered();
                    return Ok(value);
                }
                Err(error) => error,
            };
            let failure = classify(&error);
            faults += u32::from(failure.again == Again::AfterFault);
            let last = faults >= self.pacer.options.attempts;
            match failure.again {
                Again::AfterThrottle(retry_after) => {
                    self.pacer.count(|stats| &stats.throttles);
                    lane.throttled(retry_after);
                }
                // A resource that is not there is an answer, not a failure of the call.
                _ if failure.outcome == Outcome::NotFound => lane.answered(),
                _ => {
                    self.pacer.count(|stats| &stats.failures);
                    if failure.again == Again::No {
                        lane.answered();
                    }
                }
            }
            let try_again = match failure.again {
                Again::No => false,
                Again::WithNewCredentials => attempt == 1,
                // A throttle says nothing of the call itself: it is tried again as long as the scan has patience.
                Again::AfterThrottle(_) => !lane.stuck(),
                Again::AfterFault => !last,
            };
            if !try_again {
                return Err(self.error(operation, failure, attempt));
            }
            tracing::debug!(account = %self.account, region = %self.region, operation = operation.name, attempt, code = failure.code, "trying again");
            tokio::time::sleep(wait(self.pacer.options.first_wait, attempt)).await;
        }
    }

    fn error(&self, operation: &Operation, failure: Failure, attempts: u32) -> CallError {
        CallError {
            operation: operation.name,
            account: self.account.to_string(),
            region: self.region.to_string(),
            outcome: failure.outcome,
            code: failure.code,
            message: failure.message,
            attempts,
        }
    }
}

/// Exponential, between half of the step and the whole of it, so that calls that failed together do not come back together.
fn wait(first: Duration, attempt: u32) -> Duration {
    let step = first.saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST_WAIT);
    step.mul_f64(0.5 + fastrand::f64() / 2.0)
}
