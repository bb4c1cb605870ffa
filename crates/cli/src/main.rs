//! `lambdasweep`: sweeps every account of an AWS Organization for the security of its Lambda functions.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

mod arguments;
mod checks;
mod demo;
mod evaluate;
mod explain;
mod interruption;
mod layout;
mod lines;
mod plan;
mod policy;
mod progress;
mod resume;
mod scan;
mod setup;
mod terminal;

use arguments::{Arguments, Command};
use resume::Given;

/// A call makes and drops hundreds of small values, often on another thread than their own; the system's allocator spends more than a tenth of a
/// scan on locks for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The scan or the command did what it should, and found nothing that counts.
const FINE: u8 = 0;
/// Something went wrong.
const FAILED: u8 = 1;
/// Something fails at or above `--fail-on`.
const FINDINGS: u8 = 3;
/// Something that was to be read was not.
const INCOMPLETE: u8 = 4;

fn main() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    terminal::start_logging(arguments.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::error(&format!("cannot start: {error}"));
            return ExitCode::from(FAILED);
        }
    };
    let ended = runtime.block_on(async {
        match arguments.command {
            Command::Scan(scan) => {
                let given = matches.subcommand_matches("scan").unwrap_or(&matches);
                scan::run(scan, Given::new(given)).await
            }
            Command::Plan(plan) => plan::run(plan).await,
            Command::Checks(command) => checks::run(&command),
            Command::Explain(arguments) => explain::run(&arguments),
            Command::Policy(command) => policy::run(&command),
        }
    });
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            terminal::error(&terminal::causes(&error));
            ExitCode::from(FAILED)
        }
    }
}
