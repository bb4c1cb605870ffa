//! A row: an action or a pattern of actions, on resources, under conditions.

use std::fmt;
use std::sync::Arc;

use super::capability::{self, Capabilities, Capability};
use super::effort::Effort;
use super::rule::{ActionPattern, Denial, ResourcePattern};
use super::scope::ResourceScope;
use crate::actions::{self, AccessLevel, LevelSet, Levels};
use crate::condition::Condition;
use crate::operator::{Operator, Quantifier};
use crate::overlap;
use crate::pattern::glob;

/// How long the ARN of a role or a function is.
const TARGET: usize = 60;

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
    /// The levels of its actions that could be granted on something narrower than `*`.
    pub(crate) levels_with_resources: Levels,
    pub(super) pattern: ActionPattern<'a>,
    // The rows of a statement share these lists.
    pub(super) excepted: Arc<Vec<ActionPattern<'a>>>,
    pub(super) resources: Arc<Vec<ResourcePattern<'a>>>,
    pub(super) excepted_resources: Arc<Vec<ResourcePattern<'a>>>,
    pub(super) conditions: Vec<&'a Condition>,
    pub(super) denied: Vec<Denial<'a>>,
}

/// Condition keys, besides those of tags, that stand for a choice of resources. Source: the Service
/// Authorization Reference of the services.
const LIMITING: [&str; 8] = [
    "aws:resourceaccount",
    "dynamodb:leadingkeys",
    "ecs:cluster",
    "kms:requestalias",
    "kms:resourcealiases",
    "lambda:functionarn",
    "s3:resourceaccount",
    "ses:fromaddress",
];

/// Of these, the keys that choose an account, not resources of it.
const ACCOUNTS: [&str; 2] = ["aws:resourceaccount", "s3:resourceaccount"];

/// Whether a condition limits a grant to some resources.
fn limits_resources(condition: &Condition) -> bool {
    let key = condition.key.to_ascii_lowercase();
    let chooses = key.contains("resourcetag/")
        || key.contains("existingobjecttag/")
        || key.starts_with("kms:encryptioncontext")
        || LIMITING.contains(&key.as_str());
    chooses && selects(condition)
}

/// Whether a condition selects by its key. One that a request without the key meets does not, nor
/// does one that only excludes some values.
fn selects(condition: &Condition) -> bool {
    !condition.if_exists
        && !condition.values.iter().any(|value| value.as_str() == "*")
        && condition.quantifier != Quantifier::ForAllValues
        && condition.operator != Operator::Null
        && !condition.operator.is_negated()
}

impl<'a> Grant<'a> {
    /// The service prefix in lower case; `*` for every service.
    pub fn service(&self) -> &str {
        self.pattern.service()
    }

