//! Tests of several modules together.

mod enforce;
mod validate;
