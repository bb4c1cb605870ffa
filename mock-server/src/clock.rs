//! The current time.

use std::time::{SystemTime, UNIX_EPOCH};

/// The current time in seconds since the epoch.
pub(crate) fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}