    /// The patterns of actions that `NotAction` or a Deny takes out.
    pub fn except_actions(&self) -> impl Iterator<Item = &'a str> {
        self.excepted.iter().map(|pattern| pattern.written)
    }

    /// The resources, as policies write them; `*` for an Allow with `NotResource`. An ARN that
    /// lacks parts is completed with wildcards.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().map(|pattern| &*pattern.written)
    }

    /// The resources that `NotResource` or a Deny takes out.
    pub fn except_resources(&self) -> impl Iterator<Item = &str> {
        self.excepted_resources
            .iter()
            .map(|pattern| &*pattern.written)
    }

    /// The action as text: `s3:Get*`, or `*, !iam:*` with exceptions.
    pub fn action_text(&self) -> String {
        join([self.action].into_iter(), self.except_actions())
    }

    /// The resources as text, as [`Grant::action_text`].
    pub fn resource_text(&self) -> String {
        join(self.resources(), self.except_resources())
    }

    /// The conditions of the grant, and of the boundary and the service control policies that let
    /// it pass: all have to hold.
    pub fn conditions(&self) -> &[&'a Condition] {
        &self.conditions
    }

    /// The access levels of those of its actions that are granted on every resource, or every one
    /// of a service, although they could be granted on less. None if a condition limits the
    /// resources: by their tags, or by what they contain.
    pub fn unlimited_levels(&self) -> Levels {
        let is_limited = self.conditions.iter().any(|it| limits_resources(it));
        if self.scope >= ResourceScope::Service && !is_limited {
            self.levels_with_resources
        } else {
            Levels::default()
        }
    }

    /// What its actions do beyond their access levels.
    pub fn capabilities(&self) -> Capabilities {
        capability::of(self.service(), |action| self.covers_action(action))
    }

    /// Those of them that it has on every resource, every one of a service, or every one of an
    /// account. None if a condition limits the resources further than to an account; decryption is
    /// limited also by a condition on the account together with one on the service that asks for
    /// it.
    pub fn unlimited_capabilities(&self) -> Capabilities {
        let chosen = |keys: &[&str]| {
            self.conditions.iter().any(|condition| {
                keys.contains(&condition.key.to_ascii_lowercase().as_str()) && selects(condition)
            })
        };
        let is_limited = self.conditions.iter().any(|condition| {
            let key = condition.key.to_ascii_lowercase();
            limits_resources(condition) && !ACCOUNTS.contains(&key.as_str())
        });
        if self.scope < ResourceScope::Account || is_limited {
            return Capabilities::default();
        }
        let held = self.capabilities();
        if chosen(&["kms:viaservice"]) && chosen(&ACCOUNTS) {
            held.without(Capability::Decrypts)
        } else {
            held
        }
    }

    /// The condition keys, sorted, each once.
    pub fn condition_keys(&self) -> Vec<&'a str> {
        let mut keys: Vec<&str> = self
            .conditions
            .iter()
            .map(|condition| condition.key.as_str())
            .collect();
        keys.sort_unstable_by_key(|key| key.to_ascii_lowercase());
        keys.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        keys
    }

    /// Whether a Deny removes something that the row's exceptions do not show.
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

    /// Whether the row is about an action on a resource, whatever its conditions: if it is not, no
    /// statement behind it allows that.
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

    /// Whether it covers an action, given in lower case.
    pub(crate) fn covers_action(&self, action: &str) -> bool {
        glob(&self.pattern.small, action)
            && !self
                .excepted
                .iter()
                .any(|pattern| glob(&pattern.small, action))
    }

    /// The resources of the row on which an action (in lower case) is not surely denied, and that
    /// overlap a pattern of resources.
    pub(crate) fn reaches<'s>(&'s self, action: &str, target: &str) -> Vec<&'s str> {
        let sure = |pattern: &str, resource: &str| {
            overlap::covers(pattern, resource) || overlap::covers(pattern, target)
        };
        let taken = |resource: &str| {
            self.excepted_resources
                .iter()
                .any(|pattern| !pattern.variable && sure(&pattern.wide, resource))
                || self
                    .denied
                    .iter()
                    .any(|denial| denial.surely_denies(action, |pattern| sure(pattern, resource)))
        };
        let within = |resource: &&str| {
            (target == "*" || overlap::reaches(resource, target)) && !taken(resource)
        };
        self.resources
            .iter()
            .map(|pattern| &*pattern.wide)
            .filter(within)
            .collect()
    }

    /// What distinguishes the row from others of the same statement.
    pub(super) fn key(&self) -> impl Eq + std::hash::Hash {
        let conditions: Vec<*const Condition> = self
            .conditions
            .iter()
            .map(|condition| std::ptr::from_ref(*condition))
            .collect();
        let excepted: Vec<&str> = self
            .except_actions()
            .chain(self.except_resources())
            .collect();
        (
            self.action,
            self.resources().collect::<Vec<_>>(),
            excepted,
            self.excepted.len(),
            conditions,
        )
    }

    /// Looks its levels up, and how wide its resources are; if there is no effort left for that,
    /// both are unknown. Takes and gives which list of resources was looked at last.
    pub(super) fn finish(
        &mut self,
        known: Option<(usize, ResourceScope)>,
        effort: &Effort,
    ) -> (usize, ResourceScope) {
        let exceptions: Vec<&str> = self
            .excepted
            .iter()
            .map(|pattern| &*pattern.small)
            .collect();
        let compared = self.pattern.most_compared() * (1 + exceptions.len());
        let covered = if effort.spend(compared) {
            actions::covered(&self.pattern.small, &exceptions)
        } else {
            LevelSet::UNKNOWN
        };
        (self.levels, self.levels_with_resources) = (covered.all, covered.with_resources);
        if self.levels.is_empty() {
            // Every action that the table knows is taken out; one that it does not know may be
            // left.
            self.levels = self.levels.with(AccessLevel::Unknown);
        }
        // Rows of a statement have one list, which is looked at once.
        let list = Arc::as_ptr(&self.resources).addr();
        let widest = match known {
            Some((of, scope)) if of == list => scope,
            _ if effort.spend(100 * self.resources.len()) => self
                .resources
                .iter()
                .map(|pattern| ResourceScope::of(&pattern.wide))
                .max()
                .unwrap_or(ResourceScope::Named),
            _ => ResourceScope::Pattern,
        };
        self.scope = if widest == ResourceScope::All && !self.excepted_resources.is_empty() {
            ResourceScope::AllBut
        } else {
            widest
        };
        (list, widest)
    }

    /// How many steps it takes to find out on which of its resources an action is not denied.
    pub(crate) fn steps_to_reach(&self) -> usize {
        let bytes = |patterns: &[ResourcePattern<'_>]| {
            patterns
                .iter()
                .map(|pattern| pattern.wide.len())
                .sum::<usize>()
        };
        let (count, excepted) = (self.resources.len(), self.excepted_resources.len());
        let denied: usize = self.denied.iter().map(Denial::size).sum();
        let each = 40 + bytes(&self.excepted_resources) + TARGET * excepted + 40 * denied;
        count
            .saturating_mul(each)
            .saturating_add(bytes(&self.resources).saturating_mul(excepted))
    }

    /// How many steps it takes to count the actions that its exceptions leave.
    pub(crate) fn steps_to_share(&self) -> usize {
        500 + self
            .excepted
            .iter()
            .map(|pattern| 500 + pattern.most_compared())
            .sum::<usize>()
    }

    /// How many steps it takes to find out whether it covers an action.
    pub(crate) fn steps_to_cover(&self) -> usize {
        10 + self.pattern.small.len() / 4 + 20 * self.excepted.len()
    }

    /// Whether its pattern is about every action of its service, or of all services.
    pub fn is_every_action(&self) -> bool {
        self.pattern.is_everything()
            || self.pattern.small.strip_prefix(self.pattern.service()) == Some(":*")
    }

    /// Whether its action holds a wildcard.
    pub fn is_action_pattern(&self) -> bool {
        overlap::is_pattern(&self.pattern.small)
    }
}

