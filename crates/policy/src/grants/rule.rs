//! A statement made ready for comparison with rows: actions in lower case, policy variables
//! widened.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Grant, ResourceScope, Source};
use crate::actions::{Levels, lower};
use crate::document::{Completion, Document, Effect, Match, Statement};
use crate::overlap;
use crate::pattern::{completed, glob};
use crate::verdict::Layer;

/// A pattern of actions.
#[derive(Debug, Clone)]
pub(super) struct ActionPattern<'a> {
    pub(super) written: &'a str,
    pub(super) small: Cow<'a, str>,
    /// Where the service prefix ends.
    colon: usize,
    /// Whether that is of one service.
    one_service: bool,
}

impl<'a> ActionPattern<'a> {
    pub(super) fn new(written: &'a str) -> Self {
        let small = lower(written);
        let colon = small.find(':').unwrap_or(small.len());
        let one_service = !overlap::is_pattern(&small[..colon]);
        Self {
            written,
            small,
            colon,
            one_service,
        }
    }

    pub(super) fn service(&self) -> &str {
        if self.is_everything() {
            "*"
        } else {
            &self.small[..self.colon]
        }
    }

    pub(super) fn is_everything(&self) -> bool {
        matches!(&*self.small, "*" | "*:*")
            || (!self.small.is_empty() && self.small.bytes().all(|byte| byte == b'*'))
    }

    /// How many steps it takes at the most to compare it with the table of actions.
    pub(super) fn most_compared(&self) -> usize {
        let actions = if self.is_everything() {
            500
        } else if self.one_service {
            300
        } else {
            20_000
        };
        actions * (1 + self.small.len() / 16)
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        !self.apart(other) && (self.is_everything() || overlap::covers(&self.small, &other.small))
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        !self.apart(other) && overlap::overlaps(&self.small, &other.small)
    }

    /// Whether both name a service, and not the same one.
    fn apart(&self, other: &Self) -> bool {
        self.one_service
            && other.one_service
            && self.small[..self.colon] != other.small[..other.colon]
    }
}

/// A pattern of resources.
#[derive(Debug, Clone)]
pub(super) struct ResourcePattern<'a> {
    /// As it is written; where its policy completes an ARN that lacks parts, with these.
    pub(super) written: Cow<'a, str>,
    /// The same with a wildcard in place of each policy variable.
    pub(super) wide: Cow<'a, str>,
    /// Whether it has a policy variable.
    pub(super) variable: bool,
}

impl<'a> ResourcePattern<'a> {
    pub(super) fn new(text: &'a str, reading: Reading) -> Self {
        let written = if reading.completes {
            completed(text, reading.variables)
        } else {
            Cow::Borrowed(text)
        };
        let variable = reading.variables && text.contains("${");
        let wide = if variable {
            Cow::Owned(overlap::widened(&written).into_owned())
        } else {
            written.clone()
        };
        Self {
            written,
            wide,
            variable,
        }
    }

    /// Every resource.
    fn everything() -> Self {
        Self {
            written: Cow::Borrowed("*"),
            wide: Cow::Borrowed("*"),
            variable: false,
        }
    }
}

/// How the resources of a statement are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Whether the policy's version has variables.
    variables: bool,
    /// Whether an ARN that lacks parts is completed.
    completes: bool,
}

impl Reading {
    /// Whether a pattern of resources matches nothing in any request of a role.
    fn matches_nothing(self, pattern: &str) -> bool {
        if !pattern.contains("${") {
            return false;
        }
        if self.variables {
            needs_user_name(pattern)
        } else {
            is_no_name_of_iam(pattern)
        }
    }
}

/// Whether a pattern depends on `aws:username`, which only an IAM user has.
///
/// Source: "AWS global condition context keys", aws:username; "IAM policy elements: Variables and
/// tags", default values.
fn needs_user_name(pattern: &str) -> bool {
    let variables = pattern
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    variables
        .map(|(variable, _)| variable)
        .any(|variable| variable.trim().eq_ignore_ascii_case("aws:username"))
}

/// Whether the text of a variable, taken literally, stands where no name in IAM can have it.
///
/// Source: "IAM and AWS STS quotas", IAM name requirements.
fn is_no_name_of_iam(pattern: &str) -> bool {
    let is_of_iam = pattern
        .strip_prefix("arn:")
        .and_then(|rest| rest.split(':').nth(1))
        == Some("iam");
    is_of_iam
        && pattern
            .rsplit('/')
            .next()
            .is_some_and(|name| name.contains(['$', '{', '}']))
}

