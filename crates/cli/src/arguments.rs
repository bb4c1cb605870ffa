//! The command line.

mod policy;

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use lambdasweep_aws::QuotaShare;
use lambdasweep_model::{AccountId, Region, ScanId, Severity};
use lambdasweep_policy::actions::is_action;
use lambdasweep_policy::exposure::Exposure;
use lambdasweep_tables::{Fact, facts};

use crate::explain::{Wanted as WantedFunction, WantedRole};
use crate::outputs::Wanted;

pub(crate) use policy::{EvaluateArguments, PolicyCheckArguments, PolicyCommand};

/// Scans every account of an AWS Organization for the security of its AWS Lambda functions.
///
/// A scan only reads. It assumes a role in each account, collects the Lambda inventory into Parquet
/// within AWS's quotas, evaluates checks and reports. What could not be read is UNKNOWN, never PASS.
#[derive(Debug, Parser)]
#[command(
    name = "lambdasweep",
    version,
    max_term_width = 120,
    args_override_self = true
)]
pub(crate) struct Arguments {
    /// Log more to standard error; -vv logs every call. LAMBDASWEEP_LOG takes a level (info) or
    /// levels by target (aws_config=debug) instead.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan the organisation: collect, evaluate, publish, report.
    Scan(Box<ScanArguments>),
    /// Evaluate checks over a published scan, without AWS.
    Judge(Box<JudgeArguments>),
    /// Show what a scan would read, how many calls it needs, and its minimum duration.
    Plan(Box<PlanArguments>),
    /// List, show and lint checks.
    #[command(subcommand)]
    Checks(ChecksCommand),
    /// Explain from a published scan who can invoke a function and why, or how a role can escalate
    /// its privileges.
    Explain(Box<ExplainArguments>),
    /// Check a policy or evaluate a request; needs neither a scan nor an AWS account.
    #[command(subcommand)]
    Policy(PolicyCommand),
}

/// The heading of options that say what is read. They cannot change once a scan has begun.
pub(crate) const SCOPE: &str = "Scope";

/// The heading of options that say how fast it is read.
pub(crate) const PACE: &str = "Pace";

/// Where to connect and with which credentials, as in the AWS CLI.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArguments {
    /// The profile of the AWS configuration (default: AWS_PROFILE, then the usual credential chain).
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// The Region for STS and for global services (default: AWS_REGION, AWS_DEFAULT_REGION, the
    /// profile's Region, us-east-1).
    #[arg(long)]
    pub(crate) region: Option<Region>,
    /// The endpoint for all services, such as that of a mock (default: AWS_ENDPOINT_URL).
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Accept an endpoint that is neither encrypted nor on this machine.
    #[arg(long)]
    pub(crate) insecure_endpoint: bool,
    /// The role to assume in each account. It should only allow reads; a session policy limits the
    /// sessions to reads in any case.
    #[arg(long, default_value = "lambdasweep-scan", value_name = "NAME", value_parser = iam_name)]
    pub(crate) role_name: String,
    /// The external id that the roles require.
    #[arg(
        long,
        env = "LAMBDASWEEP_EXTERNAL_ID",
        hide_env_values = true,
        value_name = "ID"
    )]
    pub(crate) external_id: Option<String>,
    /// The source identity that CloudTrail of the scanned accounts records; the roles must allow
    /// sts:SetSourceIdentity.
    #[arg(long, value_name = "NAME", value_parser = iam_name)]
    pub(crate) source_identity: Option<String>,
    /// The share of AWS's published rate limits to use: above 0 and up to 1, or `off` for mocks. The
    /// rest is left to the accounts' own deployments.
    #[arg(long, help_heading = PACE, default_value = "0.5", value_name = "SHARE")]
    pub(crate) quota_share: QuotaShare,
    /// The maximum number of concurrent calls, over all accounts.
    #[arg(long, help_heading = PACE, default_value_t = 256, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_in_flight: u32,
    /// Give up on a quota after this many seconds of uninterrupted throttling.
    #[arg(long, help_heading = PACE, default_value_t = 120, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) patience: u64,
    /// Attempts for a call that fails with a network or service error.
    #[arg(long, help_heading = PACE, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) attempts: u32,
    /// The time limit of one request in seconds, including its response.
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) request_timeout: u64,
    /// The minimum wait before the second attempt, in milliseconds; it doubles with each further
    /// attempt.
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
    /// Only the accounts and organizational units in this CSV file, each with its own role. The first
    /// line names the columns account_id, role_arn, external_id and regions; the last three are
    /// optional. Works without an organisation.
    #[arg(long, value_name = "FILE", value_parser = local_path())]
    pub(crate) accounts_file: Option<PathBuf>,
    /// A configuration file in TOML: accounts outside the organisation that are trusted, as
    /// docs/configuration.md describes.
    #[arg(long, value_name = "FILE", value_parser = local_path())]
    pub(crate) config: Option<PathBuf>,
    /// Only accounts below these organizational units: ids (ou-…) or paths of names
    /// (/Workloads/Prod).
    #[arg(long, value_delimiter = ',', value_name = "OU,…")]
    pub(crate) ous: Vec<String>,
    /// Skip these accounts.
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub(crate) exclude_accounts: Vec<AccountId>,
    /// Only these Regions (default: all that an account has enabled).
    #[arg(long, value_delimiter = ',', value_name = "REGION,…")]
    pub(crate) regions: Vec<Region>,
    #[command(flatten)]
    pub(crate) checks: CheckArguments,
    /// Also collect these facts, or `all` of them (default: what the selected checks need).
    #[arg(long, value_delimiter = ',', value_name = "FACT,…|all")]
    pub(crate) facts: Vec<FurtherFacts>,
    /// Evaluate dates as of this day, YYYY-MM-DD (default: today).
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
}

