//! How far a scan is, as figures that a progress display can watch.

use std::sync::atomic::{AtomicU64, Ordering};

/// Figures of a running scan.
#[derive(Debug, Default)]
pub struct Progress {
    /// Accounts to read.
    pub accounts_total: AtomicU64,
    /// Accounts entered, or found closed.
    pub accounts_done: AtomicU64,
    /// Account-Regions to read.
    pub regions_total: AtomicU64,
    /// Account-Regions read.
    pub regions_done: AtomicU64,
    /// Functions that the accounts say they have.
    pub functions_total: AtomicU64,
    /// Functions read.
    pub functions_done: AtomicU64,
}

impl Progress {
    pub(crate) fn add(counter: &AtomicU64, by: u64) {
        counter.fetch_add(by, Ordering::Relaxed);
    }

    /// A figure's value now.
    pub fn get(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}
