//! Who signed a call.

use std::collections::{BTreeMap, BTreeSet};

/// Who signed a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// The caller's ARN: a root user, an IAM user or an assumed-role session.
    pub arn: String,
    /// The unique id as `sts:GetCallerIdentity` returns it (`AROA…:session` for a role session, the
    /// account for root).
    pub user_id: String,
    /// Set for temporary credentials.
    pub session: Option<Session>,
}

/// A session that STS or a service started.
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
    /// The keys of the transitive tags, which are passed on to sessions that this one starts, in
    /// lower case.
    pub transitive_tags: BTreeSet<String>,
    /// The source identity, if one was passed.
    pub source_identity: Option<String>,
    /// The function whose code has the credentials, by its ARN.
    pub function_arn: Option<String>,
    /// Whether MFA could have been used to start it; identity providers and services cannot use
    /// MFA.
    pub knows_mfa: bool,
    /// The session token that calls with the session's access key must have; `None` for a session
    /// whose credentials were never handed out.
    pub token: Option<String>,
    /// When the credentials were issued, in seconds since the epoch.
    pub issued: f64,
    /// When the credentials expire, in seconds since the epoch.
    pub expires: f64,
}
