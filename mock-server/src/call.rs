//! One call as a service's handler sees it: the caller, the Region and the input; and what a
//! handler returns.

use serde_json::{Map, Value};

pub use crate::caller::{Caller, Session};
pub use crate::error::AwsError;
use crate::world::World;

/// The input of an operation, keyed by the service model's member names. It is validated against
/// the model before a handler sees it.
///
/// Blobs are base64 strings, timestamps are epoch seconds, everything else is plain JSON.
pub type Input = Map<String, Value>;

/// What a handler returns: the output keyed by the model's member names (same conventions as
/// [`Input`]), or an AWS error.
///
/// Members that are `null` are left out of the response; members that the output shape does not
/// have are a defect and fail tests.
pub type Answer = Result<Value, AwsError>;

/// A handler of one operation.
pub type Handler = fn(&Call<'_>, &Input) -> Answer;

/// One authenticated call.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// All state.
    pub world: &'a World,
    /// Who signed the call.
    pub caller: &'a Caller,
    /// The Region of the SigV4 scope.
    pub region: &'a str,
    /// The operation's name as in the model.
    pub operation: &'a str,
    /// The request id that the response will carry.
    pub request_id: &'a str,
    /// `http://host:port` under which the client reached the mock.
    pub base_url: &'a str,
    /// When the call arrived, in seconds since the epoch.
    pub now: f64,
    /// Whether all applicable policies have allowed the call, so that a handler need not check
    /// them.
    pub allowed: bool,
}

impl Call<'_> {
    /// The account that the call acts on: the caller's, or that of a resource whose policy allows
    /// the caller.
    pub fn account(&self) -> &str {
        &self.caller.account
    }

    /// The partition that the Region lies in (`aws`, `aws-cn`, `aws-us-gov`, …).
    pub fn partition(&self) -> &'static str {
        lambdasweep_model::partition_of(self.region)
    }
}
