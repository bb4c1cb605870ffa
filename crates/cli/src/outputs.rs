//! `--output` and `--jsonl`: the reports that are written beside the dataset.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lambdasweep_model::{ScanId, printable};
use lambdasweep_report::{Ended, FORMATS, Format, Output, Settings, Summary};

use crate::Usage;
use crate::arguments::OutputArguments;

/// What `--output` asks for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    format: &'static Format,
    /// `-` is standard output.
    path: PathBuf,
}

impl Wanted {
    /// A report of the format of that name.
    ///
    /// # Errors
    /// In words, where there is no such format.
    pub(crate) fn new(format: &str, path: PathBuf) -> Result<Self, String> {
        let found = FORMATS.iter().find(|it| it.name == format);
        let names = || FORMATS.iter().map(|it| it.name).collect::<Vec<_>>();
        let format = found.ok_or_else(|| {
            format!(
                "there is no format `{}`; use one of {}",
                printable(format),
                names().join(", ")
            )
        })?;
        Ok(Self { format, path })
    }

    fn is_stdout(&self) -> bool {
        self.path == Path::new("-")
    }
}

/// The help of `--output`.
pub(crate) fn help() -> String {
    let formats: Vec<String> = FORMATS
        .iter()
        .map(|format| format!("{}=FILE ({})", format.name, format.about))
        .collect();
    format!(
        "Also write a report: {}; `-` as FILE is standard output. May be given several times",
        formats.join(", ")
    )
}

/// The reports that were asked for, each with its file opened so that it is known to be writable;
/// what a file holds stays until there is something to write.
#[derive(Debug)]
pub(crate) struct Opened {
    files: Vec<(Wanted, Option<File>)>,
    with_pass: bool,
}

impl Opened {
    /// Opens the files.
    ///
    /// # Errors
    /// Where one cannot be written, or two reports go to one place.
    pub(crate) fn open(arguments: &OutputArguments) -> Result<Self> {
        let mut wanted = arguments.output.clone();
        if let Some(path) = &arguments.jsonl {
            wanted.push(Wanted::new("jsonl", path.clone()).map_err(Usage)?);
        }
        if arguments.with_pass && !wanted.iter().any(|it| it.format.name == "jsonl") {
            let told = "no JSON lines are written: add --jsonl FILE, or leave out --with-pass";
            return Err(Usage(told.to_owned()).into());
        }
        for (at, one) in wanted.iter().enumerate() {
            if wanted[..at].iter().any(|other| other.path == one.path) {
                let told = format!("two reports cannot both go to {}", named(one));
                return Err(Usage(told).into());
            }
        }
        let open = |wanted: Wanted| {
            if wanted.is_stdout() {
                return Ok((wanted, None));
            }
            let mut options = OpenOptions::new();
            let opened = options
                .write(true)
                .create(true)
                .truncate(false)
                .open(&wanted.path);
            let file = opened.with_context(|| {
                format!(
                    "cannot write {}; choose another file with --jsonl or --output",
                    named(&wanted)
                )
            })?;
            Ok((wanted, Some(file)))
        };
        Ok(Self {
            files: wanted.into_iter().map(open).collect::<Result<_>>()?,
            with_pass: arguments.with_pass,
        })
    }

    /// Whether a report goes to standard output, which then belongs to it.
    pub(crate) fn use_stdout(&self) -> bool {
        self.files.iter().any(|(wanted, _)| wanted.is_stdout())
    }

    /// Empties the files and begins the reports.
    ///
    /// # Errors
    /// Where a file cannot be emptied.
    pub(crate) fn begin(self, scan_id: &ScanId) -> Result<Vec<Output>> {
        let settings = Settings {
            scan_id: scan_id.clone(),
            with_pass: self.with_pass,
        };
        let begin = |(wanted, file): (Wanted, Option<File>)| {
            let name = named(&wanted);
            let out: Box<dyn Write + Send> = match file {
                None => Box::new(std::io::stdout()),
                Some(file) => {
                    // Pipes and devices hold nothing that could be in the way.
                    if file.metadata().is_ok_and(|it| it.is_file()) {
                        file.set_len(0)
                            .with_context(|| format!("cannot empty {name}"))?;
                    }
                    Box::new(file)
                }
            };
            Ok(Output::new(wanted.format, name, out, &settings))
        };
        self.files.into_iter().map(begin).collect()
    }
}

/// Finishes reports; how those ended that are not complete.
pub(crate) fn finish(outputs: Vec<Output>, summary: &Summary) -> Vec<Ended> {
    outputs
        .into_iter()
        .map(|output| output.finish(summary))
        .filter(|ended| *ended != Ended::Complete)
        .collect()
}

fn named(wanted: &Wanted) -> String {
    if wanted.is_stdout() {
        "standard output".to_owned()
    } else {
        printable(&wanted.path.display().to_string())
    }
}
