//! A statement made ready for comparison with rows: actions in small letters, policy variables widened.

use std::borrow::Cow;

use super::{Grant, ResourceScope, Source};
use crate::actions::{Levels, lower};
use crate::document::{Document, Effect, Match, Statement};
use crate::overlap;
use crate::pattern::glob;

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
        Self { written, small, colon, one_service }
    }

    pub(super) fn service(&self) -> &str {
        if self.is_everything() { "*" } else { &self.small[..self.colon] }
    }

    pub(super) fn is_everything(&self) -> bool {
        matches!(&*self.small, "*" | "*:*") || (!self.small.is_empty() && self.small.bytes().all(|byte| byte == b'*'))
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        !self.apart(other) && (self.is_everything() || overlap::covers(&self.small, &other.small))
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        !self.apart(other) && overlap::overlaps(&self.small, &other.small)
    }

    /// Whether both name a service, and not the same one.
    fn apart(&self, other: &Self) -> bool {
        self.one_service && other.one_service && self.small[..self.colon] != other.small[..other.colon]
    }
}

/// A pattern of resources.
#[derive(Debug, Clone)]
pub(super) struct ResourcePattern<'a> {
    pub(super) written: &'a str,
    /// With a wildcard in place of each policy variable.
    pub(super) wide: Cow<'a, str>,
    /// Whether it holds a policy variable.
    pub(super) variable: bool,
}

impl<'a> ResourcePattern<'a> {
    pub(super) fn new(written: &'a str) -> Self {
        let wide = overlap::widened(written);
        let variable = matches!(wide, Cow::Owned(_));
        Self { written, wide, variable }
    }
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
}

/// The Allow and the Deny statements of a policy.
pub(super) fn of<'a>(policy: &'a str, document: &'a Document) -> (Vec<Rule<'a>>, Vec<Rule<'a>>) {
    let rules = document.statements.iter().enumerate().map(|(statement, it)| Rule::new(Source { policy, statement }, it));
    rules.partition(|rule| rule.statement.effect == Effect::Allow)
}

impl<'a> Rule<'a> {
    fn new(source: Source<'a>, statement: &'a Statement) -> Self {
        let actions = statement.actions.values().iter().map(|value| ActionPattern::new(value.as_str())).collect();
        let resources = match &statement.resources {
            Some(resources) => resources.values().iter().map(|value| ResourcePattern::new(value.as_str())).collect(),
            // AWS refuses an identity policy without resources. An Allow would be about all of them, and a Deny is not relied upon.
            None if statement.effect == Effect::Allow => vec![ResourcePattern::new("*")],
            None => Vec::new(),
        };
        let not_resource = matches!(statement.resources, Some(Match::Not(_)));
        Self { statement, source, actions, not_action: matches!(statement.actions, Match::Not(_)), resources, not_resource }
    }

    /// The rows of an Allow statement: one an action.
    pub(super) fn grants(&self) -> Vec<Grant<'a>> {
        let everything = ActionPattern::new("*");
        let (patterns, excepted) =
            if self.not_action { (vec![everything], self.actions.clone()) } else { (self.actions.clone(), Vec::new()) };
        let (resources, excepted_resources) = if self.not_resource {
            (vec![ResourcePattern::new("*")], self.resources.clone())
        } else {
            (self.resources.clone(), Vec::new())
        };
        let row = |pattern: ActionPattern<'a>| Grant {
            action: pattern.written,
            levels: Levels::default(),
            scope: ResourceScope::Named,
            source: self.source,
            pattern,
            excepted: excepted.clone(),
            resources: resources.clone(),
            excepted_resources: excepted_resources.clone(),
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
                return if self.not_action { Relation::None } else { Relation::All };
            }
            part = part || pattern.overlaps(row);
        }
        part_of(part, self.not_action)
    }

    /// How much of a pattern of resources a Deny is surely about.
    pub(super) fn denies_resource(&self, row: &ResourcePattern<'_>) -> Relation {
        let mut part = false;
        for pattern in &self.resources {
            // What `NotResource` spares may be more than it says; what `Resource` denies is no more than it says.
            let covers = if self.not_resource {
                overlap::covers(&pattern.wide, &row.wide)
            } else {
                !pattern.variable && overlap::covers(pattern.written, &row.wide)
            };
            if covers {
                return if self.not_resource { Relation::None } else { Relation::All };
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
                !pattern.variable && overlap::covers(pattern.written, &row.wide)
            } else {
                overlap::covers(&pattern.wide, &row.wide)
            };
            if covers {
                return if self.not_resource { Relation::None } else { Relation::All };
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

/// Whether a Deny without conditions is about an action (in small letters), and surely about what a function tells of its resources.
pub(super) fn surely_denies(statement: &Statement, action: &str, sure: impl Fn(&str) -> bool) -> bool {
    let named = statement.actions.values().iter().any(|pattern| glob(&lower(pattern.as_str()), action));
    let about = named != matches!(statement.actions, Match::Not(_));
    // What is left of a `NotResource` is not looked into here.
    about
        && matches!(&statement.resources, Some(Match::Any(patterns)) if patterns.iter().any(|pattern| !pattern.as_str().contains("${") && sure(pattern.as_str())))
}
