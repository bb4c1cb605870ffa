//! What account collectors need of the organisation: its accounts, and which policies bind each.
//! Built from the rows in the journal, so that a scan that is resumed judges as the one that it
//! goes on with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lambdasweep_aws::{CallError, DefectCode};
use lambdasweep_model::Outcome;
use lambdasweep_policy::Document;
use lambdasweep_tables::{
    AccountRow, CoverageRow, Fact, Journal, OrganizationPolicyRow, OrganizationalUnitRow,
    PolicyTargetRow, TablesError, Unit, facts,
};

const SERVICE_CONTROL: &str = "SERVICE_CONTROL_POLICY";

/// The defects of an organisation that leave open which accounts it has.
const HIDING: [DefectCode; 2] = [DefectCode::UnidentifiedAccount, DefectCode::UnlistedAccount];

/// The organisation as the journal tells of it.
#[derive(Debug, Default)]
pub(crate) struct OrganizationView {
    /// The organisation's id, where it could be read.
    pub(crate) id: Option<String>,
    /// The management account, where it could be read.
    pub(crate) management_account: Option<String>,
    /// The accounts that are known, where the organisation could be read.
    accounts: Option<BTreeSet<String>>,
    /// Whether those are all that there are.
    accounts_whole: bool,
    /// Why the organisation's policies are not known.
    pub(crate) policies_gap: Option<CallError>,
    /// Ids of the root and the units from the root down, joined by slashes, by account.
    paths: BTreeMap<String, String>,
    /// The policy types that the root tells of.
    policy_types: Vec<String>,
    /// Service control policies by what they are attached to.
    service_control: BTreeMap<String, Vec<Arc<AttachedPolicy>>>,
}

/// A policy of the organisation.
#[derive(Debug)]
pub(crate) struct AttachedPolicy {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The document, or why it is not known.
    pub(crate) document: Result<Document, String>,
}

