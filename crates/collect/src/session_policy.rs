//! The IAM policy that a scan needs, generated from what the collectors declare. It narrows every
//! session, even one of an administrator's role.

use std::collections::BTreeSet;

use lambdasweep_tables::Fact;

use crate::collector::{Run, needed};
use crate::collectors::function_details::GET_FUNCTION;

/// The IAM actions that reading these facts in an account needs, sorted. The organisation is read
/// with the caller's own credentials.
pub fn iam_actions(facts: &[Fact]) -> Vec<&'static str> {
    let collectors = needed(facts);
    // Whatever is read of functions one by one, whether one is still there may have to be asked.
    let existence = collectors
        .iter()
        .any(|it| it.of_function().is_some())
        .then(|| GET_FUNCTION.iam_action());
    let actions: BTreeSet<&str> = collectors
        .iter()
        .filter(|collector| !matches!(collector.run, Run::Organization))
        .flat_map(|collector| {
            collector
                .operations
                .iter()
                .map(lambdasweep_aws::Operation::iam_action)
                .chain(collector.further_actions.iter().copied())
        })
        .chain(existence)
        .collect();
    actions.into_iter().collect()
}

/// An inline session policy that allows just these reads. AWS takes 2,048 characters at the most.
///
/// `kms:Decrypt` is allowed through Lambda only: without it Lambda shows no environment that a
/// customer managed key encrypts.
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
    use lambdasweep_tables::facts;

    use super::{iam_actions, session_policy};

    /// Any collector that asks about one function after the other has to be able to find out that
    /// one was deleted.
    #[test]
    fn whether_a_function_is_there_may_be_asked_where_functions_are_read() {
        let asks = |fact| iam_actions(&[fact]).contains(&"lambda:GetFunction");
        assert!(
            asks(facts::ALIASES)
                && asks(facts::EVENT_INVOKE_CONFIGS)
                && !asks(facts::FUNCTIONS)
                && !asks(facts::ROLES)
        );
    }

    #[test]
    fn the_policy_fits_and_only_reads() {
        assert!(session_policy(facts::ALL).len() <= 2048);
        for action in iam_actions(facts::ALL) {
            let (_, name) = action.split_once(':').expect("service:Action");
            assert!(
                ["Get", "List", "Describe"]
                    .iter()
                    .any(|verb| name.starts_with(verb)),
                "{action}"
            );
        }
    }
}
