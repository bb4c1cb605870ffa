//! Which policies bind an account, and what is of the organisation.

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
    let Chain::Bound(levels) = view("SERVICE_CONTROL_POLICY", "ok").chain("222222222222") else {
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
