//! Table declarations: the name, the documented columns, and typed rows that are converted to a
//! data frame.

use polars::prelude::{
    Column as PolarsColumn, DataFrame, DataType, Field, IntoColumn, NamedFrom, PolarsError,
    PolarsResult, Schema, Series,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Fact;

/// A table of the dataset.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The name of the folder in the dataset and of the table in SQL.
    pub name: &'static str,
    /// What a row represents.
    pub doc: &'static str,
    /// The columns, in the order in which they are written; rows are sorted by them from the left.
    pub columns: &'static [Column],
    /// The facts that have to be read to fill the table. Empty for the engine's own tables:
    /// coverage, checks and findings.
    pub facts: &'static [Fact],
    /// The kind of resource that the table lists, if checks can judge such resources.
    pub subject: Option<Subject>,
    /// The columns that name rows of other tables.
    pub references: &'static [Reference],
    /// The column with the kind of resource that a row is about, if the table has rows for several
    /// kinds. The subject of a kind says which fact fills its rows: [`Subject::policies`].
    pub kinds: Option<&'static str>,
    /// Decodes rows of several units that [`crate::Batch`] encoded into a frame.
    pub(crate) decode: fn(&[crate::batch::Pieces]) -> Result<DataFrame, crate::TablesError>,
    /// Encodes the rows of a frame as [`crate::Batch`] does.
    pub(crate) encode: fn(&DataFrame) -> Result<Vec<u8>, crate::TablesError>,
}

/// A kind of resource that checks can judge, and the column that identifies one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The name of the kind: in a check's front matter, and as the resource type of a finding.
    pub name: &'static str,
    /// The column that identifies a resource.
    pub column: &'static str,
    /// Whether only resources that rows of other facts refer to are judged, whether the table has a
    /// row for them or not.
    pub in_use: bool,
    /// The fact that reads the resource-based policies of such resources, if they have any.
    pub policies: Option<Fact>,
}

/// A column that names rows of another table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The column. If its value is absent, the row refers to nothing.
    pub column: &'static str,
    /// The table that it refers to.
    pub table: &'static str,
    /// The column of that table with the same value.
    pub target: &'static str,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: &'static str,
    /// The type of its values.
    pub kind: Kind,
    /// Whether a value may be absent.
    pub nullable: bool,
    /// The form of the column's texts; only for text columns.
    pub form: Form,
    /// What the values mean.
    pub doc: &'static str,
}

/// The form of a column's texts, which decides how secrets are removed from them. A declaration
/// says `as id` or `as word` after the type; without it the column has text that anybody may have
/// written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Free text, or something that contains it: a name, a description, a reason, a document.
    Text,
    /// An ARN, an id, or a name in AWS's alphabet by which other rows refer to this one.
    Identifier,
    /// A fixed word of AWS or of the code: an enum, a date, a number, a hash, an account or a
    /// Region.
    Word,
}

/// The form of a declaration.
macro_rules! form {
    () => {
        $crate::Form::Text
    };
    (id) => {
        $crate::Form::Identifier
    };
    (word) => {
        $crate::Form::Word
    };
}
pub(crate) use form;

/// The subject of a declaration.
macro_rules! declared_subject {
    () => {
        None
    };
    ($name:literal $column:ident [$($used:ident)?] [$($policies:ident)?]) => {
        Some($crate::Subject {
            name: $name,
            column: stringify!($column),
            in_use: $crate::table::is_given!($($used)?),
            policies: $crate::table::optional!($($crate::facts::$policies)?),
        })
    };
}
pub(crate) use declared_subject;

/// Whether a declaration contains a word.
macro_rules! is_given {
    () => {
        false
    };
    ($word:ident) => {
        true
    };
}
pub(crate) use is_given;

/// The value of an optional part of a declaration.
macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}
pub(crate) use optional;

/// The types of columns. There are few, so that all engines read them in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// A signed 64-bit integer.
    Integer,
    /// True or false.
    Boolean,
}

impl Kind {
    /// The type in Polars.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::String,
            Self::Integer => DataType::Int64,
            Self::Boolean => DataType::Boolean,
        }
    }
}

impl Table {
    /// The schema in Polars.
    pub fn schema(&self) -> Schema {
        self.columns
            .iter()
            .map(|column| Field::new(column.name.into(), column.kind.data_type()))
            .collect()
    }

    /// A frame with the table's columns and no rows.
    pub fn empty(&self) -> DataFrame {
        DataFrame::empty_with_schema(&self.schema())
    }
}

/// A row of a table. Rows are ordered by their columns from the left.
pub trait Row: Serialize + DeserializeOwned + Ord + Send + Sync + 'static {
    /// The table that the row belongs to.
    const TABLE: &'static Table;

    /// A frame of these rows, in their order.
    ///
    /// # Errors
    /// Only if Polars cannot build the frame.
    fn frame(rows: &[Self]) -> Result<DataFrame, crate::TablesError>;

    /// The rows of a frame, in its order.
    ///
    /// # Errors
    /// If a column is missing, has another type, or lacks required values.
    fn rows(frame: &DataFrame) -> Result<Vec<Self>, crate::TablesError>;

    /// Visits every text of the row, with its column.
    fn visit_texts(&mut self, visit: &mut dyn FnMut(&Column, &mut String));
}

/// A Rust type for a column's values.
pub trait Cell {
    /// The column's type.
    const KIND: Kind;
    /// Whether a value may be absent.
    const NULLABLE: bool;

    /// The value, if it is text.
    fn text(&mut self) -> Option<&mut String>;

