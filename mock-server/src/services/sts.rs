//! sts.

use crate::call::Handler;

/// Finds an operation's handler.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    let _ = operation;
    None
}
