//! What a query can name at a place: the relations in its FROM, and their columns.

use lambdasweep_tables::{Kind, Table};
use sqlparser::ast::Ident;

/// A column of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The type, where it is known: NULL has none.
    pub(super) kind: Option<Kind>,
    /// Whether rows with one value belong to one account.
    pub(super) tells_account: bool,
    /// Whether the value may be absent: rows without one belong to any account.
    pub(super) absent: bool,
}

/// A relation in a FROM, by the name that the query gives it.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) alias: String,
    /// The table of the dataset that it is; none for a CTE or a subquery.
    pub(super) table: Option<&'static Table>,
    pub(super) columns: Vec<Column>,
    /// Whether its rows are the organisation's, all of which are there whichever accounts are
    /// judged.
    pub(super) shared: bool,
}

/// Columns whose values no two accounts share; `resource_arn` is the resource that has a policy, in
/// its owner's account. A layer, a key or a topic may well be used by several.
const OF_ONE_ACCOUNT: [&str; 4] = ["account_id", "function_arn", "resource_arn", "role_arn"];

/// The columns of a table.
pub(super) fn columns_of(table: &Table) -> Vec<Column> {
    let column = |it: &lambdasweep_tables::Column| Column {
        name: it.name.to_owned(),
        kind: Some(it.kind),
        tells_account: OF_ONE_ACCOUNT.contains(&it.name),
        absent: it.nullable,
    };
    table.columns.iter().map(column).collect()
}

/// Finds a column by its name, qualified or not.
///
/// # Errors
/// In words, where there is none, or where it could be several.
pub(super) fn resolve<'a>(
    sources: &'a [Source],
    path: &[Ident],
) -> Result<(&'a Source, &'a Column), String> {
    let (source, name) = match path {
        [name] if sources.len() == 1 => (sources.first(), name),
        [name] => {
            let aliases: Vec<_> = sources.iter().map(|source| source.alias.as_str()).collect();
            return Err(format!(
                "say of which relation the column `{name}` is ({}), as in `f.{name}`",
                aliases.join(", ")
            ));
        }
        [alias, name] => (
            sources.iter().find(|source| source.alias == alias.value),
            name,
        ),
        _ => (None, path.last().ok_or("a column has a name")?),
    };
    let Some(source) = source else {
        let shown = path
            .iter()
            .map(|part| part.value.as_str())
            .collect::<Vec<_>>()
            .join(".");
        return Err(format!(
            "`{shown}` names no relation of this FROM; a column is written `alias.column`"
        ));
    };
    match source
        .columns
        .iter()
        .find(|column| column.name == name.value)
    {
        Some(column) => Ok((source, column)),
        None => {
            let what = source.table.map_or_else(
                || format!("`{}`", source.alias),
                |table| format!("the table {}", table.name),
            );
            let near = crate::nearest::nearest(
                &name.value,
                source.columns.iter().map(|column| column.name.as_str()),
            );
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            Err(format!("{what} has no column `{}`{hint}", name.value))
        }
    }
}
