//! The operations that lambdasweep calls, as their readers declare them.

use crate::quota::Quota;

/// The largest answer that is read, in bytes, where an operation does not say otherwise. A page of
/// `ListFunctions`, the largest of the JSON answers, holds 50 functions with 4 KB of environment
/// variables each, which come to 1.5 MB where every character is escaped.
const LARGEST_ANSWER: usize = 8 << 20;

/// An operation as a collector declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The service and the operation, as in the API (`lambda:ListFunctions`).
    pub name: &'static str,
    /// The IAM action that allows it, where its name differs from the operation's.
    iam_action: Option<&'static str>,
    /// What the call is charged to.
    pub quota: &'static Quota,
    /// How often it is called.
    pub cost: Cost,
    /// How its answers are written.
    pub(crate) protocol: Protocol,
    /// What AWS sends in every successful answer.
    pub(crate) sends: &'static [Member],
    /// The list that its answers carry, and how many items it may come to.
    pub(crate) list: Option<(&'static str, usize)>,
    /// What AWS sends with every item of a list.
    pub(crate) identities: &'static [Member],
    /// The error codes by which it says that the resource is not there.
    pub(crate) not_there: &'static [&'static str],
    /// The largest answer that is read, in bytes.
    pub(crate) largest: usize,
}

/// How often an operation is called for each account, Region or function that its fact is read of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Once; further pages are not known beforehand.
    Once,
    /// Once for so many functions of the Region.
    PerFunctions(u64),
    /// As often as something is found, which is not known beforehand.
    Unforeseen,
}

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS JSON and REST JSON: one JSON object.
    Json,
    /// AWS query: XML, `<OperationResponse><OperationResult>`.
    Query,
}

/// A member of an answer that AWS always sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The way to it from the answer's top: names joined by dots, `[]` after a list for each of its
    /// items (`Aliases[].Name`).
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    List,
    Object,
    Text,
    Number,
    Truth,
    /// The ARN of something that belongs to the account and the Region that were asked, or to the
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

    /// A text.
    pub const fn text(path: &'static str) -> Self {
        Self {
            path,
            kind: Kind::Text,
        }
    }

    /// The ARN of something that belongs to the account and the Region that were asked and, where
    /// the call is about a function, to that function. An answer with the ARN of another one is an
    /// answer to another call.
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
    /// An operation that answers in JSON and whose IAM action bears its name.
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

    /// Names the IAM action where it is not the operation's name.
    #[must_use]
    pub const fn allowed_by(mut self, iam_action: &'static str) -> Self {
        self.iam_action = Some(iam_action);
        self
    }

    /// For services of the query protocol, which answer in XML.
    #[must_use]
    pub const fn answers_in_xml(mut self) -> Self {
        self.protocol = Protocol::Query;
        self
    }

    /// What AWS sends in every successful answer, whether the service's model requires it or not.
    /// An answer without it is not believed: the SDK would read a list that is missing as an empty
    /// one. A member that AWS leaves out at times must not stand here.
    #[must_use]
    pub const fn sends(mut self, members: &'static [Member]) -> Self {
        self.sends = members;
        self
    }

    /// The list that every answer carries, also where it is empty, and more items than an account
    /// can hold: a listing that goes on beyond them has no end.
    #[must_use]
    pub const fn lists(mut self, member: &'static str, most: usize) -> Self {
        self.list = Some((member, most));
        self
    }

    /// What every item of a list is known by, which AWS always sends. An answer with an item that
    /// lacks it is asked for again; if that does not help, the answer is given all the same, and
    /// its reader has to judge the item.
    #[must_use]
    pub const fn items_have(mut self, members: &'static [Member]) -> Self {
        self.identities = members;
        self
    }

    /// The error codes by which AWS says that the resource is not there.
    #[must_use]
    pub const fn not_there(mut self, codes: &'static [&'static str]) -> Self {
        self.not_there = codes;
        self
    }

    /// How often it is called, where that is not once.
    #[must_use]
    pub const fn costs(mut self, cost: Cost) -> Self {
        self.cost = cost;
        self
    }

    /// The largest answer that is read, in bytes.
    #[must_use]
    pub const fn answers_up_to(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// The IAM action that allows the call.
    pub fn iam_action(&self) -> &'static str {
        self.iam_action.unwrap_or(self.name)
    }

    /// Whether the operation says what AWS always sends.
    pub fn is_declared(&self) -> bool {
        self.list.is_some() || !self.sends.is_empty()
    }

    /// The service whose client makes the call (`lambda`).
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

    /// All members that every answer has to carry; those that identify items where it is `strict`
    /// about them.
    pub(crate) fn wanted(&self, strict: bool) -> impl Iterator<Item = Member> {
        let identities = if strict { self.identities } else { &[] };
        self.list
            .map(|(path, _)| Member::list(path))
            .into_iter()
            .chain(self.sends.iter().chain(identities).copied())
    }
}
