//! `lambdasweep judge`.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use lambdasweep_report::Ended;
use lambdasweep_scan::judge_published;
use lambdasweep_tables::Scan;

use crate::arguments::JudgeArguments;
use crate::outputs::{self, Opened};
use crate::{FAILED, FINDINGS, FINE, INCOMPLETE, setup, terminal};

pub(crate) fn run(arguments: &JudgeArguments) -> Result<u8> {
    let begun = Instant::now();
    let registry = setup::registry(arguments.checks.checks_dir.as_deref())?;
    let checks = setup::selected(&registry, &arguments.checks)?;
    let scan = match &arguments.scan {
        Some(scan_id) => Scan::open(&arguments.out, scan_id)?,
        None => match Scan::newest(&arguments.out)? {
            Some(newest) => newest,
            None => bail!(
                "there is no published scan in {}; name another dataset with --out",
                terminal::shown(&arguments.out)
            ),
        },
    };
    let scan_id = scan.manifest().scan_id.clone();
    let opened = Opened::open(&arguments.outputs)?;
    let stdout_is_taken = opened.use_stdout();
    let mut reports = opened.begin(&scan_id)?;
    let mut judgement = judge_published(&scan, &checks, &mut reports)
        .with_context(|| format!("cannot judge scan {scan_id}"))?;
    let summary = &mut judgement.summary;
    summary.seconds = begun.elapsed().as_secs_f64();
    let failures = outputs::finish(reports, summary);
    let shown = summary.render(terminal::style());
    if stdout_is_taken {
        terminal::note(&shown);
    } else {
        terminal::result(&shown)?;
    }
    for failure in &failures {
        match failure {
            Ended::Complete => {}
            Ended::Closed(why) => terminal::note(&format!("{why}.")),
            Ended::Failed(why) => {
                terminal::error(why);
                return Ok(FAILED);
            }
        }
    }
    Ok(
        if arguments
            .fail_on
            .is_some_and(|least| summary.faults_from(least) > 0)
        {
            FINDINGS
        } else if judgement.complete && summary.errors.is_empty() {
            FINE
        } else {
            INCOMPLETE
        },
    )
}
