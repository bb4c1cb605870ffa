//! What the world holds before the first call: nothing, a file's organisation, or a generated one. Made lazily, store by store.

use crate::services::{iam, lambda, organizations};

/// The source of initial state. Each function is pure: the same arguments give the same store, at any time and in any order.
pub trait Seed: Send + Sync + std::fmt::Debug {
    /// The organisation: accounts, organizational units, policies.
    fn organization(&self) -> organizations::store::Store;
    /// One account's IAM state.
    fn iam(&self, account: &str) -> iam::store::Store;
    /// One account-Region's Lambda state.
    fn lambda(&self, account: &str, region: &str) -> lambda::store::Store;
    /// The opt-in status of each Region in an account, by AWS's names (`ENABLED`, `ENABLED_BY_DEFAULT`, `DISABLED`, …).
    fn regions(&self, account: &str) -> Vec<(String, &'static str)>;
}
