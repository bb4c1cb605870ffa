//! Small helpers over columns of text.

use lambdasweep_tables::TablesError;
use polars::prelude::{
    Column, DataFrame, DataFrameJoinOps, IdxCa, IdxSize, IntoColumn, JoinArgs, JoinType,
    MaintainOrderJoin, NewChunkedArray, StringChunked,
};

/// A column of texts.
pub(crate) fn text<'f>(frame: &'f DataFrame, name: &str) -> Result<&'f StringChunked, TablesError> {
    Ok(frame.column(name)?.str()?)
}

/// The cells of a column; absent ones are empty.
pub(crate) fn cells(column: &StringChunked) -> Vec<&str> {
    column.iter().map(Option::unwrap_or_default).collect()
}

/// A column of these texts.
pub(crate) fn texts<T: AsRef<str>>(
    name: &str,
    values: impl IntoIterator<Item = T>,
) -> StringChunked {
    StringChunked::from_iter_values(name.into(), values.into_iter())
}

/// A column in which every row has the same text.
pub(crate) fn constant(name: &str, value: &str, rows: usize) -> StringChunked {
    use polars::prelude::ChunkFull;
    StringChunked::full(name.into(), value, rows)
}

/// Row numbers.
pub(crate) fn indices(rows: Vec<IdxSize>) -> IdxCa {
    IdxCa::from_vec("row".into(), rows)
}

/// A number of rows as Polars counts them. Frames are far smaller than its limit.
pub(crate) fn index(rows: usize) -> IdxSize {
    IdxSize::try_from(rows).unwrap_or(IdxSize::MAX)
}

/// A left join on the columns of these names; the order of `left` is kept, and the column `row` has
/// the row number in `left`.
pub(crate) fn left_join(
    left: &[Column],
    right: &DataFrame,
    on: &[&str],
) -> Result<DataFrame, TablesError> {
    let height = left.first().map_or(0, Column::len);
    let row = indices((0..index(height)).collect()).into_column();
    let left = DataFrame::new(height, left.iter().cloned().chain([row]).collect())?;
    let mut arguments = JoinArgs::new(JoinType::Left);
    arguments.maintain_order = MaintainOrderJoin::Left;
    Ok(left.join(right, on, on, arguments, None)?)
}

/// The first present text, row by row; `None` stands for a column without texts.
pub(crate) fn coalesced(
    first: Option<StringChunked>,
    second: Option<StringChunked>,
) -> Option<StringChunked> {
    match (first, second) {
        (Some(first), Some(second)) => Some(
            first
                .iter()
                .zip(second.iter())
                .map(|(first, second)| first.or(second))
                .collect(),
        ),
        (first, second) => first.or(second),
    }
}