/// The service control policies that bind an account's principals.
#[derive(Debug, Clone)]
pub(crate) enum Chain {
    /// None does, though one could, and why.
    Free(&'static str),
    /// None can, and why.
    Exempt(&'static str),
    /// Those of the root, of each organizational unit on the path, and of the account, in this
    /// order.
    Bound(Vec<Vec<Arc<AttachedPolicy>>>),
    /// It is not known which do, and why.
    Unknown(String),
}

impl OrganizationView {
    /// The view that the organisation's rows in a journal give.
    ///
    /// # Errors
    /// Where the journal cannot be read.
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
        // An organisation that could be read has a root, even if something in it is not known; that
        // does not touch what is.
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
        let policies: BTreeMap<String, Arc<AttachedPolicy>> = policies
            .into_iter()
            .filter(|row| row.policy_type == SERVICE_CONTROL)
            .map(|row| (row.policy_id.clone(), attached(row)))
            .collect();
        let mut service_control: BTreeMap<String, Vec<Arc<AttachedPolicy>>> = BTreeMap::new();
        for target in targets {
            if let Some(policy) = policies.get(&target.policy_id) {
                service_control
                    .entry(target.target_id)
                    .or_default()
                    .push(Arc::clone(policy));
            }
        }
        Self {
            id: root.map(|unit| unit.organization_id.clone()),
            management_account: accounts
                .iter()
                .find(|account| account.is_management)
                .map(|account| account.account_id.clone()),
            // What a file lists besides is not of the organisation, which tells of each of its
            // accounts how it joined.
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
        }
    }

    /// The service control policies that bind an account's principals.
    ///
    /// Source: "Service control policies (SCPs)", AWS Organizations User Guide: they bind every
    /// account but the management account, and only while the root has their type enabled.
    pub(crate) fn chain(&self, account: &str) -> Chain {
        if self.management_account.as_deref() == Some(account) {
            return Chain::Exempt("service control policies do not bind the management account");
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
            return Chain::Exempt("the account is in no organisation");
        }
        match self
            .policy_types
            .iter()
            .find(|it| it.starts_with(SERVICE_CONTROL))
        {
            None => {
                return Chain::Free("the organisation has not enabled service control policies");
            }
            Some(told) if told != SERVICE_CONTROL => {
                return Chain::Unknown(format!(
                    "the organisation is changing whether service control policies are enabled: {told}"
                ));
            }
            Some(_) => {}
        }
        let Some(path) = self.paths.get(account) else {
            return Chain::Unknown(
                "the account's place in the organisation is not known".to_owned(),
            );
        };
        Chain::Bound(
            path.split('/')
                .chain([account])
                .map(|place| self.service_control.get(place).cloned().unwrap_or_default())
                .collect(),
        )
    }

    /// An account's place as `aws:PrincipalOrgPaths` has it: `o-…/r-…/ou-…/`.
    pub(crate) fn organization_path(&self, account: &str) -> Option<String> {
        Some(format!(
            "{}/{}/",
            self.id.as_deref()?,
            self.paths.get(account)?
        ))
    }

    /// Which of these accounts and organisations, or parts of such (`o-…/r-…`), are not of this
    /// organisation; nothing where that is not known.
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

/// What a coverage row says went wrong.
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
mod tests {
    use super::{Chain, OrganizationView};
    use lambdasweep_tables::{
        AccountRow, CoverageRow, OrganizationPolicyRow, OrganizationalUnitRow, PolicyTargetRow,
    };

    const ALLOW: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn unit(id: &str, parent: Option<&str>, types: Option<&str>) -> OrganizationalUnitRow {
        OrganizationalUnitRow {
            id: id.to_owned(),
            parent_id: parent.map(str::to_owned),
            name: id.to_owned(),
            path: "/".to_owned(),
            organization_id: "o-a1b2c3d4e5".to_owned(),
            policy_types: types.map(str::to_owned),
        }
    }

    fn account(id: &str, path: &str, is_management: bool) -> AccountRow {
        AccountRow {
            account_id: id.to_owned(),
            name: String::new(),
            email: None,
            state: "ACTIVE".to_owned(),
            joined_method: None,
            joined_at: None,
            parent_id: None,
            ou_path: None,
            ou_id_path: Some(path.to_owned()),
            is_management,
            in_scope: true,
        }
    }

    fn policy(id: &str, document: Option<&str>) -> OrganizationPolicyRow {
        OrganizationPolicyRow {
            policy_id: id.to_owned(),
            name: id.to_owned(),
            policy_type: "SERVICE_CONTROL_POLICY".to_owned(),
            aws_managed: false,
            description: None,
            target_count: Some(1),
            document: document.map(str::to_owned),
            statement_count: None,
            deny_statement_count: None,
            problem: None,
        }
    }

    fn coverage(fact: &str, outcome: &str) -> CoverageRow {
        CoverageRow {
            account_id: String::new(),
            region: String::new(),
            resource_arn: String::new(),
            fact: fact.to_owned(),
            outcome: outcome.to_owned(),
            error_code: (outcome != "ok").then(|| "AccessDeniedException".to_owned()),
            message: None,
            attempts: 1,
        }
    }

    fn view(types: &str, outcome: &str) -> OrganizationView {
        view_with(types, outcome, &coverage("organization", "ok"))
    }

    fn view_with(types: &str, outcome: &str, organization: &CoverageRow) -> OrganizationView {
        let target = |policy: &str, target: &str| PolicyTargetRow {
            policy_id: policy.to_owned(),
            target_id: target.to_owned(),
            target_type: String::new(),
        };
        OrganizationView::new(
            &[
                unit("r-a1b2", None, Some(types)),
                unit("ou-a1b2-prod", Some("r-a1b2"), None),
            ],
            vec![
                account("111111111111", "r-a1b2", true),
                account("222222222222", "r-a1b2/ou-a1b2-prod", false),
            ],
            vec![policy("p-all", Some(ALLOW)), policy("p-unread", None)],
            vec![
                target("p-all", "r-a1b2"),
                target("p-all", "ou-a1b2-prod"),
                target("p-unread", "222222222222"),
            ],
            &[
                organization.clone(),
                coverage("organization_policies", outcome),
            ],
        )
    }

    #[test]
    fn a_chain_has_a_level_for_the_root_each_unit_and_the_account() {
        let Chain::Bound(levels) = view("SERVICE_CONTROL_POLICY", "ok").chain("222222222222")
        else {
            panic!("it is bound")
        };
        let ids: Vec<Vec<&str>> = levels
            .iter()
            .map(|level| level.iter().map(|policy| policy.id.as_str()).collect())
            .collect();
        assert_eq!(ids, [vec!["p-all"], vec!["p-all"], vec!["p-unread"]]);
        assert!(levels[0][0].document.is_ok() && levels[2][0].document.is_err());
    }

    #[test]
    fn nothing_binds_the_management_account_nor_anyone_while_the_type_is_not_enabled() {
        assert!(matches!(
            view("SERVICE_CONTROL_POLICY", "ok").chain("111111111111"),
            Chain::Exempt(_)
        ));
        assert!(matches!(
            view("SERVICE_CONTROL_POLICY", "denied").chain("111111111111"),
            Chain::Exempt(_)
        ));
        assert!(matches!(
            OrganizationView::default().chain("111111111111"),
            Chain::Exempt(_)
        ));
        assert!(matches!(
            view("RESOURCE_CONTROL_POLICY", "ok").chain("222222222222"),
            Chain::Free(_)
        ));
        assert!(matches!(
            view("", "ok").chain("222222222222"),
            Chain::Free(_)
        ));
    }

    #[test]
    fn what_was_not_read_is_unknown() {
        for (types, outcome, account) in [
            ("SERVICE_CONTROL_POLICY", "denied", "222222222222"),
            (
                "SERVICE_CONTROL_POLICY (PENDING_ENABLE)",
                "ok",
                "222222222222",
            ),
            ("SERVICE_CONTROL_POLICY", "ok", "333333333333"),
        ] {
            assert!(
                matches!(view(types, outcome).chain(account), Chain::Unknown(_)),
                "{types} {outcome} {account}"
            );
        }
    }

    #[test]
    fn accounts_and_organisations_are_outside_where_they_are_not_of_this_one() {
        let texts = |of: &[&str]| of.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let (accounts, organizations) = (
            texts(&["222222222222", "999988887777"]),
            texts(&["o-a1b2c3d4e5/r-a1b2/*", "o-other00000"]),
        );
        assert_eq!(
            view("", "ok").outside(&accounts, &organizations),
            Some(vec!["999988887777", "o-other00000"])
        );
        assert_eq!(
            OrganizationView::default().outside(&accounts, &organizations),
            None
        );
    }

    /// What AWS left out of the organisation costs what rests on it, and no more.
    #[test]
    fn an_organisation_that_is_not_known_whole_is_known_as_far_as_it_is() {
        let texts = |of: &[&str]| of.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let (member, stranger) = (texts(&["222222222222"]), texts(&["999988887777"]));
        for (code, outside) in [
            ("UnidentifiedAccount", None),
            ("UnlistedAccount", None),
            ("ConflictingUnit", Some(vec!["999988887777"])),
        ] {
            let gap = CoverageRow {
                error_code: Some(code.to_owned()),
                ..coverage("organization", "failed")
            };
            let view = view_with("SERVICE_CONTROL_POLICY", "ok", &gap);
            assert!(
                matches!(view.chain("222222222222"), Chain::Bound(_)),
                "{code}"
            );
            assert_eq!(view.outside(&member, &[]), Some(Vec::new()), "{code}");
            assert_eq!(view.outside(&stranger, &[]), outside, "{code}");
        }
    }
}
