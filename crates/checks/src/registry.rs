//! The available checks: the built-in ones, and those in a user's folder.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::builtin::BUILTIN;
use crate::check::{Check, CheckError};
use crate::examples::run_example;
use crate::nearest::nearest;
use crate::parse::{MOST_BYTES, parse};
use lambdasweep_model::printable;

/// All checks, by id.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry {
    checks: Vec<Check>,
}

/// Errors of the requested checks.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A check's file is invalid.
    #[error("{}", first_of(errors))]
    Check {
        /// All errors, in the file's order.
        errors: Vec<CheckError>,
    },
    /// The folder cannot be read.
    #[error("cannot read the checks in {}: {source}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Two checks have the same id.
    #[error("{file}: a check `{id}` already exists; choose another id")]
    Duplicate {
        /// The file.
        file: String,
        /// The id.
        id: String,
    },
    /// There is no such check.
    #[error("there is no check `{id}`{}; `lambdasweep checks list` shows all", hint.as_ref().map_or_else(String::new, |hint| format!(" (did you mean {hint}?)")))]
    Unknown {
        /// The requested id.
        id: String,
        /// The most similar one.
        hint: Option<String>,
    },
}

impl Registry {
    /// The built-in checks.
    ///
    /// # Errors
    /// If one of them is invalid, which a test rules out.
    pub fn builtin() -> Result<Self, RegistryError> {
        let parsed = BUILTIN
            .iter()
            .map(|(name, text)| parse(&format!("crates/checks/checks/{name}.md"), text));
        let mut checks = parsed
            .collect::<Result<Vec<_>, _>>()
            .map_err(|errors| RegistryError::Check { errors })?;
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { checks })
    }

    /// Adds the checks in a folder, and returns which files in it are ignored, and why.
    ///
    /// # Errors
    /// If the folder cannot be read, or a check in it is invalid or has the id of another.
    pub fn add_folder(&mut self, folder: &Path) -> Result<Vec<String>, RegistryError> {
        let Files { checks, ignored } = files(folder)?;
        for path in checks {
            let check = read(&path)?.map_err(|errors| RegistryError::Check { errors })?;
            if self.checks.iter().any(|known| known.id == check.id) {
                return Err(RegistryError::Duplicate {
                    file: check.file,
                    id: check.id,
                });
            }
            self.checks.push(check);
        }
        self.checks.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(ignored)
    }

    /// All checks, by id.
    pub fn all(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter()
    }

    /// The check with an id.
    ///
    /// # Errors
    /// If there is none.
    pub fn get(&self, id: &str) -> Result<&Check, RegistryError> {
        self.checks
            .iter()
            .find(|check| check.id == id)
            .ok_or_else(|| {
                let hint = nearest(id, self.all().map(|check| check.id.as_str()));
                RegistryError::Unknown {
                    id: lambdasweep_model::printable(id),
                    hint: hint.map(str::to_owned),
                }
            })
    }
}

/// The first error of a file, and the number of further ones.
fn first_of(errors: &[CheckError]) -> String {
    match errors {
        [] => String::new(),
        [error] => error.to_string(),
        [error, rest @ ..] => format!(
            "{error} (and {} more; `lambdasweep checks lint` with the folder shows all)",
            rest.len()
        ),
    }
}

/// Reads a check's file, unless it is too large.
fn read(path: &Path) -> Result<Result<Check, Vec<CheckError>>, RegistryError> {
    let text = || {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?
            .take(MOST_BYTES as u64 + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let file = printable(&path.display().to_string());
    let bytes = text().map_err(|source| RegistryError::Folder {
        path: path.to_owned(),
        source,
    })?;
    // A file that is too large is rejected for its size, even if the limit cuts a character.
    Ok(match String::from_utf8(bytes) {
        Err(error) if error.as_bytes().len() > MOST_BYTES => {
            parse(&file, &" ".repeat(MOST_BYTES + 1))
        }
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let line = error
                .as_bytes()
                .iter()
                .take(good)
                .filter(|byte| **byte == b'\n')
                .count() as u64
                + 1;
            Err(vec![CheckError::new(
                &file,
                line,
                "the file is not UTF-8 text",
            )])
        }
        Ok(text) => parse(&file, &text),
    })
}

/// The content of a folder.
struct Files {
    /// The checks' files.
    checks: Vec<PathBuf>,
    /// Ignored files, each with the reason.
    ignored: Vec<String>,
}

fn files(folder: &Path) -> Result<Files, RegistryError> {
    let error = |source| RegistryError::Folder {
        path: folder.to_owned(),
        source,
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(error)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(error)?;
    paths.sort();
    let mut files = Files {
        checks: Vec::new(),
        ignored: Vec::new(),
    };
    for path in paths {
        match why_ignored(&path) {
            None if path.file_stem().is_some_and(|stem| stem == "README") => {}
            None => files.checks.push(path),
            Some(why) => files.ignored.push(format!(
                "{} is ignored: {why}",
                printable(&path.display().to_string())
            )),
        }
    }
    Ok(files)
}

/// Why a file is not a check.
fn why_ignored(path: &Path) -> Option<&'static str> {
    if path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
    {
        Some("it is hidden")
    } else if path.is_dir() {
        Some("it is a folder")
    } else if path.extension().is_none_or(|extension| extension != "md") {
        Some("the file of a check must be named ID.md")
    } else if !path.is_file() {
        // Reading a pipe or a device might never end.
        Some("it is not a regular file")
    } else {
        None
    }
}

/// The result of linting the checks in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Linted {
    /// The number of checks.
    pub checks: usize,
    /// All errors, each with its location.
    pub problems: Vec<String>,
    /// Possible mistakes: ignored files, and checks that a scan would reject because of the
    /// built-in ones.
    pub warnings: Vec<String>,
}

/// Reads and lints every check in a folder and runs its examples, and returns all errors at once.
///
/// # Errors
/// If the folder cannot be read.
pub fn lint_dir(folder: &Path) -> Result<Linted, RegistryError> {
    let Files { checks, ignored } = files(folder)?;
    let mut linted = Linted {
        checks: checks.len(),
        warnings: ignored,
        ..Linted::default()
    };
    for path in checks {
        let read = match read(&path) {
            Ok(read) => read,
            // The other files may be valid.
            Err(error) => {
                linted.problems.push(error.to_string());
                continue;
            }
        };
        match read {
            Err(errors) => linted
                .problems
                .extend(errors.iter().map(CheckError::to_string)),
            Ok(check) => {
                for example in &check.examples {
                    if let Err(error) = run_example(&check, example) {
                        let problem = format!(
                            "{}:{}: the example `{}` does not hold: {error}",
                            check.file, example.line, example.title
                        );
                        linted.problems.push(problem);
                    }
                }
                if BUILTIN
                    .iter()
                    .any(|(name, text)| *name == check.id && *text != check.markdown)
                {
                    let warning = format!(
                        "{}: there is a built-in check `{}`; --checks-dir accepts this one only under another id",
                        check.file, check.id
                    );
                    linted.warnings.push(warning);
                }
            }
        }
    }
    Ok(linted)
}
