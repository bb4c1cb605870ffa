//! The role that a function runs with: whether Lambda can assume it.

use std::sync::PoisonError;

use lambdasweep_model::Arn;
use lambdasweep_policy::{Context, Decision, Document, Principal, Request};

use super::invalid;
use crate::call::{AwsError, Call};
use crate::services::iam::store::Store as Iam;

/// Checks a role that is passed to Lambda: it must belong to the account, exist and trust Lambda.
///
/// Source for code and text: what AWS answered in issue 49 of danilop/LambdAuth and, where the
/// trust was missing, issue 1 of pdomala/LambdaCDDemo. The request context has no `aws:SourceArn`:
/// "The aws:SourceArn condition key applies only to policies where your Lambda function is the
/// target resource" (Lambda Developer Guide, on `lambda:SourceFunctionArn`). It has
/// `aws:SourceAccount`, which AWS's own trust policies for Lambda use (`lambda-trust-policy.json`
/// of aws/agent-toolkit-for-aws).
pub(super) fn check(call: &Call<'_>, role_arn: &str) -> Result<(), AwsError> {
    let unusable = || invalid("The role defined for the function cannot be assumed by Lambda.");
    let arn: Arn = role_arn.parse().map_err(|_| unusable())?;
    if arn.account != call.account() {
        return Err(passed_across_accounts());
    }
    if trusts_lambda(call, &arn, role_arn) {
        Ok(())
    } else {
        Err(unusable())
    }
}

/// Roles can be passed within an account only. Source for code, status and text: what AWS answered
/// in issue 546 of aws/aws-toolkit-azure-devops.
pub(crate) fn passed_across_accounts() -> AwsError {
    AwsError::new(
        "AccessDeniedException",
        "Cross-account pass role is not allowed.",
    )
    .status(403)
}

/// Whether a role exists and lets Lambda assume it.
pub(crate) fn trusts_lambda(call: &Call<'_>, arn: &Arn, role_arn: &str) -> bool {
    let iam = call.world.global::<Iam>(&arn.account);
    let trust = iam
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .role(arn)
        .map(|role| role.trust.clone());
    let Some(Ok(trust)) = trust.map(|trust| Document::parse(&trust)) else {
        return false;
    };
    let request = Request {
        principal: &Principal::service("lambda.amazonaws.com"),
        action: "sts:AssumeRole",
        resource: role_arn,
        resource_account: None,
        context: &Context::default().with("aws:SourceAccount", call.account()),
    };
    trust.decide(&request) == Decision::Allowed
}
