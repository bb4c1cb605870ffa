//! What account collectors need from the organisation: its accounts, and the policies that apply to
//! each. Built from the rows in the journal, so that a resumed scan gets the same results.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lambdasweep_aws::{CallError, DefectCode};
use lambdasweep_model::{AccountId, Arn, Outcome};
use lambdasweep_policy::Document;
use lambdasweep_tables::{
    AccountRow, CoverageRow, Fact, Journal, OrganizationPolicyRow, OrganizationalUnitRow,
    PolicyTargetRow, TablesError, Unit, facts,
};

/// A type of policies that control what an account's principals, or its resources, allow.
struct ControlType {
    name: &'static str,
    words: &'static str,
}

const SERVICE_CONTROL: ControlType = ControlType {
    name: "SERVICE_CONTROL_POLICY",
    words: "service control policies",
};
const RESOURCE_CONTROL: ControlType = ControlType {
    name: "RESOURCE_CONTROL_POLICY",
    words: "resource control policies",
};

/// The defects of an organisation that make its list of accounts incomplete.
const HIDING: [DefectCode; 2] = [DefectCode::UnidentifiedAccount, DefectCode::UnlistedAccount];

/// The state of accounts that can be entered.
pub(crate) const ACTIVE: &str = "ACTIVE";

/// The organisation as the journal has it.
#[derive(Debug, Default)]
pub(crate) struct OrganizationView {
    /// The organisation's id, if it could be read.
    pub(crate) id: Option<String>,
    /// The management account, if it could be read.
    pub(crate) management_account: Option<String>,
    /// The known accounts, if the organisation could be read.
    accounts: Option<BTreeSet<String>>,
    /// Whether these are all accounts.
    accounts_whole: bool,
    /// The accounts that the scan enters.
    scanned: BTreeSet<String>,
    /// Why the organisation's policies are not known.
    pub(crate) policies_gap: Option<CallError>,
    /// Ids of the root and the units from the root down, joined by slashes, by account.
    paths: BTreeMap<String, String>,
    /// The policy types of the root.
    policy_types: Vec<String>,
    /// Service control policies by what they are attached to.
    service_control: Attachments,
    /// Resource control policies, likewise.
    resource_control: Attachments,
}

/// Policies by what they are attached to.
type Attachments = BTreeMap<String, Vec<Arc<AttachedPolicy>>>;

/// A policy of the organisation.
#[derive(Debug)]
pub(crate) struct AttachedPolicy {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The document, or why it is unknown.
    pub(crate) document: Result<Document, String>,
}

/// The service control policies that bind an account's principals, or the resource control policies
/// that bind its resources.
#[derive(Debug, Clone)]
pub(crate) enum Chain {
    /// None does, though one could, and why.
    Free(String),
    /// None can, and why.
    Exempt(String),
    /// Those of the root, of each organizational unit on the path, and of the account, in this
    /// order.
    Bound(Vec<Vec<Arc<AttachedPolicy>>>),
    /// It is unknown which apply, with the reason.
    Unknown(String),
}

