//! What goes to the terminal: results to standard output, everything else to standard error.
//! Whatever AWS may have said in it passes [`crate::redacting`].

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result};
use lambdasweep_model::{acts_on_terminal, printable};
use lambdasweep_report::Style;
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::redacting::{Redacting, clean};

/// Prints a result, without what looks like a secret.
///
/// # Errors
/// Where it cannot be written, other than because its reader had enough (`| head`).
pub(crate) fn result(text: &str) -> Result<()> {
    own_result(&clean(text))
}

/// Prints a result as it is: one that is made of nothing but the program's own files and arguments.
///
/// # Errors
/// As [`result`].
pub(crate) fn own_result(text: &str) -> Result<()> {
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

/// Prints an error. It may name files and quote what somebody wrote.
pub(crate) fn error(text: &str) {
    let _ = writeln!(
        std::io::stderr().lock(),
        "error: {}",
        printable(&clean(text))
    );
}

/// Says why arguments are refused, or shows the help that they ask for; gives the exit code.
pub(crate) fn refuse(error: &clap::Error) -> u8 {
    // The sentence quotes the argument.
    let quoted = |text: &str| text.chars().any(|c| acts_on_terminal(c) && c != '\n');
    let plain = error.render().to_string();
    let hostile = std::env::args_os()
        .any(|argument| argument.to_string_lossy().chars().any(acts_on_terminal))
        || quoted(&plain);
    if hostile && error.use_stderr() {
        let _ = writeln!(
            std::io::stderr().lock(),
            "{}",
            plain
                .trim_end()
                .lines()
                .map(printable)
                .collect::<Vec<_>>()
                .join("\n")
        );
    } else {
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(1)
}

/// A file's name, safe to print.
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// An error and its causes in one line, without what they repeat: many errors name their cause
/// themselves.
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
    let _ = writeln!(std::io::stderr().lock(), "{}", clean(text));
}

/// Whether somebody watches.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// How results may look.
pub(crate) fn style() -> Style {
    let terminal = std::io::stdout().is_terminal();
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    // Shells keep COLUMNS up to date; where it is handed on, it is meant.
    let given = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let width = given
        .or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0))
        .unwrap_or(120);
    Style {
        colour: terminal
            && !set("NO_COLOR")
            && std::env::var("TERM").is_ok_and(|term| term != "dumb"),
        width: width.clamp(60, 200),
    }
}

/// Starts logging to standard error.
pub(crate) fn start_logging(verbose: u8) {
    let default = match verbose {
        0 => "error",
        1 => "lambdasweep=info,error",
        _ => "lambdasweep=debug,info",
    };
    let asked = std::env::var_os("LAMBDASWEEP_LOG")
        .map(|text| text.to_string_lossy().into_owned())
        .filter(|text| !text.trim().is_empty());
    let filter = asked
        .map(|text| filter(&text))
        .and_then(|filter| match filter {
            Ok(filter) => Some(filter),
            Err(problem) => {
                note(&format!("LAMBDASWEEP_LOG is ignored: {problem}."));
                None
            }
        });
    // The SDK and its HTTP client trace whole answers, and presigned addresses with them.
    let told =
        filter_fn(|of| *of.level() != Level::TRACE || of.target().starts_with("lambdasweep"));
    // Without colours: their escapes would stand between a name and the secret that it is set to.
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(|| Redacting(std::io::stderr()))
        .with_ansi(false);
    let filter = filter.unwrap_or_else(|| EnvFilter::new(default));
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(lines.with_filter(told))
        .try_init();
}

/// Reads a filter. A level alone speaks for this program's own crates: of the SDK it lets only
/// errors through, or what its targets are asked for.
fn filter(text: &str) -> Result<EnvFilter, String> {
    let mut directives = vec!["error".to_owned()];
    for directive in text
        .split(',')
        .map(str::trim)
        .filter(|directive| !directive.is_empty())
    {
        match directive.parse::<LevelFilter>() {
            Ok(level) => directives.push(format!("lambdasweep={level}")),
            // A word alone would be taken for a target, and silence everything else.
            Err(_) if directive.contains(['=', '[']) => directives.push(directive.to_owned()),
            Err(_) => {
                return Err(format!(
                    "`{}` is not a level: use error, warn, info, debug, trace or off, or target=level",
                    printable(directive)
                ));
            }
        }
    }
    EnvFilter::try_new(directives.join(",")).map_err(|_| {
        format!(
            "`{}` is not a filter: use a level, or target=level",
            printable(text)
        )
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    #[test]
    fn filters_are_levels_or_levels_of_targets() {
        for fine in [
            "info",
            "DEBUG",
            "off",
            "lambdasweep_aws=debug",
            "info, aws_config=warn",
            "[span]=debug",
            "0",
        ] {
            assert!(super::filter(fine).is_ok(), "{fine}");
        }
        for bad in [
            "garbage",
            "verbose",
            "info,lambdasweep_aws",
            "aws_config=loud",
            "\u{1b}[31m",
        ] {
            let refused = super::filter(bad).expect_err(bad);
            assert!(!refused.contains('\u{1b}'), "{refused:?}");
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = lambdasweep_tables::check_root(std::path::Path::new("/dev/null/x"))
            .context("choose another folder");
        let said = error.map_err(|error| super::causes(&error));
        assert_eq!(
            said,
            Err(
                "choose another folder: cannot create /dev/null/x: Not a directory (os error 20)"
                    .to_owned()
            )
        );
    }
}
