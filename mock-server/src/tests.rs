//! Tests of what several modules do together.

mod enforce;
mod validate;
