//! How much work the policies of one role may make, whoever wrote them.

use std::cell::Cell;

/// So many steps, of about a nanosecond each. As many and as long policies as AWS accepts stay
/// within it, unless they are made to be hard to compare: a test holds it.
const MOST: usize = 400_000_000;

/// What is left of the work that one role may make. What is beyond it is not done, and the answer
/// says so.
#[derive(Debug)]
pub(crate) struct Effort(Cell<usize>);

impl Default for Effort {
    fn default() -> Self {
        Self(Cell::new(MOST))
    }
}

impl Effort {
    /// Takes some steps; `false` where they are too many. Nothing is left then.
    pub(crate) fn spend(&self, steps: usize) -> bool {
        let left = self.0.get().checked_sub(steps.max(1));
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}
