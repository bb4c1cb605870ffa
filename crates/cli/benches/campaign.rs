//! The fault campaigns: see `campaign --help`, and `scripts/campaign`.

#![expect(
    clippy::unwrap_used,
    reason = "a campaign that cannot go on has failed"
)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program tells what it does"
)]

#[path = "../tests/it/campaign/mod.rs"]
mod campaign;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use crate::campaign::{Campaign, EndedScan, SPEC, kinds};

/// Scans a mock of AWS through a proxy that answers what AWS could not, and compares each scan row
/// by row with the scan without faults.
///
/// Without --fault it runs two campaigns: every kind of fault on every operation that a scan calls,
/// where it passes and where it stays, and random mixtures. Each violation is printed with the
/// arguments that repeat its scan. The last line is JSON: runs, faults, fail_to_pass, pass_to_fail,
/// vanished, panics, hangs, silent, needless_unknown. The exit code is 1 where there is a
/// violation.
#[derive(Debug, Parser)]
#[command(name = "campaign", max_term_width = 120)]
struct Arguments {
    /// Only kinds and classes of these names.
    #[arg(long, default_value = "*", value_name = "KIND,…")]
    kinds: String,
    /// Only these operations, as in lambda:GetPolicy.
    #[arg(long, default_value = "*", value_name = "OPERATION,…")]
    operations: String,
    /// How many random mixtures there are.
    #[arg(long, default_value_t = 300, value_name = "N")]
    mixtures: u64,
    /// What everything random is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many scans run at once.
    #[arg(long, default_value_t = 12, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    at_once: u16,
    /// After how many seconds a scan counts as hung.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    limit: u64,
    /// The organisation that is scanned.
    #[arg(long, default_value = SPEC, value_name = "SPEC")]
    generate: String,
    /// Runs one scan with this fault: KIND@service:Operation@account/region/function@always,
    /// each-once, some-once-N or first-N. May be given several times.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<String>,
    /// How many violations of a sort are printed for each scan.
    #[arg(long, default_value_t = 2, value_name = "N")]
    most: usize,
    /// Lists the kinds of faults, and ends.
    #[arg(long)]
    list: bool,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        for (kind, class) in kinds() {
            println!("{kind} ({class})");
        }
        return ExitCode::SUCCESS;
    }
    let begun = Instant::now();
    let campaign = Campaign::start(
        Path::new(env!("CARGO_BIN_EXE_lambdasweep")),
        &arguments.generate,
        Duration::from_secs(arguments.limit),
    );
    let jobs = if arguments.fault.is_empty() {
        let mixtures = campaign.mixtures(arguments.mixtures, arguments.seed);
        campaign
            .grid(&arguments.kinds, &arguments.operations, arguments.seed)
            .and(mixtures)
    } else {
        match Campaign::given(&arguments.fault, arguments.seed) {
            Ok(jobs) => jobs,
            Err(error) => {
                eprintln!("campaign: {error}");
                return ExitCode::from(2);
            }
        }
    };
    eprintln!("{} scans, {} at once", jobs.len(), arguments.at_once);
    let only_one = !arguments.fault.is_empty();
    let tell = |it: &EndedScan<'_>| tell(it, arguments.most, only_one);
    let tally = campaign.run(&jobs, arguments.at_once.into(), &tell);
    eprintln!(
        "{} scans, {} faults, {} violations in {:.0} s",
        jobs.len(),
        tally.faults(),
        tally.violations(),
        begun.elapsed().as_secs_f64()
    );
    println!("{}", tally.line());
    if tally.violations() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn tell(scan: &EndedScan<'_>, most: usize, only_one: bool) {
    let violations = scan.violations(most);
    if only_one {
        println!("{}", scan.said);
    }
    if !violations.is_empty() {
        println!("{} ({:.1} s)", (scan.repeat)(), scan.seconds);
        for violation in violations {
            println!("    {violation}");
        }
    }
    if scan.done.is_multiple_of(50) {
        eprintln!("{} of {} scans", scan.done, scan.of);
    }
}
