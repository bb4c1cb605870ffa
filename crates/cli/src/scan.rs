//! `lambdasweep scan`.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use lambdasweep_checks::Registry;
use lambdasweep_collect::{Runner, ScanRequest, check_regions};
use lambdasweep_model::{AccountId, ScanId};
use lambdasweep_report::{AccountName, Summary};
use lambdasweep_tables::{AccountRow, Journal, JournalHeader, ManifestInfo, Publication, SCHEMA_VERSION, Unit, check_root};

use crate::arguments::ScanArguments;
use crate::{FINDINGS, FINE, INCOMPLETE, demo, evaluate, progress, setup, terminal};

pub(crate) async fn run(mut arguments: Box<ScanArguments>) -> Result<u8> {
    let begun = Instant::now();
    let registry = setup::registry(arguments.scope.checks_dir.as_deref())?;
    check_root(&arguments.out).context("the scan needs a folder that it can write to; choose one with --out")?;
    let resumed = resume(&arguments)?;
    let request = match &resumed {
        Some(journal) => setup::request_of(journal.header())?,
        None => new_request(&arguments, &registry)?,
    };
    let jsonl = open_lines(&arguments)?;

    let mock = if arguments.demo { Some(demo::start(&mut arguments.connection).await?) } else { None };
    let credentials = mock.as_ref().map(|(_, credentials)| credentials.clone());
    let connection = setup::connect(&arguments.connection, credentials).await?;
    let runner = Runner::new(
        connection.clone(),
        request.clone(),
        arguments.connection.external_id.clone(),
        arguments.connection.source_identity.clone(),
    );

    let (journal, organization) = match resumed {
        Some(journal) => {
            let (begun_by, caller) = (&journal.header().account_id, connection.account());
            // Two organisations in one scan would be neither.
            if begun_by != caller.as_str() {
                bail!(
                    "scan {} was begun with credentials of account {begun_by}, and these are of {caller}; go on with those, or begin a new scan",
                    request.scan_id
                );
            }
            (journal, None)
        }
        None => {
            // All that can be wrong with the request is found before anything is written.
            check_regions(&connection, &request).await?;
            let organization = runner.discover().await?;
            (begin(&arguments.out, &request, connection.account())?, Some(organization))
        }
    };
    let journal = Arc::new(journal);
    {
        let _display = progress::show(runner.progress(), Arc::clone(connection.pacer()));
        let scan_id = &request.scan_id;
        let stopped = format!("the scan stopped; go on with `--resume {scan_id} --out {}`", arguments.out.display());
        tokio::select! {
            ended = runner.run(&journal, organization) => ended.context(stopped)?,
            _ = tokio::signal::ctrl_c() => bail!("interrupted; go on with `--resume {scan_id} --out {}`", arguments.out.display()),
        }
    }

    let mut summary = summary_of(&journal)?;
    let checks = setup::selected(&registry, &request.checks)?;
    let mut publication = Publication::begin(&arguments.out, &request.scan_id)?;
    let mut lines = lines(&arguments, jsonl)?;
    evaluate::run(&journal, &mut publication, &request, &checks, &mut lines, &mut summary)?;
    let (coverage, complete) = evaluate::coverage(&journal, &mut summary)?;
    let info = ManifestInfo {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: journal.header().started_at.clone(),
        finished_at: jiff::Timestamp::now().to_string(),
        request: journal.header().request.clone(),
        coverage,
        findings: summary.by_check(),
    };
    publication.finish(info).await?;
    match Arc::try_unwrap(journal) {
        Ok(journal) => journal.remove()?,
        Err(_) => bail!("the journal is still in use"),
    }

    let stats = connection.pacer().stats();
    summary.calls = (stats.calls.load(Ordering::Relaxed), stats.throttles.load(Ordering::Relaxed));
    summary.seconds = begun.elapsed().as_secs_f64();
    summary.written.push(format!("scan {} in {}", request.scan_id, arguments.out.display()));
    let shown = summary.render(terminal::style());
    // Standard output belongs to the findings where they go there.
    if arguments.jsonl.as_deref() == Some(Path::new("-")) {
        terminal::note(&shown)
    } else {
        terminal::result(&shown)
    }

    let nothing = !request.regions.is_empty() && summary.regions_read.0 == 0 && summary.accounts_read.1 > 0;
    if nothing {
        terminal::note("None of the Regions that were asked for is enabled in any account that was read: no function was looked for.");
    }
    let code = if arguments.fail_on.is_some_and(|least| summary.faults_from(least) > 0) {
        FINDINGS
    } else if complete && summary.errors.is_empty() && !nothing {
        FINE
    } else {
        INCOMPLETE
    };
    if arguments.demo && code != FINE {
        terminal::note(&format!("(Outside of the demo this scan ends with exit code {code}.)"));
        return Ok(FINE);
    }
    Ok(code)
}

