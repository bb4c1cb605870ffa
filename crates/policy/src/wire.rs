//! Requests and documents as JSON: what `lambdasweep policy evaluate` and
//! `lambdasweep policy check` read, and what they answer.
//!
//! ```
//! use lambdasweep_policy::wire::EvaluateInput;
//!
//! let input = EvaluateInput::parse(r#"{
//!     "id": 7,
//!     "principal": "arn:aws:iam::111122223333:user/ana",
//!     "action": "lambda:InvokeFunction",
//!     "resource": "arn:aws:lambda:eu-west-1:111122223333:function:pay",
//!     "identity_policies": [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}]}]
//! }"#)?;
//! let answer = serde_json::to_value(input.evaluate())?;
//! assert_eq!(answer["decision"], "allowed");
//! assert_eq!(answer["decided_by"][0], "identity[0]#0");
//! assert_eq!(answer["id"], 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod evaluate;
mod members;

pub use check::{CheckAnswer, CheckDefaults, CheckInput, ProblemAnswer, StatementAnswer};
pub use evaluate::{DecidingStatement, EvaluateAnswer, EvaluateInput};
pub use members::Further;

use crate::PolicyError;

/// Why an input cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It is not valid JSON.
    #[error("it is not valid JSON: {0}")]
    Json(String),
    /// It is JSON, but no object.
    #[error("it is {0}, not an object")]
    NoObject(&'static str),
    /// A member stands there twice, so that it is not clear which one counts.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// A member is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member has no known name, but is so like a known one that passing it over could change the
    /// answer.
    #[error("`{name}` is not a member of this input; did you mean `{nearest}`?")]
    Misspelt {
        /// As it was given.
        name: String,
        /// The known member.
        nearest: &'static str,
    },
    /// A member has no known name, but holds a policy: passing it over could change the answer.
    #[error(
        "`{name}` holds a policy, but is not a member of this input; members for policies are {known}"
    )]
    Stray {
        /// As it was given.
        name: String,
        /// The members that hold policies.
        known: String,
    },
    /// A member is not of its form.
    #[error("`{member}` {problem}")]
    Member {
        /// Which one (`context.aws:SourceIp`).
        member: String,
        /// What is wrong.
        problem: String,
    },
    /// A policy cannot be read.
    #[error("`{member}`: {source}")]
    Policy {
        /// Where it stands (`scps[0][1]`).
        member: String,
        /// What is wrong.
        source: PolicyError,
    },
}

fn wrong<T>(member: impl Into<String>, problem: impl Into<String>) -> Result<T, WireError> {
    Err(WireError::Member {
        member: member.into(),
        problem: problem.into(),
    })
}

/// An account's id, as it was given.
fn account(member: &str, id: String) -> Result<String, WireError> {
    if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(id)
    } else {
        wrong(
            member,
            "is not a valid account id: it must have twelve digits",
        )
    }
}
