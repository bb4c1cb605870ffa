//! External access: reasons about a resource policy over all requests at once. Who is allowed?
//!
//! The answer is never narrower than the truth. A policy is split into **regions** of callers: each
//! Allow statement adds regions, each condition on the caller narrows them, and each Deny statement
//! that certainly covers what was allowed subtracts from them. A condition counts only where it can
//! be shown to restrict. Finally each region is classified by the widest class of callers in it.
//!
//! What is public follows "Blocking public access to your Amazon S3 storage: The meaning of public"
//! and the AWS Config rule `lambda-function-public-access-prohibited`: only conditions with fixed
//! values limit who is allowed. Further sources: "AWS global condition context keys", "The confused
//! deputy problem", "Control access to Lambda function URLs".
//!
//! ```
//! use lambdasweep_policy::Document;
//! use lambdasweep_policy::exposure::{Exposure, Scope, of_policy};
//!
//! let policy = Document::parse(
//!     r#"{"Version":"2012-10-17","Statement":[
//!         {"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*"},
//!         {"Effect":"Deny","Principal":"*","Action":"lambda:*","Resource":"*",
//!          "Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}"#,
//! )?;
//! let scope = Scope { account: "111122223333", organization: Some("o-a1b2c3d4e5"), partition: "aws" };
//! let external = of_policy(&policy, &scope);
//! assert_eq!(external.exposure, Exposure::Organization);
//! assert_eq!(external.organizations, ["o-a1b2c3d4e5"]);
//! # Ok::<(), lambdasweep_policy::PolicyError>(())
//! ```

mod bounds;
mod classify;
mod coverage;
mod doors;
mod identity;
mod keys;
mod provider;
mod region;
mod restriction;
mod uses;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::actions::lower;
use crate::document::{Document, Effect, Match, Statement};
use crate::pattern::Pattern;
use classify::Callers;
use coverage::{Denial, covers_resources, pattern_covers};
use region::Region;
pub(crate) use region::is_unique_id;
use restriction::Restriction;

pub use doors::{Door, Doors, Latent, UrlAuth, UrlExposure, doors};
pub use uses::{Use, control_levels, for_use};

/// Who is allowed by a statement or a policy, from the narrowest to the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposure {
    /// Nobody.
    None,
    /// Principals of the account itself.
    Account,
    /// An AWS service on behalf of named accounts, organisations or sources.
    ServiceBounded,
    /// Other accounts that are named; or callers from named networks, or named users of an identity
    /// provider.
    Accounts,
    /// An organisation, or a part of it.
    Organization,
    /// An AWS service on behalf of anyone: a confused deputy.
    ServiceAnySource,
    /// It cannot be decided.
    Unknown,
    /// Everyone.
    Everyone,
}

impl Exposure {
    /// The word in tables.
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
    /// The account that owns it; empty if it is not known, and then every account counts as another
    /// account.
    pub account: &'a str,
    /// The organisation of that account, where it is known.
    pub organization: Option<&'a str>,
    /// The partition.
    pub partition: &'a str,
}

/// The result for one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Who is allowed, after all Deny statements.
    pub exposure: Exposure,
    /// The reason, as a sentence.
    pub reason: String,
}

/// Who is allowed by a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// The widest exposure.
    pub exposure: Exposure,
    /// Each action as Allow statements write it, with its exposure, in the document's order; `*`
    /// stands for all actions that NotAction does not exclude, which the statement's reason names.
    pub actions: Vec<(String, Exposure)>,
    /// Other accounts that are allowed by name, directly or through a service that calls on their
    /// behalf, sorted.
    pub accounts: Vec<String>,
    /// Organisations (`o-…`) and their parts (`o-…/r-…/…`) that are allowed by name, directly or
    /// through a service, sorted.
    pub organizations: Vec<String>,
    /// Those of `accounts` that are allowed only through a service.
    pub source_accounts: Vec<String>,
    /// Those of `organizations` that are allowed only through a service.
    pub source_organizations: Vec<String>,
    /// AWS services that are allowed, sorted; `*` for all of them.
    pub services: Vec<String>,
    /// Whether services are allowed on behalf of anyone.
    pub services_for_anyone: bool,
    /// Whether callers are allowed that are limited by something other than their account or
    /// organisation: networks, user ids, claims of an identity provider.
    pub bounded_otherwise: bool,
    /// The result for each statement, in the document's order.
    pub statements: Vec<Judged>,
}

