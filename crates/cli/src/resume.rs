//! `--resume`: which options of a scan are settled when it begins, which hold until they are given
//! anew, and which have to be given again.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};
use lambdasweep_model::acts_on_terminal;

use crate::arguments::{self, Arguments, ScanArguments};

/// How long an option of `scan` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// It says what is read and judged by, which is settled when the scan begins.
    Settled,
    /// It holds for the whole scan, unless it is given anew.
    Kept,
    /// It is about this process alone: who calls, and where results go.
    Once,
}

fn holds(option: &Arg) -> Holds {
    match (option.get_id().as_str(), option.get_help_heading()) {
        ("checks_dir" | "fail_on" | "demo", _) | (_, Some(arguments::PACE)) => Holds::Kept,
        ("role_name", _) | (_, Some(arguments::SCOPE)) => Holds::Settled,
        _ => Holds::Once,
    }
}

/// The options that were given on the command line of `scan`.
#[derive(Debug)]
pub(crate) struct Given<'a> {
    scan: Command,
    matches: &'a ArgMatches,
}

impl<'a> Given<'a> {
    /// The options that the matches of `scan` hold.
    pub(crate) fn new(matches: &'a ArgMatches) -> Self {
        let mut command = Arguments::command();
        command.build();
        Self {
            scan: command.find_subcommand("scan").cloned().unwrap_or_default(),
            matches,
        }
    }

    fn options(&self, wanted: Holds) -> impl Iterator<Item = &Arg> {
        let given = |option: &&Arg| {
            self.matches.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine)
        };
        self.scan
            .get_arguments()
            .filter(move |option| holds(option) == wanted)
            .filter(given)
    }

    fn values(&self, option: &Arg) -> Vec<&'a OsStr> {
        if !option.get_action().takes_values() {
            return Vec::new();
        }
        self.matches
            .get_raw(option.get_id().as_str())
            .into_iter()
            .flatten()
            .collect()
    }

    /// Refuses options that a scan which goes on would have to ignore.
    ///
    /// # Errors
    /// Where there are some: wrong usage that names them.
    pub(crate) fn check_resumable(&mut self) -> Result<(), clap::Error> {
        let settled: Vec<String> = self.options(Holds::Settled).map(long).collect();
        if settled.is_empty() {
            return Ok(());
        }
        let them = if settled.len() == 1 { "it" } else { "them" };
        let told = format!(
            "{} cannot be given with --resume, which keeps the original scope, checks and date. Leave {them} out, or start a new scan.",
            settled.join(" and ")
        );
        Err(self.scan.error(ErrorKind::ArgumentConflict, told))
    }

    /// The options that hold when the scan goes on, for its journal.
    pub(crate) fn kept(&self) -> BTreeMap<String, Vec<String>> {
        let text = |option: &Arg, value: &OsStr| match option.get_id().as_str() {
            // Whoever goes on may stand in another folder.
            "checks_dir" => std::path::absolute(value)
                .unwrap_or_else(|_| value.into())
                .display()
                .to_string(),
            _ => value.to_string_lossy().into_owned(),
        };
        let values = |option: &Arg| match self.values(option) {
            values if values.is_empty() => vec!["true".to_owned()],
            values => values
                .into_iter()
                .map(|value| text(option, value))
                .collect(),
        };
        self.options(Holds::Kept)
            .map(|option| (option.get_id().to_string(), values(option)))
            .collect()
    }

    /// The command that goes on with the scan, ready for a shell.
    pub(crate) fn command(&self, scan_id: &str, out: &Path) -> String {
        let mut words = vec![
            "lambdasweep scan --resume".to_owned(),
            scan_id.to_owned(),
            "--out".to_owned(),
            quoted(out.as_os_str()),
        ];
        let mut again = Vec::new();
        for option in self.options(Holds::Once).filter(|option| {
            !["out", "resume", "scan_id", "verbose"].contains(&option.get_id().as_str())
        }) {
            let values = self.values(option);
            // Nothing that may be confidential is repeated: an external id, or credentials in an
            // address.
            if option.is_hide_env_values_set()
                || values
                    .iter()
                    .any(|value| value.to_string_lossy().contains('@'))
            {
                again.push(long(option));
                continue;
            }
            words.push(long(option));
            words.extend(values.into_iter().map(quoted));
        }
        let also = if again.is_empty() {
            String::new()
        } else {
            format!(" (and give {} again)", again.join(" and "))
        };
        format!("{}{also}", words.join(" "))
    }
}

/// The arguments of this process, where options that were kept take the place of defaults.
///
/// # Errors
/// If this version does not have one of these options.
pub(crate) fn with_kept(
    kept: &BTreeMap<String, Vec<String>>,
) -> Result<ScanArguments, clap::Error> {
    parse(kept, std::env::args_os())
}

fn parse<W: Into<std::ffi::OsString> + Clone>(
    kept: &BTreeMap<String, Vec<String>>,
    words: impl IntoIterator<Item = W>,
) -> Result<ScanArguments, clap::Error> {
    let known = |scan: &Command, id: &str| {
        scan.get_arguments()
            .any(|option| option.get_id() == id && holds(option) == Holds::Kept)
    };
    let command = Arguments::command().mut_subcommand("scan", |mut scan| {
        for (id, values) in kept {
            if known(&scan, id) {
                // Defaults live as long as the program; there are a few.
                let values: Vec<&'static str> =
                    values.iter().map(|value| &*value.clone().leak()).collect();
                scan = scan.mut_arg(id, |option| option.default_values(values));
            }
        }
        scan
    });
    let matches = command.try_get_matches_from(words)?;
    let scan = matches.subcommand_matches("scan").unwrap_or(&matches);
    ScanArguments::from_arg_matches(scan)
}

