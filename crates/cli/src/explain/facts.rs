//! What a scan knows of one function, and what it could not read.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use lambdasweep_model::{Arn, printable};
use lambdasweep_policy::Document;
use lambdasweep_tables::{
    AccountRow, CoverageRow, Fact, FunctionQualifierRow, FunctionRow, FunctionUrlRow,
    FunctionVersionRow, Grain, GuardrailRow, OrganizationalUnitRow, ResourcePolicyStatementRow,
    RoleGrantRow, Row, Scan, TablesError, facts,
};
use serde::Serialize;

use super::role::RoleFacts;

/// The facts that an explanation rests on.
const NEEDED: [Fact; 7] = [
    facts::RESOURCE_POLICIES,
    facts::ALIASES,
    facts::FUNCTION_URLS,
    facts::ROLES,
    facts::GUARDRAILS,
    facts::ORGANIZATION,
    facts::ORGANIZATION_POLICIES,
];

/// A fact that was not read, and why.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Gap {
    pub(super) fact: &'static str,
    pub(super) reason: String,
}

/// What a scan knows of one function.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) scan_id: String,
    pub(super) scanned_at: String,
    pub(super) function: FunctionRow,
    /// The qualifier that is asked for; empty for the function itself.
    pub(super) qualifier: String,
    pub(super) account: Option<AccountRow>,
    /// The organisation's id and the policy types that its root has enabled, where they were read.
    pub(super) organization: Option<(String, String)>,
    /// Statements by the qualifier that their policy is attached to; the function itself is always
    /// there, as the empty one.
    pub(super) policies: BTreeMap<String, Vec<ResourcePolicyStatementRow>>,
    pub(super) urls: Vec<FunctionUrlRow>,
    pub(super) role: RoleFacts,
    /// What the account's roles may do that Lambda may assume.
    pub(super) account_grants: Vec<RoleGrantRow>,
    pub(super) guardrails: Vec<GuardrailRow>,
    pub(super) gaps: Vec<Gap>,
}

impl Facts {
    pub(super) fn read(scan: &Scan, arn: &Arn, qualifier: Option<&str>) -> Result<Self> {
        let Some(name) = arn.function_name() else {
            bail!("`{}` is not a function ARN", printable(&arn.to_string()))
        };
        let qualifier = match (arn.qualifier(), qualifier) {
            (Some(named), Some(given)) if named != given => {
                bail!(
                    "--function has the qualifier {named}, but --qualifier is {given}; give only one of them"
                )
            }
            (named, given) => given
                .or(named)
                .filter(|qualifier| *qualifier != "$LATEST")
                .unwrap_or_default()
                .to_owned(),
        };
        let function_arn = Arn {
            resource: format!("function:{name}"),
            ..arn.clone()
        }
        .to_string();
        let unit = [
            ("account_id", arn.account.as_str()),
            ("region", arn.region.as_str()),
        ];
        let of_function = [unit[0], ("function_arn", function_arn.as_str())];
        let Some(mut function) = scan
            .rows_where::<FunctionRow>(&of_function)?
            .into_iter()
            .next()
        else {
            bail!("{}", missing(scan, &function_arn, arn)?);
        };
        let qualifiers: Vec<FunctionQualifierRow> = scan.rows_where(&of_function)?;
        // A version keeps the role that the function had when it was published.
        if let Some(version) = version_of(&qualifiers, &qualifier) {
            let versions: Vec<FunctionVersionRow> = told(scan, &of_function)?;
            if let Some(version) = versions.into_iter().find(|row| row.version == version) {
                function.role_arn = version.role_arn;
            }
        }
        let mut facts = Self {
            scan_id: scan.manifest().scan_id.to_string(),
            scanned_at: scan.manifest().info.finished_at.clone(),
            qualifier,
            account: scan
                .rows_where::<AccountRow>(&[unit[0]])?
                .into_iter()
                .next(),
            organization: organization(scan)?,
            policies: BTreeMap::new(),
            urls: scan.rows_where(&of_function)?,
            role: RoleFacts::read(scan, unit[0].1, &function.role_arn)?,
            account_grants: told(scan, &[unit[0]])?,
            guardrails: told(scan, &[unit[0]])?,
            gaps: gaps(scan, &NEEDED, &function_arn, arn)?,
            function,
        };
        if !facts.qualifier.is_empty()
            && !qualifiers
                .iter()
                .any(|row| row.qualifier == facts.qualifier)
        {
            let gap = facts.gap("aliases").map_or_else(String::new, |gap| {
                format!("; its aliases were not read: {gap}")
            });
            bail!(
                "{function_arn} has no version or alias {}{gap}",
                printable(&facts.qualifier)
            );
        }
        facts.policies.insert(facts.qualifier.clone(), Vec::new());
        let of_resource = [unit[0], ("resource_arn", function_arn.as_str())];
        for row in scan.rows_where::<ResourcePolicyStatementRow>(&of_resource)? {
            if facts.qualifier.is_empty() || facts.qualifier == row.qualifier {
                facts
                    .policies
                    .entry(row.qualifier.clone())
                    .or_default()
                    .push(row);
            }
        }
        if !facts.qualifier.is_empty() {
            facts.urls.retain(|url| url.qualifier == facts.qualifier);
        }
        if facts.role.row.is_none() && facts.gap("roles").is_none() {
            facts.gaps.push(Gap {
                fact: "roles",
                reason:
                    "the execution role is not among the account's roles; it may have been deleted"
                        .to_owned(),
            });
        }
        Ok(facts)
    }

