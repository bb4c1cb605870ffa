//! Which function or role is meant: by its ARN, or by its name where the scan has one of that name.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::str::FromStr;

use anyhow::{Result, bail};
use lambdasweep_checks::nearest;
use lambdasweep_model::{AccountId, Arn, printable};
use lambdasweep_tables::{CoverageRow, Fact, FunctionRow, RoleRow, Row, Scan, Table, facts};

use crate::terminal;

/// How many of one name, and how many names that are near, are listed.
const MOST_LISTED: usize = 50;
const MOST_NAMES: usize = 5;

/// A function as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// By its ARN, which may end with a version or an alias.
    Arn(Arn),
    /// By its name.
    Name {
        /// The account, where it is given.
        account: Option<AccountId>,
        /// The name.
        name: String,
        /// The version or alias, where one is given.
        qualifier: Option<String>,
    },
}

/// The forms are those that Lambda's API takes. Source: "GetFunction", AWS Lambda API Reference:
/// `my-function`, `my-function:v1`, `123456789012:function:my-function`, and ARNs.
impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("arn:") {
            return text
                .parse()
                .map(Self::Arn)
                .map_err(|error: lambdasweep_model::ArnError| error.to_string());
        }
        let bad = || {
            format!(
                "`{}` is neither the ARN nor the name of a function",
                printable(text)
            )
        };
        let (account, rest) = match text.split_once(":function:") {
            Some((account, rest)) => (Some(account.parse().map_err(|_| bad())?), rest),
            None => (None, text),
        };
        let (name, qualifier) = rest
            .split_once(':')
            .map_or((rest, None), |(name, qualifier)| (name, Some(qualifier)));
        let is_name = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte))
        };
        if !is_name(name) || !qualifier.is_none_or(is_name) {
            return Err(bad());
        }
        Ok(Self::Name {
            account,
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
        })
    }
}

/// A role as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WantedRole {
    /// By its ARN.
    Arn(Arn),
    /// By its name.
    Name {
        /// The account, where it is given.
        account: Option<AccountId>,
        /// The name, without its path.
        name: String,
    },
}

/// The ARN of a role or of one of its sessions, its name, or its name after its account. Source of
/// the characters: "IAM and AWS STS quotas".
impl FromStr for WantedRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || {
            format!(
                "`{}` is neither the ARN nor the name of a role",
                printable(text)
            )
        };
        let is_name = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
        };
        let named = |account: Option<&str>, name: &str| {
            let account = account
                .map(|account| account.parse().map_err(|_| bad()))
                .transpose()?;
            if is_name(name) {
                Ok(Self::Name {
                    account,
                    name: name.to_owned(),
                })
            } else {
                Err(bad())
            }
        };
        if text.starts_with("arn:") {
            let arn: Arn = text
                .parse()
                .map_err(|error: lambdasweep_model::ArnError| error.to_string())?;
            // The ARN of a session lacks the role's path.
            return match arn
                .resource
                .strip_prefix("assumed-role/")
                .and_then(|rest| rest.split('/').next())
            {
                Some(name) => named(Some(&arn.account), name),
                None if arn.role_name().is_some() => Ok(Self::Arn(arn)),
                None => Err(bad()),
            };
        }
        match text.split_once(":role/") {
            Some((account, rest)) => {
                named(Some(account), rest.rsplit('/').next().unwrap_or_default())
            }
            None => named(None, text),
        }
    }
}

/// What is looked for: how it is called, the table that lists it, the column of its name, and the
/// fact that the table is of.
struct What {
    one: &'static str,
    many: &'static str,
    table: &'static Table,
    column: &'static str,
    fact: Fact,
}

const FUNCTION: What = What {
    one: "function",
    many: "functions",
    table: FunctionRow::TABLE,
    column: "function_name",
    fact: facts::FUNCTIONS,
};
const ROLE: What = What {
    one: "role",
    many: "roles",
    table: RoleRow::TABLE,
    column: "role_name",
    fact: facts::ROLES,
};

/// The ARN of the function that is meant.
///
/// # Errors
/// Where the scan has no function of the name, or several.
pub(super) fn function(scan: &Scan, wanted: &Wanted) -> Result<Arn> {
    let (account, name, qualifier) = match wanted {
        Wanted::Arn(arn) => return Ok(arn.clone()),
        Wanted::Name {
            account,
            name,
            qualifier,
        } => (account.as_ref(), name, qualifier),
    };
    let rows: Vec<FunctionRow> = scan.rows_where(&conditions(&FUNCTION, name, account))?;
    let arn = one_of(
        scan,
        &FUNCTION,
        name,
        account,
        rows.into_iter().map(|row| row.function_arn).collect(),
    )?;
    let qualifier = qualifier
        .as_ref()
        .map(|qualifier| format!(":{qualifier}"))
        .unwrap_or_default();
    Ok(format!("{arn}{qualifier}").parse()?)
}

/// The ARN of the role that is meant.
///
/// # Errors
/// Where the scan has no role of the name, or several.
pub(super) fn role(scan: &Scan, wanted: &WantedRole) -> Result<Arn> {
    let (account, name) = match wanted {
        WantedRole::Arn(arn) => return Ok(arn.clone()),
        WantedRole::Name { account, name } => (account.as_ref(), name),
    };
    let rows: Vec<RoleRow> = scan.rows_where(&conditions(&ROLE, name, account))?;
    Ok(one_of(
        scan,
        &ROLE,
        name,
        account,
        rows.into_iter().map(|row| row.role_arn).collect(),
    )?
    .parse()?)
}

