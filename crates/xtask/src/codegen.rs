//! Files that are generated from the folders and declarations that they list.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;

use crate::{check_pages, root, stems, subfolders};

/// Every generated file with what has to stand in it.
pub fn files() -> Vec<(PathBuf, String)> {
    let root = root();
    vec![
        (root.join("crates/tables/src/tables/mod.rs"), tables_mod()),
        (root.join("crates/tables/src/fact/list.rs"), facts()),
        (
            root.join("crates/collect/src/services/mod.rs"),
            services_mod(),
        ),
        (root.join("crates/checks/src/builtin.rs"), builtin_checks()),
        (root.join("crates/report/src/formats/mod.rs"), formats_mod()),
        (root.join("docs/tables.md"), tables_page()),
        (root.join("crates/aws/data/members.tsv"), members()),
        (
            root.join("mock-server/src/services/mod.rs"),
            mock_services(),
        ),
    ]
    .into_iter()
    .chain(check_pages::files())
    .collect()
}

/// The generated files that are not as they should be, or should not be there.
pub fn stale() -> Vec<PathBuf> {
    files()
        .into_iter()
        .filter(|(path, text)| std::fs::read_to_string(path).ok().as_ref() != Some(text))
        .map(|(path, _)| path)
        .chain(check_pages::left_over())
        .collect()
}

/// A table's declaration, read off its file.
#[derive(Default)]
pub(crate) struct Declared {
    module: String,
    name: String,
    pub(crate) row: String,
    doc: String,
    /// Name, type and meaning.
    columns: Vec<(String, String, String)>,
    /// The fact that the table introduces: its name in capitals, what it is read per, and what it
    /// is.
    pub(crate) fact: Option<(String, String, String)>,
    /// The other facts that it rests on, in capitals.
    rests_on: Vec<String>,
    /// The kind of resource that it lists, and the column that identifies one.
    subject: Option<(String, String)>,
    /// Columns, and the columns of other tables that they refer to.
    references: Vec<(String, String)>,
}

pub(crate) fn declared() -> Vec<Declared> {
    let folder = root().join("crates/tables/src/tables");
    stems(&folder, ".rs")
        .into_iter()
        .map(|module| {
            let text =
                std::fs::read_to_string(folder.join(format!("{module}.rs"))).unwrap_or_default();
            let mut table = Declared {
                module,
                ..Declared::default()
            };
            let mut doc = String::new();
            let declaration = text
                .lines()
                .skip_while(|line| !line.contains("table::table!"));
            for line in declaration.skip(1).map(str::trim) {
                match line.strip_prefix("/// ") {
                    Some(words) if doc.is_empty() => doc = words.to_owned(),
                    Some(words) => doc = format!("{doc} {words}"),
                    None => table.add(line, &mut doc),
                }
            }
            table
        })
        .collect()
}

impl Declared {
    /// Takes a line of the declaration in, with the doc comment before it.
    fn add(&mut self, line: &str, doc: &mut String) {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim_end_matches(';');
        let pair = |between: &str| {
            let (left, right) = rest.split_once(between)?;
            Some((left.trim_matches('"').to_owned(), right.to_owned()))
        };
        if self.name.is_empty() {
            if let Some((name, row)) = line.strip_suffix(" {").and_then(|it| it.split_once(", ")) {
                (self.name, self.row) = (name.to_owned(), row.to_owned());
                self.doc = std::mem::take(doc);
            }
        } else if first == "declares" {
            self.fact = pair(" per ").map(|(fact, grain)| (fact, grain, std::mem::take(doc)));
        } else if first == "rests_on" {
            self.rests_on = rest.split(", ").map(str::to_owned).collect();
        } else if first == "subject" {
            self.subject = pair(" by ").map(|(name, column)| {
                let column = column
                    .split_once(", ")
                    .map_or(&*column, |(column, _)| column);
                (name, column.to_owned())
            });
        } else if first == "refers" {
            self.references.extend(pair(" to "));
        } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(": ") {
            let kind = kind.split_once(" as ").map_or(kind, |(kind, _)| kind);
            self.columns
                .push((name.to_owned(), kind.to_owned(), std::mem::take(doc)));
        }
    }

    /// All facts that the table rests on, as checks name them.
    fn facts(&self) -> Vec<String> {
        let own = self.fact.iter().map(|(fact, _, _)| fact);
        own.chain(&self.rests_on)
            .map(|fact| fact.to_lowercase())
            .collect()
    }
}

