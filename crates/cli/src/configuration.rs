//! `--config`: the configuration file of a scan, `lambdasweep.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use lambdasweep_model::{AccountId, printable};
use serde::Deserialize;

use crate::{Usage, terminal};

/// The most that is read: thousands of accounts fit.
const LONGEST: u64 = 1 << 20;

/// What the file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    #[serde(default)]
    trusted: Trusted,
}

/// Accounts outside the organisation that are trusted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Trusted {
    /// They may be given access.
    #[serde(default)]
    accounts: Vec<AccountId>,
    /// They may publish layers that functions use.
    #[serde(default)]
    layer_publishers: Vec<AccountId>,
    /// Their registries may have images that functions run.
    #[serde(default)]
    image_registries: Vec<AccountId>,
}

/// Reads the file: the trusted accounts, by what they are trusted with.
///
/// # Errors
/// Where it cannot be read, and for the first line that cannot be meant.
pub(crate) fn trusted(path: &Path) -> Result<BTreeMap<String, BTreeSet<AccountId>>> {
    let shown = terminal::shown(path);
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    opened.with_context(|| format!("cannot read {shown}; name another file with --config"))?;
    if bytes.len() as u64 > LONGEST {
        bail!(Usage(format!(
            "{shown} is larger than 1 MiB: too large for a configuration file"
        )));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        bail!(Usage(format!("{shown} is not valid UTF-8")))
    };
    let name = path
        .file_name()
        .map_or_else(|| shown.clone(), |name| terminal::shown(Path::new(name)));
    let trusted = parse(text, &name).map_err(Usage)?;
    let lists = [
        ("access", trusted.accounts),
        ("images", trusted.image_registries),
        ("layers", trusted.layer_publishers),
    ];
    Ok(lists
        .into_iter()
        .filter(|(_, accounts)| !accounts.is_empty())
        .map(|(with, accounts)| (with.to_owned(), accounts.into_iter().collect()))
        .collect())
}

/// Parses the text; the error is a sentence that begins with the file and the line.
fn parse(text: &str, name: &str) -> Result<Trusted, String> {
    let parsed: Result<Configuration, toml::de::Error> = toml::from_str(text);
    parsed.map(|it| it.trusted).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        // What a message quotes may be anything.
        let message = printable(error.message().lines().next().unwrap_or_default());
        format!("{name}:{line}: {message}")
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn accounts_are_read_and_mistakes_are_told_with_their_line() {
        let trusted = parse(
            "# partners\n[trusted]\naccounts = [\"999988887777\"]\nlayer-publishers = [\"464622532012\"]\n",
            "c.toml",
        )
        .expect("a configuration");
        assert_eq!(trusted.accounts[0].as_str(), "999988887777");
        assert_eq!(trusted.layer_publishers.len(), 1);
        assert!(parse("", "c.toml").is_ok());
        for (text, begins, names) in [
            ("[trusted]\naccount = []\n", "c.toml:2: ", "account"),
            ("[trust]\n", "c.toml:1: ", "trust"),
            ("[trusted]\n\naccounts = [\"12\"]\n", "c.toml:3: ", "12"),
            (
                "[trusted]\naccounts = [999988887777]\n",
                "c.toml:2: ",
                "integer",
            ),
            ("[trusted\n", "c.toml:1: ", ""),
            ("[trusted]\naccounts = [\"\u{1b}[31m\"]\n", "c.toml:2: ", ""),
        ] {
            let told = parse(text, "c.toml").expect_err(text);
            assert!(told.starts_with(begins) && told.contains(names), "{told}");
            assert!(!told.contains('\u{1b}'), "{told:?}");
        }
    }
}
