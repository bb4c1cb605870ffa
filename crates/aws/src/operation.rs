//! The operations that lambdasweep calls, and the quota bucket that AWS charges each to.

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
    pub bucket: Bucket,
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
    pub const fn new(name: &'static str, bucket: Bucket) -> Self {
        Self {
            name,
            iam_action: None,
            bucket,
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

/// A token bucket of AWS. Each stands for itself in every account and, but for global services, in
/// every Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// `lambda:GetFunction`.
    LambdaGetFunction,
    /// `lambda:GetPolicy`.
    LambdaGetPolicy,
    /// All other calls of Lambda's control plane together.
    LambdaRemainder,
    /// `organizations:ListAccounts`.
    OrganizationsListAccounts,
    /// `organizations:ListAccountsForParent`, `ListParents`, `ListOrganizationalUnitsForParent`.
    OrganizationsTree,
    /// `organizations:ListRoots`, `DescribeOrganization`.
    OrganizationsRoot,
    /// `organizations:ListPolicies`, `ListTargetsForPolicy`.
    OrganizationsPolicies,
    /// `organizations:DescribePolicy`.
    OrganizationsDescribePolicy,
    /// All of STS, charged to the calling account.
    Sts,
    /// IAM; AWS publishes no figure.
    Iam,
    /// `account:ListRegions`.
    AccountListRegions,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: [Self; 11] = [
        Self::LambdaGetFunction,
        Self::LambdaGetPolicy,
        Self::LambdaRemainder,
        Self::OrganizationsListAccounts,
        Self::OrganizationsTree,
        Self::OrganizationsRoot,
        Self::OrganizationsPolicies,
        Self::OrganizationsDescribePolicy,
        Self::Sts,
        Self::Iam,
        Self::AccountListRegions,
    ];

    /// Calls a second that AWS allows.
    ///
    /// Sources: "Lambda quotas" (100, 15, 15), "Quotas for AWS Organizations", "Quotas for AWS
    /// Account Management" (5). The figure for STS is AWS re:Post's; IAM's is a guess on the
    /// careful side.
    pub const fn calls_per_second(self) -> f64 {
        match self {
            Self::LambdaGetFunction => 100.0,
            Self::LambdaGetPolicy | Self::LambdaRemainder => 15.0,
            Self::OrganizationsListAccounts => 8.0,
            Self::OrganizationsTree | Self::OrganizationsPolicies | Self::AccountListRegions => 5.0,
            Self::OrganizationsRoot => 1.0,
            Self::OrganizationsDescribePolicy => 2.0,
            Self::Sts => 600.0,
            Self::Iam => 15.0,
        }
    }

    /// Whether the bucket stands for the whole account, whatever the Region.
    pub const fn is_global(self) -> bool {
        !matches!(
            self,
            Self::LambdaGetFunction | Self::LambdaGetPolicy | Self::LambdaRemainder | Self::Sts
        )
    }

    /// What to call it to a person.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LambdaGetFunction => "Lambda GetFunction",
            Self::LambdaGetPolicy => "Lambda GetPolicy",
            Self::LambdaRemainder => "Lambda, all other calls",
            Self::OrganizationsListAccounts => "Organizations ListAccounts",
            Self::OrganizationsTree => "Organizations tree",
            Self::OrganizationsRoot => "Organizations root",
            Self::OrganizationsPolicies => "Organizations policies",
            Self::OrganizationsDescribePolicy => "Organizations DescribePolicy",
            Self::Sts => "STS",
            Self::Iam => "IAM",
            Self::AccountListRegions => "Account ListRegions",
        }
    }
}