/// Which checks are evaluated.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArguments {
    /// Only these checks; facts that they do not need are not read.
    #[arg(long, alias = "check", value_delimiter = ',', value_name = "CHECK,…")]
    pub(crate) checks: Vec<String>,
    /// Also the checks of these sets, which are left out otherwise: compliance has the questions that
    /// audits ask and that say little about risk.
    #[arg(long, value_delimiter = ',', value_name = "SET,…")]
    pub(crate) check_set: Vec<String>,
    /// Leave out these checks; facts that only they need are not read.
    #[arg(long, value_delimiter = ',', value_name = "CHECK,…")]
    pub(crate) exclude_checks: Vec<String>,
    /// A folder with your own checks.
    #[arg(long, value_name = "DIR", value_parser = local_path())]
    pub(crate) checks_dir: Option<PathBuf>,
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
    after_help = "Exit codes: 0 nothing fails at or above --fail-on; 1 error; 2 wrong usage; 3 findings; 4 incomplete coverage.\n\nExamples:\n  lambdasweep scan --demo\n  lambdasweep scan --out s3-mirror/lambda --role-name security-audit --fail-on high\n  lambdasweep scan --ous /Workloads/Prod --regions eu-west-1,eu-central-1 --checks policy-public"
)]
pub(crate) struct ScanArguments {
    /// The folder of the dataset; the scan is added to it.
    #[arg(long, default_value = "lambdasweep-data", value_name = "DIR", value_parser = local_path())]
    pub(crate) out: PathBuf,
    /// Exit with code 3 if anything fails at or above this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) fail_on: Option<Severity>,
    /// Resume an unfinished scan, the newest or the one with this id, with its original scope,
    /// checks and date. Pace options, --fail-on, --checks-dir and --demo keep their values unless
    /// given again; connection and report options must be given again.
    #[arg(long, value_name = "SCAN_ID", num_args = 0..=1)]
    pub(crate) resume: Option<Option<ScanId>>,
    /// The scan's id (default: made from the current time).
    #[arg(long, value_name = "ID", conflicts_with = "resume")]
    pub(crate) scan_id: Option<ScanId>,
    /// Scan a generated organisation on a mock inside this process; needs no AWS account. Always
    /// exits with code 0.
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
    /// The scan (default: the one published last).
    #[arg(long, value_name = "ID")]
    pub(crate) scan: Option<ScanId>,
    #[command(flatten)]
    pub(crate) checks: CheckArguments,
    /// Exit with code 3 if anything fails at or above this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) fail_on: Option<Severity>,
    #[command(flatten)]
    pub(crate) outputs: OutputArguments,
}

