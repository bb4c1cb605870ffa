//! The principals other than Lambda that a role's trust policy allows.

use std::borrow::Cow;

use crate::document::{Document, Effect, Principals, Statement};
use crate::exposure::{Exposure, External, Scope, is_unique_id, of_trust_policy};
use crate::principal::{Principal, root_account};
use crate::request::{Context, Request, View};

/// The service principal that a function's execution role has to trust ("Defining Lambda function
/// permissions with an execution role").
const LAMBDA: &str = "lambda.amazonaws.com";

/// The provider of Cognito identity pools.
const COGNITO: &str = "cognito-identity.amazonaws.com";

/// The key that tells how a user of an identity pool signed in.
const AMR: &str = "cognito-identity.amazonaws.com:amr";

/// The actions that make a session of a role.
const ASSUMING: [&str; 3] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
];

/// What kind of principal it is, in the words of a policy's Principal element.
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
    /// The word: `everyone`, `all-but`, `aws`, `federated`, `service`, `canonical-user`.
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

/// A principal that a trust policy allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted<'a> {
    /// As the policy writes it; for [`TrustedKind::AllBut`] the exceptions, comma-separated.
    pub principal: Cow<'a, str>,
    /// Of what kind.
    pub kind: TrustedKind,
    /// Whether it belongs to the role's own account.
    pub own_account: bool,
    /// The keys of the conditions under which it is let in, sorted.
    pub condition_keys: Vec<&'a str>,
    /// The index of the statement.
    pub statement: usize,
    /// How far it opens the role under the statement's conditions and after all Deny statements,
    /// never narrower than the truth. Unknown where a policy far beyond what AWS accepts names too
    /// many to judge each.
    pub exposure: Exposure,
    /// The other accounts that are allowed by it, directly or through a service that acts on their
    /// behalf, sorted.
    pub accounts: Vec<String>,
    /// The organisations, or parts of them, that are allowed by it, sorted.
    pub organizations: Vec<String>,
    /// Whether it stands for Cognito identity pools, and the conditions let them give the role to
    /// users who did not sign in.
    pub guests: bool,
}

/// What a trust policy says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust<'a> {
    /// Whether it allows Lambda.
    pub lambda: bool,
    /// Who else is let in, in the policy's order.
    pub others: Vec<Trusted<'a>>,
}

/// Reads a trust policy of a role of an account.
///
/// Principals that no caller can be are left out: deleted users and roles, which appear as unique
/// ids, and principals that cannot meet the conditions.
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
    let assumes = |statement: &&Statement| {
        ASSUMING
            .iter()
            .any(|action| statement.covers_action(action))
    };
    let denials: Vec<&Statement> = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Deny && statement.conditions.is_empty())
        .filter(assumes)
        .collect();
    let open = are_too_many(policy);
    for (index, statement) in policy.statements.iter().enumerate() {
        if statement.effect == Effect::Allow && assumes(&statement) {
            let mut alone = None;
            for mut trusted in named(statement, index, account) {
                if trusted.kind == TrustedKind::Aws && is_unique_id(&trusted.principal) {
                    continue;
                }
                let is_lambda = trusted.kind == TrustedKind::Service && trusted.principal == LAMBDA;
                if (!open || is_lambda)
                    && denials
                        .iter()
                        .any(|denial| denies(denial, statement, &trusted))
                {
                    continue;
                }
                if is_lambda {
                    trust.lambda = true;
                } else {
                    trust.lambda = trust.lambda
                        || trusted.kind == TrustedKind::AllBut
                            && !trusted.principal.split(", ").any(|name| name == LAMBDA);
                    if open {
                        let other = account_of(&trusted.principal)
                            .filter(|_| trusted.kind == TrustedKind::Aws && !trusted.own_account);
                        trusted.accounts = other.map(str::to_owned).into_iter().collect();
                    } else {
                        let alone =
                            alone.get_or_insert_with(|| Alone::new(policy, statement, account));
                        let External {
                            exposure,
                            accounts,
                            organizations,
                            ..
                        } = alone.judge(&trusted);
                        (trusted.exposure, trusted.accounts, trusted.organizations) =
                            (exposure, accounts, organizations);
                    }
                    if trusted.exposure != Exposure::None {
                        trust.others.push(trusted);
                    }
                }
            }
        }
    }
    trust
}

fn named<'a>(statement: &'a Statement, index: usize, account: &str) -> Vec<Trusted<'a>> {
    let Some(principals) = &statement.principals else {
        return Vec::new();
    };
    let trusted = |principal: Cow<'a, str>, kind| {
        let own_account = kind == TrustedKind::Aws && account_of(&principal) == Some(account);
        Trusted {
            kind,
            own_account,
            condition_keys: statement.condition_keys(),
            statement: index,
            exposure: Exposure::Unknown,
            accounts: Vec::new(),
            organizations: Vec::new(),
            guests: lets_guests_in(statement, &principal, kind),
            principal,
        }
    };
    if principals.negated {
        let lists = [
            &principals.aws,
            &principals.federated,
            &principals.services,
            &principals.canonical,
        ];
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
        all.extend(
            names
                .iter()
                .map(|name| trusted(Cow::Borrowed(name.as_str()), kind)),
        );
    }
    all
}

