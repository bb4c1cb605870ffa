//! Whom a role's trust policy lets in besides Lambda.

use std::borrow::Cow;

use crate::document::{Document, Effect, Principals, Statement};
use crate::exposure::{Exposure, External, Scope, is_unique_id, of_trust_policy};
use crate::principal::root_account;

/// The service principal that a function's execution role has to trust ("Defining Lambda function permissions with an execution role").
const LAMBDA: &str = "lambda.amazonaws.com";

/// The actions that make a session of a role.
const ASSUMING: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

/// What kind of principal it is, in the words of a policy's Principal element.
///
/// ```
/// use lambdasweep_policy::role::TrustedKind;
/// assert!(TrustedKind::Everyone < TrustedKind::Service);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrustedKind {
    /// `*`.
    Everyone,
    /// `NotPrincipal`: everyone but who is named.
    AllBut,
    /// An account, a user, a role or a session.
    Aws,
    /// An identity provider.
    Federated,
    /// An AWS service.
    Service,
    /// A canonical user id.
    CanonicalUser,
}

impl TrustedKind {
    /// Its word: `everyone`, `all-but`, `aws`, `federated`, `service`, `canonical-user`.
    ///
    /// ```
    /// assert_eq!(lambdasweep_policy::role::TrustedKind::AllBut.as_str(), "all-but");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::AllBut => "all-but",
            Self::Aws => "aws",
            Self::Federated => "federated",
            Self::Service => "service",
            Self::CanonicalUser => "canonical-user",
        }
    }
}

/// A principal that a trust policy lets in.
///
/// ```
/// use lambdasweep_policy::{Document, role::trust};
/// let policy = Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}}"#)?;
/// assert!(trust(&policy, "111122223333").others[0].own_account);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted<'a> {
    /// As the policy writes it; for [`TrustedKind::AllBut`] who is excepted, with commas between them.
    pub principal: Cow<'a, str>,
    /// Of what kind.
    pub kind: TrustedKind,
    /// Whether it belongs to the role's own account.
    pub own_account: bool,
    /// The keys of the conditions under which it is let in, sorted.
    pub condition_keys: Vec<&'a str>,
    /// The index of the statement.
    pub statement: usize,
    /// How far it opens the role under the statement's conditions and after all Deny statements, never narrower than the truth.
    pub exposure: Exposure,
    /// The other accounts that get in by it, themselves or by a service that acts on their behalf, sorted.
    pub accounts: Vec<String>,
    /// The organisations, or parts of them, that get in by it, sorted.
    pub organizations: Vec<String>,
}

/// What a trust policy says.
///
/// ```
/// let nobody = lambdasweep_policy::role::Trust::default();
/// assert!(!nobody.lambda && nobody.others.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust<'a> {
    /// Whether it lets Lambda in.
    pub lambda: bool,
    /// Who else is let in, in the policy's order.
    pub others: Vec<Trusted<'a>>,
}

/// Reads a trust policy of a role of an account.
///
/// Those are left out whom nobody can be: users and roles that were deleted, whose unique ids stand in their place, and who cannot meet the conditions.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::role::trust;
/// let policy = Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
///     "Principal": {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"], "AWS": "444455556666"}}}"#)?;
/// let trust = trust(&policy, "111122223333");
/// assert!(trust.lambda);
/// assert_eq!(trust.others.iter().map(|other| &*other.principal).collect::<Vec<_>>(), ["444455556666", "ec2.amazonaws.com"]);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn trust<'a>(policy: &'a Document, account: &str) -> Trust<'a> {
    let mut trust = Trust::default();
    let assumes = |statement: &&Statement| ASSUMING.iter().any(|action| statement.covers_action(action));
    let denials: Vec<&Statement> = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Deny && statement.conditions.is_empty())
        .filter(assumes)
        .collect();
    for (index, statement) in policy.statements.iter().enumerate() {
        if statement.effect == Effect::Allow && assumes(&statement) {
            for mut trusted in named(statement, index, account) {
                if trusted.kind == TrustedKind::Aws && is_unique_id(&trusted.principal) {
                    continue;
                }
                if denials.iter().any(|denial| denies(denial, statement, &trusted)) {
                    continue;
                }
                if trusted.kind == TrustedKind::Service && trusted.principal == LAMBDA {
                    trust.lambda = true;
                } else {
                    trust.lambda =
                        trust.lambda || trusted.kind == TrustedKind::AllBut && !trusted.principal.split(", ").any(|name| name == LAMBDA);
                    let External { exposure, accounts, organizations, .. } = alone(policy, statement, &trusted, account);
                    (trusted.exposure, trusted.accounts, trusted.organizations) = (exposure, accounts, organizations);
                    if exposure != Exposure::None {
                        trust.others.push(trusted);
                    }
                }
            }
        }
    }
    trust
}

