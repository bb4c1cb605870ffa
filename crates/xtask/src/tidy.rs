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
    let mut problems = unknown_names(&root, &files);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let shown = shown(&root, &path);
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

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The names of source files in documents that no file of the code has.
fn unknown_names(root: &Path, code: &[PathBuf]) -> Vec<String> {
    let mut documents = Vec::new();
    for folder in ["docs", "testdata", "crates", "mock-server", "scripts"] {
        collect_with(&root.join(folder), "md", &mut documents);
    }
    documents
        .extend(["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"].map(|name| root.join(name)));
    let mut problems = Vec::new();
    for path in documents {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let quoted = text.split('`').skip(1).step_by(2);
        let names = quoted.filter(|name| name.ends_with(".rs") && !name.contains(['<', '*', ' ']));
        for name in names.filter(|name| !code.iter().any(|file| file.ends_with(name))) {
            problems.push(format!("{}: there is no file `{name}`", shown(root, &path)));
        }
    }
    problems
}

pub(crate) fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    collect_with(folder, "rs", files);
}

fn collect_with(folder: &Path, wanted: &str, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
    {
        let path = entry.path();
        if path.is_dir() {
            collect_with(&path, wanted, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == wanted)
        {
            files.push(path);
        }
    }
    files.sort();
}
