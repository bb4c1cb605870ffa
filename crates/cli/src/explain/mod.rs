//! `lambdasweep explain`: who can invoke a function and why, and how a role can get itself more
//! privilege, as far as a scan knows.

mod answer;
mod facts;
mod find;
mod grants;
mod known;
mod role;
mod text;

use anyhow::{Context, Result, bail};
use lambdasweep_policy::exposure::Exposure;
use lambdasweep_report::escaped;
use lambdasweep_tables::{FunctionUrlRow, GuardrailRow, ResourcePolicyStatementRow, Scan};
use serde::Serialize;

use crate::arguments::{ExplainArguments, Output, exposure};
use crate::{FINE, terminal};
use answer::Answer;
use facts::{Facts, Gap};
pub(crate) use find::{Wanted, WantedRole};
use role::{Grant, Role, RoleExplanation};

/// The actions that run a function's code. Source: "Actions, resources, and condition keys for AWS
/// Lambda", Service Authorization Reference.
const INVOKING: [&str; 3] = [
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:InvokeAsync",
];

pub(crate) fn run(arguments: &ExplainArguments) -> Result<u8> {
    let scan = match &arguments.scan_id {
        Some(id) => Scan::open(&arguments.out, id)?,
        None => Scan::newest(&arguments.out)?.with_context(|| {
            let out = arguments.out.display();
            format!(
                "there is no published scan in {out}: scan first, or name the folder with --out"
            )
        })?,
    };
    let printed = match (&arguments.function, &arguments.role) {
        (Some(function), _) => explain_function(&scan, function, arguments)?,
        (None, Some(role)) => explain_role(&scan, role, arguments)?,
        (None, None) => bail!("name a function with --function, or a role with --role"),
    };
    terminal::result(&printed)?;
    Ok(FINE)
}

fn explain_function(scan: &Scan, wanted: &Wanted, arguments: &ExplainArguments) -> Result<String> {
    let function = find::function(scan, wanted)?;
    let facts = Facts::read(scan, &function, arguments.qualifier.as_deref())?;
    let answer = match (&arguments.principal, &arguments.action) {
        (Some(principal), Some(action)) => Some(answer::answer(
            scan,
            &facts,
            principal,
            action,
            &arguments.context,
        )?),
        (None, None) => None,
        _ => bail!("--principal and --action go together"),
    };
    let explanation = Explanation::new(&facts, answer);
    Ok(match arguments.output {
        Output::Json => json(&explanation)?,
        Output::Text => text::render(&explanation, arguments.all),
    })
}

fn explain_role(scan: &Scan, wanted: &WantedRole, arguments: &ExplainArguments) -> Result<String> {
    let subject = role::subject(scan, &find::role(scan, wanted)?)?;
    let explanation = RoleExplanation::new(&subject);
    Ok(match arguments.output {
        Output::Json => json(&explanation)?,
        Output::Text => role::text::render(&explanation, arguments.all),
    })
}

fn json(explanation: &impl Serialize) -> Result<String> {
    Ok(escaped(&serde_json::to_string_pretty(explanation)?).into_owned())
}

/// All that is said of a function.
#[derive(Debug, Serialize)]
struct Explanation<'a> {
    scan_id: &'a str,
    scanned_at: &'a str,
    function_arn: &'a str,
    account_name: Option<&'a str>,
    account_place: Option<&'a str>,
    /// Whom the resource policies let invoke, over all policies that were read.
    exposure: &'static str,
    resource_policies: Vec<Policy<'a>>,
    /// Roles of the account that Lambda may assume and whose grants cover an invocation.
    invoking_roles: Vec<Invoking<'a>>,
    function_urls: Vec<Url<'a>>,
    execution_role: Role<'a>,
    guardrails: Vec<Guardrail<'a>>,
    unknown: &'a [Gap],
    answer: Option<Answer>,
}

#[derive(Debug, Serialize)]
struct Policy<'a> {
    /// The version or alias; empty for the function itself.
    qualifier: &'a str,
    exposure: &'static str,
    statements: Vec<Statement<'a>>,
}

#[derive(Debug, Serialize)]
struct Statement<'a> {
    index: i64,
    sid: Option<&'a str>,
    effect: &'a str,
    exposure: &'a str,
    reason: &'a str,
    principals: &'a str,
    actions: &'a str,
    condition_keys: &'a str,
    /// Whether it is about invoking the function.
    invokes: bool,
}

