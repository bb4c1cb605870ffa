//! What goes to the terminal: results to standard output, everything else to standard error.

use std::io::{ErrorKind, IsTerminal, Write};

use anyhow::{Context, Result};
use lambdasweep_report::Style;
use tracing::Level;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Prints a result.
///
/// # Errors
/// Where it cannot be written, other than because its reader had enough (`| head`).
pub(crate) fn result(text: &str) -> Result<()> {
    let mut results = Results::new();
    results.line(text.trim_end())?;
    results.finish()
}

/// Prints many results, one after the other.
pub(crate) struct Results(std::io::BufWriter<std::io::StdoutLock<'static>>);

impl Results {
    pub(crate) fn new() -> Self {
        Self(std::io::BufWriter::new(std::io::stdout().lock()))
    }

    /// Prints a result; whether somebody still reads.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn line(&mut self, text: &str) -> Result<bool> {
        let written = writeln!(self.0, "{text}");
        still_read(written)
    }

    /// Prints what is left.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn finish(mut self) -> Result<()> {
        let written = self.0.flush();
        still_read(written).map(drop)
    }
}

fn still_read(written: std::io::Result<()>) -> Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("cannot write standard output"),
    }
}

/// Prints an error.
pub(crate) fn error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "error: {text}");
}

/// An error and its causes in one line, without what they repeat: many errors name their cause themselves.
pub(crate) fn causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// Says something to the person who watches.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether somebody watches.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// How results may look.
pub(crate) fn style() -> Style {
    let terminal = std::io::stdout().is_terminal();
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    Style {
        colour: terminal && !set("NO_COLOR") && std::env::var("TERM").is_ok_and(|term| term != "dumb"),
        width: terminal_size::terminal_size().map_or(120, |(width, _)| width.0.clamp(60, 200)),
        unicode: utf8.is_none_or(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8")),
    }
}

/// Starts logging to standard error.
pub(crate) fn start_logging(verbose: u8) {
    let default = match verbose {
        0 => "error",
        1 => "lambdasweep=info,lambdasweep_aws=info,lambdasweep_collect=info,warn",
        _ => "lambdasweep=debug,lambdasweep_aws=debug,lambdasweep_collect=debug,info",
    };
    let filter = EnvFilter::try_from_env("LAMBDASWEEP_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // The SDK and its HTTP client trace whole answers, and presigned addresses with them.
    let told = filter_fn(|of| *of.level() != Level::TRACE || of.target().starts_with("lambdasweep"));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(is_watched());
    let _ = tracing_subscriber::registry().with(filter).with(lines.with_filter(told)).try_init();
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    #[test]
    fn a_cause_is_told_once() {
        let error = lambdasweep_tables::check_root(std::path::Path::new("/dev/null/x")).context("choose another folder");
        let said = error.map_err(|error| super::causes(&error));
        assert_eq!(said, Err("choose another folder: cannot create /dev/null/x: Not a directory (os error 20)".to_owned()));
    }
}
