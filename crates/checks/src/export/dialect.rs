//! What the engines say differently.

use std::fmt;

use lambdasweep_tables::Kind;

/// An engine's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// DuckDB.
    DuckDb,
    /// Spark SQL.
    Spark,
    /// Athena: queries in Trino's SQL, tables in Hive's.
    Athena,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::DuckDb, Self::Spark, Self::Athena];

    /// As it is written on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuckDb => "duckdb",
            Self::Spark => "spark",
            Self::Athena => "athena",
        }
    }

    /// A text in quotes.
    pub(super) fn text(self, text: &str) -> String {
        match self {
            Self::DuckDb | Self::Athena => format!("'{}'", text.replace('\'', "''")),
            // Spark before 4.0 reads '' as the end of one text and the begin of another, takes a
            // backslash for an escape, and replaces ${name} by a variable.
            Self::Spark => {
                let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
                format!("'{}'", escaped.replace("${", "$\\{"))
            }
        }
    }

    /// Texts in quotes, separated by commas.
    pub(super) fn texts<'t>(self, texts: impl IntoIterator<Item = &'t str>) -> String {
        let texts = texts.into_iter().map(|text| self.text(text));
        texts.collect::<Vec<_>>().join(", ")
    }

    /// The type of a text, for CAST.
    pub(super) const fn text_type(self) -> &'static str {
        match self {
            Self::DuckDb | Self::Athena => "VARCHAR",
            Self::Spark => "STRING",
        }
    }

    /// A text that is absent.
    pub(super) fn no_text(self) -> String {
        format!("CAST(NULL AS {})", self.text_type())
    }

    /// The type of a column, where a table is declared with its columns.
    pub(super) const fn column_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::DuckDb, Kind::Text) => "VARCHAR",
            (_, Kind::Text) => "STRING",
            (_, Kind::Integer) => "BIGINT",
            (_, Kind::Boolean) => "BOOLEAN",
        }
    }

    /// Sixteen hexadecimal digits that stand for some texts, as the engine makes them: the first of
    /// the SHA-256 of all texts, each followed by a zero byte.
    pub(super) fn digest(self, texts: &[&str]) -> String {
        let joined = |each: &dyn Fn(&str) -> String, zero: &str| {
            let parts: Vec<String> = texts
                .iter()
                .map(|text| format!("{} || {zero}", each(text)))
                .collect();
            parts.join(" || ")
        };
        match self {
            Self::DuckDb => {
                let whole = joined(&str::to_owned, "chr(0)");
                format!("substr(sha256({whole}), 1, 16)")
            }
            Self::Spark => {
                let whole = joined(&|text| format!("encode({text}, 'UTF-8')"), "X'00'");
                format!("substr(sha2({whole}, 256), 1, 16)")
            }
            Self::Athena => {
                let whole = joined(&|text| format!("to_utf8({text})"), "X'00'");
                format!("lower(substr(to_hex(sha256({whole})), 1, 16))")
            }
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The functions that queries use, each with its name in every dialect, in the order of
/// [`Dialect::ALL`]. They mean the same in all of them, over texts, 64-bit integers and booleans:
/// an absent argument is skipped by the aggregates and by COALESCE, texts are compared byte by
/// byte.
pub(super) const FUNCTIONS: [(&str, [&str; 3]); 8] = [
    ("COALESCE", ["COALESCE"; 3]),
    ("COUNT", ["COUNT"; 3]),
    ("LOWER", ["LOWER"; 3]),
    ("MAX", ["MAX"; 3]),
    ("MIN", ["MIN"; 3]),
    ("NULLIF", ["NULLIF"; 3]),
    ("SUM", ["SUM"; 3]),
    ("UPPER", ["UPPER"; 3]),
];

/// The name of a function in a dialect.
pub(super) fn function(name: &str, dialect: Dialect) -> Option<&'static str> {
    let known = FUNCTIONS
        .iter()
        .find(|(known, _)| name.eq_ignore_ascii_case(known));
    known.map(|(_, names)| names[dialect as usize])
}