/// The resource that a policy is attached to.
#[derive(Debug, Clone, Copy)]
struct Resource<'a> {
    scope: &'a Scope<'a>,
    /// Whether it is the trust policy of a role.
    of_role: bool,
}

/// An action that an Allow statement grants, as it is written, and its exposure.
struct Grant<'d> {
    action: &'d str,
    exposure: Exposure,
}

/// Reasons about a policy: who is allowed, which actions, and by which statements.
pub fn of_policy(document: &Document, scope: &Scope<'_>) -> External {
    judge(
        document,
        &Resource {
            scope,
            of_role: false,
        },
    )
}

/// The same for a role's trust policy. A service assumes a role for the principals that pass it to
/// the service, which is possible only within the role's account.
///
/// Services that AWS documents to assume roles on behalf of other accounts are judged as in any
/// other policy.
///
/// ```
/// # use lambdasweep_policy::{Document, exposure::{Exposure, Scope, of_trust_policy}};
/// let policy = Document::parse(
///     r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#,
/// )?;
/// let external = of_trust_policy(&policy, &Scope { account: "111122223333", organization: None, partition: "aws" });
/// assert_eq!(external.exposure, Exposure::ServiceBounded);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn of_trust_policy(document: &Document, scope: &Scope<'_>) -> External {
    judge(
        document,
        &Resource {
            scope,
            of_role: true,
        },
    )
}

fn judge(document: &Document, resource: &Resource<'_>) -> External {
    let scope = resource.scope;
    let denials = document
        .statements
        .iter()
        .filter(|it| it.effect == Effect::Deny);
    let denials: Vec<Denial<'_>> = denials
        .map(|it| Denial::new(it, document.has_variables(), scope))
        .collect();
    let mut statements = Vec::with_capacity(document.statements.len());
    let mut grants: Vec<Grant<'_>> = Vec::new();
    let mut all = Callers::default();
    let mut splits = MOST_SPLITS;
    for statement in &document.statements {
        if statement.effect == Effect::Deny {
            statements.push(Judged {
                exposure: Exposure::None,
                reason: "a Deny statement allows no one".to_owned(),
            });
            continue;
        }
        let whole = opened(document, statement, scope);
        let actions = actions(statement);
        let mut callers = Callers::default();
        // Most actions of a statement are denied alike.
        let mut known: BTreeMap<Vec<usize>, Exposure> = BTreeMap::new();
        for (action, covering) in actions
            .iter()
            .zip(covering(document, statement, &actions, &denials))
        {
            let exposure = match known.get(&covering) {
                Some(exposure) => *exposure,
                None => {
                    let mut found = Callers::default();
                    if covering.is_empty() {
                        whole.iter().for_each(|region| found.add(region, resource));
                    } else {
                        let left =
                            without(&whole, covering.iter().map(|at| &denials[*at]), &mut splits);
                        left.iter().for_each(|region| found.add(region, resource));
                    }
                    let exposure = found.exposure();
                    callers.merge(found);
                    known.insert(covering, exposure);
                    exposure
                }
            };
            grants.push(Grant { action, exposure });
        }
        statements.push(callers.judged(statement, whole.is_empty()));
        all.merge(callers);
    }
    External {
        exposure: all.exposure(),
        actions: by_action(&grants),
        accounts: all.accounts.union(&all.source_accounts).cloned().collect(),
        organizations: all
            .organizations
            .union(&all.source_organizations)
            .cloned()
            .collect(),
        source_accounts: all
            .source_accounts
            .difference(&all.accounts)
            .cloned()
            .collect(),
        source_organizations: all
            .source_organizations
            .difference(&all.organizations)
            .cloned()
            .collect(),
        services: all.services.into_iter().collect(),
        services_for_anyone: all.services_for_anyone,
        bounded_otherwise: all.bounded_otherwise,
        statements,
    }
}

