//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use lambdasweep_aws::QuotaShare;
use lambdasweep_model::{AccountId, Region, ScanId, Severity};
use lambdasweep_policy::PolicyKind;
use lambdasweep_policy::actions::is_action;
use lambdasweep_policy::exposure::Exposure;
use lambdasweep_tables::{Fact, facts};

use crate::explain::{Wanted as WantedFunction, WantedRole};
use crate::outputs::Wanted;

/// Sweeps every account of an AWS Organization for the security of its AWS Lambda functions.
///
/// A scan reads only. It assumes a role in each account, collects the Lambda inventory within AWS's
/// quotas into Parquet, evaluates the checks and reports. What could not be read is UNKNOWN, never
/// PASS.
#[derive(Debug, Parser)]
#[command(
    name = "lambdasweep",
    version,
    max_term_width = 120,
    args_override_self = true
)]
pub(crate) struct Arguments {
    /// Says more on standard error; twice for every call. LAMBDASWEEP_LOG takes a level (info), or
    /// levels of targets (aws_config=debug), as well.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan the organisation: read, judge, publish, report.
    Scan(Box<ScanArguments>),
    /// Evaluate checks over a published scan, without AWS.
    Judge(Box<JudgeArguments>),
    /// Show what a scan would read, what it costs in calls, and how long it takes at the least.
    Plan(Box<PlanArguments>),
    /// List, show and lint checks.
    #[command(subcommand)]
    Checks(ChecksCommand),
    /// Explain from a scan who can invoke a function and why, or how a role can get itself more
    /// privilege.
    Explain(Box<ExplainArguments>),
    /// Ask the policy engine about a document or a request: no scan and no AWS account is needed.
    #[command(subcommand)]
    Policy(PolicyCommand),
}

/// The heading of options that say what is read. They are settled when a scan begins.
pub(crate) const SCOPE: &str = "Scope";

/// The heading of options that say how fast it is read.
pub(crate) const PACE: &str = "Pace";

/// Where to connect, and as whom: as in the AWS CLI.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArguments {
    /// The profile of the AWS configuration; without it AWS_PROFILE and the usual chain count.
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// The Region for STS and for global services; without it AWS_REGION, AWS_DEFAULT_REGION, the
    /// profile's, or us-east-1.
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// Another endpoint for all services, such as a mock's; without it AWS_ENDPOINT_URL counts.
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Accepts an endpoint that is neither encrypted nor on this machine.
    #[arg(long)]
    pub(crate) insecure_endpoint: bool,
    /// The role to assume in each account. It should do no more than read; the session is narrowed
    /// to reads in any case.
    #[arg(long, default_value = "lambdasweep-scan", value_name = "NAME", value_parser = iam_name)]
    pub(crate) role_name: String,
    /// The external id that the roles ask for.
    #[arg(
        long,
        env = "LAMBDASWEEP_EXTERNAL_ID",
        hide_env_values = true,
        value_name = "ID"
    )]
    pub(crate) external_id: Option<String>,
    /// The source identity for CloudTrail of the scanned accounts; the roles have to allow
    /// sts:SetSourceIdentity.
    #[arg(long, value_name = "NAME", value_parser = iam_name)]
    pub(crate) source_identity: Option<String>,
    /// How much of AWS's published rates to use: above 0 and up to 1, or `off` for mocks. The
    /// accounts' own deployments need the rest.
    #[arg(long, help_heading = PACE, default_value = "0.5", value_name = "SHARE")]
    pub(crate) quota_share: QuotaShare,
    /// How many calls may be under way at once, over all accounts.
    #[arg(long, help_heading = PACE, default_value_t = 256, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_in_flight: u32,
    /// How many seconds AWS may throttle every call of an account, Region and quota before what
    /// they read counts as throttled.
    #[arg(long, help_heading = PACE, default_value_t = 120, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) patience: u64,
    /// How often a call is tried that the network or the service fails.
    #[arg(long, help_heading = PACE, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) attempts: u32,
    /// How many seconds one request may take, with its answer read to the end.
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) request_timeout: u64,
    /// How many milliseconds the second attempt waits at the least; each further one waits twice as
    /// long.
    #[arg(long, default_value_t = 300, value_name = "MILLISECONDS", hide = true, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) first_wait: u64,
}

