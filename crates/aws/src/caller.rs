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
                    tracing::debug!(account = %self.account, region = %self.region, operation = operation.name, attempt, "answered");
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

    /// Takes what an answer lists, and moves `token` on to the next page: to nothing after the last one.
    ///
    /// # Errors
    /// Where the answer lacks the list, which AWS sends even where it is empty, or leads back to the page that it is: what was listed is not all.
    pub fn page<T>(
        &self,
        operation: &Operation,
        listed: Option<Vec<T>>,
        token: &mut Option<String>,
        next: Option<String>,
    ) -> Result<Vec<T>, CallError> {
        let listed = listed.ok_or_else(|| self.incomplete(operation, "the answer lacks its list"))?;
        if next.is_some() && next == *token {
            return Err(self.incomplete(operation, "the answer leads back to its own page"));
        }
        *token = next;
        Ok(listed)
    }

    /// The error for an answer that AWS does not give: something is missing in it, or between the caller and AWS.
    pub fn incomplete(&self, operation: &Operation, what: &str) -> CallError {
        let (code, message) = (Some("IncompleteAnswer".to_owned()), what.to_owned());
        self.error(operation, Failure { outcome: Outcome::Failed, code, message, again: Again::No }, 1)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lambdasweep_model::Outcome;

    use super::Caller;
    use crate::operation::{Bucket, Operation};
    use crate::pacer::{Pacer, PacerOptions};

    /// An endless list, or one that ends too early, must not pass for a whole one.
    #[test]
    fn pages_are_followed_to_the_last_and_no_further() {
        const LIST: Operation = Operation::new("lambda:ListFunctions", Bucket::LambdaRemainder);
        let caller = Caller::new(&Arc::new(Pacer::new(PacerOptions::default())), "111122223333", "eu-west-1");
        let mut token = None;
        let mut page = |listed: Option<Vec<u8>>, next: Option<&str>| {
            caller.page(&LIST, listed, &mut token, next.map(str::to_owned)).map_err(|error| (error.outcome, error.code))
        };
        let incomplete = Err((Outcome::Failed, Some("IncompleteAnswer".to_owned())));
        assert_eq!(page(Some(vec![1]), Some("a")), Ok(vec![1]));
        assert_eq!(page(Some(vec![2]), Some("a")), incomplete);
        assert_eq!(page(Some(vec![]), Some("b")), Ok(vec![]));
        assert_eq!(page(None, Some("c")), incomplete);
        assert_eq!(page(Some(vec![3]), None), Ok(vec![3]));
    }
}