/// The facts, in the order of their names.
fn facts() -> String {
    let mut out = "//! The facts that a scan can read. Generated by `cargo xtask codegen` from the declarations of\n//! the tables.\n\nuse super::{Fact, Grain};\n".to_owned();
    let mut declared: Vec<_> = declared().into_iter().filter_map(|it| it.fact).collect();
    declared.sort();
    for (fact, grain, doc) in &declared {
        let grain = match grain.as_str() {
            "Organization" | "Account" | "AccountRegion" => format!("Grain::{grain}"),
            subject => format!("Grain::Resource(\"{subject}\")"),
        };
        let name = fact.to_lowercase();
        let _ = write!(
            out,
            "\n/// {doc}\n#[rustfmt::skip]\npub const {fact}: Fact = Fact::new(\"{name}\", {grain});\n"
        );
    }
    out.push_str("\n/// Every fact, by name.\npub const ALL: &[Fact] = &[\n");
    for (fact, _, _) in &declared {
        let _ = writeln!(out, "    {fact},");
    }
    out.push_str("];\n");
    out
}

fn tables_mod() -> String {
    let tables = declared();
    let mut out = "//! The tables, a file each. Generated by `cargo xtask codegen` from the files of this folder.\n\n".to_owned();
    for table in &tables {
        let _ = writeln!(out, "mod {};", table.module);
    }
    out.push('\n');
    for table in &tables {
        let _ = writeln!(out, "pub use {}::{};", table.module, table.row);
    }
    out.push_str("\n/// Every table, by name.\npub const TABLES: &[&crate::Table] = &[\n");
    for table in &tables {
        let _ = writeln!(out, "    <{} as crate::Row>::TABLE,", table.row);
    }
    out.push_str("];\n");
    out
}

/// The services, a folder each: `service.rs` is the service itself, every other file a collector.
fn services_mod() -> String {
    let folder = root().join("crates/collect/src/services");
    let mut out = "//! The services that are read, a folder each, and in it a file for each collector. Generated by\n//! `cargo xtask codegen` from the files of this folder.\n\n".to_owned();
    let mut services: Vec<String> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok().filter(|entry| entry.path().is_dir())?;
            entry.file_name().into_string().ok()
        })
        .collect();
    services.sort();
    let mut collectors = String::new();
    for service in &services {
        let _ = writeln!(out, "pub(crate) mod {service} {{");
        for module in stems(&folder.join(service), ".rs") {
            let _ = writeln!(out, "    pub(crate) mod {module};");
            if module != "service" {
                let _ = writeln!(collectors, "    {service}::{module}::COLLECTOR,");
            }
        }
        out.push_str("}\n");
    }
    out.push_str("\n/// Every service.\npub const SERVICES: &[crate::ReadService] = &[\n");
    for service in &services {
        let _ = writeln!(out, "    {service}::service::SERVICE,");
    }
    let _ = write!(
        out,
        "];\n\n/// Every collector.\npub const COLLECTORS: &[crate::Collector] = &[\n{collectors}];\n"
    );
    out
}

fn formats_mod() -> String {
    let mut out = "//! The output formats, a file each. Generated by `cargo xtask codegen` from the files of this\n//! folder.\n\n".to_owned();
    let modules = stems(&root().join("crates/report/src/formats"), ".rs");
    for module in &modules {
        let _ = writeln!(out, "pub(crate) mod {module};");
    }
    out.push_str("\n/// Every format, by name.\n#[rustfmt::skip]\npub const FORMATS: &[&crate::Format] = &[\n");
    for module in &modules {
        let _ = writeln!(out, "    &{module}::FORMAT,");
    }
    out.push_str("];\n");
    out
}

/// The services of the mock: those with a model, and beside them the modules that they share.
fn mock_services() -> String {
    let folder = root().join("mock-server/src/services");
    let models = stems(&root().join("mock-server/models"), ".json");
    let mut modules = stems(&folder, ".rs");
    modules.extend(
        subfolders(&folder)
            .into_iter()
            .filter(|it| folder.join(it).join("mod.rs").exists()),
    );
    modules.sort();
    modules.dedup();
    let services: Vec<&String> = modules.iter().filter(|it| models.contains(it)).collect();
    let mut out = "//! The services, a module each. Generated by `cargo xtask codegen` from the modules of this folder\n//! that have a model in `models/`.\n\n".to_owned();
    for module in &modules {
        let visibility = if services.contains(&module) {
            "pub"
        } else {
            "pub(crate)"
        };
        let _ = writeln!(out, "{visibility} mod {module};");
    }
    let _ = write!(
        out,
        "\nuse crate::spec::Registered;\n\n/// Every service, sorted by name.\npub(crate) static SERVICES: [Registered; {}] = [\n",
        services.len()
    );
    for service in services {
        let line = format!(
            "    Registered::new(\"{service}\", include_str!(\"../../models/{service}.json\"), {service}::SERVICE),"
        );
        if line.len() <= 87 {
            let _ = writeln!(out, "{line}");
        } else {
            let _ = writeln!(
                out,
                "    Registered::new(\n        \"{service}\",\n        include_str!(\"../../models/{service}.json\"),\n        {service}::SERVICE,\n    ),"
            );
        }
    }
    out.push_str("];\n");
    out
}

