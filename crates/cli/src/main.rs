//! `lambdasweep`: sweeps every account of an AWS Organization for the security of its Lambda
//! functions.

use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

mod accounts_file;
mod arguments;
mod checks;
mod configuration;
mod demo;
mod explain;
mod interruption;
mod judge;
mod layout;
mod outputs;
mod panics;
mod plan;
mod policy;
mod progress;
mod redacting;
mod resume;
mod scan;
mod setup;
mod terminal;

use arguments::{Arguments, Command};
use resume::Given;

/// A call makes and drops hundreds of small values, often on another thread than their own; the
/// system's allocator spends more than a tenth of a scan on locks for that, and others that are as
/// fast keep twice the memory. `.cargo/config.toml` says how soon it is given back.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The scan or the command did what it should, and found nothing that counts.
const FINE: u8 = 0;
/// Something went wrong.
const FAILED: u8 = 1;
/// The arguments cannot be meant.
const USAGE: u8 = 2;
/// Something fails at or above `--fail-on`.
const FINDINGS: u8 = 3;
/// Something that was to be read was not.
const INCOMPLETE: u8 = 4;

/// Arguments that cannot be meant, which shows only after they were parsed: they name what is not
/// there.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn main() -> ExitCode {
    ExitCode::from(panics::guard(run).unwrap_or(FAILED))
}

fn run() -> u8 {
    let parsed = Arguments::command()
        .try_get_matches()
        .and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return terminal::refuse(&error),
    };
    terminal::start_logging(arguments.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::error(&format!("cannot start: {error}"));
            return FAILED;
        }
    };
    runtime
        .block_on(execute(arguments.command, &matches))
        .unwrap_or_else(|error| {
            terminal::error(&terminal::causes(&error));
            if error.is::<Usage>() { USAGE } else { FAILED }
        })
}

async fn execute(command: Command, matches: &ArgMatches) -> Result<u8> {
    match command {
        Command::Scan(scan) => {
            scan::run(
                scan,
                Given::new(matches.subcommand_matches("scan").unwrap_or(matches)),
            )
            .await
        }
        Command::Plan(plan) => plan::run(plan).await,
        Command::Judge(arguments) => judge::run(&arguments),
        Command::Checks(command) => checks::run(&command),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Policy(command) => policy::run(&command),
    }
}
