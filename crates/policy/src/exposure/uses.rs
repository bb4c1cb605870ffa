//! What a policy of a function is used for: invoking the function, or controlling it.

use std::collections::BTreeSet;

use crate::actions::{self, Levels};
use crate::document::{Document, Effect, Match, Statement};
use crate::pattern::Pattern;

use super::doors::{self, UrlAuth};

/// The actions that invoke a function, in lower case. Source: Service Authorization Reference,
/// "Actions, resources, and condition keys for AWS Lambda".
const INVOCATIONS: [&str; 3] = [
    "lambda:invokeasync",
    "lambda:invokefunction",
    "lambda:invokefunctionurl",
];

/// A use of what a policy allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// Any way of invoking the function.
    Invoke,
    /// `lambda:InvokeFunctionUrl`, for a URL with authentication by IAM.
    Url,
    /// `lambda:InvokeFunction` on behalf of such a URL.
    ThroughUrl,
    /// Everything else: reading the function's code and configuration, and changing them.
    Control,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Invoke, Self::Url, Self::ThroughUrl, Self::Control];

    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Url => "url",
            Self::ThroughUrl => "through-url",
            Self::Control => "control",
        }
    }
}

/// The policy of a function as it counts for one use. The statements keep their places; those that
/// allow nothing of the kind have no actions.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::exposure::{Exposure, Scope, Use, for_use, of_policy};
///
/// let policy = Document::parse(
///     r#"{"Version":"2012-10-17","Statement":[
///         {"Effect":"Allow","Principal":{"Service":"edgelambda.amazonaws.com"},"Action":"lambda:GetFunction","Resource":"*"}]}"#,
/// )?;
/// let scope = Scope { account: "111122223333", organization: None, partition: "aws" };
/// assert_eq!(of_policy(&for_use(&policy, Use::Invoke), &scope).exposure, Exposure::None);
/// assert_eq!(of_policy(&for_use(&policy, Use::Control), &scope).exposure, Exposure::ServiceAnySource);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn for_use(document: &Document, of: Use) -> Document {
    let granted: fn(&Statement) -> Match = match of {
        Use::Url => return doors::for_call(document, doors::Call::Url(UrlAuth::AwsIam)),
        Use::ThroughUrl => return doors::for_call(document, doors::Call::Through(UrlAuth::AwsIam)),
        Use::Invoke => invoking,
        Use::Control => controlling,
    };
    let mut specialised = document.clone();
    for statement in &mut specialised.statements {
        if statement.effect == Effect::Allow {
            statement.actions = granted(statement);
        }
    }
    specialised
}

/// What a statement allows that invokes.
fn invoking(statement: &Statement) -> Match {
    let covered = INVOCATIONS
        .into_iter()
        .filter(|action| statement.covers_action(action));
    Match::Any(covered.map(Pattern::from).collect())
}

/// What a statement allows besides.
fn controlling(statement: &Statement) -> Match {
    match &statement.actions {
        Match::Any(patterns) => {
            let others = patterns.iter().filter(|pattern| !only_invokes(pattern));
            Match::Any(others.cloned().collect())
        }
        all_but @ Match::Not(_) => all_but.clone(),
    }
}

/// Whether a pattern stands for actions that invoke, and for no other.
fn only_invokes(pattern: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    if !pattern.contains(['*', '?']) {
        return INVOCATIONS.contains(&pattern.as_str());
    }
    let all = actions::expand(&pattern);
    !all.is_empty()
        && all
            .iter()
            .all(|action| INVOCATIONS.contains(&action.to_string().to_ascii_lowercase().as_str()))
}

/// The access levels of the actions by which a statement controls a function, as [`for_use`]
/// returns it; none if it does not.
pub fn control_levels(statement: &Statement) -> Levels {
    match &statement.actions {
        Match::Any(patterns) => {
            let distinct: BTreeSet<String> = patterns
                .iter()
                .map(|pattern| pattern.to_ascii_lowercase())
                .collect();
            distinct.iter().fold(Levels::default(), |levels, pattern| {
                levels.or(actions::levels_except(pattern, &INVOCATIONS))
            })
        }
        Match::Not(patterns) => {
            let mut exceptions: Vec<String> = patterns
                .iter()
                .map(|pattern| pattern.to_ascii_lowercase())
                .collect();
            exceptions.extend(INVOCATIONS.map(str::to_owned));
            let exceptions: Vec<&str> = exceptions.iter().map(String::as_str).collect();
            actions::levels_except("lambda:*", &exceptions)
        }
    }
}
