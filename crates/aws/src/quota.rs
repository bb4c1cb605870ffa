//! AWS's quotas on calls: token buckets, declared where the operations are that draw from them.

use std::cmp::Ordering;

/// A token bucket of AWS. Each stands for itself in every account and, but for global ones, in every
/// Region. It is known by its label.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    label: &'static str,
    calls_per_second: f64,
    is_global: bool,
    source: &'static str,
}

impl Quota {
    /// A quota of an account in each Region: what to call it to a person, how many calls a second
    /// AWS allows, and where that figure is from.
    pub const fn regional(
        label: &'static str,
        calls_per_second: f64,
        source: &'static str,
    ) -> Self {
        Self {
            label,
            calls_per_second,
            is_global: false,
            source,
        }
    }

    /// A quota of an account, whatever the Region.
    pub const fn global(label: &'static str, calls_per_second: f64, source: &'static str) -> Self {
        Self {
            is_global: true,
            ..Self::regional(label, calls_per_second, source)
        }
    }

    /// What to call it to a person.
    pub const fn label(&self) -> &'static str {
        self.label
    }

    /// Calls a second that AWS allows.
    pub const fn calls_per_second(&self) -> f64 {
        self.calls_per_second
    }

    /// Whether it stands for the whole account, whatever the Region.
    pub const fn is_global(&self) -> bool {
        self.is_global
    }

    /// Where the figure is from.
    pub const fn source(&self) -> &'static str {
        self.source
    }
}

impl PartialEq for Quota {
    fn eq(&self, other: &Self) -> bool {
        self.label == other.label
    }
}

impl Eq for Quota {}

impl Ord for Quota {
    fn cmp(&self, other: &Self) -> Ordering {
        self.label.cmp(other.label)
    }
}

impl PartialOrd for Quota {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// All of STS, charged to the calling account.
pub const STS: Quota = Quota::regional("STS", 600.0, "AWS re:Post; AWS publishes no figure");
