//! `lambdasweep scan`.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context, Error, Result, anyhow, bail};
use lambdasweep_aws::{Connection, Organization};
use lambdasweep_checks::Registry;
use lambdasweep_collect::{Runner, ScanRequest, check_regions};
use lambdasweep_model::{ScanId, printable};
use lambdasweep_report::{Ended, Output, Summary};
use lambdasweep_scan::{
    Judgement, ScanError, begin, check_caller, check_unused, prepare, request_of, resume,
};
use lambdasweep_tables::{Journal, JournalHeader, TablesError, check_root, update_latest};

use crate::arguments::ScanArguments;
use crate::interruption::Interruption;
use crate::outputs::{self, Opened};
use crate::resume::{Given, quoted, with_kept};
use crate::{FAILED, FINDINGS, FINE, INCOMPLETE, demo, progress, setup, terminal};

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) async fn run(arguments: Box<ScanArguments>, mut given: Given<'_>) -> Result<u8> {
    let begun = Instant::now();
    let interruption = Interruption::listen("the scan had not started".to_owned())
        .context("cannot listen to signals")?;
    if arguments.resume.is_some()
        && let Err(error) = given.check_resumable()
    {
        return Ok(terminal::refuse(&error));
    }
    let resumed = match &arguments.resume {
        None => None,
        Some(scan_id) => Some(resume(&arguments.out, scan_id.as_ref())?),
    };
    let mut arguments = match &resumed {
        Some(journal) => again(journal.header())?,
        None => arguments,
    };
    let registry = setup::registry(arguments.scope.checks.checks_dir.as_deref())?;
    check_root(&arguments.out)
        .context("the scan needs a folder that it can write to; choose one with --out")?;
    let request = match &resumed {
        Some(journal) => request_of(journal.header())?,
        None => new_request(&arguments, &registry)?,
    };
    let go_on = format!(
        "resume with: {}",
        given.command(request.scan_id.as_str(), &arguments.out)
    );
    if resumed.is_some() {
        interruption.hold().await.advice.clone_from(&go_on);
    }
    let opened = Opened::open(&arguments.outputs)?;
    let stdout_is_taken = opened.use_stdout();

    let mock = if arguments.demo {
        Some(demo::start(&mut arguments.connection).await?)
    } else {
        None
    };
    let credentials = mock.as_ref().map(|(_, credentials)| credentials.clone());
    let connection = setup::connect(&arguments.connection, credentials).await?;
    let runner = Runner::new(
        connection.clone(),
        request.clone(),
        setup::external_id(&arguments.connection)?,
        arguments.connection.source_identity.clone(),
    );
    let organization = match &resumed {
        Some(journal) => {
            check_caller(journal.header(), connection.account())?;
            None
        }
        None => {
            // All that can be wrong with the request is found before anything is written.
            check_regions(&connection, &request).await?;
            let organization = runner.discover().await?;
            setup::tell_of_organization(&organization, connection.account());
            Some(organization)
        }
    };
    let mut state = interruption.hold().await;
    let journal = Arc::new(match resumed {
        Some(journal) => journal,
        None => begin(
            &arguments.out,
            &request,
            connection.account(),
            given.kept(),
            VERSION,
        )
        .context("the scan was not started; try again, or choose another folder with --out")?,
    });
    (state.advice, state.journal) = (go_on.clone(), Some(Arc::clone(&journal)));
    drop(state);

    let scan = Running {
        arguments,
        request,
        registry,
        connection,
        interruption,
        go_on,
        stdout_is_taken,
    };
    scan.collect(&runner, &journal, organization).await?;
    let mut published = scan.publish(&journal, opened).await?;
    Arc::try_unwrap(journal)
        .map_err(|_| anyhow!("the journal is still in use"))?
        .remove()?;
    published.judgement.summary.seconds = begun.elapsed().as_secs_f64();
    scan.report(published)
}

/// A scan that has begun.
struct Running {
    arguments: Box<ScanArguments>,
    request: ScanRequest,
    registry: Registry,
    connection: Connection,
    interruption: Interruption,
    /// What to do where it ends early.
    go_on: String,
    /// Whether standard output belongs to a report.
    stdout_is_taken: bool,
}

/// A scan that is published.
struct Published {
    judgement: Judgement,
    reports: Vec<Output>,
    /// Why queries are not pointed to the newest scan, where they could not be.
    latest: Option<TablesError>,
}

impl Running {
    /// Reads what the journal does not have yet.
    async fn collect(
        &self,
        runner: &Runner,
        journal: &Arc<Journal>,
        organization: Option<Organization>,
    ) -> Result<()> {
        let display = progress::show(runner.progress(), Arc::clone(self.connection.pacer()));
        self.interruption.hold().await.display = Some(display);
        let ended = runner.run(journal, organization).await;
        let display = self.interruption.hold().await.display.take();
        if let Some(display) = display {
            display.close().await;
        }
        ended.map_err(|error| self.ended_early(error.into()))
    }

    /// Judges what the journal holds, and publishes it.
    async fn publish(&self, journal: &Journal, opened: Opened) -> Result<Published> {
        let mut reports = opened.begin(&self.request.scan_id)?;
        let published = self.try_publish(journal, &mut reports).await;
        let (judgement, latest) = published.map_err(|error| self.ended_early(error))?;
        Ok(Published {
            judgement,
            reports,
            latest,
        })
    }

