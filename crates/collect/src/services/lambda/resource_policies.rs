//! Resource-based policies: of the function itself, of every published version and of every alias.

use std::sync::Arc;

use lambdasweep_aws::{CallError, Member, Operation};
use lambdasweep_model::{Outcome, printable};
use lambdasweep_policy::Document;
use lambdasweep_tables::facts;

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, PolicyRead, Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};
use crate::statements::{Resource, push_statements};

const GET_POLICY: Operation = Operation::new("lambda:GetPolicy", &service::GET_POLICY)
    .sends(&[Member::text("Policy")])
    .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::RESOURCE_POLICIES,
    operations: &[GET_POLICY],
    further_actions: &[],
    tables: &["resource_policy_statements", "resource_policy_named"],
    needs: &[facts::ALIASES],
    run: Run::Function(|context, function, reading| Box::pin(read(context, function, reading))),
};

/// AWS's message if a function has no policy, and also if the function does not exist. Source:
/// responses to GetPolicy recorded from AWS.
const NO_POLICY: &str = "The resource you requested does not exist.";

async fn read(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
) -> Result<(), CallError> {
    let no_aliases = Ok(Vec::new());
    let aliases = function.aliases.get().unwrap_or(&no_aliases);
    // All qualifiers are read even if one fails; the first failure is reported as the reason for
    // the gap.
    let mut gap = function.versions_gap.clone();
    let aliases_known = aliases
        .as_ref()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(String::as_str);
    // A Lambda@Edge replica has only versions.
    let itself = (!function.is_replica).then_some("");
    for qualifier in itself
        .into_iter()
        .chain(function.published())
        .chain(aliases_known)
    {
        if let Err(error) = read_one(context, function, reading, qualifier).await {
            function.keep_policy(
                qualifier,
                PolicyRead::Unknown(format!(
                    "its resource policy was not read ({})",
                    error.outcome
                )),
            );
            gap.get_or_insert(error);
        }
    }
    if let Err(error) = aliases {
        gap.get_or_insert(error.clone());
    }
    gap.map_or(Ok(()), Err)
}

async fn read_one(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
    qualifier: &str,
) -> Result<(), CallError> {
    let qualified = (!qualifier.is_empty()).then(|| qualifier.to_owned());
    let send = || {
        context
            .client::<Lambda>()
            .get_policy()
            .function_name(&function.name)
            .set_qualifier(qualified.clone())
            .send()
    };
    let text = match reading.caller.call(&GET_POLICY, send).await {
        Ok(answer) => answer.policy.unwrap_or_default(),
        // AWS returns this error if there is no policy.
        Err(error) if error.outcome == Outcome::NotFound => {
            // The response of GetFunction for Lambda@Edge replicas is not documented: it is called
            // for them only if there is another doubt.
            if !function.is_replica || error.message != NO_POLICY {
                reading.took_for_none(&error, NO_POLICY);
            }
            function.keep_policy(qualifier, PolicyRead::None);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let document = match Document::parse(&text) {
        Ok(document) => Arc::new(document),
        Err(problem) => {
            return Err(context.failed(
                &GET_POLICY,
                "UnreadablePolicy",
                printable(&problem.to_string()),
            ));
        }
    };
    let of = Resource::function(&function.arn, qualifier);
    let judged = push_statements(context, reading, of, &document, &text);
    function.keep_policy(
        qualifier,
        PolicyRead::Document(document, judged.keys.into()),
    );
    Ok(())
}
