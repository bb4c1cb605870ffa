//! What a role may do, worked out of all its policies: identity policies, within the permissions boundary and every level of service control policies, without
//! what a Deny takes away ("Policy evaluation logic" in the IAM User Guide).
//!
//! The rows may say more than the role may do, never less. They say more where
//!
//! - a Deny has conditions: it takes nothing away, since it may not apply;
//! - two patterns overlap and neither covers the other (`s3:*Object` within `s3:Get*`): the row keeps the wider of the two readings;
//! - a Deny is about some of a row's actions on some of its resources: the row stays, and [`Grant::narrowed`] says so;
//! - a policy variable stands for anything in an Allow, and for nothing in a Deny;
//! - the boundary or a service control policy could not be read: [`Grants::loose`] says so.
//!
//! Session policies and resource-based policies (so resource control policies too) are not in the rows: they belong to a request.
//! A policy that could not be read may allow more than the rows say: [`Grants::unknown`] says so, and the role is never judged harmless.

mod narrow;
mod rule;
mod scope;

use std::fmt;

use crate::actions::{self, Levels};
use crate::condition::{Condition, Operator};
use crate::document::{Document, Effect, Statement};
use crate::overlap;
use crate::pattern::glob;
use rule::{ActionPattern, ResourcePattern, Rule};
pub use scope::ResourceScope;

/// A policy and what it is called.
#[derive(Debug, Clone, Copy)]
pub struct NamedPolicy<'a> {
    /// The ARN of a managed policy, the name of an inline one.
    pub name: &'a str,
    /// The document; nothing where it could not be read or is not understood.
    pub document: Option<&'a Document>,
}

/// A role with everything that decides what it may do.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::grants::{NamedPolicy, RoleInput, effective};
///
/// let policy = Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": ["sqs:SendMessage", "s3:Get*"], "Resource": "*"}}"#)?;
/// let boundary = Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}"#)?;
/// let role = RoleInput {
///     identity: vec![NamedPolicy { name: "inline", document: Some(&policy) }],
///     boundary: Some(NamedPolicy { name: "arn:aws:iam::111122223333:policy/boundary", document: Some(&boundary) }),
///     ..RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws")
/// };
/// let grants = effective(&role);
/// assert_eq!(grants.rows.len(), 1);
/// assert_eq!(grants.rows[0].action, "sqs:SendMessage");
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RoleInput<'a> {
    /// The role's ARN.
    pub arn: &'a str,
    /// Its account, twelve digits.
    pub account: &'a str,
    /// Its partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// Its inline and its attached policies.
    pub identity: Vec<NamedPolicy<'a>>,
    /// Its permissions boundary, if it has one.
    pub boundary: Option<NamedPolicy<'a>>,
    /// The service control policies by level, the root first; empty where none apply (no organisation, the management account, service-linked roles).
    pub scps: Vec<Vec<NamedPolicy<'a>>>,
    /// Its trust policy; nothing where it could not be read or is not understood.
    pub trust: Option<&'a Document>,
    /// The account's place in its organisation, as `aws:PrincipalOrgPaths` has it (`o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`), where it is known.
    pub organization: Option<&'a str>,
}

impl<'a> RoleInput<'a> {
    /// A role without any policy.
    ///
    /// ```
    /// use lambdasweep_policy::grants::{RoleInput, effective};
    /// let role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
    /// assert!(effective(&role).rows.is_empty());
    /// ```
    pub const fn new(arn: &'a str, account: &'a str, partition: &'a str) -> Self {
        Self { arn, account, partition, identity: Vec::new(), boundary: None, scps: Vec::new(), trust: None, organization: None }
    }
}

/// Where a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source<'a> {
    /// The policy's name, as given.
    pub policy: &'a str,
    /// The index of its statement, from 0.
    pub statement: usize,
}

/// `name#0`.
impl fmt::Display for Source<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.policy, self.statement)
    }
}

/// One row: an action, or a pattern of actions, on resources.
#[derive(Debug, Clone)]
pub struct Grant<'a> {
    /// The action or the pattern, as a policy writes it; `*` for an Allow with `NotAction`.
    pub action: &'a str,
    /// The access levels of the actions that it covers and that no exception takes out.
    pub levels: Levels,
    /// How wide its resources are; the widest of them.
    pub scope: ResourceScope,
    /// Where it comes from: the identity policy's statement.
    pub source: Source<'a>,
    pattern: ActionPattern<'a>,
    excepted: Vec<ActionPattern<'a>>,
    resources: Vec<ResourcePattern<'a>>,
    excepted_resources: Vec<ResourcePattern<'a>>,
    conditions: Vec<&'a Condition>,
    denied: Vec<&'a Statement>,
}

impl<'a> Grant<'a> {
    /// The service prefix in small letters; `*` for every service.
    pub fn service(&self) -> &str {
        self.pattern.service()
    }