    async fn try_publish(
        &self,
        journal: &Journal,
        reports: &mut [Output],
    ) -> Result<(Judgement, Option<TablesError>)> {
        let checks = setup::named(&self.registry, &self.request.checks)?;
        let prepared = prepare(journal, &self.arguments.out, &checks, reports, VERSION)?;
        // Signals wait until the files are in place and the manifest says so.
        let mut state = self.interruption.hold().await;
        let (mut judgement, _) = prepared.publish().await?;
        let written = &mut judgement.summary.written;
        written.push(format!(
            "scan {} in {}",
            self.request.scan_id,
            terminal::shown(&self.arguments.out)
        ));
        (state.advice, state.journal) = (format!("{} is published", written.join(", ")), None);
        let latest = update_latest(&self.arguments.out, &self.request.scan_id).err();
        Ok((judgement, latest))
    }

    /// An error that ends the scan, with the way on.
    fn ended_early(&self, error: Error) -> Error {
        if matches!(
            error.downcast_ref(),
            Some(ScanError::Tables(TablesError::ScanExists { .. }))
        ) {
            return error;
        }
        anyhow!("{}; {}", terminal::causes(&error), self.go_on)
    }

    /// Prints the summary, and says what the exit code is.
    fn report(&self, published: Published) -> Result<u8> {
        let Published {
            judgement,
            reports,
            latest,
        } = published;
        let Judgement {
            mut summary,
            complete,
        } = judgement;
        let stats = self.connection.pacer().stats();
        summary.calls = (
            stats.calls.load(Ordering::Relaxed),
            stats.throttles.load(Ordering::Relaxed),
        );
        summary.next = self.next(&summary);
        let unfinished = outputs::finish(reports, &summary);
        let shown = summary.render(terminal::style());
        if self.stdout_is_taken {
            terminal::note(&shown)
        } else {
            terminal::result(&shown)?
        }
        let nothing = self.request.named_regions().next().is_some()
            && summary.regions_read.0 == 0
            && summary.accounts_read.1 > 0;
        if nothing {
            terminal::note(
                "No requested Region is enabled in any scanned account; no functions were examined.",
            );
        }
        if self.report_failures(&unfinished, latest.as_ref()) {
            return Ok(FAILED);
        }
        let code = if self
            .arguments
            .fail_on
            .is_some_and(|least| summary.faults_from(least) > 0)
        {
            FINDINGS
        } else if complete && summary.errors.is_empty() && !nothing {
            FINE
        } else {
            INCOMPLETE
        };
        if self.arguments.demo && code != FINE {
            terminal::note(&format!(
                "(Outside the demo, this scan would exit with code {code}.)"
            ));
            return Ok(FINE);
        }
        Ok(code)
    }

    /// What to look at next: the worst function, and how to fix what is worst.
    fn next(&self, summary: &Summary) -> Vec<String> {
        let out = quoted(self.arguments.out.as_os_str());
        let (function, check) = summary.worst();
        let explain = function.map(|arn| {
            format!(
                "lambdasweep explain --out {out} --function {}",
                quoted(arn.as_ref())
            )
        });
        let show = check.map(|check| format!("lambdasweep checks show {}", quoted(check.as_ref())));
        explain.into_iter().chain(show).collect()
    }

    /// Says what could not be written besides the dataset; whether that is a failure.
    fn report_failures(&self, unfinished: &[Ended], latest: Option<&TablesError>) -> bool {
        let out = printable(&self.arguments.out.display().to_string());
        let table = format!(
            "the table findings of scan {} in {out} has all of them",
            self.request.scan_id
        );
        let mut failed = false;
        let mut fails = |text: String| {
            terminal::error(&text);
            failed = true;
        };
        for ended in unfinished {
            match ended {
                Ended::Complete => {}
                Ended::Closed(why) => terminal::note(&format!("{why}; {table}.")),
                Ended::Failed(why) => fails(format!(
                    "{why}; findings are missing there, but the scan is published: {table}"
                )),
            }
        }
        if let Some(why) = latest {
            fails(format!(
                "{why}; the scan is published, but queries that use this file still read an earlier scan"
            ));
        }
        failed
    }
}

/// The arguments of a scan that goes on: what was kept of its beginning, and what is given now.
fn again(header: &JournalHeader) -> Result<Box<ScanArguments>> {
    let arguments = with_kept(&header.options).unwrap_or_else(|error| error.exit());
    if arguments.demo
        && (arguments.connection.endpoint_url.is_some() || arguments.connection.profile.is_some())
    {
        bail!(
            "scan {} is a demo scan; leave out --endpoint-url and --profile",
            header.scan_id
        );
    }
    Ok(Box::new(arguments))
}

fn new_request(arguments: &ScanArguments, registry: &Registry) -> Result<ScanRequest> {
    let now = jiff::Timestamp::now();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "any sixteen bits keep two scans of one second apart"
    )]
    let suffix = (now.subsec_nanosecond() as u32 ^ std::process::id()) as u16;
    let scan_id = arguments
        .scan_id
        .clone()
        .unwrap_or_else(|| ScanId::at(now, suffix));
    check_unused(&arguments.out, &scan_id)?;
    setup::request(&arguments.scope, &arguments.connection, registry, scan_id)
}
