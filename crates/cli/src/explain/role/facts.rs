//! What a scan knows of one role, and what it could not read.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use lambdasweep_model::{Arn, printable};
use lambdasweep_tables::{
    AccountRow, CoverageRow, Fact, FunctionVersionRow, RoleEscalationRow, RoleEscalationStepRow,
    RoleGrantRow, RolePolicyRow, RoleRow, Scan, TablesError, facts,
};

use crate::explain::facts::{Gap, gaps, told};

/// The facts that an explanation of a role rests on, besides the functions of each Region.
const NEEDED: [Fact; 3] = [
    facts::ROLES,
    facts::ORGANIZATION,
    facts::ORGANIZATION_POLICIES,
];

/// What the tables say of a role.
#[derive(Debug)]
pub(in crate::explain) struct RoleFacts {
    pub(in crate::explain) arn: String,
    /// Nothing where it is none of the account's roles, or they were not read.
    pub(in crate::explain) row: Option<RoleRow>,
    pub(super) policies: Vec<RolePolicyRow>,
    pub(super) grants: Vec<RoleGrantRow>,
    pub(super) escalations: Vec<RoleEscalationRow>,
    pub(super) steps: Vec<RoleEscalationStepRow>,
}

impl RoleFacts {
    pub(in crate::explain) fn read(
        scan: &Scan,
        account: &str,
        arn: &str,
    ) -> Result<Self, TablesError> {
        let of_role = [("account_id", account), ("role_arn", arn)];
        Ok(Self {
            arn: arn.to_owned(),
            row: scan.rows_where(&of_role)?.into_iter().next(),
            policies: scan.rows_where(&of_role)?,
            grants: told(scan, &of_role)?,
            escalations: told(scan, &of_role)?,
            steps: told(scan, &of_role)?,
        })
    }
}

/// A role that is explained for its own sake.
#[derive(Debug)]
pub(in crate::explain) struct Subject {
    pub(super) scan_id: String,
    pub(super) scanned_at: String,
    pub(super) account: Option<AccountRow>,
    pub(super) role: RoleFacts,
    pub(super) functions: BTreeSet<String>,
    pub(super) gaps: Vec<Gap>,
}

/// Reads what a scan knows of a role.
///
/// # Errors
/// Where the scan has no such role.
pub(in crate::explain) fn subject(scan: &Scan, arn: &Arn) -> Result<Subject> {
    let (text, account) = (arn.to_string(), arn.account.as_str());
    let mut gaps = gaps(scan, &NEEDED, &text, arn)?;
    let role = RoleFacts::read(scan, account, &text)?;
    if role.row.is_none() {
        let scan_id = &scan.manifest().scan_id;
        match gaps.iter().find(|gap| gap.fact == facts::ROLES.as_str()) {
            Some(gap) => {
                bail!(
                    "scan {scan_id} has no data about {}: the roles of its account were not read: {}",
                    printable(&text),
                    gap.reason
                )
            }
            None => bail!(
                "scan {scan_id} has no role {}, and all roles of its account were read",
                printable(&text)
            ),
        }
    }
    let coverage: Vec<CoverageRow> =
        scan.rows_where(&[("account_id", account), ("fact", facts::FUNCTIONS.as_str())])?;
    let unread = coverage
        .iter()
        .filter(|row| !matches!(row.outcome.as_str(), "ok" | "region_disabled"));
    gaps.extend(unread.map(|row| Gap {
        fact: facts::FUNCTIONS.as_str(),
        reason: format!("{} in {}", row.outcome, row.region),
    }));
    let versions: Vec<FunctionVersionRow> =
        told(scan, &[("account_id", account), ("role_arn", &text)])?;
    Ok(Subject {
        scan_id: scan.manifest().scan_id.to_string(),
        scanned_at: scan.manifest().info.finished_at.clone(),
        account: scan
            .rows_where::<AccountRow>(&[("account_id", account)])?
            .into_iter()
            .next(),
        role,
        functions: versions.into_iter().map(|row| row.function_arn).collect(),
        gaps,
    })
}