/// What to read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = SCOPE)]
pub(crate) struct ScopeArguments {
    /// Only these accounts, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub(crate) accounts: Vec<AccountId>,
    /// Only the accounts and organizational units of this CSV file, each with a role of its own.
    /// The first line names the columns account_id, role_arn, external_id and regions; the last
    /// three may be empty or left out. With it no organisation is needed.
    #[arg(long, value_name = "FILE", value_parser = local_path())]
    pub(crate) accounts_file: Option<PathBuf>,
    /// Only accounts below these organizational units: ids (ou-…) or paths of names
    /// (/Workloads/Prod).
    #[arg(long, value_delimiter = ',', value_name = "OU,…")]
    pub(crate) ous: Vec<String>,
    /// Accounts to leave out.
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub(crate) exclude_accounts: Vec<AccountId>,
    /// Only these Regions; without it all that an account has enabled.
    #[arg(long, value_delimiter = ',', value_name = "REGION,…")]
    pub(crate) regions: Vec<Region>,
    /// Only these checks; what they do not need is not read.
    #[arg(long, value_delimiter = ',', value_name = "CHECK,…")]
    pub(crate) checks: Vec<String>,
    /// A folder with checks of your own.
    #[arg(long, value_name = "DIR", value_parser = local_path())]
    pub(crate) checks_dir: Option<PathBuf>,
    /// Further facts to read besides those that the checks need; `all` reads everything, also what
    /// no check asks for.
    #[arg(long, value_delimiter = ',', value_name = "FACT,…|all")]
    pub(crate) facts: Vec<FurtherFacts>,
    /// The day that dates are judged by, YYYY-MM-DD; without it today.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
}

/// What `--facts` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FurtherFacts {
    /// Every fact that a collector reads.
    All,
    /// One fact.
    One(Fact),
}

impl FurtherFacts {
    /// The facts that are meant.
    pub(crate) fn facts(&self) -> &[Fact] {
        match self {
            Self::All => facts::ALL,
            Self::One(fact) => std::slice::from_ref(fact),
        }
    }
}

impl FromStr for FurtherFacts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::All);
        }
        text.parse()
            .map(Self::One)
            .map_err(|error: lambdasweep_model::WordError| format!("{error}, or `all`"))
    }
}

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit codes: 0 nothing fails at or above --fail-on; 1 failure; 2 wrong usage; 3 findings; 4 incomplete coverage.\n\nExamples:\n  lambdasweep scan --demo\n  lambdasweep scan --out s3-mirror/lambda --role-name security-audit --fail-on high\n  lambdasweep scan --ous /Workloads/Prod --regions eu-west-1,eu-central-1 --checks policy-public"
)]
pub(crate) struct ScanArguments {
    /// The folder of the dataset; scans are added to it.
    #[arg(long, default_value = "lambdasweep-data", value_name = "DIR", value_parser = local_path())]
    pub(crate) out: PathBuf,
    /// Ends with exit code 3 where something fails at or above this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) fail_on: Option<Severity>,
    /// Goes on with an unfinished scan: the newest one, or the one with this id. What it reads and
    /// judges by was settled when it began, and cannot be given again. Options of pace, --fail-on,
    /// --checks-dir and --demo hold as they were given then, unless they are given anew; whatever
    /// else was given has to be given again.
    #[arg(long, value_name = "SCAN_ID", num_args = 0..=1)]
    pub(crate) resume: Option<Option<ScanId>>,
    /// The scan's id; without it the time of its beginning.
    #[arg(long, value_name = "ID", conflicts_with = "resume")]
    pub(crate) scan_id: Option<ScanId>,
    /// Scans a generated organisation on a mock inside of this process: no AWS account is needed.
    /// It always ends with exit code 0.
    #[arg(long, conflicts_with_all = ["endpoint_url", "profile"])]
    pub(crate) demo: bool,
    #[command(flatten)]
    pub(crate) outputs: OutputArguments,
    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
}

