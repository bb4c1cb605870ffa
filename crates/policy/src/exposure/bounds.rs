//! What limits a region of callers: their organisation, on whose behalf a service calls, and where
//! calls come from.
//!
//! Sources: "The confused deputy problem" and "AWS global condition context keys", IAM User Guide;
//! "Blocking public access to your Amazon S3 storage"; "Blocking public access to EFS file
//! systems".

use std::collections::BTreeSet;

use crate::actions::lower;
use crate::compare::network;

use super::Exposure;
use super::identity::Key;
use super::keys::{Known, List, Value};
use super::region::{Region, account_of};

/// The accounts, organisations or places that callers are limited to.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// [`Exposure::Accounts`] or [`Exposure::Organization`].
    pub(super) exposure: Exposure,
    pub(super) accounts: BTreeSet<String>,
    pub(super) organizations: Vec<String>,
    /// In words, with the values that the conditions name.
    pub(super) words: String,
}

impl Bounds {
    fn to_accounts(accounts: BTreeSet<String>, words: String) -> Self {
        Self {
            exposure: Exposure::Accounts,
            accounts,
            organizations: Vec::new(),
            words,
        }
    }

    fn to_organizations(organizations: Vec<String>, words: String) -> Self {
        Self {
            exposure: Exposure::Organization,
            accounts: BTreeSet::new(),
            organizations,
            words,
        }
    }
}

/// The organisations, or parts of them, that the principals of a region are limited to.
pub(super) fn organizations(region: &Region) -> Option<Vec<String>> {
    organizations_by(region, Key::PrincipalOrgId, Key::PrincipalOrgPaths)
}

fn organizations_by(region: &Region, by_id: Key, by_path: Key) -> Option<Vec<String>> {
    let is_fixed = |text: &str| text.starts_with("o-") && !text.contains(['*', '?']);
    let texts = |list: &List| {
        list.values
            .iter()
            .map(|value| value.pattern.to_string())
            .collect::<Vec<_>>()
    };
    // Below a fixed organisation a wildcard stays within it.
    let within = |value: &Value| {
        value
            .pattern
            .split_once('/')
            .is_some_and(|(organization, _)| is_fixed(organization))
    };
    let paths = surely(region, by_path)
        .and_then(|known| known.texts().find(|list| list.values.iter().all(within)));
    paths.map(texts).or_else(|| {
        let known = surely(region, by_id)?;
        let list = known
            .texts()
            .find(|list| list.values.iter().all(|value| is_fixed(&value.pattern)))?;
        Some(
            texts(list)
                .into_iter()
                .filter(|text| known.allows(text))
                .collect(),
        )
    })
}

/// On whose behalf services call; `None` if it may be anyone's.
pub(super) fn sources(region: &Region) -> Option<Bounds> {
    let known_arns = surely(region, Key::SourceArn);
    let by_owner = [Key::SourceAccount, Key::SourceOwner]
        .into_iter()
        .filter_map(|key| fixed(region, key));
    let mut sets: Vec<BTreeSet<String>> =
        by_owner.chain(known_arns.and_then(accounts_of)).collect();
    let of_arns = known_arns
        .and_then(|known| known.texts().next())
        .map(|list| format!(" ({})", listed(texts(list))))
        .unwrap_or_default();
    if let Some(last) = sets.pop() {
        let is_common = |account: &String| sets.iter().all(|set| set.contains(account));
        // A service sets each key to the same account. If that leaves none, all of them are named
        // rather than none.
        let accounts: BTreeSet<String> = if last.iter().any(is_common) {
            last.into_iter().filter(is_common).collect()
        } else {
            sets.into_iter().flatten().chain(last).collect()
        };
        let words = format!(
            "{}{of_arns}",
            named("account", "accounts", accounts.iter().map(String::as_str))
        );
        return Some(Bounds::to_accounts(accounts, words));
    }
    if let Some(organizations) = organizations_by(region, Key::SourceOrgId, Key::SourceOrgPaths) {
        let organizations_named = named(
            "the organisation",
            "the organisations",
            organizations.iter().map(String::as_str),
        );
        let words = format!("{organizations_named}{of_arns}");
        return Some(Bounds::to_organizations(organizations, words));
    }
    let token = fixed(region, Key::EventSourceToken).map(|_| {
        Bounds::to_accounts(
            BTreeSet::new(),
            "callers that send a token that it names".to_owned(),
        )
    });
    token.or_else(|| places(region))
}

