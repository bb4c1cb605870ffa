//! The checks that a scan can run: the built-in ones, and those of a user's folder.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::builtin::BUILTIN;
use crate::check::{Check, CheckError};
use crate::examples::run_example;
use crate::nearest::nearest;
use crate::parse::{MOST_BYTES, parse};

/// All checks, by id.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry {
    checks: Vec<Check>,
}

/// What is wrong with the checks that were asked for.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A check's file is wrong.
    #[error("{}", told(errors))]
    Check {
        /// All that is wrong with it, in the file's order.
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
    /// Two checks have one id.
    #[error("{file}: there is a check `{id}` already; give this one another id")]
    Duplicate {
        /// The file.
        file: String,
        /// The id.
        id: String,
    },
    /// There is no such check.
    #[error("there is no check `{id}`{}; `lambdasweep checks list` shows all", hint.as_ref().map_or_else(String::new, |hint| format!(" (did you mean {hint}?)")))]
    Unknown {
        /// What was asked for.
        id: String,
        /// The most similar one.
        hint: Option<String>,
    },
}

impl Registry {
    /// The built-in checks.
    ///
    /// # Errors
    /// Where one of them is wrong, which a test rules out.
    pub fn builtin() -> Result<Self, RegistryError> {
        let parsed = BUILTIN.iter().map(|(name, text)| parse(&format!("crates/checks/checks/{name}.md"), text));
        let mut checks = parsed.collect::<Result<Vec<_>, _>>().map_err(|errors| RegistryError::Check { errors })?;
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { checks })
    }

    /// Adds the checks of a folder.
    ///
    /// # Errors
    /// Where the folder cannot be read, or a check in it is wrong or has the id of another.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), RegistryError> {
        for path in files(folder)? {
            let check = read(&path)?.map_err(|errors| RegistryError::Check { errors })?;
            if self.checks.iter().any(|known| known.id == check.id) {
                return Err(RegistryError::Duplicate { file: check.file, id: check.id });
            }
            self.checks.push(check);
        }
        self.checks.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
    }

    /// All checks, by id.
    pub fn all(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter()
    }

    /// The check with an id.
    ///
    /// # Errors
    /// Where there is none.
    pub fn get(&self, id: &str) -> Result<&Check, RegistryError> {
        self.checks.iter().find(|check| check.id == id).ok_or_else(|| {
            let hint = nearest(id, self.all().map(|check| check.id.as_str()));
            RegistryError::Unknown { id: lambdasweep_model::printable(id), hint: hint.map(str::to_owned) }
        })
    }
}

/// The first thing that is wrong with a file, and whether there is more.
fn told(errors: &[CheckError]) -> String {
    match errors {
        [] => String::new(),
        [error] => error.to_string(),
        [error, rest @ ..] => format!("{error} (and {} more; `lambdasweep checks lint` with the folder shows all)", rest.len()),
    }
}

/// Reads a check's file, but not what is too large for one.
fn read(path: &Path) -> Result<Result<Check, Vec<CheckError>>, RegistryError> {
    let text = || {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let file = path.display().to_string();
    let bytes = text().map_err(|source| RegistryError::Folder { path: path.to_owned(), source })?;
    // Cut off in the middle of a letter or not: a file that is too large is refused for that.
    Ok(match String::from_utf8(bytes) {
        Err(error) if error.as_bytes().len() > MOST_BYTES => parse(&file, &" ".repeat(MOST_BYTES + 1)),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() as u64 + 1;
            Err(vec![CheckError::new(&file, line, "the file is not UTF-8 text")])
        }
        Ok(text) => parse(&file, &text),
    })
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, RegistryError> {
    let error = |source| RegistryError::Folder { path: folder.to_owned(), source };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).map_err(error)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(error)?;
    // A pipe or a device would be read for ever.
    files.retain(|path| {
        path.extension().is_some_and(|extension| extension == "md")
            && path.file_stem().is_some_and(|stem| stem != "README")
            && path.is_file()
    });
    files.sort();
    Ok(files)
}

/// Reads, lints and tries every check of a folder, and tells all that is wrong, each with its place.
///
/// # Errors
/// Where the folder cannot be read.
pub fn lint_dir(folder: &Path) -> Result<(usize, Vec<String>), RegistryError> {
    let (mut checked, mut problems) = (0, Vec::new());
    for path in files(folder)? {
        checked += 1;
        match read(&path)? {
            Err(errors) => problems.extend(errors.iter().map(CheckError::to_string)),
            Ok(check) => {
                for example in &check.examples {
                    if let Err(error) = run_example(&check, example) {
                        problems.push(format!("{}:{}: the example `{}` does not hold: {error}", check.file, example.line, example.title));
                    }
                }
            }
        }
    }
    Ok((checked, problems))
}
