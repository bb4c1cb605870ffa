//! Circles between the top-level modules of a crate: modules form layers, so that each can be read
//! after those that it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The circles that still exist, by package folder. This list may only become shorter: a test fails
/// where a new module joins a circle, and where one listed here has left.
#[rustfmt::skip]
pub const KNOWN: &[(&str, &[&str])] = &[
    ("aws", &["caller, connection, credentials, environment, error, exchange, service, transport"]),
    ("cli", &["accounts_file, arguments, checks, explain, outputs, setup"]),
    ("collect", &["collector, configuration, context, gate, notes, references, service, services, statements", "groups, region"]),
    ("tables", &["batch, table"]),
];

/// For each crate the modules that use each other in a circle, comma-separated, each circle once;
/// only crates that have any.
pub fn found() -> BTreeMap<String, Vec<String>> {
    crate::packages()
        .iter()
        .filter_map(|package| {
            let circles = circles(&uses(&package.join("src")));
            let name = package.file_name()?.to_str()?.to_owned();
            (!circles.is_empty()).then_some((name, circles))
        })
        .collect()
}

/// The modules of a crate, each with the other modules whose names it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// Which top-level module uses which, from the paths that begin with `crate::` in its files. A name
/// that the crate's root re-exports counts as its module's. Tests and comments do not count.
fn uses(source: &Path) -> Uses {
    let mut files = Vec::new();
    crate::tidy::collect(source, &mut files);
    let module = |path: &Path| -> Option<String> {
        let first = path.strip_prefix(source).ok()?.iter().next()?.to_str()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        (!["lib", "main", "bin"].contains(&name)).then(|| name.to_owned())
    };
    let modules: BTreeSet<String> = files.iter().filter_map(|path| module(path)).collect();
    let exported = ["lib.rs", "main.rs"]
        .iter()
        .filter_map(|root| std::fs::read_to_string(source.join(root)).ok())
        .flat_map(|text| exports(&code_of(&text), &modules))
        .collect();
    let mut uses: Uses = modules
        .iter()
        .map(|name| (name.clone(), BTreeSet::new()))
        .collect();
    for path in &files {
        let Some(name) = module(path) else { continue };
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let used = used_names(&code_of(&text));
        let others = used
            .iter()
            .filter_map(|used| modules.get(used).or_else(|| BTreeMap::get(&exported, used)))
            .filter(|other| **other != name);
        uses.entry(name.clone())
            .or_default()
            .extend(others.cloned());
    }
    uses
}

/// A file's code without comments and without the tests at its end.
pub(crate) fn code_of(text: &str) -> String {
    let before_tests = match text.split_once("#[cfg(test)]\nmod tests {") {
        Some((code, _)) => code,
        None => text,
    };
    let lines = before_tests
        .lines()
        .map(|line| match line.split_once("//") {
            // Two slashes may belong to an address in a string; what stands before is kept either way.
            Some((code, _)) => code,
            None => line,
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// The names that the crate's root re-exports (`pub use module::{A, B as C};`), with their modules.
fn exports(root: &str, modules: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut exports = BTreeMap::new();
    for statement in root.split("use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let Some((module, names)) = statement.split_once("::") else {
            continue;
        };
        let module = module.trim_start_matches("crate::").trim();
        if !modules.contains(module) {
            continue;
        }
        for name in identifiers(names) {
            exports.insert(name.to_owned(), module.to_owned());
        }
    }
    exports
}

/// The first name after each `crate::`; of a group (`crate::{a, b::C}`) all names in it.
fn used_names(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(group) => {
                let group = group.split(';').next().unwrap_or_default();
                names.extend(identifiers(group).map(str::to_owned));
            }
            None => names.extend(identifiers(after).next().map(str::to_owned)),
        }
    }
    names
}

fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|name| !name.is_empty())
}

/// The groups of modules each of which can be reached from each other one.
fn circles(uses: &Uses) -> Vec<String> {
    let reached = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&str> = vec![from];
        while let Some(name) = next.pop() {
            for other in uses.get(name).into_iter().flatten() {
                if reached.insert(other.as_str()) {
                    next.push(other);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = uses
        .keys()
        .map(|name| (name.as_str(), reached(name)))
        .collect();
    let circle = |name: &str| -> Vec<&str> {
        let mutual = reached[name]
            .iter()
            .filter(|it| reached[*it].contains(name));
        mutual.copied().collect()
    };
    let circles: BTreeSet<String> = uses
        .keys()
        .map(|name| circle(name).join(", "))
        .filter(|circle| !circle.is_empty())
        .collect();
    circles.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{circles, code_of, exports, used_names};

    #[test]
    fn paths_in_code_count_and_those_in_comments_and_tests_do_not() {
        let text = "// crate::comment::A\nuse crate::a::B;\nuse crate::{c, d::E};\nfn f() -> \
                    crate::g::H {}\n#[cfg(test)]\nmod tests {\n    use crate::test::Only;\n}\n";
        let names = used_names(&code_of(text));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["E", "a", "c", "d", "g"]);
    }

    #[test]
    fn a_name_that_the_root_exports_belongs_to_its_module() {
        let modules: BTreeSet<String> = ["parse", "print"].map(str::to_owned).into();
        let exports = exports(
            "mod parse;\npub use parse::{Parsed, read};\nuse std::fmt;\n",
            &modules,
        );
        assert_eq!(exports.get("read").map(String::as_str), Some("parse"));
        assert_eq!(exports.len(), 2);
    }

    #[test]
    fn finds_circles_of_any_length() {
        let uses: BTreeMap<String, BTreeSet<String>> = [
            ("a", vec!["b"]),
            ("b", vec!["c"]),
            ("c", vec!["a", "d"]),
            ("d", vec![]),
            ("x", vec!["y", "a"]),
            ("y", vec!["x"]),
        ]
        .into_iter()
        .map(|(name, used)| {
            let used = used.into_iter().map(str::to_owned).collect();
            (name.to_owned(), used)
        })
        .collect();
        assert_eq!(circles(&uses), ["a, b, c", "x, y"]);
    }
}
