//! What AWS leaves out or contradicts.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::types::{
    Account as SdkAccount, AccountState, OrganizationalUnit as SdkUnit,
};

use super::accounts::add_account;
use super::units::add_unit;
use super::{DefectCode, OrganizationalUnit, complete};

fn listed(id: &str, state: &str, path: &str) -> SdkAccount {
    SdkAccount::builder()
        .id(id)
        .name("Somebody")
        .state(AccountState::from(state))
        .paths(path)
        .build()
}

fn root() -> OrganizationalUnit {
    OrganizationalUnit {
        id: "r-ab12".to_owned(),
        parent: None,
        name: "Root".to_owned(),
        path: "/".to_owned(),
        id_path: "r-ab12".to_owned(),
        policy_types: Vec::new(),
    }
}

const PLACE: &str = "o-a1b2c3d4e5/r-ab12/111111111111/";

/// Nothing that AWS lists is dropped, and nothing that it contradicts is believed.
#[test]
fn accounts_that_are_not_told_whole_are_defects() {
    use DefectCode::{
        ConflictingAccount, UnidentifiedAccount, UnknownAccountState, UnknownParent,
        UnlistedAccount,
    };
    let one = listed("111111111111", "ACTIVE", PLACE);
    let suspended = listed("111111111111", "SUSPENDED", PLACE);
    let moved = listed(
        "111111111111",
        "ACTIVE",
        "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/111111111111/",
    );
    let nameless = SdkAccount::builder().name("Nobody\u{1b}[2J").build();
    let stateless = SdkAccount::builder()
        .id("111111111111")
        .paths(PLACE)
        .build();
    type Codes<'a> = &'a [DefectCode];
    let cases: [(&str, &[&SdkAccount], Codes<'_>, &str, Codes<'_>); 10] = [
        ("one", &[&one], &[], "ACTIVE", &[]),
        ("the same twice", &[&one, &one], &[], "ACTIVE", &[]),
        (
            "two states",
            &[&one, &suspended],
            &[],
            "UNKNOWN",
            &[ConflictingAccount],
        ),
        (
            "two states, the other way round",
            &[&suspended, &one],
            &[],
            "UNKNOWN",
            &[ConflictingAccount],
        ),
        (
            "two places",
            &[&one, &moved],
            &[ConflictingAccount, UnknownParent],
            "ACTIVE",
            &[],
        ),
        (
            "no id",
            &[&one, &nameless],
            &[UnidentifiedAccount],
            "ACTIVE",
            &[],
        ),
        (
            "an id that is none",
            &[&one, &listed("11111111111x", "ACTIVE", PLACE)],
            &[UnidentifiedAccount],
            "ACTIVE",
            &[],
        ),
        (
            "a new state",
            &[&listed("111111111111", "FROZEN", PLACE)],
            &[],
            "FROZEN",
            &[UnknownAccountState],
        ),
        (
            "no state",
            &[&stateless],
            &[],
            "UNKNOWN",
            &[UnknownAccountState],
        ),
        ("not listed", &[], &[UnlistedAccount], "ACTIVE", &[]),
    ];
    for (what, answers, expected, state, own) in cases {
        let (mut accounts, mut defects) = (BTreeMap::new(), Vec::new());
        for answer in answers {
            add_account(&mut accounts, answer, &mut defects);
        }
        let id = "111111111111".parse().expect("an id");
        complete(
            &mut accounts,
            &[root()],
            &[(&id, "the management account")],
            &mut defects,
        );
        let codes: Vec<_> = defects.iter().map(|defect| defect.code).collect();
        assert_eq!(codes, expected, "{what}");
        assert_eq!(accounts.len(), 1, "{what}");
        let account = &accounts[&id];
        assert_eq!(
            (account.state.as_str(), account.is_active()),
            (state, state == "ACTIVE"),
            "{what}"
        );
        assert_eq!(
            account
                .defect
                .iter()
                .map(|defect| defect.code)
                .collect::<Vec<_>>(),
            own,
            "{what}"
        );
        assert!(
            defects
                .iter()
                .all(|defect| !defect.message.contains('\u{1b}')),
            "{defects:?}"
        );
    }
}

#[test]
fn units_that_are_no_tree_are_defects() {
    let unit = |id: &str| SdkUnit::builder().id(id).name("Prod").build();
    let (mut units, mut defects, mut torn) = (vec![root()], Vec::new(), BTreeSet::new());
    add_unit(
        &mut units,
        &root(),
        &unit("ou-ab12-11111111"),
        &mut torn,
        &mut defects,
    );
    add_unit(
        &mut units,
        &root(),
        &unit("ou-ab12-11111111"),
        &mut torn,
        &mut defects,
    );
    assert_eq!(
        (units.len(), defects.len(), torn.len()),
        (2, 0, 0),
        "the same twice"
    );
    let child = units[1].clone();
    for (what, listed, code) in [
        (
            "below itself",
            unit("ou-ab12-11111111"),
            DefectCode::ConflictingUnit,
        ),
        (
            "the root below a unit",
            unit("r-ab12"),
            DefectCode::UnidentifiedUnit,
        ),
        (
            "no id",
            SdkUnit::builder().name("Prod").build(),
            DefectCode::UnidentifiedUnit,
        ),
        (
            "a path for an id",
            unit("ou-ab12/../x"),
            DefectCode::UnidentifiedUnit,
        ),
    ] {
        let (mut defects, mut torn) = (Vec::new(), BTreeSet::new());
        add_unit(&mut units, &child, &listed, &mut torn, &mut defects);
        assert_eq!(
            defects.iter().map(|defect| defect.code).collect::<Vec<_>>(),
            [code],
            "{what}"
        );
        assert_eq!(
            (units.len(), torn.len()),
            (2, usize::from(code == DefectCode::ConflictingUnit)),
            "{what}"
        );
    }
}
