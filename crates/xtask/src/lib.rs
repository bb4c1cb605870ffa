//! Checks of the repository: generated files, the dependencies between crates, and tidiness.

mod check_pages;
pub mod circles;
pub mod codegen;
pub mod edges;
pub mod rooms;
pub mod tidy;

use std::path::{Path, PathBuf};

/// The folder of the workspace. Cargo says it when it runs the program: a program that was built in
/// another folder may be run in this one.
pub fn root() -> PathBuf {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package)
        .ancestors()
        .nth(2)
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The folders of the workspace's packages.
pub(crate) fn packages() -> Vec<PathBuf> {
    let crates = root().join("crates");
    let mut packages: Vec<PathBuf> = subfolders(&crates)
        .into_iter()
        .map(|name| crates.join(name))
        .collect();
    packages.push(root().join("mock-server"));
    packages
}

/// The stems of the files in a folder with an ending, sorted; `mod` is left out.
pub(crate) fn stems(folder: &Path, ending: &str) -> Vec<String> {
    let mut stems: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .strip_suffix(ending)
                .map(str::to_owned)
        })
        .filter(|stem| stem != "mod")
        .collect();
    stems.sort();
    stems
}

/// The names of the folders in a folder, sorted.
pub(crate) fn subfolders(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}