/// The fixed ARNs of sources that hold no account, such as a bucket's.
///
/// The policy does not name their owner: once a bucket is deleted, anyone can create one of the
/// same name. AWS Config and AWS Security Hub ask for `aws:SourceAccount` beside it
/// ("lambda-function-public-access-prohibited").
pub(super) fn ownerless(region: &Region) -> Vec<&str> {
    let values = surely(region, Key::SourceArn)
        .into_iter()
        .flat_map(Known::texts)
        .flat_map(|list| &list.values);
    values
        .filter(|value| value.account().is_none() && value.pattern.split(':').nth(4) == Some(""))
        .map(|value| value.pattern.as_str())
        .collect()
}

/// Where calls come from or go to, whatever the caller: VPC endpoints, networks, access points,
/// mount targets, subscriptions.
pub(super) fn places(region: &Region) -> Option<Bounds> {
    by_endpoint_owner(region)
        .or_else(|| by_access_point(region))
        .or_else(|| by_subscriber(region))
        .or_else(|| by_network(region))
        .or_else(|| {
            let organizations = organizations_by(region, Key::VpceOrgId, Key::VpceOrgPaths)?;
            let words = named(
                "VPC endpoints of the organisation",
                "VPC endpoints of the organisations",
                organizations.iter().map(String::as_str),
            );
            Some(Bounds::to_organizations(organizations, words))
        })
}

fn by_endpoint_owner(region: &Region) -> Option<Bounds> {
    let accounts = fixed(region, Key::VpceAccount)?;
    let words = named(
        "VPC endpoints of account",
        "VPC endpoints of accounts",
        accounts.iter().map(String::as_str),
    );
    Some(Bounds::to_accounts(accounts, words))
}

/// A bucket policy that delegates access to access points: the accounts of these decide.
fn by_access_point(region: &Region) -> Option<Bounds> {
    let by_arn = || surely(region, Key::AccessPointArn).and_then(accounts_of);
    let accounts = fixed(region, Key::AccessPointAccount).or_else(by_arn)?;
    let words = named(
        "access points of account",
        "access points of accounts",
        accounts.iter().map(String::as_str),
    );
    Some(Bounds::to_accounts(accounts, words))
}

/// Anyone who subscribes to a topic, but only with these addresses. `*@example.com` is no limit:
/// the address of a web server may end like that, too.
fn by_subscriber(region: &Region) -> Option<Bounds> {
    let bounded = |value: &Value| {
        value.pattern.is_fixed() || (value.pattern.starts_with("arn:") && value.account().is_some())
    };
    let list = surely(region, Key::Endpoint)?
        .texts()
        .find(|list| list.values.iter().all(bounded))?;
    let accounts = list
        .values
        .iter()
        .filter(|value| value.pattern.starts_with("arn:"))
        .filter_map(|value| value.account().map(str::to_owned));
    Some(Bounds::to_accounts(
        accounts.collect(),
        named("the subscriber", "the subscribers", texts(list)),
    ))
}

