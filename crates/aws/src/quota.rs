//! AWS's request quotas: token buckets, declared next to the operations that use them.

use std::cmp::Ordering;

/// A token bucket of AWS. There is one in every account and, except for global quotas, in every
/// Region. It is identified by its label.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    label: &'static str,
    calls_per_second: f64,
    is_global: bool,
    source: &'static str,
}

impl Quota {
    /// A quota per account and Region: its label, the calls per second that AWS allows, and the
    /// source of that figure.
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

    /// A quota per account, regardless of the Region.
    pub const fn global(label: &'static str, calls_per_second: f64, source: &'static str) -> Self {
        Self {
            is_global: true,
            ..Self::regional(label, calls_per_second, source)
        }
    }

    /// The label shown to users.
    pub const fn label(&self) -> &'static str {
        self.label
    }

    /// Calls per second that AWS allows.
    pub const fn calls_per_second(&self) -> f64 {
        self.calls_per_second
    }

    /// Whether it applies to the whole account, regardless of the Region.
    pub const fn is_global(&self) -> bool {
        self.is_global
    }

    /// The source of the figure.
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

/// All of STS; counts against the calling account.
pub const STS: Quota = Quota::regional("STS", 600.0, "AWS re:Post; AWS publishes no figure");
