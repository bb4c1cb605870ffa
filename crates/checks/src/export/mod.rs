//! Writes the engine down as SQL, so that other engines answer the rows of the table `findings` from
//! the other tables of a dataset.
//!
//! Everything comes from the declarations that the engine goes by: [`crate::SubjectKind`], the grain
//! of facts, references between tables, and the front matter of checks. The statement has the steps
//! of the engine as CTEs: coverage ([`coverage`]), resources ([`subjects`]), gaps in the evidence
//! ([`evidence`]), the answers of the queries and their fold ([`answers`]).
//!
//! A query that fails, or that answers for what is not a resource of the scan, is reported by the
//! engine and makes its resources UNKNOWN. SQL has no such step: there such rows answer nothing.

mod answers;
mod coverage;
mod dialect;
mod evidence;
mod query;
mod statement;
mod subjects;
mod tables;

use crate::check::Check;
use statement::Statement;

pub use dialect::Dialect;
pub use tables::tables;

/// Where an engine finds the dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetPlace {
    /// The dataset's folder: a path, or an address such as `s3://bucket/lambda`.
    pub folder: String,
    /// The scan whose rows are read.
    pub scan_id: String,
    /// The schema or database that the tables are declared in.
    pub database: String,
}

/// Why a check cannot be exported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The query uses a function whose name in the dialect is not known.
    #[error("the query of {check} uses {function}, which export has no name for in {dialect}")]
    Function {
        /// The check.
        check: String,
        /// The function.
        function: String,
        /// The dialect.
        dialect: Dialect,
    },
    /// The query cannot be read, which the linter rules out.
    #[error("the query of {check} cannot be read: {problem}")]
    Query {
        /// The check.
        check: String,
        /// Why.
        problem: String,
    },
    /// The path holds what the engine takes for a pattern.
    #[error(
        "`{folder}` has one of *, ?, [ and ], which DuckDB takes for a pattern; rename the folder"
    )]
    Pattern {
        /// The dataset's folder.
        folder: String,
    },
}

/// One SELECT that answers the findings of these checks, with all columns of the table `findings`
/// and in no particular order. It reads the tables that [`tables`] declares.
///
/// # Errors
/// Where a query cannot be said in the dialect.
pub fn findings(
    checks: &[&Check],
    dialect: Dialect,
    place: &DatasetPlace,
) -> Result<String, ExportError> {
    let mut statement = Statement::new(checks, dialect);
    tables::rows(&mut statement, place);
    coverage::reads(&mut statement);
    let judged = evidence::judged(&mut statement);
    answers::answered(&mut statement)?;
    Ok(answers::findings(statement, &judged))
}

#[cfg(test)]
mod tests;
