//! Declarations of the operations that lambdasweep calls.

use crate::quota::Quota;

/// The default maximum size of a response, in bytes. A page of `ListFunctions`, the largest of the
/// JSON responses, has 50 functions with 4 KB of environment variables each, which are 1.5 MB if
/// every character is escaped.
const LARGEST_ANSWER: usize = 8 << 20;

/// An operation as a collector declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The service and the operation, as in the API (`lambda:ListFunctions`).
    pub name: &'static str,
    /// The IAM action that allows it, where its name differs from the operation's.
    iam_action: Option<&'static str>,
    /// The quota that the call counts against.
    pub quota: &'static Quota,
    /// How often it is called.
    pub cost: Cost,
    /// The format of its responses.
    pub(crate) protocol: Protocol,
    /// What AWS sends in every successful response.
    pub(crate) sends: &'static [Member],
    /// The list in its responses, and the maximum number of items.
    pub(crate) list: Option<(&'static str, usize)>,
    /// What AWS sends with every item of a list.
    pub(crate) identities: &'static [Member],
    /// The error codes that mean that the resource does not exist.
    pub(crate) not_there: &'static [&'static str],
    /// The maximum size of a response, in bytes.
    pub(crate) largest: usize,
}

/// How often an operation is called for each account, Region or function that its fact is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Once; the number of further pages is not known in advance.
    Once,
    /// Once for this many functions of the Region.
    PerFunctions(u64),
    /// Once for each resource found, which is not known in advance.
    Unforeseen,
}

/// The format of responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS JSON and REST JSON: one JSON object.
    Json,
    /// AWS query: XML, `<OperationResponse><OperationResult>`.
    Query,
}

/// A member of a response that AWS always sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The path to it from the top of the response: names joined by dots, `[]` after a list for
    /// each of its items (`Aliases[].Name`).
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
}

/// The type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    List,
    Object,
    Text,
    Number,
    Truth,
    /// The ARN of something that belongs to the account and the Region of the call, or to the
    /// function that the call is about.
    Own,
}

impl Member {
    /// A list, which may be empty.
    pub const fn list(path: &'static str) -> Self {
        Self {
            path,
            kind: Kind::List,
        }
    }

    /// An object.
    pub const fn object(path: &'static str) -> Self {
        Self {
            path,
            kind: Kind::Object,
        }
    }

    /// A string.
    pub const fn text(path: &'static str) -> Self {
        Self {
            path,
            kind: Kind::Text,
        }
    }

    /// The ARN of something that belongs to the account and the Region of the call and, if the call
    /// is about a function, to that function. A response with another ARN belongs to another call.
    pub const fn own(path: &'static str) -> Self {
        Self {
            path,
            kind: Kind::Own,
        }
    }

    /// A number.
    pub const fn number(path: &'static str) -> Self {
        Self {
            path,
            kind: Kind::Number,
        }
    }
}

impl Operation {
    /// An operation with JSON responses whose IAM action has the operation's name.
    pub const fn new(name: &'static str, quota: &'static Quota) -> Self {
        Self {
            name,
            iam_action: None,
            quota,
            cost: Cost::Once,
            protocol: Protocol::Json,
            sends: &[],
            list: None,
            identities: &[],
            not_there: &[],
            largest: LARGEST_ANSWER,
        }
    }

    /// Sets the IAM action if it differs from the operation's name.
    #[must_use]
    pub const fn allowed_by(mut self, iam_action: &'static str) -> Self {
        self.iam_action = Some(iam_action);
        self
    }

    /// For services of the query protocol, whose responses are XML.
    #[must_use]
    pub const fn answers_in_xml(mut self) -> Self {
        self.protocol = Protocol::Query;
        self
    }

    /// What AWS sends in every successful response, whether the service's model requires it or not.
    /// A response without it is rejected, because the SDK would read a missing list as an empty
    /// one. A member that AWS sometimes omits must not be listed here.
    #[must_use]
    pub const fn sends(mut self, members: &'static [Member]) -> Self {
        self.sends = members;
        self
    }

    /// The list that every response contains, even if it is empty, and a number of items that no
    /// account can exceed: a listing that continues beyond it is treated as endless.
    #[must_use]
    pub const fn lists(mut self, member: &'static str, most: usize) -> Self {
        self.list = Some((member, most));
        self
    }

    /// What identifies every item of a list, which AWS always sends. If an item lacks it, the call
    /// is retried; if that does not help, the response is returned anyway, and the reader has to
    /// handle the item.
    #[must_use]
    pub const fn items_have(mut self, members: &'static [Member]) -> Self {
        self.identities = members;
        self
    }

    /// The error codes by which AWS says that the resource does not exist.
    #[must_use]
    pub const fn not_there(mut self, codes: &'static [&'static str]) -> Self {
        self.not_there = codes;
        self
    }

    /// How often it is called, if not once.
    #[must_use]
    pub const fn costs(mut self, cost: Cost) -> Self {
        self.cost = cost;
        self
    }

    /// The maximum size of a response, in bytes.
    #[must_use]
    pub const fn answers_up_to(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// The IAM action that allows the call.
    pub fn iam_action(&self) -> &'static str {
        self.iam_action.unwrap_or(self.name)
    }

    /// Whether the operation declares what AWS always sends.
    pub fn is_declared(&self) -> bool {
        self.list.is_some() || !self.sends.is_empty()
    }

    /// The service that is called (`lambda`).
    pub fn service(&self) -> &'static str {
        self.name
            .split_once(':')
            .map_or(self.name, |(service, _)| service)
    }

    /// The operation's own name (`ListFunctions`).
    pub(crate) fn action(&self) -> &'static str {
        self.name
            .split_once(':')
            .map_or(self.name, |(_, action)| action)
    }

    /// All members that every response must contain, including those that identify items if
    /// `strict`.
    pub(crate) fn wanted(&self, strict: bool) -> impl Iterator<Item = Member> {
        let identities = if strict { self.identities } else { &[] };
        self.list
            .map(|(path, _)| Member::list(path))
            .into_iter()
            .chain(self.sends.iter().chain(identities).copied())
    }
}
