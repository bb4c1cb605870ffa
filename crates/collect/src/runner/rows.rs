//! The organisation as rows: units, accounts, and the coverage of accounts that are not entered.

use lambdasweep_aws::{Account, Defect, Organization};
use lambdasweep_model::Outcome;
use lambdasweep_tables::{AccountRow, Batch, OrganizationalUnitRow, facts};

use super::{Runner, in_none};
use crate::collector::Run;
use crate::context::CoverageKey;
use crate::services::organizations::trusted_accounts;
use crate::survey::closed_rows;

/// How many defects of an organisation are described in words.
const MOST_DEFECTS: usize = 5;

impl Runner {
    pub(super) fn organization_rows(&self, organization: &Organization) -> Batch {
        let mut batch = Batch::default();
        for unit in &organization.units {
            batch.push(OrganizationalUnitRow {
                id: unit.id.clone(),
                parent_id: unit.parent.clone(),
                name: unit.name.clone(),
                path: unit.path.clone(),
                organization_id: organization.id.clone(),
                policy_types: unit.parent.is_none().then(|| unit.policy_types.join(", ")),
            });
        }
        for account in &organization.accounts {
            let in_scope = self.request.includes(organization, account);
            let place = account
                .parent
                .as_deref()
                .and_then(|parent| organization.unit(parent));
            batch.push(AccountRow {
                account_id: account.id.to_string(),
                name: account.name.clone(),
                email: account.email.clone(),
                state: account.state.clone(),
                joined_method: account.joined_method.clone(),
                joined_at: account.joined_at.clone(),
                parent_id: account.parent.clone(),
                ou_path: place.map(|unit| unit.path.clone()),
                ou_id_path: place.map(|unit| unit.id_path.clone()),
                is_management: account.id.as_str() == organization.management_account,
                in_scope,
            });
            if let Some((outcome, code, message)) =
                closed_by_organization(account).filter(|_| in_scope)
            {
                for row in closed_rows(
                    &account.id,
                    &self.collectors,
                    outcome,
                    Some(code.to_owned()),
                    Some(message),
                    0,
                ) {
                    batch.push(row);
                }
                for collector in self
                    .collectors
                    .iter()
                    .filter(|collector| matches!(collector.run, Run::FromOrganization(_)))
                {
                    let covered = CoverageKey {
                        account: account.id.as_str(),
                        region: "",
                        resource: "",
                        fact: collector.fact,
                    };
                    batch.push(covered.row_with(outcome, Some(code.to_owned()), None, 0));
                }
            }
        }
        trusted_accounts::push(&self.request, &mut batch);
        let covered = CoverageKey {
            account: "",
            region: "",
            resource: "",
            fact: facts::ORGANIZATION,
        };
        batch.push(match &organization.unread {
            Some(error) if !in_none(error) => covered.row_with(
                error.outcome,
                error.code.clone(),
                Some(error.message.clone()),
                i64::from(error.attempts),
            ),
            _ => match &organization.defects[..] {
                [] => covered.row_with(Outcome::Ok, None, None, 1),
                [worst, ..] => covered.row_with(
                    Outcome::Failed,
                    Some(worst.code.as_str().to_owned()),
                    Some(joined(&organization.defects)),
                    1,
                ),
            },
        });
        batch
    }
}

/// Why an account is not entered, by its state in the organisation: the outcome, its code and a
/// message.
pub(super) fn closed_by_organization(account: &Account) -> Option<(Outcome, &'static str, String)> {
    match &account.defect {
        Some(defect) => Some((
            Outcome::Failed,
            defect.code.as_str(),
            defect.message.clone(),
        )),
        None if account.is_active() => None,
        None => Some((
            Outcome::Skipped,
            "AccountNotActive",
            format!("the account is {}", account.state),
        )),
    }
}

/// The first defects in one message, and how many more there are.
fn joined(defects: &[Defect]) -> String {
    let shown: Vec<&str> = defects
        .iter()
        .take(MOST_DEFECTS)
        .map(|defect| defect.message.as_str())
        .collect();
    let more = defects.len() - shown.len();
    if more == 0 {
        shown.join("; ")
    } else {
        format!("{}; and {more} more", shown.join("; "))
    }
}