/// Which reports are written, and where.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct OutputArguments {
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output, help = crate::outputs::help())]
    pub(crate) output: Vec<Wanted>,
    /// Short for --output jsonl=FILE.
    #[arg(long, value_name = "FILE", value_parser = local_path())]
    pub(crate) jsonl: Option<PathBuf>,
    /// In JSON lines: also PASS and NOT_APPLICABLE.
    #[arg(long)]
    pub(crate) with_pass: bool,
}

#[derive(Debug, Clone, Args)]
#[command(args_override_self = true, after_help = JUDGE_HELP)]
pub(crate) struct JudgeArguments {
    /// The folder of the dataset.
    #[arg(long, default_value = "lambdasweep-data", value_name = "DIR", value_parser = local_path())]
    pub(crate) out: PathBuf,
    /// The scan; without it the one that was published last.
    #[arg(long, value_name = "ID")]
    pub(crate) scan: Option<ScanId>,
    /// Only these checks.
    #[arg(long, value_delimiter = ',', value_name = "CHECK,…")]
    pub(crate) checks: Vec<String>,
    /// A folder with checks of your own.
    #[arg(long, value_name = "DIR", value_parser = local_path())]
    pub(crate) checks_dir: Option<PathBuf>,
    /// Ends with exit code 3 where something fails at or above this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) fail_on: Option<Severity>,
    #[command(flatten)]
    pub(crate) outputs: OutputArguments,
}

const JUDGE_HELP: &str = "\
Nothing is read from AWS and the dataset stays as it is: the findings go to the terminal and to the reports. Dates are those of the scan. What the \
scan did not read, for instance because no check needed it then, is UNKNOWN.

Exit codes: 0 nothing fails at or above --fail-on; 1 failure; 2 wrong usage; 3 findings; 4 incomplete coverage.

Examples:
  lambdasweep judge --checks-dir my-checks --checks my-check --jsonl -
  lambdasweep judge --scan 20261124T101500Z-0001 --output jsonl=findings.jsonl --with-pass";

#[derive(Debug, Clone, Args)]
#[command(args_override_self = true)]
pub(crate) struct PlanArguments {
    /// Prints the plan as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ChecksCommand {
    /// List all checks, below the practice that they belong to.
    #[command(after_help = crate::checks::practices())]
    List {
        /// A folder with checks of your own.
        #[arg(long, value_name = "DIR", value_parser = local_path())]
        checks_dir: Option<PathBuf>,
        /// Prints the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a check: why it matters, its query, how to fix what it finds, its limits and examples.
    Show {
        /// The check's id.
        id: String,
        /// A folder with checks of your own.
        #[arg(long, value_name = "DIR", value_parser = local_path())]
        checks_dir: Option<PathBuf>,
    },
    /// Check the checks of a folder: their form, their query, their examples.
    Lint {
        /// The folder.
        #[arg(value_parser = local_path())]
        dir: PathBuf,
    },
}

/// A path on this machine.
fn local_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| local(&path.to_string_lossy()).map(|()| path))
}

/// Whether a path is on this machine. An address would become a folder of that name.
fn local(text: &str) -> Result<(), &'static str> {
    let scheme = text.split_once(":/").map_or("", |(scheme, _)| scheme);
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_address = scheme.len() > 1 && scheme.bytes().all(is_scheme);
    if is_address || text.starts_with("arn:") {
        return Err(
            "it is an address; only files and folders of this machine can be used, such as ./lambdasweep-data",
        );
    }
    Ok(())
}

