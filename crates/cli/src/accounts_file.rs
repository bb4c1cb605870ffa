//! `--accounts-file`: a CSV file of accounts and organizational units, each with a role of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use csv::{ReaderBuilder, StringRecord, Trim};
use lambdasweep_collect::{ListedAccount, Target};
use lambdasweep_model::{AccountId, Arn, printable};

use crate::arguments::iam_name;
use crate::{Usage, terminal};

/// The most that is read: a hundred thousand accounts fit.
const LONGEST: u64 = 16 << 20;
const COLUMNS: [&str; 4] = ["account_id", "role_arn", "external_id", "regions"];

/// Reads the file.
///
/// # Errors
/// Where it cannot be read, and for the first line that cannot be meant.
pub(crate) fn read(path: &Path) -> Result<Vec<ListedAccount>> {
    let shown = terminal::shown(path);
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    opened
        .with_context(|| format!("cannot read {shown}; name another file with --accounts-file"))?;
    if bytes.len() as u64 > LONGEST {
        bail!(Usage(format!(
            "{shown} is larger than 16 MiB: too large for a list of accounts"
        )));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        bail!(Usage(format!("{shown} is not valid UTF-8")))
    };
    let name = path
        .file_name()
        .map_or_else(|| shown.clone(), |name| terminal::shown(Path::new(name)));
    parse(text.trim_start_matches('\u{feff}'), &name).map_err(|problem| Usage(problem).into())
}

/// Parses the text; the error is a sentence that begins with the file and the line.
fn parse(text: &str, name: &str) -> Result<Vec<ListedAccount>, String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    // No value goes over the end of a line, and the CSV reader does not count those that it skips.
    let lines = text
        .lines()
        .zip(1_u64..)
        .filter(|(line, _)| !line.trim().is_empty() && !line.starts_with('#'));
    let mut records = lines.map(|(line, number)| {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .trim(Trim::All)
            .from_reader(line.as_bytes());
        let place = format!("{name}:{number}");
        let record = reader
            .records()
            .next()
            .transpose()
            .map_err(|error| format!("{place}: {error}"))?;
        Ok::<_, String>((record.unwrap_or_default(), place))
    });
    let (header, _) = records.next().transpose()?.unwrap_or_default();
    let columns = columns(&header).map_err(|problem| format!("{name}: {problem}"))?;
    let mut listed: Vec<ListedAccount> = Vec::new();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for record in records {
        let (record, place) = record?;
        let account = line(&record, &columns, place.clone())
            .map_err(|problem| format!("{place}: {problem}"))?;
        let key = match &account.target {
            Target::Account(id) => id.to_string(),
            Target::Unit(unit) => unit.clone(),
        };
        if let Some(earlier) = seen.insert(key.clone(), place.clone()) {
            return Err(format!(
                "{place}: {} was listed before, in {earlier}",
                printable(&key)
            ));
        }
        listed.push(account);
    }
    if listed.is_empty() {
        Err(format!("{name} lists no account"))
    } else {
        Ok(listed)
    }
}

/// Where each of the columns stands.
fn columns(header: &StringRecord) -> Result<[Option<usize>; 4], String> {
    let mut columns = [None; 4];
    for (at, name) in header.iter().enumerate() {
        let Some(column) = COLUMNS.iter().position(|column| *column == name) else {
            return Err(format!(
                "there is no column `{}`: the first line names columns of {}",
                printable(name),
                COLUMNS.join(",")
            ));
        };
        if columns[column].replace(at).is_some() {
            return Err(format!("the column {name} stands there twice"));
        }
    }
    if columns[0].is_none() {
        Err(format!(
            "the first line has to name the columns: {}",
            COLUMNS.join(",")
        ))
    } else {
        Ok(columns)
    }
}

fn line(
    record: &StringRecord,
    columns: &[Option<usize>; 4],
    place: String,
) -> Result<ListedAccount, String> {
    let named = columns.iter().flatten().count();
    if record.len() > named {
        return Err(format!(
            "it has {} values, and the first line names {named} columns",
            record.len()
        ));
    }
    let [account, role, external_id, regions] =
        columns.map(|at| at.and_then(|at| record.get(at)).unwrap_or_default());
    let target = target(account)?;
    Ok(ListedAccount {
        role: role_of(role, &target)?,
        external_id: if external_id.is_empty() {
            None
        } else {
            Some(external_id.parse().map_err(|error| format!("{error}"))?)
        },
        regions: regions
            .split([' ', ';', ','])
            .filter(|region| !region.is_empty())
            .map(|region| {
                region
                    .parse()
                    .map_err(|error: lambdasweep_model::RegionError| error.to_string())
            })
            .collect::<Result<_, _>>()?,
        target,
        place,
    })
}

fn target(text: &str) -> Result<Target, String> {
    if text.is_empty() {
        return Err("it names no account".to_owned());
    }
    if text.starts_with('/') || text.starts_with("ou-") || text.starts_with("r-") {
        return Ok(Target::Unit(if text.len() > 1 {
            text.trim_end_matches('/').to_owned()
        } else {
            text.to_owned()
        }));
    }
    text.parse().map(Target::Account).map_err(|_| {
        format!(
            "`{}` is neither an account id of twelve digits (spreadsheets drop leading zeros) nor an organizational unit (ou-…, or /Workloads/Prod)",
            printable(text)
        )
    })
}

