//! The operations that lambdasweep calls, and the quota bucket that AWS charges each to.

/// An operation as a collector declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The service and the operation, as in the API (`lambda:ListFunctions`).
    pub name: &'static str,
    /// The IAM action that allows it, where its name differs from the operation's.
    iam_action: Option<&'static str>,
    /// What the call is charged to.
    pub bucket: Bucket,
}

impl Operation {
    /// An operation whose IAM action bears its name.
    pub const fn new(name: &'static str, bucket: Bucket) -> Self {
        Self { name, iam_action: None, bucket }
    }

    /// Names the IAM action where it is not the operation's name.
    #[must_use]
    pub const fn allowed_by(mut self, iam_action: &'static str) -> Self {
        self.iam_action = Some(iam_action);
        self
    }

    /// The IAM action that allows the call.
    pub fn iam_action(&self) -> &'static str {
        self.iam_action.unwrap_or(self.name)
    }
}

/// A token bucket of AWS. Each stands for itself in every account and, but for global services, in every Region.
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
    /// Sources: "Lambda quotas" (100, 15, 15), "Quotas for AWS Organizations", "Quotas for AWS Account Management" (5). The figure for STS is AWS
    /// re:Post's; IAM's is a guess on the careful side.
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
        !matches!(self, Self::LambdaGetFunction | Self::LambdaGetPolicy | Self::LambdaRemainder | Self::Sts)
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