    /// Why a fact is not known; nothing where it was read.
    pub(super) fn gap(&self, fact: &str) -> Option<&str> {
        self.gaps
            .iter()
            .find(|gap| gap.fact == fact)
            .map(|gap| gap.reason.as_str())
    }
}

/// The version that a qualifier stands for: itself, or the one that an alias points to.
fn version_of<'a>(qualifiers: &'a [FunctionQualifierRow], qualifier: &str) -> Option<&'a str> {
    let row = qualifiers.iter().find(|row| row.qualifier == qualifier)?;
    row.target_version.as_deref().or(Some(&row.qualifier))
}

/// A policy from its rows; nothing where a statement is not understood.
///
/// The version is the one that Lambda writes into every policy. Source: "AddPermission", AWS Lambda
/// API Reference.
pub(super) fn document(rows: &[ResourcePolicyStatementRow]) -> Option<Document> {
    let statements: Vec<&str> = rows.iter().map(|row| row.statement.as_str()).collect();
    Document::parse(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    ))
    .ok()
}

/// The rows of a table that a scan of an earlier version may lack.
pub(super) fn told<R: Row>(scan: &Scan, wanted: &[(&str, &str)]) -> Result<Vec<R>, TablesError> {
    if scan.has(R::TABLE) {
        scan.rows_where(wanted)
    } else {
        Ok(Vec::new())
    }
}

fn organization(scan: &Scan) -> Result<Option<(String, String)>, TablesError> {
    let units: Vec<OrganizationalUnitRow> = scan.rows_where(&[])?;
    let root = units.into_iter().find(|unit| unit.parent_id.is_none());
    Ok(root.map(|root| (root.organization_id, root.policy_types.unwrap_or_default())))
}

/// Why a function is not in a scan.
fn missing(scan: &Scan, function_arn: &str, arn: &Arn) -> Result<String, TablesError> {
    let (scan_id, function) = (&scan.manifest().scan_id, printable(function_arn));
    Ok(match gap(scan, facts::FUNCTIONS, function_arn, arn)? {
        Some(reason) => format!(
            "scan {scan_id} has no data about {function}: its account and Region were not read: {reason}"
        ),
        None => format!(
            "scan {scan_id} has no function {function}, and all functions of its account and Region were read"
        ),
    })
}

/// Of some facts those that were not read, for a resource by its ARN.
pub(super) fn gaps(
    scan: &Scan,
    needed: &[Fact],
    resource_arn: &str,
    arn: &Arn,
) -> Result<Vec<Gap>, TablesError> {
    let mut gaps = Vec::new();
    for fact in needed {
        if let Some(reason) = gap(scan, *fact, resource_arn, arn)? {
            gaps.push(Gap {
                fact: fact.as_str(),
                reason,
            });
        }
    }
    Ok(gaps)
}

/// Why a fact was not read. It was where coverage says so; what coverage does not speak of was not
/// asked for.
fn gap(
    scan: &Scan,
    fact: Fact,
    function_arn: &str,
    arn: &Arn,
) -> Result<Option<String>, TablesError> {
    let (account, region, resource) = match fact.grain() {
        Grain::Organization => ("", "", ""),
        Grain::Account => (arn.account.as_str(), "", ""),
        Grain::AccountRegion => (arn.account.as_str(), arn.region.as_str(), ""),
        Grain::Resource(_) => (arn.account.as_str(), arn.region.as_str(), function_arn),
    };
    let coverage = |region: &str, resource: &str| {
        let unit = [
            ("account_id", account),
            ("region", region),
            ("resource_arn", resource),
            ("fact", fact.as_str()),
        ];
        scan.rows_where::<CoverageRow>(&unit)
    };
    let mut rows = coverage(region, resource)?;
    if rows.is_empty() {
        // An account that could not be entered has one row for all its Regions.
        rows = coverage("", "")?;
    }
    if rows.is_empty() {
        return Ok(Some("the scan did not collect it".to_owned()));
    }
    Ok(rows.into_iter().find(|row| row.outcome != "ok").map(|row| {
        let code = row
            .error_code
            .map_or_else(String::new, |code| format!(" ({code})"));
        let message = row
            .message
            .map_or_else(String::new, |message| format!(": {message}"));
        format!("{}{code}{message}", row.outcome)
    }))
}
