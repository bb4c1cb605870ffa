//! One call as a service's handler sees it: who calls, where, and with which input; and what a
//! handler answers.

use serde_json::{Map, Value};

pub use crate::caller::{Caller, Session};
pub use crate::error::AwsError;
use crate::world::World;

/// The input of an operation, keyed by the service model's member names. It is validated against
/// the model before a handler sees it.
///
/// Blobs are base64 strings, timestamps are numbers of epoch seconds, all else is what JSON offers.
pub type Input = Map<String, Value>;

/// What a handler answers: the output keyed by the model's member names (same conventions as
/// [`Input`]), or an AWS error.
///
/// Members that are `null` are left out of the response; members that the output shape does not
/// know are a defect and fail tests.
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
    /// Whether all policies that apply have allowed the call, so that a handler need not look at
    /// them.
    pub allowed: bool,
}

impl Call<'_> {
    /// The account that the call acts on: the caller's, or that of a resource that lets the caller
    /// in.
    pub fn account(&self) -> &str {
        &self.caller.account
    }

    /// The partition that the Region lies in (`aws`, `aws-cn`, `aws-us-gov`, …).
    pub fn partition(&self) -> &'static str {
        lambdasweep_model::partition_of(self.region)
    }
}
