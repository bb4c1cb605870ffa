//! Limits the work that the policies of one role can cause, whoever wrote them.

use std::cell::Cell;

/// The number of steps, of about a nanosecond each. Policies as many and as long as AWS accepts
/// stay within it unless they are made to be hard to compare; a test checks this.
const MOST: usize = 400_000_000;

/// What is left of the work allowed for one role. Work beyond it is not done, and the answer says
/// so.
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