/// The journal to go on with, if the arguments ask for one.
fn resume(arguments: &ScanArguments) -> Result<Option<Journal>> {
    let scan_id = match &arguments.resume {
        None => return Ok(None),
        Some(Some(scan_id)) => scan_id.clone(),
        Some(None) => match Journal::unfinished(&arguments.out)?.pop() {
            Some(newest) => newest,
            None => bail!("there is no unfinished scan in {}; leave --resume out to begin a new one", arguments.out.display()),
        },
    };
    Ok(Some(Journal::open(&arguments.out, &scan_id)?))
}

fn new_request(arguments: &ScanArguments, registry: &Registry) -> Result<ScanRequest> {
    let now = jiff::Timestamp::now();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any sixteen bits keep two scans of one second apart")]
    let suffix = (now.subsec_nanosecond() as u32 ^ std::process::id()) as u16;
    let scan_id = arguments.scan_id.clone().unwrap_or_else(|| ScanId::at(now, suffix));
    if lambdasweep_tables::Scan::list(&arguments.out)?.contains(&scan_id) {
        bail!(
            "scan {scan_id} is already published in {}; a published scan never changes: choose another --scan-id",
            arguments.out.display()
        );
    }
    if Journal::unfinished(&arguments.out)?.contains(&scan_id) {
        bail!(
            "scan {scan_id} was begun in {} and not finished; go on with `--resume {scan_id}`, or choose another --scan-id",
            arguments.out.display()
        );
    }
    setup::request(&arguments.scope, &arguments.connection, registry, scan_id)
}

fn begin(out: &Path, request: &ScanRequest, account: &AccountId) -> Result<Journal> {
    let header = JournalHeader {
        scan_id: request.scan_id.clone(),
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: jiff::Timestamp::now().to_string(),
        account_id: account.to_string(),
        request: serde_json::to_value(request)?,
    };
    Ok(Journal::create(out, &header)?)
}

/// Where findings go as JSON lines, besides the dataset.
pub(crate) struct Lines {
    pub(crate) out: BufWriter<Box<dyn Write + Send>>,
    pub(crate) with_pass: bool,
}

/// Opens the file so that it is known to be writable; what it holds stays until there are findings to write.
fn open_lines(arguments: &ScanArguments) -> Result<Option<File>> {
    let Some(path) = arguments.jsonl.as_deref().filter(|path| *path != Path::new("-")) else { return Ok(None) };
    let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    Ok(Some(opened.with_context(|| format!("cannot write {}; choose another file with --jsonl", path.display()))?))
}

fn lines(arguments: &ScanArguments, file: Option<File>) -> Result<Option<Lines>> {
    if arguments.jsonl.is_none() {
        return Ok(None);
    }
    let out: Box<dyn Write + Send> = match file {
        None => Box::new(std::io::stdout()),
        Some(file) => {
            // Pipes and devices hold nothing that could be in the way.
            if file.metadata().is_ok_and(|it| it.is_file()) {
                file.set_len(0).context("the file that --jsonl names cannot be emptied")?;
            }
            Box::new(file)
        }
    };
    Ok(Some(Lines { out: BufWriter::new(out), with_pass: arguments.with_pass }))
}

fn summary_of(journal: &Journal) -> Result<Summary> {
    let mut summary = Summary::default();
    for account in journal.rows::<AccountRow>(&Unit::Organization)? {
        summary.accounts_read.0 += u64::from(account.in_scope);
        summary.names.insert(account.account_id, AccountName { name: account.name, path: account.ou_path.unwrap_or_default() });
    }
    Ok(summary)
}
