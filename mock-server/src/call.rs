//! One call as a service's handler sees it: who calls, where, and with which input; and what a
//! handler answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

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

/// Who signed a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// The caller's ARN: a root user, an IAM user or an assumed-role session.
    pub arn: String,
    /// The unique id as `sts:GetCallerIdentity` gives it (`AROA…:session` for a role session, the
    /// account for root).
    pub user_id: String,
    /// Set for temporary credentials.
    pub session: Option<Session>,
}

/// A session that STS or a service began.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    /// ARN of the role (not of the session).
    pub role_arn: String,
    /// The session's name.
    pub session_name: String,
    /// The inline session policy, if one was passed.
    pub policy: Option<String>,
    /// ARNs of the managed policies that were passed as session policies.
    pub policy_arns: Vec<String>,
    /// The tags that were passed.
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that go on into sessions that this one begins, in small letters.
    pub transitive_tags: BTreeSet<String>,
    /// The source identity, if one was passed.
    pub source_identity: Option<String>,
    /// The function whose code has the credentials, by its ARN.
    pub function_arn: Option<String>,
    /// Whether it could have been begun with MFA, which no identity provider and no service can.
    pub knows_mfa: bool,
    /// The token that calls with the session's access key have to bring; a session that was never
    /// handed out has none.
    pub token: Option<String>,
    /// When the credentials were issued, in seconds since the epoch.
    pub issued: f64,
    /// When the credentials expire, in seconds since the epoch.
    pub expires: f64,
}

/// An error as AWS shapes it. The engine finds status and wire form from the service model where
/// the model knows the code.
#[derive(Debug, Clone, PartialEq)]
pub struct AwsError {
    /// The error's shape name, as in the model (`ResourceNotFoundException`).
    pub code: String,
    /// The message that a person reads.
    pub message: String,
    /// The HTTP status, where the model does not define it.
    pub status: Option<u16>,
    /// Further members of the error's shape.
    pub members: Box<Map<String, Value>>,
}

impl AwsError {
    /// An error with a code and a message; the status comes from the model, else 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: None,
            members: Box::default(),
        }
    }

    /// The error of a service or an operation that the mock does not have: the same code in every
    /// protocol, with status 501.
    pub(crate) fn not_implemented(service: &str, operation: &str) -> Self {
        let (service, operation) = (
            lambdasweep_model::printable(service),
            lambdasweep_model::printable(operation),
        );
        Self::new(
            "InternalFailure",
            format!("{service}:{operation} is not implemented"),
        )
        .status(501)
    }

    /// Sets the HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a member of the error's shape.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }
}
