//! Which ways to call a function are open to everyone: the direct call, and the call through a
//! function URL.
//!
//! Since October 2025 a caller of a function URL needs `lambda:InvokeFunctionUrl` and
//! `lambda:InvokeFunction`; the first counts for nothing without a URL. Two condition keys
//! distinguish the calls: `lambda:FunctionUrlAuthType` is the URL's authentication, and
//! `lambda:InvokedViaFunctionUrl` is true where `lambda:InvokeFunction` is asked for because of a
//! URL. For each kind of call the policy is specialised: statements that cannot apply to it and
//! conditions that it meets are removed, and the rest is judged as usual.
//!
//! Source: "Control access to Lambda function URLs", AWS Lambda Developer Guide.

use std::collections::BTreeSet;

use crate::condition::Condition;
use crate::document::{Document, Effect, Match, Statement};
use crate::pattern::Pattern;
use crate::principal::Principal;
use crate::request::{Context, Request, View};

use super::{Exposure, Scope, of_policy};

const AUTH_TYPE: &str = "lambda:functionurlauthtype";
const VIA_URL: &str = "lambda:invokedviafunctionurl";

/// How a function URL authenticates those who call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlAuth {
    /// Not at all.
    None,
    /// By their signature.
    AwsIam,
}

impl UrlAuth {
    /// As AWS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwsIam => "AWS_IAM",
        }
    }
}

/// The door that a statement opens to everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// None: it does not allow everyone.
    None,
    /// The call through a function URL. The statement alone does not show whether there is a URL
    /// and the other permission.
    Url,
    /// The direct call, with any AWS account and without a URL.
    Direct,
    /// It cannot be decided whether it opens the direct call.
    Unknown,
}

impl Door {
    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Url => "url",
            Self::Direct => "direct",
            Self::Unknown => "unknown",
        }
    }
}

/// Who is allowed by a function URL and its policy together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlExposure {
    /// Everyone; with AWS_IAM everyone who has an AWS account.
    Everyone,
    /// AuthType NONE, and the policy grants everyone only one of the two actions: adding the other
    /// one opens the URL.
    Half,
    /// AuthType NONE, and the policy grants everyone neither action.
    Latent,
    /// AWS_IAM: only callers that their own account and the policy allow.
    Iam,
    /// It cannot be decided.
    Unknown,
}

impl UrlExposure {
    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Half => "half",
            Self::Latent => "latent",
            Self::Iam => "iam",
            Self::Unknown => "unknown",
        }
    }
}

/// Access that is closed, and opens as soon as its other half appears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latent {
    /// The statement by its place in the policy; none for the URL itself.
    pub statement: Option<usize>,
    /// Whether there is a URL without authentication, and the policy grants everyone one of the two
    /// actions.
    pub half_open: bool,
    /// The reason, as a sentence.
    pub reason: String,
}

/// The doors of a function, a version or an alias.
///
/// Each open door is reported once: a statement's direct call by [`Door::Direct`], the URL by its
/// exposure, and what is not open yet by `latent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doors {
    /// What each statement opens, in the document's order.
    pub statements: Vec<Door>,
    /// Who is allowed by the URL, and why, if there is a URL.
    pub url: Option<(UrlExposure, String)>,
    /// Access that is closed, and opens as soon as its other half appears.
    pub latent: Vec<Latent>,
}

/// A kind of call, as distinguished by condition keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// `lambda:InvokeFunction` without a URL, and its older form `lambda:InvokeAsync`.
    Invoke,
    /// `lambda:InvokeFunctionUrl`.
    Url(UrlAuth),
    /// `lambda:InvokeFunction` on behalf of a URL.
    Through(UrlAuth),
}

/// Judges the policy of a function, a version or an alias together with the URL that belongs to it.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::exposure::{Door, Scope, UrlAuth, UrlExposure, doors};
///
/// let policy = Document::parse(
///     r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"*",
///         "Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}}]}"#,
/// )?;
/// let scope = Scope { account: "111122223333", organization: None, partition: "aws" };
/// let doors = doors(Some(&policy), &scope, Some(UrlAuth::None));
/// assert_eq!(doors.statements, [Door::Url]);
/// assert_eq!(doors.url.map(|(exposure, _)| exposure), Some(UrlExposure::Half));
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn doors(document: Option<&Document>, scope: &Scope<'_>, url: Option<UrlAuth>) -> Doors {
    let opened = document
        .map(|document| Opened::by(document, scope))
        .unwrap_or_default();
    let statements: Vec<Door> = opened
        .direct
        .iter()
        .enumerate()
        .map(|(at, direct)| door(*direct, &opened, at))
        .collect();
    let url = url.map(|auth| (auth, judge_url(auth, &opened)));
    let latent = latent(
        &statements,
        &opened,
        url.as_ref().map(|(auth, (exposure, _))| (*auth, *exposure)),
    );
    let mut doors = Doors {
        statements,
        url: None,
        latent,
    };
    if let Some((_, (exposure, reason))) = url {
        if matches!(exposure, UrlExposure::Half | UrlExposure::Latent) {
            doors.latent.insert(
                0,
                Latent {
                    statement: None,
                    half_open: exposure == UrlExposure::Half,
                    reason: reason.clone(),
                },
            );
        }
        doors.url = Some((exposure, reason));
    }
    doors
}

