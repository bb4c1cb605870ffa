//! The domain's words: account, Region, ARN, severity, outcome, finding. No I/O.

mod region;

pub use region::partition_of;