/// How much of a row a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    None,
    Part,
    All,
}

/// A statement, ready for comparison.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    pub(super) statement: &'a Statement,
    pub(super) source: Source<'a>,
    pub(super) actions: Vec<ActionPattern<'a>>,
    pub(super) not_action: bool,
    pub(super) resources: Vec<ResourcePattern<'a>>,
    pub(super) not_resource: bool,
    pub(super) reading: Reading,
    pub(super) size: Size,
}

/// The Allow and the Deny statements of a policy.
pub(super) fn of<'a>(
    policy: &'a str,
    document: &'a Document,
    layer: Layer,
) -> (Vec<Rule<'a>>, Vec<Rule<'a>>) {
    let rule = |(index, statement): (usize, &'a Statement)| {
        let completion = Completion::of(layer);
        let completes = statement
            .resources
            .as_ref()
            .is_some_and(|resources| completion.completes(statement.effect, resources));
        let reading = Reading {
            variables: document.has_variables(),
            completes,
        };
        Rule::new(
            Source {
                policy,
                statement: index,
            },
            statement,
            reading,
        )
    };
    document
        .statements
        .iter()
        .enumerate()
        .map(rule)
        .partition(|rule| rule.statement.effect == Effect::Allow)
}

impl<'a> Rule<'a> {
    fn new(source: Source<'a>, statement: &'a Statement, reading: Reading) -> Self {
        let actions: Vec<_> = statement
            .actions
            .values()
            .iter()
            .map(|value| ActionPattern::new(value.as_str()))
            .collect();
        let resources: Vec<_> = match &statement.resources {
            Some(resources) => {
                let values = resources.values().iter().map(|value| value.as_str());
                values
                    .filter(|value| !reading.matches_nothing(value))
                    .map(|value| ResourcePattern::new(value, reading))
                    .collect()
            }
            // AWS refuses an identity policy without resources. An Allow would be about all of
            // them, and a Deny is not relied upon.
            None if statement.effect == Effect::Allow => vec![ResourcePattern::everything()],
            None => Vec::new(),
        };
        let not_resource = matches!(statement.resources, Some(Match::Not(_)));
        let (not_action, size) = (
            matches!(statement.actions, Match::Not(_)),
            Size::of(&actions, &resources),
        );
        Self {
            statement,
            source,
            actions,
            not_action,
            resources,
            not_resource,
            reading,
            size,
        }
    }

    /// The rows of an Allow statement: one an action; none where it is about no resource.
    pub(super) fn grants(&self) -> Vec<Grant<'a>> {
        if self.resources.is_empty() && !self.not_resource {
            return Vec::new();
        }
        let everything = ActionPattern::new("*");
        let (patterns, excepted) = if self.not_action {
            (vec![everything], self.actions.clone())
        } else {
            (self.actions.clone(), Vec::new())
        };
        let (resources, excepted_resources) = if self.not_resource {
            (vec![ResourcePattern::everything()], self.resources.clone())
        } else {
            (self.resources.clone(), Vec::new())
        };
        let (excepted, resources, excepted_resources) = (
            Arc::new(excepted),
            Arc::new(resources),
            Arc::new(excepted_resources),
        );
        let row = |pattern: ActionPattern<'a>| Grant {
            action: pattern.written,
            levels: Levels::default(),
            levels_with_resources: Levels::default(),
            scope: ResourceScope::Named,
            source: self.source,
            pattern,
            excepted: Arc::clone(&excepted),
            resources: Arc::clone(&resources),
            excepted_resources: Arc::clone(&excepted_resources),
            conditions: self.statement.conditions.iter().collect(),
            denied: Vec::new(),
        };
        patterns.into_iter().map(row).collect()
    }

    /// How much of a pattern of actions the rule is about.
    pub(super) fn about_actions(&self, row: &ActionPattern<'_>) -> Relation {
        let mut part = false;
        for pattern in &self.actions {
            if pattern.covers(row) {
                return if self.not_action {
                    Relation::None
                } else {
                    Relation::All
                };
            }
            part = part || pattern.overlaps(row);
        }
        part_of(part, self.not_action)
    }

    /// How much of a pattern of resources a Deny is surely about.
    pub(super) fn denies_resource(&self, row: &ResourcePattern<'_>) -> Relation {
        let mut part = false;
        for pattern in &self.resources {
            // What `NotResource` spares may be more than it says; what `Resource` denies is no more
            // than it says.
            let covers = if self.not_resource {
                overlap::covers(&pattern.wide, &row.wide)
            } else {
                !pattern.variable && overlap::covers(&pattern.wide, &row.wide)
            };
            if covers {
                return if self.not_resource {
                    Relation::None
                } else {
                    Relation::All
                };
            }
            part = part || overlap::overlaps(&pattern.wide, &row.wide);
        }
        part_of(part, self.not_resource)
    }

    /// How much of a pattern of resources an Allow may be about.
    pub(super) fn allows_resource(&self, row: &ResourcePattern<'_>) -> Relation {
        let mut part = false;
        for pattern in &self.resources {
            let covers = if self.not_resource {
                !pattern.variable && overlap::covers(&pattern.wide, &row.wide)
            } else {
                overlap::covers(&pattern.wide, &row.wide)
            };
            if covers {
                return if self.not_resource {
                    Relation::None
                } else {
                    Relation::All
                };
            }
            part = part || overlap::overlaps(&pattern.wide, &row.wide);
        }
        part_of(part, self.not_resource)
    }
}