/// A role's ARN, or its name with its path. Source: "IAM identifiers", IAM User Guide.
fn role_of(text: &str, target: &Target) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let shown = printable(text);
    if !text.starts_with("arn:") {
        return iam_name(text)
            .map(Some)
            .map_err(|_| format!("`{shown}` is neither the ARN of a role nor the name of one"));
    }
    let arn: Arn = text
        .parse()
        .map_err(|_| format!("`{shown}` is not a valid ARN"))?;
    let name = arn
        .resource
        .strip_prefix("role/")
        .filter(|_| arn.service == "iam" && arn.region.is_empty());
    let name = name.filter(|name| iam_name(name).is_ok() && !name.ends_with('/'));
    match (target, name, arn.account.parse::<AccountId>()) {
        (_, None, _) | (_, _, Err(_)) => Err(format!(
            "`{shown}` is not the ARN of a role: use the form arn:aws:iam::111122223333:role/name"
        )),
        (Target::Unit(_), ..) => Err(format!(
            "`{shown}` is the role of one account: for an organizational unit give the role's name"
        )),
        (Target::Account(id), _, Ok(account)) if *id != account => Err(format!(
            "`{shown}` is a role of account {account}, not of {id}"
        )),
        (Target::Account(_), ..) => Ok(Some(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use lambdasweep_collect::Target;

    use super::parse;

    #[test]
    fn lines_are_read_as_spreadsheets_and_people_write_them() {
        let text = "account_id,role_arn,external_id,regions\r\n# a remark\r\n\r\n000000000001,arn:aws:iam::000000000001:role/team/audit,id-1,\r\n\
                    \"111122223333\", audit ,, eu-west-1 us-east-1\r\n222233334444\r\nou-ab12-prod,security/audit,x:y,\"eu-west-1;us-east-1\"\r\n/Workloads/Dev/,,,\r\n";
        let lines = parse(text, "a.csv").expect("lines");
        let told: Vec<_> = lines
            .iter()
            .map(|it| {
                let of = match &it.target {
                    Target::Account(id) => id.to_string(),
                    Target::Unit(unit) => unit.clone(),
                };
                let regions = it
                    .regions
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" ");
                (
                    it.place.clone(),
                    of,
                    it.role.clone().unwrap_or_default(),
                    it.external_id.as_ref().map_or("", |it| it.as_str()),
                    regions,
                )
            })
            .collect();
        let expected = [
            (
                "a.csv:4",
                "000000000001",
                "arn:aws:iam::000000000001:role/team/audit",
                "id-1",
                "",
            ),
            (
                "a.csv:5",
                "111122223333",
                "audit",
                "",
                "eu-west-1 us-east-1",
            ),
            ("a.csv:6", "222233334444", "", "", ""),
            (
                "a.csv:7",
                "ou-ab12-prod",
                "security/audit",
                "x:y",
                "eu-west-1 us-east-1",
            ),
            ("a.csv:8", "/Workloads/Dev", "", "", ""),
        ];
        assert_eq!(
            told,
            expected.map(|(place, of, role, id, regions)| (
                place.to_owned(),
                of.to_owned(),
                role.to_owned(),
                id,
                regions.to_owned()
            ))
        );
        assert_eq!(
            parse("external_id,account_id\nid-1,111122223333", "a").expect("in any order")[0]
                .external_id,
            "id-1".parse().ok()
        );
    }

    #[test]
    fn a_line_that_cannot_be_meant_is_told_with_its_place() {
        let head = "account_id,role_arn,external_id,regions\n111122223333,,,\n";
        for (line, words) in [
            (
                "111122223333,,,",
                "111122223333 was listed before, in a.csv:2",
            ),
            ("11112222333,,,", "`11112222333` is neither an account id"),
            ("1.11122E+11,,,", "spreadsheets drop leading zeros"),
            (",audit,,", "it names no account"),
            (
                "222233334444,arn:aws:iam::111122223333:role/audit,,",
                "is a role of account 111122223333, not of 222233334444",
            ),
            (
                "222233334444,arn:aws:iam::222233334444:user/audit,,",
                "is not the ARN of a role",
            ),
            (
                "222233334444,arn:aws:sts::222233334444:role/audit,,",
                "is not the ARN of a role",
            ),
            (
                "222233334444,arn:aws:iam::222233334444:role/,,",
                "is not the ARN of a role",
            ),
            (
                "222233334444,arn:aws:iam::*:role/audit,,",
                "is not the ARN of a role",
            ),
            ("222233334444,arn:aws:iam,,", "is not a valid ARN"),
            (
                "222233334444,au dit,,",
                "neither the ARN of a role nor the name",
            ),
            ("222233334444,,s,", "not a valid ExternalId"),
            ("222233334444,,secret id,", "not a valid ExternalId"),
            (
                "222233334444,,,eu-west",
                "`eu-west` is not a valid AWS Region",
            ),
            ("222233334444,,,,more", "it has 5 values"),
            (
                "ou-ab12-prod,arn:aws:iam::222233334444:role/audit,,",
                "is the role of one account",
            ),
            ("\u{1b}[31m,,,", "`\\u{1b}[31m` is neither"),
        ] {
            let told = parse(&format!("{head}{line}\n"), "a.csv").expect_err(line);
            assert!(
                told.starts_with("a.csv:3: ") && told.contains(words),
                "{line}: {told}"
            );
            assert!(
                !told.contains("secret id") && !told.contains('\u{1b}'),
                "{told}"
            );
        }
        for (text, words) in [
            ("", "the first line has to name the columns"),
            ("account_id\n", "lists no account"),
            ("111122223333\n", "there is no column `111122223333`"),
            (
                "account_id;role_arn\n",
                "there is no column `account_id;role_arn`",
            ),
            ("account_id,account_id\n", "twice"),
            ("role_arn\n", "the first line has to name the columns"),
        ] {
            let told = parse(text, "a.csv").expect_err(text);
            assert!(
                told.starts_with("a.csv") && told.contains(words),
                "{text}: {told}"
            );
        }
    }
}