const JUDGE_HELP: &str = "\
Nothing is read from AWS and the dataset does not change: findings go to the terminal and to the reports. Dates are evaluated as of the scan. What the \
scan did not read, for instance because no check needed it, is UNKNOWN.

Exit codes: 0 nothing fails at or above --fail-on; 1 error; 2 wrong usage; 3 findings; 4 incomplete coverage.

Examples:
  lambdasweep judge --checks-dir my-checks --checks my-check --jsonl -
  lambdasweep judge --scan 20261124T101500Z-0001 --output jsonl=findings.jsonl --with-pass";

#[derive(Debug, Clone, Args)]
#[command(args_override_self = true)]
pub(crate) struct PlanArguments {
    /// Print the plan as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ChecksCommand {
    /// List all checks by practice.
    #[command(after_help = crate::checks::practices())]
    List(crate::checks::ListArguments),
    /// Show a check: why it matters, its query, how to fix findings, limits and examples.
    Show {
        /// The check's id.
        id: String,
        /// A folder with your own checks.
        #[arg(long, value_name = "DIR", value_parser = local_path())]
        checks_dir: Option<PathBuf>,
    },
    /// Print SQL with which DuckDB, Spark or Athena answers the findings of a scan from its other
    /// tables.
    Export(crate::checks::ExportArguments),
    /// Validate the checks in a folder: front matter, query and examples.
    Lint {
        /// The folder.
        #[arg(value_parser = local_path())]
        dir: PathBuf,
    },
}

/// A path on this machine.
pub(crate) fn local_path() -> impl TypedValueParser<Value = PathBuf> {
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
            "`{}` is not a valid date; use YYYY-MM-DD, as in 2026-11-24",
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

#[derive(Debug, Clone, Args)]
#[command(args_override_self = true, after_help = EXPLAIN_HELP)]
pub(crate) struct ExplainArguments {
    /// The function: its ARN, or its name if it is unique in the scan; either may end with a version
    /// or an alias (pay:live).
    #[arg(long, value_name = "FUNCTION", required_unless_present = "role")]
    pub(crate) function: Option<WantedFunction>,
    /// A role instead: its ARN, the ARN of one of its sessions, or its name if it is unique in the
    /// scan.
    #[arg(long, value_name = "ROLE", conflicts_with_all = ["function", "qualifier", "principal", "action", "context"])]
    pub(crate) role: Option<WantedRole>,
    /// Only this version or alias.
    #[arg(long, value_name = "QUALIFIER")]
    pub(crate) qualifier: Option<String>,
    /// Decide whether this principal may perform --action: the ARN of a user, role or session, a
    /// service (s3.amazonaws.com), or `*` for anonymous.
    #[arg(long, value_name = "PRINCIPAL", requires = "action")]
    pub(crate) principal: Option<String>,
    /// The action that --principal wants to perform.
    #[arg(long, value_name = "ACTION", requires = "principal", value_parser = action)]
    pub(crate) action: Option<String>,
    /// A condition key of the call with its value; may be given several times. Other keys are
    /// unknown.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value, requires = "principal")]
    pub(crate) context: Vec<(String, String)>,
    /// The folder of the dataset.
    #[arg(long, default_value = "lambdasweep-data", value_name = "DIR", value_parser = local_path())]
    pub(crate) out: PathBuf,
    /// The scan (default: the one published last).
    #[arg(long, value_name = "ID")]
    pub(crate) scan_id: Option<ScanId>,
    /// List all grants and roles, not only the first ones.
    #[arg(long)]
    pub(crate) all: bool,
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

const EXPLAIN_HELP: &str = "\
The answer comes from the scan; nothing is read from AWS. What the scan did not read is listed as unknown. The decision about --principal is allowed, \
implicitly-denied, explicitly-denied or unknown, with what it depends on. Each version and alias has its own resource policy, so a call of the function \
and a call of its alias are decided by different policies.

For a role: how privileged it is, each escalation path that is open to it, step by step with the statements that allow it, and what it is granted. The \
paths are those of the table role_escalations.

Exit codes: 0 the function or role was explained; 1 it could not be explained; 2 wrong usage.

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

pub(crate) fn severity(text: &str) -> Result<Severity, String> {
    text.parse()
        .map_err(|error: lambdasweep_model::WordError| error.to_string())
}
