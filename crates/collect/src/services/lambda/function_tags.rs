//! Tags of functions. `lambda:GetFunction` returns them, or an error of their own where the role may
//! not list them.

use lambdasweep_aws::CallError;
use lambdasweep_aws::aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use lambdasweep_model::Outcome;
use lambdasweep_tables::{FunctionTagRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{CoverageKey, FunctionTarget, Reading, RegionContext};
use crate::services::lambda::function_details::GET_FUNCTION;

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::FUNCTION_TAGS,
    operations: &[],
    further_actions: &[],
    tables: &["function_tags"],
    needs: &[facts::FUNCTION_DETAILS],
    run: Run::Along,
};

/// Pushes the tags that came with a function, and coverage if they did not come.
///
/// Source: "GetFunction", AWS Lambda API Reference: without permission for `lambda:ListTags` the
/// response has `TagsError` instead of tags.
pub(crate) fn push(
    context: &RegionContext,
    function: &FunctionTarget,
    answer: &GetFunctionOutput,
    reading: &mut Reading,
) {
    for (key, value) in answer.tags().into_iter().flatten() {
        reading.batch.push(FunctionTagRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: function.arn.clone(),
            key: key.clone(),
            // Secrets that only the key reveals; the gate handles the others.
            value: if lambdasweep_secrets::detect(key, value).is_some() {
                "[redacted]".to_owned()
            } else {
                value.clone()
            },
        });
    }
    if let Some(error) = answer.tags_error() {
        let incomplete = reading.caller.incomplete(&GET_FUNCTION, &error.message);
        let denied = error.error_code.starts_with("AccessDenied");
        let error = CallError {
            outcome: if denied {
                Outcome::Denied
            } else {
                Outcome::Failed
            },
            code: Some(error.error_code.clone()),
            ..incomplete
        };
        let account = context.account_id();
        let covered = CoverageKey {
            account: &account,
            region: context.region.as_str(),
            resource: &function.arn,
            fact: COLLECTOR.fact,
        };
        reading.batch.push(covered.row(&Err(error), 0));
    }
}
