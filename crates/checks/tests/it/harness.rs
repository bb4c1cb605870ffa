//! Checks and tables for tests.

use lambdasweep_checks::{Frames, Registry};
use lambdasweep_tables::table;
use polars::prelude::{
    BooleanChunked, Column, DataFrame, IntoColumn, NamedFrom, NewChunkedArray, Series,
};

/// What a test's check is about; the rest of its file is the same for all.
pub(crate) struct Draft<'a> {
    pub(crate) id: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) facts: &'a str,
    pub(crate) severity: &'a str,
    /// Further lines of the front matter.
    pub(crate) more: &'a str,
    pub(crate) query: &'a str,
    pub(crate) examples: &'a str,
}

/// An example that holds for a check that passes whatever it sees, and for many others.
const EXAMPLE: &str = "## nothing\n\nexpect:\n\n| resource_arn |\n|---|\n";

impl Default for Draft<'_> {
    fn default() -> Self {
        Self {
            id: "mine",
            subject: "function",
            facts: "functions",
            severity: "low",
            more: "",
            query: "",
            examples: EXAMPLE,
        }
    }
}

impl Draft<'_> {
    /// The file. The query begins at line 16, or later by as many lines as `more` has.
    pub(crate) fn text(&self) -> String {
        let Self {
            id,
            subject,
            facts,
            severity,
            more,
            query,
            examples,
        } = self;
        format!(
            "---\nid: {id}\ntitle: A title\nseverity: {severity}\npractice: 1\nsubject: {subject}\nfacts: [{facts}]\n{more}---\n# Why it matters\n\nWords.\n\n\
             # Query\n\n```sql\n{query}\n```\n\n# How to fix\n\nWords.\n\n# Limits\n\nWords.\n\n# Examples\n\n{examples}\n# References\n\nWords.\n"
        )
    }
}

/// A folder with these files.
pub(crate) fn folder<'a>(files: impl IntoIterator<Item = (&'a str, String)>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A registry that has these checks besides the built-in ones.
pub(crate) fn registry(drafts: &[Draft<'_>]) -> Registry {
    let folder = folder([]);
    for draft in drafts {
        std::fs::write(folder.path().join(format!("{}.md", draft.id)), draft.text()).unwrap();
    }
    let mut registry = Registry::builtin().unwrap();
    registry.add_folder(folder.path()).unwrap();
    registry
}

/// A row: its cells by column; what it leaves out is empty.
pub(crate) type Cells = Vec<(&'static str, String)>;

/// Makes a frame of a table's rows.
pub(crate) fn frame(name: &str, rows: &[Cells]) -> DataFrame {
    let declared = table(name).unwrap();
    let cell = |row: &Cells, column: &str| {
        row.iter()
            .find(|(name, _)| *name == column)
            .map(|(_, cell)| cell.clone())
    };
    let columns: Vec<Column> = declared
        .columns
        .iter()
        .map(|column| {
            let name = column.name.into();
            match column.kind {
                lambdasweep_tables::Kind::Text => {
                    let cells: Vec<Option<String>> = rows
                        .iter()
                        .map(|row| {
                            cell(row, column.name).or_else(|| (!column.nullable).then(String::new))
                        })
                        .collect();
                    Series::new(name, cells).into_column()
                }
                lambdasweep_tables::Kind::Integer => {
                    Series::new(name, vec![0i64; rows.len()]).into_column()
                }
                lambdasweep_tables::Kind::Boolean => BooleanChunked::from_iter_values(
                    name,
                    rows.iter()
                        .map(|row| cell(row, column.name).is_some_and(|cell| cell == "true")),
                )
                .into_column(),
            }
        })
        .collect();
    DataFrame::new(rows.len(), columns).unwrap()
}

/// Puts tables in; of one that is named twice the parts follow each other.
pub(crate) fn fill(frames: &mut Frames, tables: &[(&'static str, Vec<Cells>)]) {
    for name in frames.needed() {
        let parts = tables
            .iter()
            .filter(|(table, _)| *table == name)
            .map(|(_, rows)| Ok(frame(name, rows)));
        frames.insert(name, parts).unwrap();
    }
}
