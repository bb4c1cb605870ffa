//! A generated organisation: created lazily, the same each time, and as unevenly distributed as
//! real ones.

use std::collections::BTreeMap;

use lambdasweep_mock::seed::{Generated, Spec};
use serde_json::Value;

use crate::client::Mock;

fn spec(text: &str) -> Generated {
    Generated::new(text.parse::<Spec>().unwrap())
}

fn accounts(mock: &Mock, key: &str) -> Vec<Value> {
    let mut accounts = Vec::new();
    let mut token = Value::Null;
    loop {
        let input = if token.is_null() {
            serde_json::json!({})
        } else {
            serde_json::json!({"NextToken": token})
        };
        let page = mock
            .organizations(key, "ListAccounts", &input.to_string())
            .json();
        accounts.extend(page["Accounts"].as_array().unwrap().iter().cloned());
        token = page["NextToken"].clone();
        if token.is_null() {
            return accounts;
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_world_whatever_is_asked_first() {
    let text = "accounts=12,regions=3,functions=150,seed=3";
    let worlds = [spec(text), spec(text)];
    let key = worlds[0].management_account().to_owned();
    let [one, other] = worlds.map(Mock::start);
    let truth = one.server().truth("2026-11-24");
    assert!(!truth.is_empty());
    let place = |at: usize| (truth[at].account.clone(), truth[at].region.clone());
    let list = |mock: &Mock, at: usize| {
        let (account, region) = place(at);
        mock.rest(
            &account,
            &region,
            "lambda",
            "GET",
            "/2015-03-31/functions",
            "",
        )
        .body
    };
    let regional: Vec<usize> = (0..truth.len())
        .filter(|at| !truth[*at].region.is_empty())
        .collect();
    let forward: Vec<String> = regional.iter().map(|at| list(&one, *at)).collect();
    let mut backward: Vec<String> = regional.iter().rev().map(|at| list(&other, *at)).collect();
    backward.reverse();
    assert!(forward == backward, "another order gives another world");
    assert_eq!(truth, other.server().truth("2026-11-24"));
    assert_eq!(accounts(&one, &key), accounts(&other, &key));
    let another = Mock::start(spec("accounts=12,regions=3,functions=150,seed=4"));
    assert_ne!(truth, another.server().truth("2026-11-24"));
}

#[test]
fn an_organisation_is_as_uneven_as_real_ones() {
    let world = spec("accounts=100,regions=4,functions=3000,seed=5");
    let key = world.management_account().to_owned();
    let mock = Mock::start(world);
    let accounts = accounts(&mock, &key);
    assert_eq!(accounts.len(), 100);
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for account in &accounts {
        *states
            .entry(account["State"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    assert_eq!(states["ACTIVE"], 98, "{states:?}");
    let mut sizes: Vec<u64> = Vec::new();
    let mut switched_off = 0;
    let mut empty = 0;
    for account in accounts
        .iter()
        .filter(|account| account["State"] == "ACTIVE")
    {
        let id = account["Id"].as_str().unwrap();
        let regions = mock
            .rest(
                id,
                "us-east-1",
                "account",
                "POST",
                "/listRegions",
                r#"{"MaxResults":50}"#,
            )
            .json();
        let mut functions = 0;
        for region in regions["Regions"].as_array().unwrap() {
            if region["RegionOptStatus"] == "DISABLED" {
                switched_off += 1;
                continue;
            }
            let region = region["RegionName"].as_str().unwrap();
            let settings = mock
                .rest(
                    id,
                    region,
                    "lambda",
                    "GET",
                    "/2016-08-19/account-settings",
                    "",
                )
                .json();
            let here = settings["AccountUsage"]["FunctionCount"].as_u64().unwrap();
            empty += u32::from(here == 0);
            functions += here;
        }
        sizes.push(functions);
    }
    sizes.sort_unstable();
    let (median, largest) = (sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
    assert!(
        switched_off > 0 && empty > 0,
        "{switched_off} Regions switched off, {empty} empty"
    );
    assert!(
        largest > 5 * median.max(1),
        "the largest account has {largest} functions, the median {median}"
    );
}