    /// The patterns of actions that `NotAction` or a Deny takes out.
    pub fn except_actions(&self) -> impl Iterator<Item = &'a str> {
        self.excepted.iter().map(|pattern| pattern.written)
    }

    /// The resources, as policies write them; `*` for an Allow with `NotResource`.
    pub fn resources(&self) -> impl Iterator<Item = &'a str> {
        self.resources.iter().map(|pattern| pattern.written)
    }

    /// The resources that `NotResource` or a Deny takes out.
    pub fn except_resources(&self) -> impl Iterator<Item = &'a str> {
        self.excepted_resources.iter().map(|pattern| pattern.written)
    }

    /// The action in words: `s3:Get*`, or `*, !iam:*` with what is taken out.
    ///
    /// ```
    /// # use lambdasweep_policy::{Document, grants::{NamedPolicy, RoleInput, effective}};
    /// let policy = Document::parse(r#"{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::logs"}}"#)?;
    /// let mut role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
    /// role.identity.push(NamedPolicy { name: "inline", document: Some(&policy) });
    /// let row = effective(&role).rows.remove(0);
    /// assert_eq!((row.action_text().as_str(), row.resource_text().as_str()), ("*, !iam:*", "*, !arn:aws:s3:::logs"));
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    pub fn action_text(&self) -> String {
        join([self.action].into_iter(), self.except_actions())
    }

    /// The resources in words, as [`Grant::action_text`].
    pub fn resource_text(&self) -> String {
        join(self.resources(), self.except_resources())
    }

    /// The conditions of the grant, and of the boundary and the service control policies that let it pass: all have to hold.
    pub fn conditions(&self) -> &[&'a Condition] {
        &self.conditions
    }

    /// The condition keys, sorted, each once.
    pub fn condition_keys(&self) -> Vec<&'a str> {
        let mut keys: Vec<&str> = self.conditions.iter().map(|condition| condition.key.as_str()).collect();
        keys.sort_unstable_by_key(|key| key.to_ascii_lowercase());
        keys.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        keys
    }

    /// Whether a Deny takes out something that the row's exceptions do not tell.
    pub fn narrowed(&self) -> bool {
        !self.denied.is_empty()
    }

    /// Whether the row is about every action, on every resource, always, and nothing is taken out.
    pub fn is_everything(&self) -> bool {
        self.pattern.is_everything()
            && self.excepted.is_empty()
            && self.scope == ResourceScope::All
            && self.conditions.is_empty()
            && self.denied.is_empty()
    }

    /// Whether the row is about an action on a resource, whatever its conditions: if it is not, no statement behind it allows that.
    ///
    /// ```
    /// # use lambdasweep_policy::{Document, grants::{NamedPolicy, RoleInput, effective}};
    /// let policy = Document::parse(r#"{"Statement": [
    ///     {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    ///     {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::logs/*"}]}"#)?;
    /// let mut role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
    /// role.identity.push(NamedPolicy { name: "inline", document: Some(&policy) });
    /// let row = effective(&role).rows.remove(0);
    /// assert!(row.narrowed() && row.covers("s3:DeleteObject", "arn:aws:s3:::data/x"));
    /// assert!(!row.covers("s3:DeleteObject", "arn:aws:s3:::logs/x"));
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    pub fn covers(&self, action: &str, resource: &str) -> bool {
        let action = actions::lower(action);
        self.covers_action(&action) && !self.reaches(&action, resource).is_empty()
    }

    /// Whether it covers an action, given in small letters.
    pub(crate) fn covers_action(&self, action: &str) -> bool {
        glob(&self.pattern.small, action) && !self.excepted.iter().any(|pattern| glob(&pattern.small, action))
    }

    /// The resources of the row on which an action (in small letters) is not surely denied, and that overlap a pattern of resources.
    pub(crate) fn reaches<'s>(&'s self, action: &str, target: &str) -> Vec<&'s str> {
        let sure = |pattern: &str, resource: &str| overlap::covers(pattern, resource) || overlap::covers(pattern, target);
        let taken = |resource: &str| {
            self.excepted_resources.iter().any(|pattern| !pattern.variable && sure(pattern.written, resource))
                || self.denied.iter().any(|statement| rule::surely_denies(statement, action, |pattern| sure(pattern, resource)))
        };
        let within = |resource: &&str| (target == "*" || overlap::reaches(resource, target)) && !taken(resource);
        self.resources.iter().map(|pattern| &*pattern.wide).filter(within).collect()
    }

    /// What tells the row from others that come from one statement.
    fn key(&self) -> impl Eq + std::hash::Hash {
        let conditions: Vec<*const Condition> = self.conditions.iter().map(|condition| std::ptr::from_ref(*condition)).collect();
        let excepted: Vec<&str> = self.except_actions().chain(self.except_resources()).collect();
        (self.action, self.resources().collect::<Vec<_>>(), excepted, self.excepted.len(), conditions)
    }

    fn finish(&mut self) {
        let exceptions: Vec<&str> = self.excepted.iter().map(|pattern| &*pattern.small).collect();
        self.levels = actions::levels_except(&self.pattern.small, &exceptions);
        if self.levels.is_empty() {
            // Every action that the table knows is taken out; one that it does not know may be left.
            self.levels = self.levels.with(actions::AccessLevel::Unknown);
        }
        let widest = self.resources.iter().map(|pattern| ResourceScope::of(&pattern.wide)).max().unwrap_or(ResourceScope::Named);
        self.scope = if widest == ResourceScope::All && !self.excepted_resources.is_empty() { ResourceScope::AllBut } else { widest };
    }

    /// The levels of its actions that could be granted on something narrower than `*`.
    pub(crate) fn levels_with_resources(&self) -> Levels {
        let exceptions: Vec<&str> = self.excepted.iter().map(|pattern| &*pattern.small).collect();
        actions::levels_with_resources(&self.pattern.small, &exceptions)
    }

    /// Whether its pattern is about every action of its service, or of all services.
    pub fn is_every_action(&self) -> bool {
        self.pattern.is_everything() || self.pattern.small.strip_prefix(self.pattern.service()) == Some(":*")
    }

    /// Whether its action holds a wildcard.
    pub fn is_action_pattern(&self) -> bool {
        overlap::is_pattern(&self.pattern.small)
    }
}

