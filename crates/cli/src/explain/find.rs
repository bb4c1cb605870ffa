//! Which function is meant: by its ARN, or by its name where the scan has one of that name.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::str::FromStr;

use anyhow::{Result, bail};
use lambdasweep_checks::nearest;
use lambdasweep_model::{AccountId, Arn, printable};
use lambdasweep_tables::{CoverageRow, FunctionRow, Row, Scan};

use crate::terminal;

/// How many functions of one name, and how many names that are near, are listed.
const MOST_FUNCTIONS: usize = 50;
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

/// The forms are those that Lambda's API takes. Source: "GetFunction", AWS Lambda API Reference: `my-function`, `my-function:v1`,
/// `123456789012:function:my-function`, and ARNs.
impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("arn:") {
            return text.parse().map(Self::Arn).map_err(|error: lambdasweep_model::ArnError| error.to_string());
        }
        let bad = || format!("`{}` is neither the ARN nor the name of a function", printable(text));
        let (account, rest) = match text.split_once(":function:") {
            Some((account, rest)) => (Some(account.parse().map_err(|_| bad())?), rest),
            None => (None, text),
        };
        let (name, qualifier) = rest.split_once(':').map_or((rest, None), |(name, qualifier)| (name, Some(qualifier)));
        let is_name = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte));
        if !is_name(name) || !qualifier.is_none_or(is_name) {
            return Err(bad());
        }
        Ok(Self::Name { account, name: name.to_owned(), qualifier: qualifier.map(str::to_owned) })
    }
}

/// The ARN of the function that is meant.
///
/// # Errors
/// Where the scan has no function of the name, or several.
pub(super) fn find(scan: &Scan, wanted: &Wanted) -> Result<Arn> {
    let (account, name, qualifier) = match wanted {
        Wanted::Arn(arn) => return Ok(arn.clone()),
        Wanted::Name { account, name, qualifier } => (account, name, qualifier),
    };
    let mut conditions = vec![("function_name", name.as_str())];
    conditions.extend(account.as_ref().map(|account| ("account_id", account.as_str())));
    let found: BTreeSet<String> = scan.rows_where::<FunctionRow>(&conditions)?.into_iter().map(|row| row.function_arn).collect();
    let mut arns = found.iter();
    match (arns.next(), arns.next()) {
        (None, _) => bail!("{}", unknown(scan, name, account.as_ref())?),
        (Some(arn), None) => {
            let qualifier = qualifier.as_ref().map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
            Ok(format!("{arn}{qualifier}").parse()?)
        }
        (Some(_), Some(_)) => {
            for arn in found.iter().take(MOST_FUNCTIONS) {
                terminal::note(&format!("  {}", printable(arn)));
            }
            if found.len() > MOST_FUNCTIONS {
                terminal::note(&format!("  and {} more: see the table functions", found.len() - MOST_FUNCTIONS));
            }
            bail!("{} functions are named {name}; give the ARN of one of them, as listed above", found.len())
        }
    }
}

fn unknown(scan: &Scan, name: &str, account: Option<&AccountId>) -> Result<String> {
    let of = account.map(|account| format!(" in account {account}")).unwrap_or_default();
    let mut told = format!("scan {} has no function named {name}{of}", scan.manifest().scan_id);
    let names: BTreeSet<String> = scan.texts(FunctionRow::TABLE, "function_name")?.into_iter().collect();
    let near = near(name, &names);
    if !near.is_empty() {
        let near: Vec<String> = near.into_iter().map(printable).collect();
        let _ = write!(told, "; did you mean {}?", near.join(", "));
    }
    let unread = scan.rows_where::<CoverageRow>(&[("fact", "functions")])?;
    if unread.iter().any(|row| !matches!(row.outcome.as_str(), "ok" | "region_disabled")) {
        told.push_str(" (not all accounts and Regions were read: see the table coverage)");
    }
    Ok(told)
}

/// Names that are like the one that was asked for: first those that contain it.
fn near<'a>(name: &str, names: &'a BTreeSet<String>) -> Vec<&'a str> {
    let lower = name.to_ascii_lowercase();
    let mut near: Vec<&str> = names.iter().map(String::as_str).filter(|other| other.to_ascii_lowercase().contains(&lower)).collect();
    near.sort_by_key(|other| other.len());
    near.truncate(MOST_NAMES);
    while near.len() < MOST_NAMES {
        let Some(next) = nearest(name, names.iter().map(String::as_str).filter(|other| !near.contains(other))) else { break };
        near.push(next);
    }
    near
}

#[cfg(test)]
mod tests {
    use super::{Wanted, near};

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
            ("111122223333:function:pay", name(Some("111122223333"), "pay", None)),
            ("111122223333:function:pay:7", name(Some("111122223333"), "pay", Some("7"))),
        ] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        assert!(matches!("arn:aws:lambda:eu-west-1:111122223333:function:pay".parse(), Ok(Wanted::Arn(_))));
        for bad in ["", "a b", "1234:function:pay", ":live", "pay:", "pay:a:b", "\u{1b}[31m", "arn:aws:lambda", "111122223333:function:"] {
            let error = bad.parse::<Wanted>().expect_err(bad);
            assert!(!error.contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn near_names_are_those_that_contain_it_and_those_with_few_other_letters() {
        let names = ["pay", "payments-api", "Pay-worker", "play", "orders", "orders-api"].map(str::to_owned).into();
        assert_eq!(near("pay", &names)[..3], ["pay", "Pay-worker", "payments-api"]);
        assert_eq!(near("order", &names), ["orders", "orders-api"]);
        assert_eq!(near("odrers", &names)[0], "orders");
        assert!(near("xyzzy", &names).is_empty());
    }
}
