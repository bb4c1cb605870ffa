//! Reasons about a resource policy over all requests at once: who outside can get in.

use crate::condition::{Condition, Operator, Quantifier};
use crate::document::{Document, Effect, Principals, Statement};
use crate::evaluate::root_account;
use crate::glob;

/// Whom a statement or a policy lets in, from the narrowest to the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exposure {
    /// Nobody.
    None,
    /// Principals of the account itself.
    Account,
    /// An AWS service on behalf of named accounts or sources.
    ServiceBounded,
    /// Named other accounts.
    Accounts,
    /// The organisation, or a part of it.
    Organization,
    /// An AWS service on behalf of anyone: a confused deputy.
    ServiceAnySource,
    /// It cannot be decided.
    Unknown,
    /// Everyone.
    Everyone,
}

impl Exposure {
    /// As it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Account => "account",
            Self::ServiceBounded => "service-bounded",
            Self::Accounts => "accounts",
            Self::Organization => "organization",
            Self::ServiceAnySource => "service-any-source",
            Self::Unknown => "unknown",
            Self::Everyone => "everyone",
        }
    }
}

/// Where the resource is.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The account that owns it.
    pub account: &'a str,
    /// The organisation of that account, where it is known.
    pub organization: Option<&'a str>,
    /// The partition.
    pub partition: &'a str,
}

/// What is said of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whom it lets in.
    pub exposure: Exposure,
    /// Why, in words.
    pub reason: String,
}

/// Whom each statement lets in, in the document's order.
///
/// A Deny statement for everyone that no condition narrows and that covers the same actions and resources takes away what an Allow gave;
/// narrower denials are left out of account, so that the answer errs on the open side.
pub fn of_document(document: &Document, scope: &Scope<'_>) -> Vec<Judged> {
    document.statements.iter().map(|statement| of_statement(document, statement, scope)).collect()
}

fn of_statement(document: &Document, statement: &Statement, scope: &Scope<'_>) -> Judged {
    let judged = |exposure, reason: &str| Judged { exposure, reason: reason.to_owned() };
    if statement.effect == Effect::Deny {
        return judged(Exposure::None, "a Deny statement lets nobody in");
    }
    if document.statements.iter().any(|other| takes_all_away(other, statement)) {
        return judged(Exposure::None, "a Deny statement for everyone takes it away");
    }
    let Some(principals) = &statement.principals else { return judged(Exposure::Unknown, "the statement names no principal") };
    match bound(&statement.conditions, scope) {
        Bound::Nobody => judged(Exposure::None, "its conditions contradict each other"),
        Bound::Undecided(why) if wide(principals) != Exposure::Account => Judged { exposure: Exposure::Unknown, reason: why },
        bound => of_principals(principals, &bound, scope),
    }
}

/// The widest that principals can be before any condition.
fn wide(principals: &Principals) -> Exposure {
    if principals.everyone || principals.negated { Exposure::Everyone } else { Exposure::Accounts }
}

fn of_principals(principals: &Principals, bound: &Bound, scope: &Scope<'_>) -> Judged {
    let mut found = vec![];
    if principals.everyone || principals.negated {
        let who = if principals.negated { "NotPrincipal with Allow is everyone but a few" } else { "its principal is everyone" };
        found.push(match bound {
            Bound::Open => (Exposure::Everyone, format!("{who}, and no condition says from which account or organisation")),
            Bound::Account => (Exposure::Account, format!("{who}, and its conditions bound that to the account itself")),
            Bound::Accounts => (Exposure::Accounts, format!("{who}, and its conditions bound that to named accounts or sources")),
            Bound::Organization => (Exposure::Organization, format!("{who}, and its conditions bound that to an organisation")),
            Bound::Nobody | Bound::Undecided(_) => (Exposure::Unknown, "its conditions cannot be decided".to_owned()),
        });
    }
    for name in principals.aws.iter().filter(|_| !principals.negated) {
        found.push(of_named(name, scope));
    }
    for service in principals.services.iter().filter(|_| !principals.negated) {
        found.push(match bound {
            Bound::Open => (Exposure::ServiceAnySource, format!("{service} may act for anyone: no condition names its source")),
            _ => (Exposure::ServiceBounded, format!("{service} may act for the source that its conditions name")),
        });
    }
    if !(principals.negated || principals.federated.is_empty() && principals.canonical.is_empty()) {
        found.push((Exposure::Unknown, "it names federated or canonical users".to_owned()));
    }
    found.into_iter().max_by_key(|(exposure, _)| *exposure).map_or_else(
        || Judged { exposure: Exposure::None, reason: "it names no principal".to_owned() },
        |(exposure, reason)| Judged { exposure, reason },
    )
}

