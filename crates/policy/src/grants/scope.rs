//! How wide a pattern of resources is.

use std::fmt;

use crate::pattern::completed;

/// How wide the resources of a grant are, from the narrowest to the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceScope {
    /// Resources by their full ARNs.
    Named,
    /// Some of an account's resources, or some bucket's objects, by a pattern.
    Pattern,
    /// Every resource, or every one of a type, of a service in one account.
    Account,
    /// Every resource, or every one of a type, of a service, whatever its account.
    Service,
    /// Every resource but for some.
    AllBut,
    /// Every resource.
    All,
}

impl ResourceScope {
    /// The word: `named`, `pattern`, `account`, `service`, `all-but`, `all`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Pattern => "pattern",
            Self::Account => "account",
            Self::Service => "service",
            Self::AllBut => "all-but",
            Self::All => "all",
        }
    }

    /// The scope of a pattern, as an identity-based policy's `Resource` has it: an ARN that lacks
    /// parts is completed with wildcards.
    ///
    /// ```
    /// use lambdasweep_policy::grants::ResourceScope;
    /// assert_eq!(ResourceScope::of("*"), ResourceScope::All);
    /// assert_eq!(ResourceScope::of("arn:aws:sqs:*:*:*"), ResourceScope::Service);
    /// assert_eq!(ResourceScope::of("arn:aws:sqs"), ResourceScope::Service);
    /// assert_eq!(ResourceScope::of("arn:aws:s3:::*"), ResourceScope::Service);
    /// assert_eq!(ResourceScope::of("arn:aws:iam::111122223333:role/*"), ResourceScope::Account);
    /// assert_eq!(ResourceScope::of("arn:aws:logs:*:*:log-group:*:*"), ResourceScope::Service);
    /// assert_eq!(ResourceScope::of("arn:aws:lambda:*:111122223333:function:*:*/durable-execution/*/*"), ResourceScope::Account);
    /// assert_eq!(ResourceScope::of("arn:aws:lambda:*:111122223333:function:*:prod"), ResourceScope::Pattern);
    /// assert_eq!(ResourceScope::of("arn:aws:s3:::bucket/*"), ResourceScope::Pattern);
    /// assert_eq!(ResourceScope::of("arn:aws:sqs:eu-west-1:111122223333:queue"), ResourceScope::Named);
    /// ```
    pub fn of(pattern: &str) -> Self {
        let pattern = completed(pattern, true);
        if !pattern.contains(['*', '?']) {
            return Self::Named;
        }
        let mut parts = pattern.splitn(6, ':');
        let (Some(scheme), Some(partition), Some(service)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return if open(&pattern) {
                Self::All
            } else {
                Self::Pattern
            };
        };
        if open(scheme) && open(partition) && open(service) || service.contains(['*', '?']) {
            return Self::All;
        }
        let (_, account, resource) = (parts.next(), parts.next(), parts.next());
        let Some(resource) = resource else {
            return Self::Service;
        };
        let account = account.unwrap_or_default();
        // A bucket's name is where other services have the type.
        let every = open(resource)
            || resource.split_once('/').is_some_and(|(kind, rest)| {
                service != "s3" && !open(kind) && !kind.contains(['*', '?']) && all(rest)
            })
            || resource
                .split_once(':')
                .is_some_and(|(kind, rest)| !kind.contains(['*', '?']) && all(rest))
            || (service == "s3"
                && resource
                    .split_once('/')
                    .is_some_and(|(bucket, key)| open(bucket) && open(key)));
        match (every, account) {
            (false, _) => Self::Pattern,
            (true, account) if account.is_empty() || account.contains(['*', '?']) => Self::Service,
            (true, _) => Self::Account,
        }
    }
}

impl fmt::Display for ResourceScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Types of resources that are parts of others: all parts of all of these are all of their type.
const PARTS: [&str; 4] = ["durable-execution", "index", "log-stream", "stream"];

/// Whether what follows the type of a resource covers every one: `*`, `*:*`, `*/index/*`.
fn all(rest: &str) -> bool {
    let mut parts = rest.split([':', '/']);
    parts.next().is_some_and(open) && parts.all(|part| open(part) || PARTS.contains(&part))
}

fn open(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}
