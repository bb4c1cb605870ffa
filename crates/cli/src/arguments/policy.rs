//! Arguments of `lambdasweep policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use lambdasweep_model::AccountId;
use lambdasweep_policy::PolicyKind;
use lambdasweep_policy::exposure::Exposure;

use super::{Output, exposure, local_path};

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check a policy: whom each statement lets in, and what is wrong with it.
    Check(PolicyCheckArguments),
    /// Evaluate a request against all policies that apply to it, and name the deciding statements.
    Evaluate(EvaluateArguments),
}

#[derive(Debug, Clone, Args)]
#[command(args_override_self = true, after_help = CHECK_HELP)]
pub(crate) struct PolicyCheckArguments {
    /// The policy, or JSON lines with one each; `-` for standard input.
    #[arg(value_name = "FILE", value_parser = local_path())]
    pub(crate) file: PathBuf,
    /// The type of the policy: resource, identity, boundary, session, scp, rcp or trust.
    #[arg(long = "type", value_name = "TYPE", default_value = "resource")]
    pub(crate) kind: PolicyKind,
    /// The account of the resource or role (default: that of --resource; without either, every
    /// account counts as foreign).
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<AccountId>,
    /// The organisation of that account.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// The resource's ARN.
    #[arg(long, value_name = "ARN")]
    pub(crate) resource: Option<String>,
    /// The output format: text or json.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        hide_possible_values = true
    )]
    pub(crate) output: Output,
    /// Exit with code 3 if a policy's exposure is at least this wide, or AWS would refuse a policy.
    #[arg(long, value_name = "EXPOSURE", value_parser = exposure)]
    pub(crate) fail_on: Option<Exposure>,
}

const CHECK_HELP: &str = "\
Exposures, from the narrowest: none, account, service-bounded, accounts, organization, service-any-source, unknown, everyone.

The input is one policy, as JSON or percent-encoded as IAM returns it. Or it is an object with the policy (an object or a string) in `policy` and, \
optionally, `type`, `account`, `organization` and `resource`, which override the options; other members, such as an `id`, are returned unchanged. Or it \
is JSON lines with one of these on each line; they are answered in order, and a line that cannot be parsed is answered with its error. Input that is not \
one JSON value is read as JSON lines if at least one line is valid JSON. Line and column numbers of problems are relative to the policy.

Exit codes: 0 every input was answered; 1 an input or the file could not be read; 2 wrong usage; 3 see --fail-on.

Examples:
  aws lambda get-policy --function-name pay --query Policy --output text | lambdasweep policy check - --account 111122223333
  aws iam get-role --role-name pay --query Role.AssumeRolePolicyDocument | lambdasweep policy check - --type trust --account 111122223333
  lambdasweep policy check queue-policy.json --resource arn:aws:sqs:eu-west-1:111122223333:orders --fail-on service-any-source
  jq -c '.[] | {id, type: \"resource\", account, policy}' policies.json | lambdasweep policy check - --output json

docs/policy-check.schema.json describes the JSON.";

#[derive(Debug, Clone, Args)]
#[command(args_override_self = true, after_help = EVALUATE_HELP)]
pub(crate) struct EvaluateArguments {
    /// The request, or JSON lines with one each; `-` for standard input.
    #[arg(value_name = "FILE", value_parser = local_path())]
    pub(crate) file: PathBuf,
    /// The output format: text or json.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        hide_possible_values = true
    )]
    pub(crate) output: Output,
}

const EVALUATE_HELP: &str = "\
A request is an object with these members; others, such as an `id`, are returned unchanged:
  principal             the caller: an ARN (user, role, assumed-role session, root), a service (s3.amazonaws.com), or `*` for an anonymous caller
  action, resource      the action (lambda:InvokeFunction) and the resource's ARN
  resource_account      the account of the resource, where the ARN does not name it
  principal_org_path    the caller's organisation, root and organizational units: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/
  resource_org_path     the same of the resource's account
  principal_tags        the caller's tags: an object
  context               condition keys with their values: texts, numbers, truth values, or lists of them
  identity_policies, session_policies          lists of policies
  permissions_boundary, resource_policy        a policy
  scps, rcps            lists of policies, one list for each level, from the root to the account
  management_account    the organisation's management account, which SCPs and RCPs do not touch
  service_linked        true where the caller is a service-linked role
A policy is an object, or a string as AWS returns it. A member that is left out does not apply: a request without `scps` is not limited by any.

The decision is allowed, implicitly-denied, explicitly-denied or unknown, with the statements that decided (`identity[0]#2` is the third statement of \
the first identity-based policy) and the kind of policy that denied. JSON lines are answered in order; a line that cannot be parsed is answered with its \
error. Input that is not one JSON value is read as JSON lines if at least one line is valid JSON.

Exit codes: 0 every request was answered; 1 a request or the file could not be read; 2 wrong usage.

Examples:
  lambdasweep policy evaluate request.json
  lambdasweep policy evaluate - --output json < requests.jsonl | jq -r 'select(.decision != \"allowed\") | .id'

docs/policy-evaluate.schema.json describes the JSON.";
