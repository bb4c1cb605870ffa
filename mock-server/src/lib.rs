//! A mock of AWS, for tests: it speaks AWS's protocols over HTTP, keeps state per account and Region, and enforces quotas.

pub mod call;
pub mod seed;
pub mod services;
pub mod world;