fn builtin_checks() -> String {
    let mut out = "//! The built-in checks. Generated by `cargo xtask codegen` from the files of\n//! `crates/checks/checks`.\n\n".to_owned();
    out.push_str(
        "/// Name and text of each check.\n#[rustfmt::skip]\npub(crate) const BUILTIN: &[(&str, &str)] = &[\n",
    );
    for name in stems(&root().join("crates/checks/checks"), ".md") {
        let _ = writeln!(
            out,
            "    (\"{name}\", include_str!(\"../checks/{name}.md\")),"
        );
    }
    out.push_str("];\n");
    out
}

fn tables_page() -> String {
    let mut out = "# The tables\n\nGenerated by `cargo xtask codegen` from `crates/tables/src/tables`. A scan's rows are in `<table>/scan_id=<id>/part-0000.parquet`.\n".to_owned();
    for table in declared() {
        let _ = write!(out, "\n## {}\n\n{}\n", table.name, table.doc);
        let mut about = Vec::new();
        match table.facts().as_slice() {
            [] => {}
            facts => about.push(format!("facts: `{}`", facts.join("`, `"))),
        }
        if let Some((subject, column)) = &table.subject {
            let (column, used) = match column.strip_suffix(" where used") {
                Some(column) => (column, ", where rows of other facts refer to it"),
                None => (column.as_str(), ""),
            };
            about.push(format!("subject: `{subject}`, by `{column}`{used}"));
        }
        for (column, target) in &table.references {
            about.push(format!("`{column}` refers to `{target}`"));
        }
        if !about.is_empty() {
            let _ = write!(out, "\n- {}\n", about.join("\n- "));
        }
        out.push_str("\n| column | type | meaning |\n| --- | --- | --- |\n");
        for (name, kind, doc) in &table.columns {
            let (kind, optional) = kind
                .strip_prefix("Option<")
                .map_or((kind.as_str(), ""), |inner| {
                    (inner.trim_end_matches('>'), ", may be absent")
                });
            let kind = match kind {
                "i64" => "integer",
                "bool" => "boolean",
                _ => "text",
            };
            let _ = writeln!(out, "| `{name}` | {kind}{optional} | {doc} |");
        }
    }
    out
}

/// The members of every answer in JSON that can be read, with their types, from the services'
/// models. A time is a number or a text, as the service likes.
fn members() -> String {
    let mut out = String::new();
    let services = crate::subfolders(&root().join("crates/collect/src/services"));
    for service in services {
        let text =
            std::fs::read_to_string(root().join(format!("mock-server/models/{service}.json")))
                .unwrap_or_default();
        let model: Value = serde_json::from_str(&text).unwrap_or_default();
        // Source: "AWS JSON 1.0 protocol", Smithy: names for other protocols do not count there.
        let renames = match model["metadata"]["protocol"].as_str() {
            Some("rest-json") => true,
            Some("json") => false,
            _ => continue,
        };
        let operations = model["operations"].as_object().into_iter().flatten();
        for (operation, declared) in operations.filter(|(name, _)| {
            ["Describe", "Get", "List"]
                .iter()
                .any(|verb| name.starts_with(verb))
        }) {
            if let Some(shape) = declared["output"]["shape"].as_str() {
                let mut members = Members {
                    out: &mut out,
                    shapes: &model["shapes"],
                    operation: format!("{service}:{operation}"),
                    renames,
                    above: Vec::new(),
                };
                members.add(shape, "");
            }
        }
    }
    out
}

/// Lists the members of an operation's answer.
struct Members<'m, 'o> {
    out: &'o mut String,
    shapes: &'m Value,
    operation: String,
    /// Whether members may have other names in the answer than in the model.
    renames: bool,
    /// The shapes that the one in hand is in.
    above: Vec<&'m str>,
}

impl<'m> Members<'m, '_> {
    fn add(&mut self, shape: &'m str, path: &str) {
        let declared = &self.shapes[shape];
        let kind = match declared["type"].as_str().unwrap_or_default() {
            "structure" | "map" => "object",
            "list" => "list",
            "string" | "blob" => "text",
            "boolean" => "truth",
            "timestamp" => return,
            _ => "number",
        };
        if self.above.contains(&shape) {
            return;
        }
        if !path.is_empty() {
            let _ = writeln!(self.out, "{}\t{path}\t{kind}", self.operation);
        }
        self.above.push(shape);
        let below = |name: &str| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            }
        };
        // What stands in a header is no member of the answer.
        for (name, member) in declared["members"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, member)| member.get("location").is_none())
        {
            let renamed = member["locationName"].as_str().filter(|_| self.renames);
            let shape = member["shape"].as_str().unwrap_or_default();
            self.add(shape, &below(renamed.unwrap_or(name)));
        }
        if let Some(item) = declared["member"]["shape"].as_str() {
            self.add(item, &format!("{path}[]"));
        }
        if let Some(value) = declared["value"]["shape"].as_str() {
            self.add(value, &below("*"));
        }
        self.above.pop();
    }
}
