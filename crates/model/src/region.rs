//! Regions and their partitions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The Regions known to this release, only for spelling suggestions: Regions that AWS opens later
/// work as well.
///
/// Source: botocore's `partitions.json`, 2026-11.
pub const KNOWN_REGIONS: &[&str] = &[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "eusc-de-east-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "eu-isoe-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
];

/// A Region's name, such as `eu-west-1`: the form is checked, not whether AWS has such a Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// The text is not a valid Region name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid AWS Region: names look like us-east-1 or eu-central-2")]
pub struct RegionError(String);

impl Region {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the Region is known to this release.
    pub fn is_known(&self) -> bool {
        KNOWN_REGIONS.contains(&self.as_str())
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = value.split('-').collect();
        let word =
            |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        let number = |part: &&str| {
            !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        match parts.split_last() {
            Some((last, words))
                if (2..=3).contains(&words.len()) && words.iter().all(word) && number(last) =>
            {
                Ok(Self(value.to_owned()))
            }
            _ => Err(RegionError(crate::printable(value))),
        }
    }
}

impl TryFrom<String> for Region {
    type Error = RegionError;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

impl From<Region> for String {
    fn from(value: Region) -> Self {
        value.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The partitions beside `aws`, each with how the names of its Regions begin.
pub const PARTITIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isob-", "aws-iso-b"),
    ("us-iso-", "aws-iso"),
    ("eusc-", "aws-eusc"),
];

/// The partition of a Region, from its name (the prefixes of botocore's `partitions.json`). Unknown
/// names belong to `aws`.
pub fn partition_of(region: &str) -> &'static str {
    PARTITIONS
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN_REGIONS, Region, partition_of};

    #[test]
    fn every_known_region_has_the_form() {
        for name in KNOWN_REGIONS {
            assert!(
                name.parse::<Region>().is_ok_and(|region| region.is_known()),
                "{name}"
            );
        }
        for bad in [
            "",
            "useast1",
            "us-east-",
            "US-EAST-1",
            "us-east-1a",
            "../etc-1",
            "us--1",
        ] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
        assert!(
            "mars-north-1"
                .parse::<Region>()
                .is_ok_and(|region| !region.is_known())
        );
    }

    #[test]
    fn partitions_follow_the_prefix() {
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(partition_of(region), partition);
        }
    }
}
