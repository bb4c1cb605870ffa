//! Tidiness that no compiler checks.

use std::path::{Path, PathBuf};

/// The longest file of code that is no table of data.
const MOST_LINES: usize = 500;

/// What is untidy, each with its place.
pub fn problems() -> Vec<String> {
    let root = crate::root();
    let mut files = Vec::new();
    for folder in ["crates", "mock-server"] {
        collect(&root.join(folder), &mut files);
    }
    let mut problems = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let shown = path
            .strip_prefix(&root)
            .unwrap_or(&path)
            .display()
            .to_string();
        if !text.starts_with("//!") {
            problems.push(format!(
                "{shown}: a module begins with a sentence that says what it is for (`//!`)"
            ));
        }
        if text.lines().count() > MOST_LINES {
            problems.push(format!(
                "{shown}: {} lines; a file has one idea and {MOST_LINES} lines at the most",
                text.lines().count()
            ));
        }
        // Put together here, so that this file does not find itself.
        for word in [
            concat!("/ho", "me/"),
            concat!("/ro", "ot/"),
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
        ] {
            if text.contains(word) && !shown.contains("testdata") {
                problems.push(format!("{shown}: `{word}` is not allowed in code"));
            }
        }
    }
    problems
}

pub(crate) fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
    {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}
