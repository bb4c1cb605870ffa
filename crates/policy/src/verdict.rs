//! What an evaluation answers: the decision, the statements that made it, and the kind of policy
//! that denied.

use std::fmt;

/// The decision on a request.
///
/// ```
/// assert_eq!(lambdasweep_policy::Decision::ImplicitlyDenied.as_str(), "implicitly-denied");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It is allowed.
    Allowed,
    /// Nothing allows it.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
    /// It rests on what is not understood, such as a condition operator that AWS does not know.
    Unknown,
}

impl Decision {
    /// As it stands in output.
    ///
    /// ```
    /// assert_eq!(lambdasweep_policy::Decision::Allowed.as_str(), "allowed");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ImplicitlyDenied => "implicitly-denied",
            Self::ExplicitlyDenied => "explicitly-denied",
            Self::Unknown => "unknown",
        }
    }
}

/// A kind of policy.
///
/// ```
/// assert_eq!(lambdasweep_policy::Layer::Scp.as_str(), "service control policy");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Identity-based policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
    /// The resource-based policy.
    Resource,
    /// Service control policies.
    Scp,
    /// Resource control policies.
    Rcp,
}

impl Layer {
    /// Its word in input and output of programs: `identity`, `boundary`, `session`, `resource`,
    /// `scp`, `rcp`.
    ///
    /// ```
    /// assert_eq!(lambdasweep_policy::Layer::Scp.word(), "scp");
    /// ```
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Resource => "resource",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
        }
    }

    /// As AWS calls it in a message about denied access.
    ///
    /// Source: "Troubleshoot access denied error messages", IAM User Guide.
    ///
    /// ```
    /// assert_eq!(lambdasweep_policy::Layer::Identity.as_str(), "identity-based policy");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource-based policy",
            Self::Scp => "service control policy",
            Self::Rcp => "resource control policy",
        }
    }
}

/// One policy among those of an evaluation.
///
/// ```
/// assert_eq!(lambdasweep_policy::PolicyRef::Scp(1, 0).to_string(), "scp[1][0]");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyRef {
    /// An identity-based policy, by its place.
    Identity(usize),
    /// The permissions boundary.
    Boundary,
    /// A session policy, by its place.
    Session(usize),
    /// The resource-based policy.
    Resource,
    /// A service control policy, by its level from the root and its place there.
    Scp(usize, usize),
    /// A resource control policy, by its level from the root and its place there.
    Rcp(usize, usize),
}

impl PolicyRef {
    /// The kind of the policy.
    ///
    /// ```
    /// use lambdasweep_policy::{Layer, PolicyRef};
    /// assert_eq!(PolicyRef::Identity(0).layer(), Layer::Identity);
    /// ```
    pub const fn layer(self) -> Layer {
        match self {
            Self::Identity(_) => Layer::Identity,
            Self::Boundary => Layer::Boundary,
            Self::Session(_) => Layer::Session,
            Self::Resource => Layer::Resource,
            Self::Scp(..) => Layer::Scp,
            Self::Rcp(..) => Layer::Rcp,
        }
    }
}

impl fmt::Display for PolicyRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(at) => write!(formatter, "identity[{at}]"),
            Self::Boundary => formatter.write_str("boundary"),
            Self::Session(at) => write!(formatter, "session[{at}]"),
            Self::Resource => formatter.write_str("resource"),
            Self::Scp(level, at) => write!(formatter, "scp[{level}][{at}]"),
            Self::Rcp(level, at) => write!(formatter, "rcp[{level}][{at}]"),
        }
    }
}

/// A statement of one of the policies of an evaluation.
///
/// ```
/// use lambdasweep_policy::{PolicyRef, StatementRef};
/// assert_eq!(StatementRef { policy: PolicyRef::Resource, statement: 1 }.to_string(), "resource#1");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatementRef {
    /// The policy.
    pub policy: PolicyRef,
    /// The statement's place in it, from 0.
    pub statement: usize,
}

impl fmt::Display for StatementRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.policy, self.statement)
    }
}

/// What an evaluation answers.
///
/// ```
/// use lambdasweep_policy::{Context, Decision, Policies, Principal, Request, evaluate};
///
/// let principal = Principal::parse("arn:aws:iam::111122223333:user/ana")?;
/// let request = Request {
///     principal: &principal,
///     action: "lambda:ListFunctions",
///     resource: "*",
///     resource_account: None,
///     context: &Context::default(),
/// };
/// let verdict = evaluate(&Policies::default(), &request);
/// assert_eq!(verdict.decision, Decision::ImplicitlyDenied);
/// # Ok::<(), lambdasweep_policy::PrincipalError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// The statements that decided: those that grant, or the one that denies; of an unknown
    /// decision those that are not understood.
    pub decided_by: Vec<StatementRef>,
    /// The kind of policy that denied, by a statement or by its silence.
    pub by: Option<Layer>,
}
