//! The IAM policy that a scan needs, generated from what the collectors declare. It narrows every session, even one of an administrator's role.

use std::collections::BTreeSet;

use lambdasweep_model::Fact;

use crate::collector::{Run, needed};

/// The IAM actions that reading these facts in an account needs, sorted. The organisation is read with the caller's own credentials.
pub fn iam_actions(facts: &[Fact]) -> Vec<&'static str> {
    let actions: BTreeSet<&str> = needed(facts)
        .iter()
        .filter(|collector| !matches!(collector.run, Run::Organization))
        .flat_map(|collector| {
            collector.operations.iter().map(lambdasweep_aws::Operation::iam_action).chain(collector.further_actions.iter().copied())
        })
        .collect();
    actions.into_iter().collect()
}

/// An inline session policy that allows just these reads. AWS takes 2,048 characters at the most.
///
/// `kms:Decrypt` is allowed through Lambda only: without it Lambda shows no environment that a customer managed key encrypts.
pub fn session_policy(facts: &[Fact]) -> String {
    let actions = iam_actions(facts);
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": "*"},
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"kms:ViaService": "lambda.*.amazonaws.com*"}}}
        ]
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::{iam_actions, session_policy};
    use lambdasweep_model::Fact;

    #[test]
    fn the_policy_fits_and_only_reads() {
        assert!(session_policy(Fact::ALL).len() <= 2048);
        for action in iam_actions(Fact::ALL) {
            let (_, name) = action.split_once(':').expect("service:Action");
            assert!(["Get", "List", "Describe"].iter().any(|verb| name.starts_with(verb)), "{action}");
        }
    }
}
