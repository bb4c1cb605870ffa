//! AWS's messages for denied calls.
//!
//! Sources: "Troubleshoot access denied error messages", IAM User Guide; since 2026 with the
//! policy's ARN, "Enhanced access denied error messages with policy ARNs", AWS Security Blog.

use lambdasweep_policy::{Decision, Layer, Verdict};

use crate::call::AwsError;
use crate::service;
use crate::spec::Spec;

/// The error of a denied call. `policy_arn` is the ARN of the policy with the denying statement, if
/// AWS shows it.
pub(super) fn denied(
    service: &str,
    caller: &str,
    action: &str,
    resource: &str,
    verdict: &Verdict,
    policy_arn: Option<&str>,
) -> AwsError {
    let spec = service::named(service).map_or(Spec::DEFAULT, |service| service.spec);
    let small = action.to_ascii_lowercase();
    let action = if spec.says_actions_in_small_letters {
        small.as_str()
    } else {
        action
    };
    let trust = action.starts_with("sts:");
    let why = match (verdict.decision, verdict.by) {
        (Decision::ExplicitlyDenied, Some(layer)) => {
            let arn = policy_arn.map(|arn| format!(": {arn}")).unwrap_or_default();
            let policy = match layer {
                Layer::Resource if trust => "the role trust policy".to_owned(),
                Layer::Identity => format!("an {}", layer.as_str()),
                _ => format!("a {}", layer.as_str()),
            };
            format!(" with an explicit deny in {policy}{arn}")
        }
        (_, Some(layer)) => {
            let policy = if trust && layer == Layer::Resource {
                "role trust policy"
            } else {
                layer.as_str()
            };
            format!(" because no {policy} allows the {action} action")
        }
        (_, None) => String::new(),
    };
    let (code, status) = spec.denied;
    AwsError::new(
        code,
        format!(
            "User: {caller} is not authorized to perform: {action} on resource: {resource}{why}"
        ),
    )
    .status(status)
}

#[cfg(test)]
mod tests {
    use lambdasweep_policy::{Decision, Layer, Verdict};

    use super::denied;

    #[test]
    fn every_kind_of_policy_is_named_as_aws_names_it() {
        let implicit = Decision::ImplicitlyDenied;
        let explicit = Decision::ExplicitlyDenied;
        for (action, decision, layer, expected) in [
            (
                "lambda:GetPolicy",
                implicit,
                Some(Layer::Identity),
                " because no identity-based policy allows the lambda:GetPolicy action",
            ),
            (
                "lambda:GetPolicy",
                implicit,
                Some(Layer::Boundary),
                " because no permissions boundary allows the lambda:GetPolicy action",
            ),
            (
                "lambda:GetPolicy",
                implicit,
                Some(Layer::Session),
                " because no session policy allows the lambda:GetPolicy action",
            ),
            (
                "lambda:GetPolicy",
                implicit,
                Some(Layer::Resource),
                " because no resource-based policy allows the lambda:GetPolicy action",
            ),
            (
                "lambda:GetPolicy",
                implicit,
                Some(Layer::Scp),
                " because no service control policy allows the lambda:GetPolicy action",
            ),
            (
                "sts:AssumeRole",
                implicit,
                Some(Layer::Rcp),
                " because no resource control policy allows the sts:AssumeRole action",
            ),
            (
                "sts:AssumeRole",
                implicit,
                Some(Layer::Resource),
                " because no role trust policy allows the sts:AssumeRole action",
            ),
            (
                "lambda:GetPolicy",
                explicit,
                Some(Layer::Identity),
                " with an explicit deny in an identity-based policy",
            ),
            (
                "lambda:GetPolicy",
                explicit,
                Some(Layer::Boundary),
                " with an explicit deny in a permissions boundary",
            ),
            (
                "lambda:GetPolicy",
                explicit,
                Some(Layer::Session),
                " with an explicit deny in a session policy",
            ),
            (
                "lambda:GetPolicy",
                explicit,
                Some(Layer::Resource),
                " with an explicit deny in a resource-based policy",
            ),
            (
                "lambda:GetPolicy",
                explicit,
                Some(Layer::Scp),
                " with an explicit deny in a service control policy",
            ),
            (
                "sts:AssumeRole",
                explicit,
                Some(Layer::Resource),
                " with an explicit deny in the role trust policy",
            ),
            ("lambda:GetPolicy", Decision::Unknown, None, ""),
        ] {
            let verdict = Verdict {
                decision,
                decided_by: Vec::new(),
                by: layer,
            };
            let error = denied(
                "lambda",
                "arn:aws:iam::111122223333:root",
                action,
                "*",
                &verdict,
                None,
            );
            assert_eq!(
                error.message,
                format!(
                    "User: arn:aws:iam::111122223333:root is not authorized to perform: {action} on resource: *{expected}"
                )
            );
        }
    }

    #[test]
    fn codes_and_status_are_the_services_own() {
        let verdict = Verdict {
            decision: Decision::ImplicitlyDenied,
            decided_by: Vec::new(),
            by: Some(Layer::Identity),
        };
        for (service, code, status) in [
            ("lambda", "AccessDeniedException", 403),
            ("account", "AccessDeniedException", 403),
            ("organizations", "AccessDeniedException", 400),
            ("iam", "AccessDenied", 403),
            ("sts", "AccessDenied", 403),
        ] {
            let error = denied(service, "arn", "a:B", "*", &verdict, None);
            assert_eq!((error.code.as_str(), error.status), (code, Some(status)));
        }
    }
}
