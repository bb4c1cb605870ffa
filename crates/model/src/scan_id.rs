//! Scan ids.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of a scan. Ids made by [`ScanId::at`] sort by the second in which the scan started.
///
/// At most 64 letters, digits, `-` and `_`, so that it is safe as a file name; and nothing that an
/// engine would read as a number, a date or a special value where it finds it as a partition, since
/// engines guess types by the values that they see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScanId(String);

/// The text is not a valid scan id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanIdError {
    /// It is no name for a file.
    #[error("`{0}` is not a valid scan id: use 1 to 64 letters, digits, `-` and `_`")]
    Name(String),
    /// Engines that read the dataset would take it for something else than a text.
    #[error(
        "`{0}` is not a valid scan id: query engines would read it as a number, a date or a special value; add a word, as in scan-{0}"
    )]
    Value(String),
}

impl ScanId {
    /// An id for a scan that starts now: the UTC time in seconds, and a suffix that distinguishes
    /// scans started in the same second.
    pub fn at(now: jiff::Timestamp, suffix: u16) -> Self {
        Self(format!("{}-{suffix:04x}", now.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ScanId {
    type Err = ScanIdError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let fine = (1..=64).contains(&value.len())
            && value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !fine {
            Err(ScanIdError::Name(crate::printable(value)))
        } else if is_value(value) {
            Err(ScanIdError::Value(value.to_owned()))
        } else {
            Ok(Self(value.to_owned()))
        }
    }
}

/// Words that DuckDB, Spark, Hive or their clients read as values of another type. Tried with DuckDB
/// 2.0.1 and Spark 4.3.0; `true`, `false` and `null` are read so by readers of other formats.
const SPECIAL: [&str; 9] = [
    "__hive_default_partition__",
    "epoch",
    "false",
    "inf",
    "infinity",
    "nan",
    "none",
    "null",
    "true",
];

/// Whether engines may read a name as a value of another type than text.
fn is_value(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // Integers, dates of any form, and what is left of them.
    if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return true;
    }
    let unsigned = name.strip_prefix('-').unwrap_or(&name);
    if SPECIAL.contains(&unsigned) {
        return true;
    }
    let digits = unsigned.replace('_', "");
    let bases = [("0x", 16), ("0o", 8), ("0b", 2)];
    let in_base = bases.iter().any(|(prefix, base)| {
        let digits = digits.strip_prefix(prefix);
        digits.is_some_and(|digits| digits.chars().all(|digit| digit.is_digit(*base)))
    });
    // Java's numbers may end in a letter for their type.
    let number = digits.strip_suffix(['d', 'f', 'l']).unwrap_or(&digits);
    in_base
        || digits.starts_with(|first: char| first.is_ascii_digit()) && number.parse::<f64>().is_ok()
}

impl TryFrom<String> for ScanId {
    type Error = ScanIdError;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

impl From<ScanId> for String {
    fn from(value: ScanId) -> Self {
        value.0
    }
}

impl fmt::Display for ScanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ScanId;

    #[test]
    fn ids_sort_by_time_and_are_safe_names() {
        let early = ScanId::at(jiff::Timestamp::constant(1_700_000_000, 0), 0xffff);
        let late = ScanId::at(jiff::Timestamp::constant(1_700_000_001, 0), 0);
        assert!(early < late);
        assert_eq!(early.as_str().parse(), Ok(early.clone()));
        for bad in ["", "a/b", "..", "a b", "é"] {
            assert!(bad.parse::<ScanId>().is_err(), "{bad}");
        }
    }

    /// The first list is what DuckDB 2.0.1 and Spark 4.3.0 were seen to read as another type where a
    /// folder was named so, and what other readers may.
    #[test]
    fn ids_that_engines_read_as_something_else_are_refused() {
        for bad in [
            "123",
            "-5",
            "007",
            "1_000",
            "2026",
            "2026-11",
            "2026-11-28",
            "2026-1-2",
            "1-1-1",
            "44-03-15",
            "20261128",
            "1e5",
            "1E-5",
            "1e400",
            "1d",
            "1f",
            "12L",
            "1e5d",
            "0x1F",
            "0b11",
            "0o7",
            "true",
            "False",
            "NULL",
            "None",
            "NaN",
            "inf",
            "-inf",
            "Infinity",
            "epoch",
            "__HIVE_DEFAULT_PARTITION__",
            "-",
            "__",
        ] {
            let error = bad.parse::<ScanId>().expect_err(bad).to_string();
            assert_eq!(
                error,
                format!(
                    "`{bad}` is not a valid scan id: query engines would read it as a number, a date or a special value; add a word, as in scan-{bad}"
                )
            );
        }
        for good in [
            "a",
            "b",
            "s1",
            "e5",
            "bench",
            "scan-123",
            "2026-11-28-nightly",
            "20261124T101500Z-0001",
            "true-1",
            "none2",
            "0xfgh",
            "5f3a-b",
        ] {
            assert!(good.parse::<ScanId>().is_ok(), "{good}");
        }
    }
}
