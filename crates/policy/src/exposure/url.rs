//! Function URLs without authentication: the configuration and the policy together decide who can call them.
//!
//! Source: "Control access to Lambda function URLs", AWS Lambda Developer Guide.

use crate::condition::Operator;
use crate::document::{Document, Statement};

use super::{Exposure, Scope, reason};

/// Whom a function URL without authentication and its policy together let in.
///
/// ```
/// assert_eq!(lambdasweep_policy::exposure::UrlExposure::Latent.as_str(), "latent");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlExposure {
    /// Everyone.
    Everyone,
    /// Nobody unsigned from just anywhere, as long as the policy stays as it is.
    Latent,
    /// It cannot be decided.
    Unknown,
}

impl UrlExposure {
    /// As it stands in tables.
    ///
    /// ```
    /// assert_eq!(lambdasweep_policy::exposure::UrlExposure::Everyone.as_str(), "everyone");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Latent => "latent",
            Self::Unknown => "unknown",
        }
    }
}

/// Judges a function URL with AuthType NONE by the policy of what it belongs to: since October 2025 a caller needs both
/// `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::exposure::{Scope, UrlExposure, of_function_url};
///
/// let policy = Document::parse(
///     r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"*",
///         "Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}}]}"#,
/// )?;
/// let scope = Scope { account: "111122223333", organization: None, partition: "aws" };
/// assert_eq!(of_function_url(&policy, &scope).0, UrlExposure::Latent);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn of_function_url(document: &Document, scope: &Scope<'_>) -> (UrlExposure, String) {
    let widest = |action: &str| {
        let external = reason(document, scope, |statement| statement.covers_action(action) && !rules_url_out(statement));
        external.exposure
    };
    let (url, function) = (widest("lambda:InvokeFunctionUrl"), widest("lambda:InvokeFunction"));
    match (url, function) {
        (Exposure::Everyone, Exposure::Everyone) => {
            (UrlExposure::Everyone, "AuthType NONE, and the policy allows everyone InvokeFunctionUrl and InvokeFunction".to_owned())
        }
        (Exposure::Unknown | Exposure::Everyone, Exposure::Unknown | Exposure::Everyone) => {
            (UrlExposure::Unknown, "the policy cannot be decided".to_owned())
        }
        (Exposure::Everyone, _) => (
            UrlExposure::Latent,
            "AuthType NONE, but the policy allows everyone InvokeFunctionUrl only, which is no longer enough".to_owned(),
        ),
        _ => (UrlExposure::Latent, "AuthType NONE, but the policy does not allow everyone to call it, so AWS answers 403".to_owned()),
    }
}

/// Whether a statement cannot apply to a call through a URL without authentication.
fn rules_url_out(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        let value = |wanted: &str| condition.values.iter().any(|value| value.eq_ignore_ascii_case(wanted));
        match (condition.folded_key.as_str(), condition.operator) {
            ("lambda:functionurlauthtype", Operator::StringEquals | Operator::StringEqualsIgnoreCase | Operator::StringLike) => {
                !value("NONE") && !condition.values.iter().any(|value| !value.is_fixed())
            }
            ("lambda:invokedviafunctionurl", Operator::Bool) => !value("true"),
            _ => false,
        }
    })
}
