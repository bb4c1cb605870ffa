//! Whether something is granted (yes, no or unknown), and by which statement.

use crate::verdict::StatementRef;

/// A truth value; the order is that of certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    No,
    Unknown,
    Yes,
}

/// Whether something allows, and which statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) holds: Truth,
    pub(super) by: Option<StatementRef>,
}

impl Grant {
    pub(super) const NO: Self = Self {
        holds: Truth::No,
        by: None,
    };
    pub(super) const YES: Self = Self {
        holds: Truth::Yes,
        by: None,
    };

    /// The wider of two.
    pub(super) fn or(self, other: Self) -> Self {
        if other.holds > self.holds {
            other
        } else {
            self
        }
    }

    /// What is left of it where something else has to allow as well.
    pub(super) fn and(self, other: Self) -> Self {
        if other.holds < self.holds {
            Self {
                holds: other.holds,
                by: if other.holds == Truth::No {
                    None
                } else {
                    other.by.or(self.by)
                },
            }
        } else {
            self
        }
    }
}