fn long(option: &Arg) -> String {
    format!(
        "--{}",
        option.get_long().unwrap_or(option.get_id().as_str())
    )
}

/// A word as a shell takes it, and with nothing in it that acts on a terminal.
pub(crate) fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.into_owned()
    } else if !word.contains(acts_on_terminal) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        let escaped = |c: char| match c {
            '\'' | '\\' => format!("\\{c}"),
            c if acts_on_terminal(c) => format!("\\U{:08x}", u32::from(c)),
            c => c.to_string(),
        };
        format!("$'{}'", word.chars().map(escaped).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{ArgMatches, CommandFactory};

    use super::{Given, Holds, holds, parse, quoted};
    use crate::arguments::Arguments;

    fn matches(words: &[&str]) -> ArgMatches {
        let matches = Arguments::command()
            .try_get_matches_from([&["lambdasweep", "scan"], words].concat())
            .expect("good words");
        matches.subcommand_matches("scan").expect("a scan").clone()
    }

    /// Whatever options there are: what says what is read is refused, and every refusal names the
    /// option.
    #[test]
    fn every_option_of_the_scope_is_refused() {
        let mut command = Arguments::command();
        command.build();
        let scan = command.find_subcommand("scan").expect("scan").clone();
        let values = [
            ("accounts", "111122223333"),
            ("exclude_accounts", "111122223333"),
            ("regions", "eu-west-1"),
            ("as_of", "2026-11-24"),
            ("facts", "roles"),
        ];
        let settled: Vec<_> = scan
            .get_arguments()
            .filter(|option| holds(option) == Holds::Settled)
            .collect();
        assert!(settled.len() >= 7, "{settled:?}");
        for option in settled {
            let value = values
                .iter()
                .find(|(id, _)| option.get_id() == id)
                .map_or("x", |(_, value)| *value);
            let name = format!("--{}", option.get_long().expect("a long name"));
            let given = matches(&["--resume", &format!("{name}={value}")]);
            let error = Given::new(&given).check_resumable().expect_err(&name);
            assert_eq!(error.exit_code(), 2);
            assert!(
                error.to_string().contains(&name) && error.to_string().contains("--resume"),
                "{error}"
            );
        }
        assert!(
            Given::new(&matches(&[
                "--resume",
                "--quota-share=0.2",
                "--out=x",
                "--profile=p"
            ]))
            .check_resumable()
            .is_ok()
        );
    }

    #[test]
    fn options_of_the_beginning_hold_until_they_are_given_anew() {
        let begun = matches(&[
            "--quota-share",
            "0.25",
            "--patience=30",
            "--fail-on=high",
            "--checks-dir=own",
            "--jsonl=x",
            "--profile=p",
        ]);
        let kept = Given::new(&begun).kept();
        assert_eq!(
            kept.keys().map(String::as_str).collect::<Vec<_>>(),
            ["checks_dir", "fail_on", "patience", "quota_share"]
        );
        let resumed = parse(
            &kept,
            ["lambdasweep", "-v", "scan", "--resume", "--patience", "60"],
        )
        .expect("good words");
        assert_eq!(resumed.connection.quota_share.as_option(), Some(0.25));
        assert_eq!(
            (
                resumed.connection.patience,
                resumed.connection.max_in_flight
            ),
            (60, 256)
        );
        assert_eq!(resumed.fail_on, Some(lambdasweep_model::Severity::High));
        assert!(
            resumed
                .scope
                .checks
                .checks_dir
                .is_some_and(|folder| folder.is_absolute() && folder.ends_with("own"))
        );
        assert!(
            resumed.outputs.jsonl.is_none()
                && resumed.connection.profile.is_none()
                && !resumed.demo
        );

        let demo = parse(
            &Given::new(&matches(&["--demo"])).kept(),
            ["lambdasweep", "scan", "--resume"],
        )
        .expect("good words");
        assert!(demo.demo);
        // What another version kept is not this one's.
        let strange = [
            ("colour".to_owned(), vec!["red".to_owned()]),
            ("regions".to_owned(), vec!["x".to_owned()]),
        ]
        .into();
        assert!(
            parse(&strange, ["lambdasweep", "scan", "--resume"])
                .is_ok_and(|scan| scan.scope.regions.is_empty())
        );
    }

    #[test]
    fn the_command_to_go_on_has_what_has_to_be_given_again() {
        let given = matches(&[
            "--quota-share=off",
            "--regions=eu-west-1",
            "--profile=a b",
            "--jsonl=-",
            "--with-pass",
            "--external-id=hidden",
            "--endpoint-url=http://user:hidden@127.0.0.1:1",
        ]);
        let command = Given::new(&given).command("s1", Path::new("it's"));
        assert_eq!(
            command,
            r"lambdasweep scan --resume s1 --out 'it'\''s' --jsonl - --with-pass --profile 'a b' (and give --endpoint-url and --external-id again)"
        );
        assert_eq!(
            quoted("\u{1b}[31m\u{202e}'".as_ref()),
            r"$'\U0000001b[31m\U0000202e\''"
        );
        assert_eq!(quoted("".as_ref()), "''");
    }
}
