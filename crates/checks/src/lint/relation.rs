//! The names that are visible in a SELECT: the relations in its FROM, and their columns.

use lambdasweep_tables::{Kind, Table};
use sqlparser::ast::Ident;

/// A column of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The type, if known: NULL has none.
    pub(super) kind: Option<Kind>,
    /// Whether rows with the same value belong to the same account.
    pub(super) identifies_account: bool,
    /// Whether the value may be absent: rows without one belong to any account.
    pub(super) absent: bool,
}

/// A relation in a FROM, with its alias.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) alias: String,
    /// The table of the dataset; `None` for a CTE or a subquery.
    pub(super) table: Option<&'static Table>,
    pub(super) columns: Vec<Column>,
    /// Whether its rows belong to the organisation; these are always loaded, regardless of the
    /// accounts that are judged.
    pub(super) shared: bool,
}

/// Columns whose values belong to one account; `resource_arn` is the resource that has a policy, in
/// its owner's account. A layer, a key or a topic may be used by several accounts.
const OF_ONE_ACCOUNT: [&str; 4] = ["account_id", "function_arn", "resource_arn", "role_arn"];

/// The columns of a table.
pub(super) fn columns_of(table: &Table) -> Vec<Column> {
    let column = |it: &lambdasweep_tables::Column| Column {
        name: it.name.to_owned(),
        kind: Some(it.kind),
        identifies_account: OF_ONE_ACCOUNT.contains(&it.name),
        absent: it.nullable,
    };
    table.columns.iter().map(column).collect()
}

/// Finds a column by its name, qualified or not.
///
/// # Errors
/// A message, if there is none or the name is ambiguous.
pub(super) fn resolve<'a>(
    sources: &'a [Source],
    path: &[Ident],
) -> Result<(&'a Source, &'a Column), String> {
    let (source, name) = match path {
        [name] if sources.len() == 1 => (sources.first(), name),
        [name] => {
            let aliases: Vec<_> = sources.iter().map(|source| source.alias.as_str()).collect();
            return Err(format!(
                "qualify the column `{name}` is ({}), as in `f.{name}`",
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
            "`{shown}` is not a relation of this FROM; write columns as `alias.column`"
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
