//! Domain types: account, Region, ARN, severity, outcome, scan. No I/O, no runtime, no data frames.

mod account;
mod arn;
mod nearest;
mod outcome;
mod region;
mod scan_id;
mod severity;
mod text;

pub use account::{AccountId, AccountIdError};
pub use arn::{Arn, ArnError};
pub use nearest::{edits, nearest};
pub use outcome::Outcome;
pub use region::{KNOWN_REGIONS, PARTITIONS, Region, RegionError, partition_of};
pub use scan_id::{ScanId, ScanIdError};
pub use severity::{Severity, Status};
pub use text::{acts_on_terminal, brief, printable};

/// A value that is not one of the allowed words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a valid {what}; use one of {allowed}")]
pub struct WordError {
    /// The kind of word that is expected (`severity`).
    pub what: &'static str,
    /// The value.
    pub value: String,
    /// The allowed words, comma-separated.
    pub allowed: String,
}

/// Declares an enum whose variants have one spelling each in files, tables, options and messages.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in tables, files and options.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::WordError;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|it| it.as_str() == value).ok_or_else(|| $crate::WordError {
                    what: $what,
                    value: value.to_owned(),
                    allowed: Self::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}
pub(crate) use words;