#[derive(Debug, Serialize)]
struct Url<'a> {
    qualifier: &'a str,
    url: &'a str,
    auth_type: &'a str,
    exposure: &'a str,
    reason: &'a str,
}

#[derive(Debug, Serialize)]
struct Invoking<'a> {
    role_arn: &'a str,
    /// Whether no condition and no further Deny may take it away.
    sure: bool,
    #[serde(flatten)]
    grant: Grant<'a>,
}

#[derive(Debug, Serialize)]
struct Guardrail<'a> {
    guardrail: &'a str,
    prevented: &'a str,
    policy: Option<&'a str>,
    reason: &'a str,
}

impl<'a> Explanation<'a> {
    fn new(facts: &'a Facts, answer: Option<Answer>) -> Self {
        let policies: Vec<Policy<'a>> = facts
            .policies
            .iter()
            .map(|(qualifier, rows)| Policy::new(qualifier, rows))
            .collect();
        // What was not read may let in more, but not more than everyone.
        let unread = if facts.gap("resource_policies").is_some() {
            Exposure::Unknown
        } else {
            Exposure::None
        };
        let widest = policies
            .iter()
            .filter_map(|policy| exposure(policy.exposure).ok())
            .max()
            .unwrap_or(Exposure::None)
            .max(unread);
        Self {
            scan_id: &facts.scan_id,
            scanned_at: &facts.scanned_at,
            function_arn: &facts.function.function_arn,
            account_name: facts.account.as_ref().map(|account| account.name.as_str()),
            account_place: facts
                .account
                .as_ref()
                .and_then(|account| account.ou_path.as_deref()),
            exposure: widest.as_str(),
            resource_policies: policies,
            invoking_roles: grants::invoking(
                &facts.account_grants,
                &INVOKING,
                &facts.function.function_arn,
            )
            .into_iter()
            .map(|(row, sure)| Invoking {
                role_arn: &row.role_arn,
                sure,
                grant: Grant::from(row),
            })
            .collect(),
            function_urls: facts.urls.iter().map(Url::from).collect(),
            execution_role: Role::new(&facts.role),
            guardrails: facts.guardrails.iter().map(Guardrail::from).collect(),
            unknown: &facts.gaps,
            answer,
        }
    }
}

impl<'a> Policy<'a> {
    fn new(qualifier: &'a str, rows: &'a [ResourcePolicyStatementRow]) -> Self {
        let statements: Vec<Statement<'a>> = rows.iter().map(Statement::from).collect();
        let invoking = statements
            .iter()
            .filter(|statement| statement.invokes && statement.effect == "Allow");
        let exposure = invoking
            .filter_map(|statement| exposure(statement.exposure).ok())
            .max()
            .unwrap_or(Exposure::None);
        Self {
            qualifier,
            exposure: exposure.as_str(),
            statements,
        }
    }
}

impl<'a> From<&'a ResourcePolicyStatementRow> for Statement<'a> {
    fn from(row: &'a ResourcePolicyStatementRow) -> Self {
        // What cannot be read may be about anything.
        let invokes = facts::document(std::slice::from_ref(row)).is_none_or(|document| {
            document
                .statements
                .iter()
                .any(|it| INVOKING.iter().any(|action| it.covers_action(action)))
        });
        Self {
            index: row.statement_index,
            sid: row.sid.as_deref(),
            effect: &row.effect,
            exposure: &row.exposure,
            reason: &row.exposure_reason,
            principals: &row.principals,
            actions: &row.actions,
            condition_keys: &row.condition_keys,
            invokes,
        }
    }
}

impl<'a> From<&'a FunctionUrlRow> for Url<'a> {
    fn from(row: &'a FunctionUrlRow) -> Self {
        Self {
            qualifier: &row.qualifier,
            url: &row.function_url,
            auth_type: &row.auth_type,
            exposure: &row.exposure,
            reason: &row.exposure_reason,
        }
    }
}

impl<'a> From<&'a GuardrailRow> for Guardrail<'a> {
    fn from(row: &'a GuardrailRow) -> Self {
        Self {
            guardrail: &row.guardrail,
            prevented: &row.prevented,
            policy: row.policy_name.as_deref(),
            reason: &row.reason,
        }
    }
}