impl OrganizationView {
    /// Builds the view from the organisation's rows in a journal.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub(crate) fn of(journal: &Journal) -> Result<Self, TablesError> {
        let unit = Unit::Organization;
        Ok(Self::new(
            &journal.rows(&unit)?,
            journal.rows(&unit)?,
            journal.rows(&unit)?,
            journal.rows(&unit)?,
            &journal.rows(&unit)?,
        ))
    }

    fn new(
        units: &[OrganizationalUnitRow],
        accounts: Vec<AccountRow>,
        policies: Vec<OrganizationPolicyRow>,
        targets: Vec<PolicyTargetRow>,
        coverage: &[CoverageRow],
    ) -> Self {
        let root = units.iter().find(|unit| unit.parent_id.is_none());
        let of_fact = |fact: Fact| {
            coverage
                .iter()
                .find(|row| row.fact == fact.as_str() && row.account_id.is_empty())
        };
        let gap = |fact: Fact| of_fact(fact).and_then(gap);
        // An organisation that could be read has a root, even if something in it is unknown; the
        // known parts remain usable.
        let organization_gap = gap(facts::ORGANIZATION);
        let hidden = |error: &CallError| {
            HIDING
                .iter()
                .any(|code| error.code.as_deref() == Some(code.as_str()))
        };
        let accounts_whole = organization_gap
            .as_ref()
            .is_none_or(|error| root.is_some() && !hidden(error));
        let unread = organization_gap.filter(|_| root.is_none());
        let (service_control, others): (Vec<_>, Vec<_>) = policies
            .into_iter()
            .partition(|row| row.policy_type == SERVICE_CONTROL.name);
        let mut resource_control = others;
        resource_control.retain(|row| row.policy_type == RESOURCE_CONTROL.name);
        let service_control = attachments(service_control, &targets);
        let resource_control = attachments(resource_control, &targets);
        Self {
            id: root.map(|unit| unit.organization_id.clone()),
            management_account: accounts
                .iter()
                .find(|account| account.is_management)
                .map(|account| account.account_id.clone()),
            // Accounts that only the file lists are not in the organisation, whose own accounts all
            // have a joined method.
            accounts: unread.is_none().then(|| {
                let is_inside = |account: &&AccountRow| {
                    root.is_none()
                        || account.ou_id_path.is_some()
                        || account.joined_method.is_some()
                };
                accounts
                    .iter()
                    .filter(is_inside)
                    .map(|account| account.account_id.clone())
                    .collect()
            }),
            accounts_whole,
            scanned: accounts
                .iter()
                .filter(|account| account.in_scope && account.state == ACTIVE)
                .map(|account| account.account_id.clone())
                .collect(),
            policies_gap: unread.or_else(|| gap(facts::ORGANIZATION_POLICIES)),
            paths: accounts
                .into_iter()
                .filter_map(|account| Some((account.account_id, account.ou_id_path?)))
                .collect(),
            policy_types: root
                .and_then(|unit| unit.policy_types.as_deref())
                .unwrap_or_default()
                .split(", ")
                .map(str::to_owned)
                .collect(),
            service_control,
            resource_control,
        }
    }

    /// The service control policies that apply to an account's principals.
    ///
    /// Source: "Service control policies (SCPs)", AWS Organizations User Guide: they apply to every
    /// account but the management account, and only while the root has their type enabled.
    pub(crate) fn chain(&self, account: &str) -> Chain {
        self.chain_of(&SERVICE_CONTROL, &self.service_control, account)
    }

    /// The resource control policies that bind an account's resources; those of an account that is
    /// not of the organisation are not asked for.
    ///
    /// Source: "Resource control policies (RCPs)", AWS Organizations User Guide: as above.
    pub(crate) fn resource_chain(&self, account: &str) -> Chain {
        let named = [account.to_owned()];
        if self
            .outside(&named, &[])
            .is_some_and(|outside| !outside.is_empty())
        {
            return Chain::Exempt("the account is not of the organisation".to_owned());
        }
        self.chain_of(&RESOURCE_CONTROL, &self.resource_control, account)
    }

    fn chain_of(&self, control: &ControlType, attached: &Attachments, account: &str) -> Chain {
        let ControlType { name, words } = control;
        if self.management_account.as_deref() == Some(account) {
            return Chain::Exempt(format!("{words} do not bind the management account"));
        }
        if let Some(error) = &self.policies_gap {
            let code = error
                .code
                .as_deref()
                .map_or_else(String::new, |code| format!(" ({code})"));
            return Chain::Unknown(format!(
                "the organisation's policies were not read: {}{code}",
                error.outcome
            ));
        }
        if self.id.is_none() {
            return Chain::Exempt("the account is in no organisation".to_owned());
        }
        match self.policy_types.iter().find(|it| it.starts_with(name)) {
            None => {
                return Chain::Free(format!("the organisation has not enabled {words}"));
            }
            Some(told) if told != name => {
                return Chain::Unknown(format!(
                    "the organisation is changing whether {words} are enabled: {told}"
                ));
            }
            Some(_) => {}
        }
        let Some(path) = self.paths.get(account) else {
            return Chain::Unknown("the account's place in the organisation is unknown".to_owned());
        };
        Chain::Bound(
            path.split('/')
                .chain([account])
                .map(|place| attached.get(place).cloned().unwrap_or_default())
                .collect(),
        )
    }

    /// Whether there is no organisation, so that requests and resources are of none.
    pub(crate) fn is_none(&self) -> bool {
        self.id.is_none() && self.policies_gap.is_none()
    }

    /// Whether the scan enters an account, if that lets it in.
    pub(crate) fn is_scanned(&self, account: &str) -> bool {
        self.scanned.contains(account)
    }

    /// An account's place as `aws:PrincipalOrgPaths` has it: `o-…/r-…/ou-…/`.
    pub(crate) fn organization_path(&self, account: &str) -> Option<String> {
        Some(format!(
            "{}/{}/",
            self.id.as_deref()?,
            self.paths.get(account)?
        ))
    }

    /// Whether a resource of another account than `own` is outside this organisation, by the account
    /// in its ARN; `None` if it names none, or if that is unknown.
    pub(crate) fn is_outside(&self, arn: &str, own: &str) -> Option<bool> {
        self.is_account_outside(arn.parse::<Arn>().ok()?.account, own)
    }

    /// Whether another account than `own` is outside this organisation; `None` if it is no account,
    /// or if that is unknown.
    pub(crate) fn is_account_outside(&self, account: String, own: &str) -> Option<bool> {
        let _: AccountId = account.parse().ok()?;
        if account == own {
            return Some(false);
        }
        Some(!self.outside(&[account], &[])?.is_empty())
    }

    /// Those of the accounts and organisations, or parts of organisations (`o-…/r-…`), that are
    /// outside this organisation; `None` if that is unknown.
    pub(crate) fn outside<'a>(
        &self,
        accounts: &'a [String],
        organizations: &'a [String],
    ) -> Option<Vec<&'a str>> {
        let known = self.accounts.as_ref()?;
        let accounts: Vec<&String> = accounts
            .iter()
            .filter(|account| !known.contains(*account))
            .collect();
        if !accounts.is_empty() && !self.accounts_whole {
            return None;
        }
        let organizations = organizations
            .iter()
            .filter(|path| self.id.as_deref() != path.split('/').next());
        Some(
            accounts
                .into_iter()
                .chain(organizations)
                .map(String::as_str)
                .collect(),
        )
    }
}