fn conditions<'a>(
    what: &What,
    name: &'a str,
    account: Option<&'a AccountId>,
) -> Vec<(&'static str, &'a str)> {
    let account = account.map(|account| ("account_id", account.as_str()));
    [(what.column, name)].into_iter().chain(account).collect()
}

/// The only one that was found.
fn one_of(
    scan: &Scan,
    what: &What,
    name: &str,
    account: Option<&AccountId>,
    found: BTreeSet<String>,
) -> Result<String> {
    match found.len() {
        0 => bail!("{}", unknown(scan, what, name, account)?),
        1 => Ok(found.into_iter().collect()),
        count => {
            for arn in found.iter().take(MOST_LISTED) {
                terminal::note(&format!("  {}", printable(arn)));
            }
            if count > MOST_LISTED {
                terminal::note(&format!(
                    "  and {} more: see the table {}",
                    count - MOST_LISTED,
                    what.table.name
                ));
            }
            bail!(
                "{count} {} are named {name}; give the ARN of one of them, as listed above",
                what.many
            )
        }
    }
}

fn unknown(scan: &Scan, what: &What, name: &str, account: Option<&AccountId>) -> Result<String> {
    let of = account
        .map(|account| format!(" in account {account}"))
        .unwrap_or_default();
    let mut told = format!(
        "scan {} has no {} named {name}{of}",
        scan.manifest().scan_id,
        what.one
    );
    let names: BTreeSet<String> = scan.texts(what.table, what.column)?.into_iter().collect();
    let near = near(name, &names);
    if !near.is_empty() {
        let near: Vec<String> = near.into_iter().map(printable).collect();
        let _ = write!(told, "; did you mean {}?", near.join(", "));
    }
    let unread = scan.rows_where::<CoverageRow>(&[("fact", what.fact.as_str())])?;
    if unread
        .iter()
        .any(|row| !matches!(row.outcome.as_str(), "ok" | "region_disabled"))
    {
        told.push_str(" (not all accounts and Regions were read: see the table coverage)");
    }
    Ok(told)
}

/// Names that are like the one that was asked for: first those that contain it.
fn near<'a>(name: &str, names: &'a BTreeSet<String>) -> Vec<&'a str> {
    let lower = name.to_ascii_lowercase();
    let mut near: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|other| other.to_ascii_lowercase().contains(&lower))
        .collect();
    near.sort_by_key(|other| other.len());
    near.truncate(MOST_NAMES);
    while near.len() < MOST_NAMES {
        let Some(next) = nearest(
            name,
            names
                .iter()
                .map(String::as_str)
                .filter(|other| !near.contains(other)),
        ) else {
            break;
        };
        near.push(next);
    }
    near
}

#[cfg(test)]
mod tests {
    use super::{Wanted, WantedRole, near};

    #[test]
    fn functions_are_named_as_in_the_api() {
        let name = |account: Option<&str>, name: &str, qualifier: Option<&str>| Wanted::Name {
            account: account.map(|account| account.parse().expect("an account")),
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
        };
        for (text, wanted) in [
            ("pay", name(None, "pay", None)),
            ("pay:live", name(None, "pay", Some("live"))),
            ("pay:$LATEST", name(None, "pay", Some("$LATEST"))),
            (
                "111122223333:function:pay",
                name(Some("111122223333"), "pay", None),
            ),
            (
                "111122223333:function:pay:7",
                name(Some("111122223333"), "pay", Some("7")),
            ),
        ] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        assert!(matches!(
            "arn:aws:lambda:eu-west-1:111122223333:function:pay".parse(),
            Ok(Wanted::Arn(_))
        ));
        for bad in [
            "",
            "a b",
            "1234:function:pay",
            ":live",
            "pay:",
            "pay:a:b",
            "\u{1b}[31m",
            "arn:aws:lambda",
            "111122223333:function:",
        ] {
            let error = bad.parse::<Wanted>().expect_err(bad);
            assert!(!error.contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn roles_are_named_by_arn_session_or_name() {
        let name = |account: Option<&str>| WantedRole::Name {
            account: account.map(|account| account.parse().expect("an account")),
            name: "pay".to_owned(),
        };
        for (text, wanted) in [
            ("pay", name(None)),
            ("111122223333:role/service/pay", name(Some("111122223333"))),
            (
                "arn:aws:sts::111122223333:assumed-role/pay/session",
                name(Some("111122223333")),
            ),
        ] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        assert!(matches!(
            "arn:aws:iam::111122223333:role/service/pay".parse(),
            Ok(WantedRole::Arn(_))
        ));
        for bad in [
            "",
            "a b",
            "1234:role/pay",
            "role/pay",
            "\u{1b}[31m",
            "arn:aws:iam",
            "arn:aws:iam::111122223333:user/pay",
        ] {
            let error = bad.parse::<WantedRole>().expect_err(bad);
            assert!(!error.contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn near_names_are_those_that_contain_it_and_those_with_few_other_letters() {
        let names = [
            "pay",
            "payments-api",
            "Pay-worker",
            "play",
            "orders",
            "orders-api",
        ]
        .map(str::to_owned)
        .into();
        assert_eq!(
            near("pay", &names)[..3],
            ["pay", "Pay-worker", "payments-api"]
        );
        assert_eq!(near("order", &names), ["orders", "orders-api"]);
        assert_eq!(near("odrers", &names)[0], "orders");
        assert!(near("xyzzy", &names).is_empty());
    }
}