/// Whether a statement lets Cognito identity pools give the role to users who did not sign in: for
/// these, the key `amr` has the value `unauthenticated`. Source: "IAM roles", Amazon Cognito
/// Developer Guide.
fn lets_guests_in(statement: &Statement, principal: &str, kind: TrustedKind) -> bool {
    let guest = Principal::anonymous();
    let context = Context::default().with(AMR, "unauthenticated");
    let request = Request {
        principal: &guest,
        action: "sts:AssumeRoleWithWebIdentity",
        resource: "",
        resource_account: None,
        context: &context,
    };
    let view = View {
        request: &request,
        variables: false,
    };
    kind == TrustedKind::Federated
        && principal == COGNITO
        && statement
            .conditions
            .iter()
            .filter(|condition| condition.folded_key == AMR)
            .all(|condition| condition.holds(&view) != Some(false))
}

/// How many times principals of a statement are held against what Deny statements say, before it is
/// left open how far each is let in. AWS accepts trust policies of up to 4,096 characters, which
/// come to a few thousand.
const MOST_COMPARED: usize = 1 << 16;

/// Whether a trust policy names more principals than can be judged one by one.
fn are_too_many(policy: &Document) -> bool {
    let names = |it: &Statement| {
        let lists = it
            .principals
            .as_ref()
            .map(|it| it.aws.len() + it.services.len() + it.federated.len() + it.canonical.len());
        lists.unwrap_or_default()
    };
    let values = |it: &Statement| {
        it.conditions
            .iter()
            .map(|condition| 1 + condition.values.len())
            .sum::<usize>()
    };
    let (allows, denials): (Vec<_>, Vec<_>) = policy
        .statements
        .iter()
        .partition(|it| it.effect == Effect::Allow);
    let principals: usize = allows.into_iter().map(|it| 1 + names(it)).sum();
    let parts: usize = denials
        .into_iter()
        .map(|it| 1 + names(it) + values(it))
        .sum();
    principals.saturating_mul(1 + parts) > MOST_COMPARED
}

/// Judges one principal of a statement by itself, after all Deny statements.
struct Alone<'p> {
    /// The statement with one of its principals, and the policy's Deny statements.
    document: Document,
    scope: Scope<'p>,
}

impl<'p> Alone<'p> {
    fn new(policy: &Document, statement: &Statement, account: &'p str) -> Self {
        let denials = policy
            .statements
            .iter()
            .filter(|it| it.effect == Effect::Deny)
            .cloned();
        let statements = [statement.clone()].into_iter().chain(denials).collect();
        let document = Document {
            version: policy.version.clone(),
            id: None,
            statements,
        };
        Self {
            document,
            scope: Scope {
                account,
                organization: None,
                partition: "aws",
            },
        }
    }

    fn judge(&mut self, trusted: &Trusted<'_>) -> External {
        let mut principals = Principals::default();
        let name = || vec![trusted.principal.clone().into_owned()];
        match trusted.kind {
            // It is the only one of its statement.
            TrustedKind::AllBut => return of_trust_policy(&self.document, &self.scope),
            TrustedKind::Everyone => principals.everyone = true,
            TrustedKind::Aws => principals.aws = name(),
            TrustedKind::Federated => principals.federated = name(),
            TrustedKind::Service => principals.services = name(),
            TrustedKind::CanonicalUser => principals.canonical = name(),
        }
        self.document.statements[0].principals = Some(principals);
        of_trust_policy(&self.document, &self.scope)
    }
}

/// Whether a Deny without conditions certainly excludes everyone that an Allow statement allows.
fn denies(denial: &Statement, allow: &Statement, trusted: &Trusted<'_>) -> bool {
    let every = ASSUMING
        .iter()
        .filter(|action| allow.covers_action(action))
        .all(|action| denial.covers_action(action));
    let principals = denial.principals.as_ref();
    every
        && principals.is_some_and(|principals| {
            let names = match trusted.kind {
                TrustedKind::Aws => &principals.aws,
                TrustedKind::Federated => &principals.federated,
                TrustedKind::Service => &principals.services,
                TrustedKind::CanonicalUser => &principals.canonical,
                TrustedKind::Everyone | TrustedKind::AllBut => {
                    return !principals.negated && principals.everyone;
                }
            };
            !principals.negated
                && (principals.everyone || names.iter().any(|name| *name == trusted.principal))
        })
}

/// The account of a principal of kind AWS.
fn account_of(principal: &str) -> Option<&str> {
    root_account(principal).or_else(|| {
        if principal.contains(':') {
            principal.split(':').nth(4)
        } else {
            Some(principal)
        }
    })
}