fn join<'a>(values: impl Iterator<Item = &'a str>, exceptions: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<String> = values.map(str::to_owned).collect();
    words.extend(exceptions.map(|value| format!("!{value}")));
    words.join(", ")
}

/// The effective grants of a role.
#[derive(Debug, Clone, Default)]
pub struct Grants<'a> {
    /// The rows, in the order of policies, statements and actions.
    pub rows: Vec<Grant<'a>>,
    /// Why the role may be allowed more than the rows say.
    pub unknown: Vec<String>,
    /// Why the role may be allowed less than the rows say, beyond what the module tells of all rows.
    pub loose: Vec<String>,
}

/// Works out the effective grants of a role; see the module for what the rows leave open.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::grants::{NamedPolicy, RoleInput, effective};
///
/// let admin = Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#)?;
/// let guard = Document::parse(r#"{"Statement": [
///     {"Effect": "Allow", "Action": "*", "Resource": "*"},
///     {"Effect": "Deny", "Action": "organizations:*", "Resource": "*"}]}"#)?;
/// let mut role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
/// role.identity.push(NamedPolicy { name: "arn:aws:iam::aws:policy/AdministratorAccess", document: Some(&admin) });
/// role.scps.push(vec![NamedPolicy { name: "p-guard", document: Some(&guard) }]);
/// assert_eq!(effective(&role).rows[0].action_text(), "*, !organizations:*");
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn effective<'a>(role: &RoleInput<'a>) -> Grants<'a> {
    let mut grants = Grants::default();
    let mut denials = Vec::new();
    for policy in &role.identity {
        let Some(document) = policy.document else {
            grants.unknown.push(format!("the policy {} could not be read or is not understood", policy.name));
            continue;
        };
        let (allows, denies) = rule::of(policy.name, document);
        for rule in &allows {
            if let Some(operator) = unknown_operator(rule.statement) {
                grants.unknown.push(format!("{} has the unknown condition operator {operator}", rule.source));
            }
        }
        grants.rows.extend(allows.iter().flat_map(Rule::grants));
        denials.extend(denies);
    }
    let levels = role.boundary.iter().map(std::slice::from_ref).chain(role.scps.iter().map(Vec::as_slice));
    for level in levels.filter(|level| !level.is_empty()) {
        let mut allows = Vec::new();
        let mut whole = true;
        for policy in level {
            let Some(document) = policy.document else {
                grants.loose.push(format!("the policy {} could not be read or is not understood", policy.name));
                whole = false;
                continue;
            };
            let (allowed, denied) = rule::of(policy.name, document);
            allows.extend(allowed);
            denials.extend(denied);
        }
        if whole {
            narrow::within(&mut grants, &allows);
        }
    }
    for rule in &denials {
        if let Some(operator) = unknown_operator(rule.statement) {
            grants.loose.push(format!("{} has the unknown condition operator {operator}", rule.source));
        }
    }
    narrow::without(&mut grants, &denials);
    grants.rows.iter_mut().for_each(Grant::finish);
    grants
}

fn unknown_operator(statement: &Statement) -> Option<&str> {
    statement.conditions.iter().find(|condition| condition.operator == Operator::Unknown).map(|condition| condition.operator_text.as_str())
}