/// How far each statement opens each kind of call, after all Deny statements.
#[derive(Debug, Default)]
struct Opened {
    /// Calls without a URL.
    direct: Vec<Exposure>,
    /// `lambda:InvokeFunctionUrl`: with NONE, and with AWS_IAM.
    url: [Vec<Exposure>; 2],
    /// `lambda:InvokeFunction` on behalf of a URL: with NONE, and with AWS_IAM.
    through: [Vec<Exposure>; 2],
}

impl Opened {
    fn by(document: &Document, scope: &Scope<'_>) -> Self {
        let by = |call| -> Vec<Exposure> {
            of_policy(&for_call(document, call), scope)
                .statements
                .iter()
                .map(|it| it.exposure)
                .collect()
        };
        // What does not let everyone in as a whole does so by no kind of call.
        if of_policy(document, scope).exposure < Exposure::Unknown {
            let none = || vec![Exposure::None; document.statements.len()];
            return Self {
                direct: none(),
                url: [none(), none()],
                through: [none(), none()],
            };
        }
        Self {
            direct: by(Call::Invoke),
            url: [UrlAuth::None, UrlAuth::AwsIam].map(|auth| by(Call::Url(auth))),
            through: [UrlAuth::None, UrlAuth::AwsIam].map(|auth| by(Call::Through(auth))),
        }
    }

    /// Whether a statement lets everyone do something, or may do so, that a URL with this
    /// authentication needs.
    fn serves(&self, auth: UrlAuth, statement: usize) -> bool {
        [&self.url, &self.through].iter().any(|by| {
            by[auth as usize]
                .get(statement)
                .is_some_and(|exposure| may_be_everyone(*exposure))
        })
    }
}

fn may_be_everyone(exposure: Exposure) -> bool {
    matches!(exposure, Exposure::Everyone | Exposure::Unknown)
}

fn door(direct: Exposure, opened: &Opened, statement: usize) -> Door {
    match direct {
        Exposure::Everyone => Door::Direct,
        Exposure::Unknown => Door::Unknown,
        _ if opened.serves(UrlAuth::None, statement)
            || opened.serves(UrlAuth::AwsIam, statement) =>
        {
            Door::Url
        }
        _ => Door::None,
    }
}

fn judge_url(auth: UrlAuth, opened: &Opened) -> (UrlExposure, String) {
    let widest = |by: &[Vec<Exposure>; 2]| {
        by[auth as usize]
            .iter()
            .max()
            .copied()
            .unwrap_or(Exposure::None)
    };
    let (url, through) = (widest(&opened.url), widest(&opened.through));
    let name = auth.as_str();
    match (auth, may_be_everyone(url), may_be_everyone(through)) {
        (_, true, true) if url == Exposure::Unknown || through == Exposure::Unknown => {
            (UrlExposure::Unknown, format!("AuthType {name}, and the policy cannot be evaluated"))
        }
        (UrlAuth::None, true, true) => {
            (UrlExposure::Everyone, "AuthType NONE, and the policy allows everyone InvokeFunctionUrl and InvokeFunction".to_owned())
        }
        (UrlAuth::AwsIam, true, true) => (
            UrlExposure::Everyone,
            "AuthType AWS_IAM, and the policy allows everyone InvokeFunctionUrl and InvokeFunction: anyone with an AWS account may call it"
                .to_owned(),
        ),
        (UrlAuth::AwsIam, ..) => (UrlExposure::Iam, "callers must sign their requests".to_owned()),
        (UrlAuth::None, true, false) => (
            UrlExposure::Half,
            "AuthType NONE, and the policy allows everyone InvokeFunctionUrl only: since October 2025 AWS also requires InvokeFunction (for older \
             URLs from 2026-11-01)"
                .to_owned(),
        ),
        (UrlAuth::None, false, true) => (
            UrlExposure::Half,
            "AuthType NONE, and the policy allows everyone InvokeFunction: once it allows InvokeFunctionUrl too, everyone may call the URL"
                .to_owned(),
        ),
        (UrlAuth::None, false, false) => (
            UrlExposure::Latent,
            "AuthType NONE, and the policy does not allow everyone to call it: AWS answers 403 until the statements are added".to_owned(),
        ),
    }
}

