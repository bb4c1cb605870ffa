//! An empty world: no organisation until somebody creates one, and every account is there when it
//! is first used.

use super::{DEFAULT_REGIONS, OPT_IN_REGIONS, Planted, Seed};
use crate::services::{iam, lambda, organizations};

/// An empty world.
#[derive(Debug, Clone, Copy, Default)]
pub struct Empty;

impl Seed for Empty {
    fn organization(&self) -> organizations::store::Store {
        organizations::store::Store::default()
    }

    fn iam(&self, _: &str) -> iam::store::Store {
        iam::store::Store::default()
    }

    fn lambda(&self, _: &str, _: &str) -> lambda::store::Store {
        lambda::store::Store::default()
    }

    fn regions(&self, _: &str) -> Vec<(String, &'static str)> {
        let default = DEFAULT_REGIONS
            .iter()
            .map(|region| ((*region).to_owned(), "ENABLED_BY_DEFAULT"));
        default
            .chain(
                OPT_IN_REGIONS
                    .iter()
                    .map(|region| ((*region).to_owned(), "DISABLED")),
            )
            .collect()
    }

    fn truth(&self, _: &str) -> Vec<Planted> {
        Vec::new()
    }
}
