//! The result of an evaluation: the decision, the statements that decided, and the kind of policy
//! that denied.

use std::fmt;

/// The decision on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It is allowed.
    Allowed,
    /// Nothing allows it.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
    /// It depends on something that is not understood, such as a condition operator that AWS does
    /// not know.
    Unknown,
}

impl Decision {
    /// The word in output.
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
    /// The word in input and output of programs: `identity`, `boundary`, `session`, `resource`,
    /// `scp`, `rcp`.
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

    /// The name in AWS's access-denied messages.
    ///
    /// Source: "Troubleshoot access denied error messages", IAM User Guide.
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

/// One of the policies of an evaluation.
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

/// The result of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// The statements that decided: those that allow, or the one that denies; for an unknown
    /// decision those that are not understood.
    pub decided_by: Vec<StatementRef>,
    /// The kind of policy that denied, explicitly or by not allowing the request.
    pub by: Option<Layer>,
}