/// What statements open by a URL that is not there, or that asks for something else.
fn latent(
    statements: &[Door],
    opened: &Opened,
    url: Option<(UrlAuth, UrlExposure)>,
) -> Vec<Latent> {
    let waiting = statements
        .iter()
        .enumerate()
        .filter(|(_, door)| **door == Door::Url)
        .filter(|(at, _)| match url {
            // These statements already count in the URL's exposure.
            Some((auth, UrlExposure::Everyone | UrlExposure::Half | UrlExposure::Unknown)) => {
                !opened.serves(auth, *at)
            }
            _ => true,
        });
    let reason = |at: usize| {
        match url {
        None => "it allows everyone through a function URL: there is none yet, and creating one opens it".to_owned(),
        Some((auth, _)) if opened.serves(auth, at) => {
            format!("it allows everyone one of the two actions that the URL with AuthType {} requires", auth.as_str())
        }
        Some((auth, _)) => {
            format!("it allows everyone through a function URL with an AuthType other than {}: changing the AuthType opens it", auth.as_str())
        }
    }
    };
    waiting
        .map(|(at, _)| Latent {
            statement: Some(at),
            half_open: false,
            reason: reason(at),
        })
        .collect()
}

/// The policy as it counts for one kind of call. The statements keep their places.
pub(super) fn for_call(document: &Document, call: Call) -> Document {
    let mut specialised = document.clone();
    let variables = document.has_variables();
    for statement in &mut specialised.statements {
        let mut applies = true;
        statement
            .conditions
            .retain(|condition| match met(condition, call, variables) {
                Some(met) => {
                    applies &= met;
                    false
                }
                None => true,
            });
        let granted = if statement.effect == Effect::Allow {
            granted(statement, call)
        } else {
            Some(statement.actions.clone())
        };
        statement.actions = granted
            .filter(|_| applies)
            .unwrap_or_else(|| Match::Any(Vec::new()));
    }
    specialised
}

/// What an Allow statement grants of a kind of call.
fn granted(statement: &Statement, call: Call) -> Option<Match> {
    let actions: &[&str] = match call {
        Call::Invoke => &["lambda:InvokeFunction", "lambda:InvokeAsync"],
        Call::Through(_) => &["lambda:InvokeFunction"],
        Call::Url(_) => &["lambda:InvokeFunctionUrl"],
    };
    let covered = actions
        .iter()
        .filter(|action| statement.covers_action(action));
    let covered: Vec<Pattern> = covered.copied().map(Pattern::from).collect();
    (!covered.is_empty()).then_some(Match::Any(covered))
}

/// Whether a call meets a condition on the keys that distinguish kinds of calls; `None` for other
/// keys, and if the call may be either.
fn met(condition: &Condition, call: Call, variables: bool) -> Option<bool> {
    let worlds: &[Option<&str>] = match (condition.folded_key.as_str(), call) {
        // AWS sets the key for InvokeFunctionUrl and for the management of URLs, and possibly for
        // InvokeFunction through a URL.
        (AUTH_TYPE, Call::Url(auth)) => &[Some(auth.as_str())],
        (AUTH_TYPE, Call::Through(auth)) => &[None, Some(auth.as_str())],
        (AUTH_TYPE, Call::Invoke) => &[None],
        (VIA_URL, Call::Through(_)) => &[Some("true")],
        (VIA_URL, Call::Url(_)) => &[None, Some("true")],
        (VIA_URL, Call::Invoke) => &[None, Some("false")],
        _ => return None,
    };
    if variables && condition.values.iter().any(Pattern::has_variable) {
        return None;
    }
    let principal = Principal::anonymous();
    let answers: BTreeSet<Option<bool>> = worlds
        .iter()
        .map(|value| {
            let context = value.map_or_else(Context::default, |value| {
                Context::default().with(&condition.folded_key, value)
            });
            let request = Request {
                principal: &principal,
                action: "",
                resource: "",
                resource_account: None,
                context: &context,
            };
            condition.holds(&View {
                request: &request,
                variables,
            })
        })
        .collect();
    match (answers.len(), answers.first()) {
        (1, Some(answer)) => *answer,
        _ => None,
    }
}