fn of_named(name: &str, scope: &Scope<'_>) -> (Exposure, String) {
    let account = root_account(name).or_else(|| name.split(':').nth(4)).unwrap_or(name);
    if account == scope.account {
        return (Exposure::Account, "it names principals of the account itself".to_owned());
    }
    if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
        return (Exposure::Accounts, format!("it names account {account}"));
    }
    if name.starts_with("AROA") || name.starts_with("AIDA") {
        return (Exposure::None, "it names a principal that was deleted".to_owned());
    }
    (Exposure::Unknown, "it names a principal of no known form".to_owned())
}

fn takes_all_away(deny: &Statement, allow: &Statement) -> bool {
    let everyone = deny.principals.as_ref().is_some_and(|it| it.everyone && !it.negated);
    let covers_actions = match (&deny.actions, &allow.actions) {
        (crate::Match::Any(_), crate::Match::Any(actions)) => actions.iter().all(|action| deny.covers_action(action)),
        _ => false,
    };
    let covers_resources = match (&deny.resources, &allow.resources) {
        (None, _) => true,
        (Some(crate::Match::Any(denied)), Some(crate::Match::Any(allowed))) => {
            allowed.iter().all(|resource| denied.iter().any(|pattern| glob::matches(pattern, resource)))
        }
        (Some(crate::Match::Any(denied)), None) => denied.iter().any(|pattern| pattern == "*"),
        _ => false,
    };
    deny.effect == Effect::Deny && everyone && deny.conditions.is_empty() && covers_actions && covers_resources
}

/// What the conditions of a statement restrict its principals to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bound {
    Open,
    Organization,
    Accounts,
    Account,
    Nobody,
    Undecided(String),
}

/// All conditions have to hold, so the narrowest bounds the rest.
fn bound(conditions: &[Condition], scope: &Scope<'_>) -> Bound {
    let mut narrowest = Bound::Open;
    let rank = |bound: &Bound| match bound {
        Bound::Open => 0,
        Bound::Undecided(_) => 1,
        Bound::Organization => 3,
        Bound::Accounts => 4,
        Bound::Account => 5,
        Bound::Nobody => 6,
    };
    for condition in conditions {
        let this = of_condition(condition, scope);
        if rank(&this) > rank(&narrowest) {
            narrowest = this;
        }
    }
    narrowest
}

/// What one condition restricts principals to. Only positive operators with fixed values restrict; keys that may be absent from a request do not
/// under `…IfExists` and `ForAllValues:`.
///
/// Sources: "AWS global condition context keys", IAM User Guide; "Blocking public access to your Amazon S3 storage: The meaning of public".
fn of_condition(condition: &Condition, scope: &Scope<'_>) -> Bound {
    if condition.operator == Operator::Unknown {
        return Bound::Undecided(format!("its condition operator {} is not known", condition.operator_text));
    }
    if condition.operator.is_negated()
        || condition.operator == Operator::Null
        || condition.if_exists
        || condition.quantifier == Quantifier::ForAllValues
    {
        return Bound::Open;
    }
    if condition.values.is_empty() {
        return Bound::Nobody;
    }
    let all = |test: &dyn Fn(&str) -> bool| condition.values.iter().all(|value| test(value));
    let account_bound = |account_of: &dyn Fn(&str) -> Option<String>| {
        let accounts: Option<Vec<String>> = condition.values.iter().map(|value| account_of(value)).collect();
        match accounts {
            Some(accounts) if accounts.iter().all(|account| account == scope.account) => Bound::Account,
            Some(_) => Bound::Accounts,
            None => Bound::Open,
        }
    };
    match condition.key.to_ascii_lowercase().as_str() {
        "aws:principalaccount" | "aws:sourceaccount" | "aws:sourceowner" => {
            account_bound(&|value| is_account(value).then(|| value.to_owned()))
        }
        "aws:principalorgid" | "aws:sourceorgid" => {
            if all(&|value| value.starts_with("o-") && glob::is_fixed(value)) {
                Bound::Organization
            } else {
                Bound::Open
            }
        }
        // The organisation's part has to be fixed; below it a wildcard stays within the organisation.
        "aws:principalorgpaths" | "aws:sourceorgpaths" => {
            let fixed = |value: &str| {
                value.split_once('/').is_some_and(|(organization, _)| organization.starts_with("o-") && glob::is_fixed(organization))
            };
            if all(&fixed) { Bound::Organization } else { Bound::Open }
        }
        "aws:principalarn" | "aws:sourcearn" | "aws:sourcevpcarn" => account_bound(&|value| {
            let account = value.split(':').nth(4)?;
            if is_account(account) {
                return Some(account.to_owned());
            }
            // A bucket's ARN has no account: it is a fixed source, whoever owns it.
            (condition.key.eq_ignore_ascii_case("aws:SourceArn")
                && account.is_empty()
                && value.starts_with("arn:")
                && glob::is_fixed(value))
            .then(String::new)
        }),
        "aws:sourcevpc" | "aws:sourcevpce" => {
            if all(&glob::is_fixed) {
                Bound::Accounts
            } else {
                Bound::Open
            }
        }
        "aws:userid" | "aws:principalservicename" => Bound::Undecided(format!("it is bounded by {}", condition.key)),
        "aws:sourceip" => {
            if all(&|value| narrow_network(value)) {
                Bound::Accounts
            } else {
                Bound::Open
            }
        }
        "lambda:eventsourcetoken" => Bound::Accounts,
        _ => Bound::Open,
    }
}