/// A report and its file.
fn output(text: &str) -> Result<Wanted, String> {
    let (format, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or("use FORMAT=FILE, as in jsonl=findings.jsonl")?;
    local(path)?;
    Wanted::new(format, path.into())
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| {
        format!(
            "`{}` is no date; write YYYY-MM-DD, as in 2026-11-24",
            lambdasweep_model::printable(text)
        )
    })
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// For programs: one object for one input, JSON lines for a batch.
    Json,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check a policy: whom it lets in, statement by statement, and what is wrong with it.
    Check(CheckArguments),
    /// Decide a request by all policies that have a say in it, and name the statements that decide.
    Evaluate(EvaluateArguments),
}

#[derive(Debug, Clone, Args)]
#[command(args_override_self = true, after_help = CHECK_HELP)]
pub(crate) struct CheckArguments {
    /// The policy, or JSON lines with one each; `-` for standard input.
    #[arg(value_name = "FILE", value_parser = local_path())]
    pub(crate) file: PathBuf,
    /// What kind of policy it is: resource, identity, boundary, session, scp, rcp or trust.
    #[arg(long = "type", value_name = "TYPE", default_value = "resource")]
    pub(crate) kind: PolicyKind,
    /// The account of the resource or role; without it that of --resource, and without either every
    /// account is another one.
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<AccountId>,
    /// The organisation of that account.
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// The resource's ARN.
    #[arg(long, value_name = "ARN")]
    pub(crate) resource: Option<String>,
    /// How to print: text, or json.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        hide_possible_values = true
    )]
    pub(crate) output: Output,
    /// Ends with exit code 3 where a policy's exposure is this one or a wider one, or AWS would
    /// refuse a policy.
    #[arg(long, value_name = "EXPOSURE", value_parser = exposure)]
    pub(crate) fail_on: Option<Exposure>,
}

const CHECK_HELP: &str = "\
Exposures, from the narrowest: none, account, service-bounded, accounts, organization, service-any-source, unknown, everyone.

The input is one policy: JSON as AWS returns it, or percent-encoded as IAM returns it. Or it is an object with the policy (an object or a string) in \
`policy` and, if wanted, `type`, `account`, `organization` and `resource`, which count before the options; other members, such as an `id`, come back. \
Or it is JSON lines with either of these on each line; they are answered in order, and a line that cannot be read is answered with its error. The \
input is taken for JSON lines where it is not one JSON value as a whole and one of its lines is. Lines and columns of problems count within the policy.

Exit codes: 0 every input was answered; 1 one could not be, or the file could not be read; 2 wrong usage; 3 see --fail-on.

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
    /// How to print: text, or json.
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
A request is an object with these members; others, such as an `id`, come back in the answer:
  principal             the caller: an ARN (user, role, assumed-role session, root), a service (s3.amazonaws.com), or `*` for an anonymous caller
  action, resource      what is done to what: lambda:InvokeFunction, and the ARN
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
A policy is an object, or a string as AWS returns it. What is left out is not there: a request without `scps` is not held to any.

The decision is allowed, implicitly-denied, explicitly-denied or unknown, with the statements that decided (`identity[0]#2` is the third statement of \
the first identity-based policy) and the kind of policy that denied. JSON lines are answered in order; a line that cannot be read is answered with its \
error. The input is taken for JSON lines where it is not one JSON value as a whole and one of its lines is.

Exit codes: 0 every request was answered, whatever the answer; 1 one could not be, or the file could not be read; 2 wrong usage.

Examples:
  lambdasweep policy evaluate request.json
  lambdasweep policy evaluate - --output json < requests.jsonl | jq -r 'select(.decision != \"allowed\") | .id'

docs/policy-evaluate.schema.json describes the JSON.";