const fn part_of(part: bool, negated: bool) -> Relation {
    match (part, negated) {
        (true, _) => Relation::Part,
        (false, false) => Relation::None,
        (false, true) => Relation::All,
    }
}

/// A Deny without conditions that removes something from a row that the row's exceptions cannot
/// express.
#[derive(Debug, Clone, Copy)]
pub(super) struct Denial<'a> {
    statement: &'a Statement,
    reading: Reading,
}

impl<'a> Rule<'a> {
    pub(super) const fn denial(&self) -> Denial<'a> {
        Denial {
            statement: self.statement,
            reading: self.reading,
        }
    }
}

impl Denial<'_> {
    /// How many patterns are compared to know whether it is about an action on a resource.
    pub(super) fn size(&self) -> usize {
        self.statement.actions.values().len()
            + self
                .statement
                .resources
                .as_ref()
                .map_or(0, |it| it.values().len())
    }

    /// Whether it is about an action (in lower case), and surely about the resources that a
    /// function accepts.
    pub(super) fn surely_denies(&self, action: &str, sure: impl Fn(&str) -> bool) -> bool {
        let named = self
            .statement
            .actions
            .values()
            .iter()
            .any(|pattern| glob(&lower(pattern.as_str()), action));
        if named == matches!(self.statement.actions, Match::Not(_)) {
            return false;
        }
        // What is left of a `NotResource` is not looked into here.
        let Some(Match::Any(patterns)) = &self.statement.resources else {
            return false;
        };
        let mut read = patterns
            .iter()
            .map(|pattern| ResourcePattern::new(pattern.as_str(), self.reading));
        read.any(|pattern| !pattern.variable && sure(&pattern.wide))
    }
}

/// How large a rule is: by it one knows beforehand how long it takes to compare it with a row.
#[derive(Debug)]
pub(super) struct Size {
    actions: usize,
    action_bytes: usize,
    resources: usize,
    resource_bytes: usize,
}

impl Size {
    fn of(actions: &[ActionPattern<'_>], resources: &[ResourcePattern<'_>]) -> Self {
        Self {
            actions: actions.len(),
            action_bytes: actions.iter().map(|pattern| pattern.small.len()).sum(),
            resources: resources.len(),
            resource_bytes: resources.iter().map(|pattern| pattern.wide.len()).sum(),
        }
    }

    /// How many steps it takes to compare its actions with a row's; patterns are compared 64
    /// characters of the one at a time.
    pub(super) fn of_actions(&self, row: &Grant<'_>) -> usize {
        self.actions + row.pattern.small.len().saturating_mul(self.action_bytes) / 64
    }

    /// The same for resources.
    pub(super) fn of_resources(&self, row: &Grant<'_>) -> usize {
        let bytes: usize = row.resources.iter().map(|pattern| pattern.wide.len()).sum();
        row.resources
            .len()
            .saturating_mul(self.resources)
            .saturating_add(bytes.saturating_mul(self.resource_bytes) / 64)
    }
}