fn is_account(value: &str) -> bool {
    value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a network is too narrow to count as the internet: /8 and narrower for IPv4, /32 and narrower for IPv6.
fn narrow_network(value: &str) -> bool {
    let (address, prefix) = value.split_once('/').map_or((value, None), |(address, prefix)| (address, prefix.parse::<u8>().ok()));
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => prefix.is_none_or(|prefix| prefix >= 8) && (prefix.is_some() || !value.contains('/')),
        Ok(std::net::IpAddr::V6(_)) => prefix.is_none_or(|prefix| prefix >= 32) && (prefix.is_some() || !value.contains('/')),
        Err(_) => false,
    }
}

/// Whom a function URL without authentication and its policy together let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlExposure {
    /// Everyone.
    Everyone,
    /// Nobody, as long as the policy stays as it is.
    Latent,
    /// It cannot be decided.
    Unknown,
}

impl UrlExposure {
    /// As it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Latent => "latent",
            Self::Unknown => "unknown",
        }
    }
}

/// Judges a function URL with AuthType NONE by the policy of what it belongs to: since October 2025 a caller needs both
/// `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`.
///
/// Source: "Control access to Lambda function URLs", AWS Lambda Developer Guide.
pub fn of_function_url(document: &Document, scope: &Scope<'_>) -> (UrlExposure, String) {
    let judged = of_document(document, scope);
    let widest = |action: &str| {
        let covering = document
            .statements
            .iter()
            .zip(&judged)
            .filter(|(statement, _)| statement.effect == Effect::Allow && statement.covers_action(action));
        covering
            .map(|(statement, judged)| if rules_url_out(statement) { Exposure::None } else { judged.exposure })
            .max()
            .unwrap_or(Exposure::None)
    };
    let (url, function) = (widest("lambda:InvokeFunctionUrl"), widest("lambda:InvokeFunction"));
    match (url, function) {
        (Exposure::Everyone, Exposure::Everyone) => {
            (UrlExposure::Everyone, "AuthType NONE, and the policy allows everyone InvokeFunctionUrl and InvokeFunction".to_owned())
        }
        (Exposure::Unknown | Exposure::Everyone, Exposure::Unknown | Exposure::Everyone) => {
            (UrlExposure::Unknown, "the policy cannot be decided".to_owned())
        }
        (Exposure::Everyone, _) => (
            UrlExposure::Latent,
            "AuthType NONE, but the policy allows everyone InvokeFunctionUrl only, which is no longer enough".to_owned(),
        ),
        _ => (UrlExposure::Latent, "AuthType NONE, but the policy does not allow everyone to call it, so AWS answers 403".to_owned()),
    }
}