/// Policies by what they are attached to.
fn attachments(policies: Vec<OrganizationPolicyRow>, targets: &[PolicyTargetRow]) -> Attachments {
    let policies: BTreeMap<String, Arc<AttachedPolicy>> = policies
        .into_iter()
        .map(|row| (row.policy_id.clone(), attached(row)))
        .collect();
    let mut attachments = Attachments::new();
    for target in targets {
        if let Some(policy) = policies.get(&target.policy_id) {
            attachments
                .entry(target.target_id.clone())
                .or_default()
                .push(Arc::clone(policy));
        }
    }
    attachments
}

fn attached(row: OrganizationPolicyRow) -> Arc<AttachedPolicy> {
    let document = match (row.document, row.problem) {
        (Some(text), None) => Document::parse(&text).map_err(|problem| problem.to_string()),
        (_, problem) => Err(problem.unwrap_or_else(|| "it was not read".to_owned())),
    };
    Arc::new(AttachedPolicy {
        id: row.policy_id,
        name: row.name,
        document,
    })
}

/// The problem that a coverage row reports.
fn gap(row: &CoverageRow) -> Option<CallError> {
    let outcome: Outcome = row.outcome.parse().unwrap_or(Outcome::Failed);
    (outcome != Outcome::Ok).then(|| CallError {
        operation: "organizations:ListPolicies",
        account: String::new(),
        region: String::new(),
        outcome,
        code: row.error_code.clone(),
        message: row.message.clone().unwrap_or_default(),
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests;