#[derive(Debug, Clone, Args)]
#[command(args_override_self = true, after_help = EXPLAIN_HELP)]
pub(crate) struct ExplainArguments {
    /// The function: its ARN, or its name where the scan has one of that name only; either may end
    /// with a version or an alias (pay:live).
    #[arg(long, value_name = "FUNCTION", required_unless_present = "role")]
    pub(crate) function: Option<WantedFunction>,
    /// A role instead: its ARN, that of one of its sessions, or its name where the scan has one of
    /// that name only.
    #[arg(long, value_name = "ROLE", conflicts_with_all = ["function", "qualifier", "principal", "action", "context"])]
    pub(crate) role: Option<WantedRole>,
    /// Only this version or alias.
    #[arg(long, value_name = "QUALIFIER")]
    pub(crate) qualifier: Option<String>,
    /// Asks whether this principal may do --action: the ARN of a user, role or session, a service
    /// (s3.amazonaws.com), or `*` for anonymous.
    #[arg(long, value_name = "PRINCIPAL", requires = "action")]
    pub(crate) principal: Option<String>,
    /// The action that --principal is asked about.
    #[arg(long, value_name = "ACTION", requires = "principal", value_parser = action)]
    pub(crate) action: Option<String>,
    /// What is known of the call besides: a condition key with its value; several times for
    /// several. Other keys are left open.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value, requires = "principal")]
    pub(crate) context: Vec<(String, String)>,
    /// The folder of the dataset.
    #[arg(long, default_value = "lambdasweep-data", value_name = "DIR", value_parser = local_path())]
    pub(crate) out: PathBuf,
    /// The scan; without it the one that was published last.
    #[arg(long, value_name = "ID")]
    pub(crate) scan_id: Option<ScanId>,
    /// Lists all grants and roles, not only the first of many.
    #[arg(long)]
    pub(crate) all: bool,
    /// How to print: text, or json.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        hide_possible_values = true
    )]
    pub(crate) output: Output,
}

const EXPLAIN_HELP: &str = "\
Nothing is read from AWS: the answer is the scan's. What the scan did not read is unknown, and named. A decision about --principal is allowed, \
implicitly-denied, explicitly-denied or unknown; unknown says what it depends on. A version or alias has a resource policy of its own, so that a call \
of the function itself is decided by another one than a call of its alias.

Of a role it tells how much it may do, each path to more privilege that is open to it, step by step with the statements that allow it, and what it is \
granted. Paths are those of the table role_escalations.

Exit codes: 0 the function or role was explained; 1 it could not be; 2 wrong usage.

Examples:
  lambdasweep explain --function pay
  lambdasweep explain --role arn:aws:iam::111122223333:role/deployer
  lambdasweep explain --function arn:aws:lambda:eu-west-1:111122223333:function:pay --qualifier live --output json
  lambdasweep explain --function arn:aws:lambda:eu-west-1:111122223333:function:pay --principal s3.amazonaws.com --action lambda:InvokeFunction \\
      --context aws:SourceAccount=111122223333 --context aws:SourceArn=arn:aws:s3:::uploads";

/// Source: "IAM and AWS STS quotas", name limits; a role's name may follow its path.
pub(crate) fn iam_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
    if (1..=512).contains(&text.len()) && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("names in IAM have letters, digits and _+=,.@- and are not empty".to_owned())
    }
}

fn action(text: &str) -> Result<String, String> {
    if is_action(text) {
        Ok(text.to_owned())
    } else {
        Err(
            "it is a service's prefix and a name without wildcards, such as lambda:InvokeFunction"
                .to_owned(),
        )
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(key, _)| key.contains(':'));
    pair.map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "use KEY=VALUE, as in aws:SourceAccount=111122223333".to_owned())
}

/// An exposure by its word.
pub(crate) fn exposure(text: &str) -> Result<Exposure, String> {
    const ALL: [Exposure; 8] = [
        Exposure::None,
        Exposure::Account,
        Exposure::ServiceBounded,
        Exposure::Accounts,
        Exposure::Organization,
        Exposure::ServiceAnySource,
        Exposure::Unknown,
        Exposure::Everyone,
    ];
    let words = || ALL.map(Exposure::as_str).join(", ");
    ALL.into_iter()
        .find(|exposure| exposure.as_str() == text)
        .ok_or_else(|| format!("use one of {}", words()))
}

fn severity(text: &str) -> Result<Severity, String> {
    text.parse()
        .map_err(|error: lambdasweep_model::WordError| error.to_string())
}