    /// A column of these values.
    fn column<'a>(name: &str, values: impl Iterator<Item = &'a Self>) -> PolarsColumn
    where
        Self: 'a;

    /// The values of a column.
    ///
    /// # Errors
    /// If the column has another type, or lacks required values.
    fn values(column: &PolarsColumn) -> PolarsResult<Vec<Self>>
    where
        Self: Sized;
}

fn present<T>(value: Option<T>) -> PolarsResult<T> {
    value.ok_or_else(|| PolarsError::NoData("a required value is missing".into()))
}

macro_rules! cell {
    ($type:ty, $kind:ident, $nullable:literal, $of:ty, $view:expr, $read:ident, $own:expr, $text:expr) => {
        impl Cell for $type {
            const KIND: Kind = Kind::$kind;
            const NULLABLE: bool = $nullable;

            fn text(&mut self) -> Option<&mut String> {
                $text(self)
            }

            fn column<'a>(name: &str, values: impl Iterator<Item = &'a Self>) -> PolarsColumn {
                Series::new(name.into(), values.map($view).collect::<Vec<$of>>()).into_column()
            }

            fn values(column: &PolarsColumn) -> PolarsResult<Vec<Self>> {
                column.$read()?.iter().map($own).collect()
            }
        }
    };
}

cell!(
    String,
    Text,
    false,
    &'a str,
    String::as_str,
    str,
    |value| present(value).map(str::to_owned),
    Some
);
cell!(
    Option<String>,
    Text,
    true,
    Option<&'a str>,
    Option::as_deref,
    str,
    |value| Ok(value.map(str::to_owned)),
    Option::as_mut
);
cell!(
    i64,
    Integer,
    false,
    i64,
    |value| *value,
    i64,
    present,
    |_| None
);
cell!(
    Option<i64>,
    Integer,
    true,
    Option<i64>,
    |value| *value,
    i64,
    Ok,
    |_| None
);
cell!(
    bool,
    Boolean,
    false,
    bool,
    |value| *value,
    bool,
    present,
    |_| None
);
cell!(
    Option<bool>,
    Boolean,
    true,
    Option<bool>,
    |value| *value,
    bool,
    Ok,
    |_| None
);

/// Declares a table: its row type with the schema and the conversion to a frame; then the fact that
/// it introduces, further facts that it depends on, the subject that it lists, and the columns that
/// refer to rows of other tables:
///
/// ```text
/// table! {
///     /// What a row is.
///     queues, QueueRow {
///         /// What a column means.
///         queue_arn: String as id,
///     }
///     /// What the fact is.
///     declares QUEUES per queue;
///     rests_on FUNCTIONS;
///     subject "queue" by queue_arn, policies QUEUES;
///     refers kms_key_arn to keys.key_arn;
/// }
/// ```
///
/// `where used` after a subject limits checks to resources that rows of other facts refer to, such
/// as the execution roles of functions. `policies` says which fact reads the resource-based
/// policies of such resources. A table with rows about several kinds of resources has `kinds` and
/// the column with the kind.
///
/// A fact is read per `Organization`, `Account`, `AccountRegion`, or per resource of a subject. The
/// constants of `crate::facts` are generated from these declarations.
macro_rules! table {
    ($(#[doc = $doc:literal])+ $name:ident, $row:ident { $($(#[doc = $cdoc:literal])+ $column:ident: $type:ty $(as $form:ident)?),+ $(,)? }
     $($(#[doc = $fdoc:literal])+ declares $declared:ident per $grain:ident;)?
     $(rests_on $($fact:ident),+;)?
     $(subject $subject:literal by $by:ident $(where $used:ident)? $(, policies $policies:ident)?;)?
     $(kinds $kinds:ident;)?
     $(refers $from:ident to $to:ident.$target:ident;)*) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub struct $row { $($(#[doc = $cdoc])+ pub $column: $type),+ }

        impl $crate::Row for $row {
            const TABLE: &'static $crate::Table = &$crate::Table {
                name: stringify!($name),
                doc: concat!($($doc),+),
                columns: &[$($crate::Column {
                    name: stringify!($column),
                    kind: <$type as $crate::table::Cell>::KIND,
                    nullable: <$type as $crate::table::Cell>::NULLABLE,
                    form: $crate::table::form!($($form)?),
                    doc: concat!($($cdoc),+),
                }),+],
                facts: &[$($crate::facts::$declared,)? $($($crate::facts::$fact),+)?],
                subject: $crate::table::declared_subject!($($subject $by [$($used)?] [$($policies)?])?),
                references: &[$($crate::Reference {
                    column: stringify!($from),
                    table: stringify!($to),
                    target: stringify!($target),
                }),*],
                kinds: $crate::table::optional!($(stringify!($kinds))?),
                decode: $crate::batch::decode::<$row>,
                encode: $crate::batch::encode::<$row>,
            };

            fn frame(rows: &[Self]) -> Result<polars::prelude::DataFrame, $crate::TablesError> {
                let columns = vec![$(<$type as $crate::table::Cell>::column(stringify!($column), rows.iter().map(|row| &row.$column))),+];
                Ok(polars::prelude::DataFrame::new(rows.len(), columns)?)
            }

            fn rows(frame: &polars::prelude::DataFrame) -> Result<Vec<Self>, $crate::TablesError> {
                $(let mut $column = <$type as $crate::table::Cell>::values(frame.column(stringify!($column))?)?.into_iter();)+
                Ok((0..frame.height()).map_while(|_| Some(Self { $($column: $column.next()?),+ })).collect())
            }

            fn visit_texts(&mut self, visit: &mut dyn FnMut(&$crate::Column, &mut String)) {
                let mut columns = Self::TABLE.columns.iter();
                $(if let (Some(column), Some(text)) = (columns.next(), $crate::table::Cell::text(&mut self.$column)) {
                    visit(column, text);
                })+
            }
        }
    };
}
pub(crate) use table;