fn named<'a>(statement: &'a Statement, index: usize, account: &str) -> Vec<Trusted<'a>> {
    let Some(principals) = &statement.principals else { return Vec::new() };
    let trusted = |principal: Cow<'a, str>, kind| {
        let own_account = kind == TrustedKind::Aws && account_of(&principal) == Some(account);
        Trusted {
            principal,
            kind,
            own_account,
            condition_keys: statement.condition_keys(),
            statement: index,
            exposure: Exposure::Unknown,
            accounts: Vec::new(),
            organizations: Vec::new(),
        }
    };
    if principals.negated {
        let lists = [&principals.aws, &principals.federated, &principals.services, &principals.canonical];
        let names: Vec<&str> = lists.into_iter().flatten().map(String::as_str).collect();
        return vec![trusted(Cow::Owned(names.join(", ")), TrustedKind::AllBut)];
    }
    let mut all = Vec::new();
    if principals.everyone {
        all.push(trusted(Cow::Borrowed("*"), TrustedKind::Everyone));
    }
    let lists = [
        (&principals.aws, TrustedKind::Aws),
        (&principals.federated, TrustedKind::Federated),
        (&principals.services, TrustedKind::Service),
        (&principals.canonical, TrustedKind::CanonicalUser),
    ];
    for (names, kind) in lists {
        all.extend(names.iter().map(|name| trusted(Cow::Borrowed(name.as_str()), kind)));
    }
    all
}

/// Whom a statement lets in by one of its principals alone, after all Deny statements.
fn alone(policy: &Document, statement: &Statement, trusted: &Trusted<'_>, account: &str) -> External {
    let mut principals = Principals::default();
    let name = || vec![trusted.principal.clone().into_owned()];
    match trusted.kind {
        TrustedKind::Everyone => principals.everyone = true,
        TrustedKind::AllBut => principals = statement.principals.clone().unwrap_or_default(),
        TrustedKind::Aws => principals.aws = name(),
        TrustedKind::Federated => principals.federated = name(),
        TrustedKind::Service => principals.services = name(),
        TrustedKind::CanonicalUser => principals.canonical = name(),
    }
    let alone = Statement { principals: Some(principals), ..statement.clone() };
    let denials = policy.statements.iter().filter(|it| it.effect == Effect::Deny).cloned();
    let document = Document { statements: denials.chain([alone]).collect(), ..policy.clone() };
    of_trust_policy(&document, &Scope { account, organization: None, partition: "aws" })
}

/// Whether a Deny without conditions surely keeps out who an Allow lets in.
fn denies(denial: &Statement, allow: &Statement, trusted: &Trusted<'_>) -> bool {
    let every = ASSUMING.iter().filter(|action| allow.covers_action(action)).all(|action| denial.covers_action(action));
    let principals = denial.principals.as_ref();
    every
        && principals.is_some_and(|principals| {
            let names = match trusted.kind {
                TrustedKind::Aws => &principals.aws,
                TrustedKind::Federated => &principals.federated,
                TrustedKind::Service => &principals.services,
                TrustedKind::CanonicalUser => &principals.canonical,
                TrustedKind::Everyone | TrustedKind::AllBut => return !principals.negated && principals.everyone,
            };
            !principals.negated && (principals.everyone || names.iter().any(|name| *name == trusted.principal))
        })
}

/// The account of a principal of kind AWS.
fn account_of(principal: &str) -> Option<&str> {
    root_account(principal).or_else(|| if principal.contains(':') { principal.split(':').nth(4) } else { Some(principal) })
}
