//! What a role may do, computed from all its policies: identity policies, within the permissions
//! boundary and every level of service control policies, without what a Deny removes ("Policy
//! evaluation logic" in the IAM User Guide).
//!
//! The rows may say more than the role may do, never less. They say more where
//!
//! - a Deny has conditions: it removes nothing, since it may not apply;
//! - two patterns overlap and neither covers the other (`s3:*Object` within `s3:Get*`): the row
//!   keeps the wider of the two readings;
//! - a Deny is about some of a row's actions on some of its resources: the row stays, and
//!   [`Grant::narrowed`] says so;
//! - a policy variable stands for anything in an Allow, and for nothing in a Deny; but one that no
//!   role has a value for (`aws:username`) stands for nothing in either, and in a version without
//!   variables it is ordinary text;
//! - the boundary or a service control policy could not be read: [`Grants::unknown_denies`] says so;
//! - policies larger than AWS accepts cannot be compared completely: [`Grants::unknown_denies`] and
//!   [`Grants::unknown_allows`] say so.
//!
//! Session policies and resource-based policies (so resource control policies too) are not in the
//! rows: they belong to a request. A policy of the role that could not be read may allow more than
//! the rows say, and deny what they say: [`Grants::unknown_allows`] and [`Grants::unknown_denies`]
//! say so, and the role is never judged harmless.

mod capability;
mod effort;
mod grant;
mod narrow;
mod rule;
mod scope;

use crate::document::{Document, Statement};
use crate::operator::Operator;
use crate::verdict::Layer;
pub use capability::{Capabilities, Capability};
pub(crate) use effort::Effort;
pub use grant::{Grant, Source};
use rule::Rule;
pub use scope::ResourceScope;

/// A policy and its name.
#[derive(Debug, Clone, Copy)]
pub struct NamedPolicy<'a> {
    /// The ARN of a managed policy, the name of an inline one.
    pub name: &'a str,
    /// The document; `None` if it could not be read or is not understood.
    pub document: Option<&'a Document>,
}

/// A role with everything that decides what it may do.
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
    /// The service control policies by level, the root first; empty where none apply (no
    /// organisation, the management account, service-linked roles).
    pub scps: Vec<Vec<NamedPolicy<'a>>>,
    /// Its trust policy; `None` if it could not be read or is not understood.
    pub trust: Option<&'a Document>,
    /// The account's place in its organisation, in the form of `aws:PrincipalOrgPaths`
    /// (`o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`), where it is known.
    pub organization: Option<&'a str>,
    /// Stored versions of its attached policies and of its boundary that are not the default: by
    /// the policy's ARN, each with its document.
    pub stored: Vec<NamedPolicy<'a>>,
    /// The ARNs of the instance profiles that hold it.
    pub instance_profiles: Vec<&'a str>,
    /// Whether its account is the organisation's management account, whose permission sets reach
    /// into all accounts.
    pub in_management_account: bool,
}

impl<'a> RoleInput<'a> {
    /// A role without any policy.
    pub const fn new(arn: &'a str, account: &'a str, partition: &'a str) -> Self {
        Self {
            arn,
            account,
            partition,
            identity: Vec::new(),
            boundary: None,
            scps: Vec::new(),
            trust: None,
            organization: None,
            stored: Vec::new(),
            instance_profiles: Vec::new(),
            in_management_account: false,
        }
    }
}

/// The effective grants of a role.
#[derive(Debug, Clone, Default)]
pub struct Grants<'a> {
    /// The rows, in the order of policies, statements and actions.
    pub rows: Vec<Grant<'a>>,
    /// Why the role may be allowed more than the rows say.
    pub unknown_allows: Vec<String>,
    /// Why the role may be allowed less than the rows say, beyond what the module says of all rows.
    pub unknown_denies: Vec<String>,
}

/// Computes the effective grants of a role; the module says what the rows leave open.
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
    effective_within(role, &Effort::default())
}

pub(crate) fn effective_within<'a>(role: &RoleInput<'a>, effort: &Effort) -> Grants<'a> {
    let mut grants = Grants::default();
    let mut denials = Vec::new();
    for policy in &role.identity {
        let Some(document) = policy.document else {
            // It may allow more, and it may deny what the others allow.
            let why = format!(
                "the policy {} could not be read or is not understood",
                policy.name
            );
            grants.unknown_allows.push(why.clone());
            grants.unknown_denies.push(why);
            continue;
        };
        let (allows, denies) = rule::of(policy.name, document, Layer::Identity);
        for rule in &allows {
            if let Some(operator) = unknown_operator(rule.statement) {
                grants.unknown_allows.push(format!(
                    "{} has the unknown condition operator {operator}",
                    rule.source
                ));
            }
        }
        grants.rows.extend(allows.iter().flat_map(Rule::grants));
        denials.extend(denies);
    }
    let boundary = role
        .boundary
        .iter()
        .map(|policy| (Layer::Boundary, std::slice::from_ref(policy)));
    let scps = role.scps.iter().map(|level| (Layer::Scp, level.as_slice()));
    for (layer, level) in boundary.chain(scps).filter(|(_, level)| !level.is_empty()) {
        let mut allows = Vec::new();
        let mut whole = true;
        for policy in level {
            let Some(document) = policy.document else {
                grants.unknown_denies.push(format!(
                    "the policy {} could not be read or is not understood",
                    policy.name
                ));
                whole = false;
                continue;
            };
            let (allowed, denied) = rule::of(policy.name, document, layer);
            allows.extend(allowed);
            denials.extend(denied);
        }
        if whole {
            narrow::within(&mut grants, &allows, effort);
        }
    }
    for rule in &denials {
        if let Some(operator) = unknown_operator(rule.statement) {
            grants.unknown_denies.push(format!(
                "{} has the unknown condition operator {operator}",
                rule.source
            ));
        }
    }
    narrow::without(&mut grants, &denials, effort);
    grants
        .rows
        .iter_mut()
        .fold(None, |known, row| Some(row.finish(known, effort)));
    if effort.is_spent() {
        let why = "the policies are too large to compare all of them";
        grants.unknown_allows.push(why.to_owned());
        grants.unknown_denies.push(why.to_owned());
    }
    grants
}

fn unknown_operator(statement: &Statement) -> Option<&str> {
    statement
        .conditions
        .iter()
        .find(|condition| condition.operator == Operator::Unknown)
        .map(|condition| condition.operator_text.as_str())
}