/// Whether a statement cannot apply to a call through a URL without authentication.
fn rules_url_out(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        let value = |wanted: &str| condition.values.iter().any(|value| value.eq_ignore_ascii_case(wanted));
        match (condition.key.to_ascii_lowercase().as_str(), condition.operator) {
            ("lambda:functionurlauthtype", Operator::StringEquals | Operator::StringEqualsIgnoreCase | Operator::StringLike) => {
                !value("NONE") && !value("*")
            }
            ("lambda:invokedviafunctionurl", Operator::Bool) => !value("true"),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Exposure, Scope, UrlExposure, of_document, of_function_url};
    use crate::Document;

    const SCOPE: Scope<'_> = Scope { account: "111122223333", organization: Some("o-a1b2c3d4e5"), partition: "aws" };

    fn policy(statements: &str) -> Document {
        Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).expect("a policy")
    }

    fn allow(principal: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"lambda:InvokeFunction","Resource":"*","Condition":{condition}}}"#)
    }

    #[test]
    fn statements_are_exposed_as_far_as_their_conditions_let_them() {
        let service = r#"{"Service":"s3.amazonaws.com"}"#;
        for (principal, condition, expected) in [
            (r#""*""#, "{}", Exposure::Everyone),
            (r#"{"AWS":"*"}"#, "{}", Exposure::Everyone),
            (r#"{"AWS":["111122223333","*"]}"#, "{}", Exposure::Everyone),
            (r#""*""#, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#, Exposure::Organization),
            (r#""*""#, r#"{"StringEquals":{"AWS:principalorgid":["o-a1b2c3d4e5"]}}"#, Exposure::Organization),
            (r#""*""#, r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/*"}}"#, Exposure::Organization),
            (r#""*""#, r#"{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/*"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"StringEquals":{"aws:SourceAccount":"444455556666"}}"#, Exposure::Accounts),
            (r#""*""#, r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, Exposure::Account),
            (r#""*""#, r#"{"StringLike":{"aws:SourceAccount":"*"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::a-bucket"}}"#, Exposure::Accounts),
            (r#""*""#, r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"Bool":{"aws:SecureTransport":"true"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, Exposure::Accounts),
            (r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#, Exposure::Everyone),
            (r#""*""#, r#"{"StringMatches":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#, Exposure::Unknown),
            (r#"{"AWS":"111122223333"}"#, "{}", Exposure::Account),
            (r#"{"AWS":"arn:aws:iam::444455556666:root"}"#, "{}", Exposure::Accounts),
            (r#"{"AWS":"AROAEXAMPLEEXAMPLE123"}"#, "{}", Exposure::None),
            (service, "{}", Exposure::ServiceAnySource),
            (service, r#"{"StringEquals":{"AWS:SourceAccount":"111122223333"}}"#, Exposure::ServiceBounded),
        ] {
            let judged = of_document(&policy(&allow(principal, condition)), &SCOPE);
            assert_eq!(judged[0].exposure, expected, "{principal} {condition}: {}", judged[0].reason);
        }
    }

    #[test]
    fn a_denial_for_everyone_takes_away_and_a_narrower_one_does_not() {
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"lambda:*","Resource":"*"}"#;
        let narrow = r#"{"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"lambda:*","Resource":"*"}"#;
        let open = allow(r#""*""#, "{}");
        assert_eq!(of_document(&policy(&format!("{open},{deny}")), &SCOPE)[0].exposure, Exposure::None);
        assert_eq!(of_document(&policy(&format!("{open},{narrow}")), &SCOPE)[0].exposure, Exposure::Everyone);
        let except = r#"{"Effect":"Allow","NotPrincipal":{"AWS":"444455556666"},"Action":"lambda:InvokeFunction","Resource":"*"}"#;
        assert_eq!(of_document(&policy(except), &SCOPE)[0].exposure, Exposure::Everyone);
    }

    #[test]
    fn a_url_without_authentication_needs_both_statements() {
        let url = r#"{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"*","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}}"#;
        let function = r#"{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*","Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}}"#;
        let iam = url.replace("NONE", "AWS_IAM");
        let judged = |statements: &str| of_function_url(&policy(statements), &SCOPE).0;
        assert_eq!(judged(&format!("{url},{function}")), UrlExposure::Everyone);
        assert_eq!(judged(url), UrlExposure::Latent);
        assert_eq!(judged(function), UrlExposure::Latent);
        assert_eq!(judged(&format!("{iam},{function}")), UrlExposure::Latent);
        assert_eq!(judged(""), UrlExposure::Latent);
    }
}