/// For each action of a statement, the denials that surely cover it.
fn covering(
    document: &Document,
    statement: &Statement,
    actions: &[&str],
    denials: &[Denial<'_>],
) -> Vec<Vec<usize>> {
    let mut covering = vec![Vec::new(); actions.len()];
    if denials.is_empty() {
        return covering;
    }
    let folded: Vec<String> = actions
        .iter()
        .map(|action| action.to_ascii_lowercase())
        .collect();
    for (at, denial) in denials.iter().enumerate() {
        if covers_resources(denial.statement, statement, document.has_variables()) {
            let covered = denial.covers_actions(&folded);
            covering
                .iter_mut()
                .zip(covered)
                .filter(|(_, covered)| *covered)
                .for_each(|(list, _)| list.push(at));
        }
    }
    covering
}

/// The actions that a statement grants, as it writes them.
fn actions(statement: &Statement) -> Vec<&str> {
    match &statement.actions {
        Match::Any(patterns) => patterns.iter().map(Pattern::as_str).collect(),
        // All but the listed ones, for which there is no name.
        Match::Not(_) => vec!["*"],
    }
}

/// The exposure of each action: that of every grant which covers it.
fn by_action(grants: &[Grant<'_>]) -> Vec<(String, Exposure)> {
    let folded: Vec<Cow<'_, str>> = grants.iter().map(|grant| lower(grant.action)).collect();
    // A pattern covers those that match it, and each action covers itself.
    let mut exact: BTreeMap<&str, (usize, Exposure)> = BTreeMap::new();
    for (at, (grant, folded)) in grants.iter().zip(&folded).enumerate() {
        let (_, widest) = exact.entry(folded).or_insert((at, grant.exposure));
        *widest = grant.exposure.max(*widest);
    }
    let is_wild = |text: &str| text.contains(['*', '?']);
    let patterns: Vec<(Pattern, Exposure)> = exact
        .iter()
        .filter(|(text, _)| is_wild(text))
        .map(|(text, (_, exposure))| (Pattern::from(*text), *exposure))
        .collect();
    let compared = exact.len().saturating_mul(patterns.len()) <= MOST_PAIRS;
    let mut distinct: Vec<(usize, &str, Exposure)> = exact
        .into_iter()
        .map(|(text, (at, exposure))| (at, text, exposure))
        .collect();
    distinct.sort_unstable_by_key(|(at, ..)| *at);
    distinct
        .into_iter()
        .map(|(at, text, exposure)| {
            let covers = |pattern: &Pattern| {
                **pattern == *"*" || (compared && pattern_covers(pattern, text))
            };
            let by_pattern = patterns
                .iter()
                .filter(|(pattern, _)| covers(pattern))
                .map(|(_, exposure)| *exposure);
            (
                grants[at].action.to_owned(),
                by_pattern.fold(exposure, Exposure::max),
            )
        })
        .collect()
}

/// How many pairs of actions are compared by their wildcards; far more than a policy of a size that
/// AWS accepts has.
const MOST_PAIRS: usize = 1 << 14;
/// How often denials may split regions in one policy. Beyond that further splitting denials are
/// ignored, so that the answer errs on the side of reporting access. Policies in practice need a
/// few dozen.
const MOST_SPLITS: usize = 300;
/// How many regions one statement may be split into.
const MOST_REGIONS: usize = 32;

/// The regions of callers that an Allow statement opens.
fn opened(document: &Document, statement: &Statement, scope: &Scope<'_>) -> Vec<Region> {
    let regions = match &statement.principals {
        None => vec![Region::undecided("the statement names no principal")],
        Some(principals) => Region::of_principals(principals),
    };
    let restrictions: Vec<Restriction> = statement
        .conditions
        .iter()
        .map(|condition| Restriction::of(condition, true, document.has_variables(), scope))
        .collect();
    let narrowed = |region: Region| restrictions.iter().try_fold(region, Region::narrowed);
    regions
        .into_iter()
        .filter_map(narrowed)
        .filter(|region| !region.is_empty())
        .collect()
}

/// What is left of regions after denials that surely cover what was allowed.
fn without<'d>(
    whole: &[Region],
    denials: impl Iterator<Item = &'d Denial<'d>>,
    splits: &mut usize,
) -> Vec<Region> {
    let mut regions = whole.to_vec();
    for denial in denials {
        let mut left: Vec<Region> = Vec::new();
        for (at, region) in regions.iter().enumerate() {
            let spared: Vec<Region> = if *splits == 0 {
                vec![region.clone()]
            } else {
                region
                    .spared(denial.statement.principals.as_ref(), &denial.unmet)
                    .into_iter()
                    .filter(|it| !it.is_empty())
                    .collect()
            };
            *splits = splits.saturating_sub(spared.len());
            // Those that come after are as many at the least.
            let room = MOST_REGIONS.saturating_sub(regions.len() - at - 1 + left.len());
            let spared = if spared.len() > room.max(1) {
                vec![region.clone()]
            } else {
                spared
            };
            for region in spared {
                if !left.iter().any(|other| region.is_within(other)) {
                    left.retain(|other| !other.is_within(&region));
                    left.push(region);
                }
            }
        }
        regions = left;
    }
    regions
}
