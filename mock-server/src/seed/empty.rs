//! An empty world: no organisation until a client creates one, and every account exists on first
//! use.

use std::any::Any;

use super::{Place, Planted, Seed, fill, with_regions};
use crate::plan::{DEFAULT_REGIONS, OPT_IN_REGIONS};

/// An empty world.
#[derive(Debug, Clone, Copy, Default)]
pub struct Empty;

impl Seed for Empty {
    fn fill(&self, _: Place<'_>, store: &mut dyn Any) {
        let default = DEFAULT_REGIONS
            .iter()
            .map(|region| ((*region).to_owned(), "ENABLED_BY_DEFAULT"));
        let opt_in = OPT_IN_REGIONS
            .iter()
            .map(|region| ((*region).to_owned(), "DISABLED"));
        fill(store, || with_regions(default.chain(opt_in)));
    }

    fn truth(&self, _: &str) -> Vec<Planted> {
        Vec::new()
    }
}
