//! Rows for the tests of this crate.

use lambdasweep_tables::{Kind, Row};

/// A row with these texts; whatever else it has is empty.
pub(crate) fn row<R: Row>(texts: &[(&str, &str)]) -> R {
    let cells = R::TABLE.columns.iter().map(|column| {
        let given = texts.iter().find(|(name, _)| *name == column.name);
        let cell = match (given, column.kind) {
            (Some((_, text)), _) => serde_norway::Value::from(*text),
            (None, _) if column.nullable => serde_norway::Value::Null,
            (None, Kind::Text) => "".into(),
            (None, Kind::Integer) => 0.into(),
            (None, Kind::Boolean) => false.into(),
        };
        (column.name.into(), cell)
    });
    let cells: serde_norway::Mapping = cells.collect();
    serde_norway::from_value(cells.into()).expect("a row")
}
