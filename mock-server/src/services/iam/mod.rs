//! iam.

use crate::call::Handler;

pub mod store;

/// Finds an operation's handler.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    let _ = operation;
    None
}