fn join<'a>(
    values: impl Iterator<Item = &'a str>,
    exceptions: impl Iterator<Item = &'a str>,
) -> String {
    let mut words: Vec<String> = values.map(str::to_owned).collect();
    words.extend(exceptions.map(|value| format!("!{value}")));
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Condition, limits_resources};
    use crate::Document;
    use crate::grants::{NamedPolicy, RoleInput, effective};

    /// The capabilities of the only row of a policy, and those of them that are unlimited.
    fn capabilities(statement: &str) -> (String, String) {
        let policy =
            Document::parse(&format!(r#"{{"Statement": {statement}}}"#)).expect("a policy");
        let mut role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
        role.identity.push(NamedPolicy {
            name: "inline",
            document: Some(&policy),
        });
        let grants = effective(&role);
        let [row] = &grants.rows[..] else {
            panic!("{} rows", grants.rows.len())
        };
        (
            row.capabilities().to_string(),
            row.unlimited_capabilities().to_string(),
        )
    }

    #[test]
    fn capabilities_follow_the_actions_and_are_limited_by_resources_and_conditions() {
        let both = |word: &str| (word.to_owned(), word.to_owned());
        let limited = |word: &str| (word.to_owned(), String::new());
        for (action, resource, condition, expected) in [
            ("kms:*", "*", "", both("decrypts")),
            ("kms:Encrypt", "*", "", both("")),
            (
                "kms:Decrypt",
                "arn:aws:kms:eu-west-1:111122223333:key/*",
                "",
                both("decrypts"),
            ),
            (
                "kms:Decrypt",
                "arn:aws:kms:eu-west-1:111122223333:key/1",
                "",
                limited("decrypts"),
            ),
            (
                "kms:Decrypt",
                "*",
                r#""StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}"#,
                both("decrypts"),
            ),
            (
                "kms:Decrypt",
                "*",
                r#""StringEquals": {"aws:ResourceAccount": "111122223333"}"#,
                both("decrypts"),
            ),
            (
                "kms:Decrypt",
                "*",
                r#""StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "aws:ResourceAccount": "111122223333"}"#,
                limited("decrypts"),
            ),
            (
                "kms:Decrypt",
                "*",
                r#""StringEquals": {"kms:EncryptionContext:app": "orders"}"#,
                limited("decrypts"),
            ),
            ("s3:Get*", "arn:aws:s3:::*", "", both("reads-data")),
            (
                "s3:Get*",
                "arn:aws:s3:::orders/*",
                "",
                limited("reads-data"),
            ),
            ("ssm:getparameter*", "*", "", both("reads-secrets")),
            ("*:GetParameter", "*", "", both("reads-secrets")),
            (
                "lambda:Get*",
                "*",
                "",
                both("reads-executions, reads-configuration"),
            ),
            (
                "lambda:updatefunctioncode",
                "*",
                "",
                both("changes-functions"),
            ),
        ] {
            let statement = format!(
                r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}", "Condition": {{{condition}}}}}"#
            );
            assert_eq!(
                capabilities(&statement),
                expected,
                "{action} {resource} {condition}"
            );
        }
        let (all, _) =
            capabilities(r#"{"Effect": "Allow", "NotAction": ["kms:*", "s3:*"], "Resource": "*"}"#);
        assert!(
            !all.contains("decrypts") && all.contains("reads-data"),
            "{all}"
        );
    }

    #[test]
    fn only_conditions_that_choose_resources_limit_a_grant() {
        for (operator, key, expected) in [
            ("StringEquals", "aws:ResourceTag/app", true),
            ("StringLike", "s3:ExistingObjectTag/app", true),
            ("ForAnyValue:StringEquals", "dynamodb:LeadingKeys", true),
            ("StringEquals", "kms:EncryptionContext:app", true),
            ("StringEquals", "kms:RequestAlias", true),
            ("ForAllValues:StringEquals", "dynamodb:LeadingKeys", false),
            ("StringEqualsIfExists", "aws:ResourceTag/app", false),
            ("StringNotEquals", "aws:ResourceTag/app", false),
            ("Null", "aws:ResourceTag/app", false),
            ("StringEquals", "aws:PrincipalTag/app", false),
            ("StringEquals", "aws:SourceVpc", false),
        ] {
            let condition = Condition::new(operator, key, ["x"]);
            assert_eq!(limits_resources(&condition), expected, "{operator} {key}");
        }
        let any = Condition::new("StringLike", "aws:ResourceTag/app", ["*"]);
        assert!(!limits_resources(&any));
    }
}
