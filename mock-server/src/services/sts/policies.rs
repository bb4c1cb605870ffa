//! Session policies: the limits that the creator of a session sets.

use lambdasweep_model::Arn;
use lambdasweep_policy::Document;
use serde_json::Value;

use super::super::members;
use super::{invalid, text};
use crate::call::{AwsError, Input};

/// The maximum total length of the inline policy and the ARNs of managed ones, in characters.
/// Source: "AssumeRole", STS API Reference.
const MOST: usize = 2_048;
/// How many managed policies may be passed. Source: the same page.
const MOST_MANAGED: usize = 10;

/// The policies that a session is started with.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct SessionPolicies {
    pub(super) inline: Option<String>,
    pub(super) managed: Vec<String>,
}

impl SessionPolicies {
    /// The policies of a request.
    ///
    /// # Errors
    /// If the document is not in IAM's language, an ARN is not that of a policy, or they are too
    /// long together.
    pub(super) fn of(input: &Input) -> Result<Self, AwsError> {
        let inline = text(input, "Policy").map(str::to_owned);
        if let Some(policy) = &inline {
            check(policy)?;
        }
        let given = members::list(input, "PolicyArns");
        let managed: Vec<String> = given
            .filter_map(|it| it.get("arn")?.as_str())
            .map(str::to_owned)
            .collect();
        if let Some(bad) = managed.iter().find(|arn| !is_policy(arn)) {
            return Err(invalid(format!("{bad} is invalid")));
        }
        if managed.len() > MOST_MANAGED {
            return Err(invalid(format!(
                "1 validation error detected: Value '{managed:?}' at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to \
                 {MOST_MANAGED}"
            )));
        }
        let policies = Self { inline, managed };
        if policies.length() > MOST {
            let percent = policies.percent();
            return Err(AwsError::new(
                "PackedPolicyTooLargeException",
                format!("Packed size of session policies consumes {percent}% of allotted space."),
            ));
        }
        Ok(policies)
    }

    fn length(&self) -> usize {
        self.inline
            .iter()
            .chain(&self.managed)
            .map(|text| text.chars().count())
            .sum()
    }

    /// Whether there are any.
    pub(super) fn are_given(&self) -> bool {
        self.inline.is_some() || !self.managed.is_empty()
    }

    /// How much of the maximum length they use, in percent.
    pub(super) fn percent(&self) -> usize {
        (self.length() * 100).div_ceil(MOST)
    }
}

fn is_policy(arn: &str) -> bool {
    arn.parse::<Arn>().is_ok_and(|arn| {
        arn.service == "iam"
            && arn
                .resource
                .strip_prefix("policy/")
                .is_some_and(|name| !name.is_empty())
    })
}

fn check(policy: &str) -> Result<(), AwsError> {
    let malformed = |why: &str| AwsError::new("MalformedPolicyDocumentException", why);
    let document: Value =
        serde_json::from_str(policy).map_err(|_| malformed("This policy contains invalid Json"))?;
    Document::parse(policy).map_err(|_| malformed("Syntax errors in policy."))?;
    let mut statements = members::one_or_more(&document["Statement"]).iter();
    if statements.any(|statement| {
        statement.get("Principal").is_some() || statement.get("NotPrincipal").is_some()
    }) {
        return Err(malformed("Policy document should not specify a principal."));
    }
    Ok(())
}
