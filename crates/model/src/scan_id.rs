//! Scan ids.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of a scan. Ids made by [`ScanId::at`] sort by the second in which the scan started.
///
/// At most 64 letters, digits, `-` and `_`, so that it is safe as a file name and as a partition
/// value everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScanId(String);

/// The text is not a valid scan id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid scan id: use 1 to 64 letters, digits, `-` and `_`")]
pub struct ScanIdError(String);

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
        if fine {
            Ok(Self(value.to_owned()))
        } else {
            Err(ScanIdError(crate::printable(value)))
        }
    }
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
}
