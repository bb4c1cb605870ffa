//! The progress of a scan, as figures for a progress display.

use std::sync::atomic::{AtomicU64, Ordering};

/// Figures of a running scan.
#[derive(Debug, Default)]
pub struct Progress {
    /// Accounts to read.
    pub accounts_total: AtomicU64,
    /// Accounts that were entered or could not be entered.
    pub accounts_done: AtomicU64,
    /// Account-Regions to read.
    pub regions_total: AtomicU64,
    /// Account-Regions read.
    pub regions_done: AtomicU64,
    /// Functions that the accounts report.
    pub functions_total: AtomicU64,
    /// Functions read.
    pub functions_done: AtomicU64,
}

impl Progress {
    pub(crate) fn add(counter: &AtomicU64, by: u64) {
        counter.fetch_add(by, Ordering::Relaxed);
    }

    /// The current value of a figure.
    pub fn get(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}
