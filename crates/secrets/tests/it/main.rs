//! What is a secret, what is none, and that redaction leaves none.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hostile;
mod labelled;
mod redaction;
mod samples;
