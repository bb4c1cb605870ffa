//! A policy document, parsed.

use crate::condition::Condition;
use crate::pattern::Pattern;
use crate::verdict::Layer;

/// A policy document.
///
/// ```
/// use lambdasweep_policy::{Document, Effect};
///
/// let policy = Document::parse(
///     r#"{"Version": "2012-10-17", "Statement": {
///         "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
///         "Action": "lambda:InvokeFunction", "Resource": "*",
///         "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}}"#,
/// )?;
/// let statement = &policy.statements[0];
/// assert_eq!(statement.effect, Effect::Allow);
/// assert_eq!(statement.principals_text(), "s3.amazonaws.com");
/// assert!(statement.covers_action("LAMBDA:invokefunction"));
/// assert_eq!(statement.condition_keys(), ["aws:SourceAccount"]);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `2012-10-17` or `2008-10-17`.
    pub version: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Allows.
    Allow,
    /// Denies; a denial wins over any number of permissions.
    Deny,
}

impl Effect {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// A list that a request has to match (`Action`), or must not match (`NotAction`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// One of these.
    Any(Vec<Pattern>),
    /// None of these.
    Not(Vec<Pattern>),
}

/// The principals that a statement applies to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principals {
    /// `NotPrincipal`: everyone but those that follow.
    pub negated: bool,
    /// `*`, or `{"AWS": "*"}`.
    pub everyone: bool,
    /// Accounts and ARNs.
    pub aws: Vec<String>,
    /// Service principals.
    pub services: Vec<String>,
    /// Identity providers.
    pub federated: Vec<String>,
    /// Canonical user ids.
    pub canonical: Vec<String>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// The principals that it applies to; none in identity policies.
    pub principals: Option<Principals>,
    /// The actions.
    pub actions: Match,
    /// The resources; none in trust policies.
    pub resources: Option<Match>,
    /// The conditions, all of which must hold.
    pub conditions: Vec<Condition>,
}

/// Whether a policy completes an ARN whose last parts are missing: `arn:aws:sqs` then means
/// `arn:aws:sqs:*:*:*`.
///
/// Source: "IAM JSON policy elements: Resource", incomplete ARNs: those of identity-based policies
/// are completed. A permissions boundary is a managed policy, and so one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completion {
    Always,
    /// AWS does not document this for service control policies: completed where that allows more.
    WhereThatAllowsMore,
    Never,
}

impl Completion {
    pub(crate) const fn of(layer: Layer) -> Self {
        match layer {
            Layer::Identity | Layer::Boundary => Self::Always,
            Layer::Scp => Self::WhereThatAllowsMore,
            Layer::Session | Layer::Resource | Layer::Rcp => Self::Never,
        }
    }

    /// Whether the resources of a statement are completed.
    pub(crate) fn completes(self, effect: Effect, resources: &Match) -> bool {
        match self {
            Self::Always => true,
            Self::WhereThatAllowsMore => {
                (effect == Effect::Allow) == matches!(resources, Match::Any(_))
            }
            Self::Never => false,
        }
    }
}

impl Match {
    /// The values, matching or excluded.
    pub fn values(&self) -> &[Pattern] {
        match self {
            Self::Any(values) | Self::Not(values) => values,
        }
    }

    pub(crate) fn covers(&self, matches: impl Fn(&Pattern) -> bool) -> bool {
        match self {
            Self::Any(values) => values.iter().any(matches),
            Self::Not(values) => !values.iter().any(matches),
        }
    }
}

impl Statement {
    /// Whether the statement applies to an action (`lambda:InvokeFunction`).
    pub fn covers_action(&self, action: &str) -> bool {
        self.actions
            .covers(|pattern| pattern.matches_action(action))
    }

    /// The service principals that it names.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.principals
            .iter()
            .flat_map(|principals| principals.services.iter().map(String::as_str))
    }

    /// The principals as text, comma-separated, each with `!` before it for `NotPrincipal`.
    pub fn principals_text(&self) -> String {
        let Some(principals) = &self.principals else {
            return String::new();
        };
        let everyone = principals.everyone.then_some("*");
        let named = [
            &principals.aws,
            &principals.services,
            &principals.federated,
            &principals.canonical,
        ];
        let mut names: Vec<&str> = everyone
            .into_iter()
            .chain(named.into_iter().flatten().map(String::as_str))
            .collect();
        names.sort_unstable();
        let sign = if principals.negated { "!" } else { "" };
        names
            .iter()
            .map(|name| format!("{sign}{name}"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The actions as text, comma-separated, each with `!` before it for `NotAction`.
    pub fn actions_text(&self) -> String {
        let sign = if matches!(self.actions, Match::Not(_)) {
            "!"
        } else {
            ""
        };
        self.actions
            .values()
            .iter()
            .map(|action| format!("{sign}{action}"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The condition keys that it uses, sorted, each once.
    pub fn condition_keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self
            .conditions
            .iter()
            .map(|condition| condition.key.as_str())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Document {
    /// Whether its version has policy variables; in older versions they are plain text.
    ///
    /// Source: "IAM JSON policy elements: Version".
    pub fn has_variables(&self) -> bool {
        self.version.as_deref() == Some("2012-10-17")
    }

    /// The principals that Allow statements name, sorted, each once.
    pub fn principals_allowed(&self) -> Vec<String> {
        let allowed = self
            .statements
            .iter()
            .filter(|statement| statement.effect == Effect::Allow);
        let mut names: Vec<String> = allowed
            .flat_map(|statement| {
                statement
                    .principals_text()
                    .split(", ")
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        names
    }
}