/// Fixed addresses narrower than what counts as public, VPCs, VPC endpoints, and the mount targets
/// of a file system.
///
/// Source: "Blocking public access to your Amazon S3 storage": /8 for IPv4 and /32 for IPv6.
fn by_network(region: &Region) -> Option<Bounds> {
    let narrow = |value: &Value| {
        network(&value.pattern)
            .is_some_and(|(address, prefix)| prefix >= if address.is_ipv4() { 8 } else { 32 })
    };
    if let Some(list) = surely(region, Key::SourceIp)
        .and_then(|known| known.lists().find(|list| list.values.iter().all(narrow)))
    {
        return Some(Bounds::to_accounts(
            BTreeSet::new(),
            named("the network", "the networks", texts(list)),
        ));
    }
    if let Some((accounts, arns)) = surely(region, Key::SourceVpcArn).and_then(accounts_of_arns) {
        return Some(Bounds::to_accounts(
            accounts,
            named("the VPC", "the VPCs", arns.iter().map(String::as_str)),
        ));
    }
    for (key, one, many) in [
        (Key::SourceVpc, "the VPC", "the VPCs"),
        (Key::SourceVpce, "the VPC endpoint", "the VPC endpoints"),
    ] {
        if let Some(ids) = surely(region, key).and_then(Known::candidates) {
            return Some(Bounds::to_accounts(
                BTreeSet::new(),
                named(one, many, ids.into_iter()),
            ));
        }
    }
    let mounted = surely(region, Key::MountTarget)?;
    let is_true = |list: &List| {
        list.values
            .iter()
            .all(|value| value.pattern.eq_ignore_ascii_case("true"))
    };
    mounted.lists().any(is_true).then(|| {
        Bounds::to_accounts(
            BTreeSet::new(),
            "the file system's mount targets".to_owned(),
        )
    })
}

/// What is known of a key that is certainly present.
fn surely(region: &Region, key: Key) -> Option<&Known> {
    region.known(key).filter(|known| known.never_absent)
}

/// The fixed values of a key.
fn fixed(region: &Region, key: Key) -> Option<BTreeSet<String>> {
    let values = surely(region, key)?.candidates()?;
    Some(values.into_iter().map(str::to_owned).collect())
}

/// The accounts of the ARNs that a key may have; none where there may be others.
fn accounts_of(known: &Known) -> Option<BTreeSet<String>> {
    let of_fixed = || {
        known
            .candidates()?
            .into_iter()
            .map(|arn| account_of(&lower(arn)).map(str::to_owned))
            .collect::<Option<BTreeSet<String>>>()
    };
    of_fixed().or_else(|| {
        let list = known
            .texts()
            .find(|list| list.values.iter().all(|value| value.account().is_some()))?;
        Some(
            list.values
                .iter()
                .filter_map(|value| value.account().map(str::to_owned))
                .collect(),
        )
    })
}

/// The same, with the ARNs.
fn accounts_of_arns(known: &Known) -> Option<(BTreeSet<String>, Vec<String>)> {
    let accounts = accounts_of(known)?;
    let of_fixed = |arns: &Vec<&str>| arns.iter().all(|arn| account_of(&lower(arn)).is_some());
    let arns = match known.candidates().filter(of_fixed) {
        Some(arns) => arns.into_iter().map(str::to_owned).collect(),
        None => texts(
            known
                .texts()
                .find(|list| list.values.iter().all(|value| value.account().is_some()))?,
        )
        .map(str::to_owned)
        .collect(),
    };
    Some((accounts, arns))
}

fn texts(list: &List) -> impl Iterator<Item = &str> {
    list.values.iter().map(|value| value.pattern.as_str())
}

/// The most names in a reason; further ones are only counted.
const MOST_NAMES: usize = 5;

/// Names with commas between them, of many the first.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown: Vec<String> = names
        .iter()
        .take(MOST_NAMES)
        .map(|name| lambdasweep_model::printable(name))
        .collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    if more == 0 {
        shown.join(", ")
    } else {
        format!("{} and {more} more", shown.join(", "))
    }
}

/// The same after the word for one or for many.
fn named<'n>(one: &str, many: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    format!(
        "{} {}",
        if names.len() == 1 { one } else { many },
        listed(names.into_iter())
    )
}
