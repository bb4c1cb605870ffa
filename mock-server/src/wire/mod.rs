//! AWS's protocols: convert a request to an operation's input and an output to a response, by the
//! operation's shapes.

mod answer;
mod cbor;
#[cfg(test)]
mod conformance;
mod encoding;
mod error;
mod json;
mod protocol;
mod query;
mod request;
mod response;
mod rest;
mod scalar;
mod time;
mod unknown;
mod validate;
mod xml;

pub(crate) use crate::raw::RawRequest;
pub(crate) use answer::check_answer;
pub(crate) use query::parameter;
pub(crate) use request::{Parsed, parse};
pub(crate) use response::{RawResponse, Reply};
pub(crate) use time::{iso8601, parse_iso8601};
pub(crate) use unknown::{operation_of, refuse};
pub(crate) use validate::{Rules, check_size, hash_set, validate};
pub(crate) use xml::unescaped;

/// The deepest that structures, lists and maps may nest in bodies without bounds of their own.
/// Models go to a dozen.
const MOST_DEPTH: usize = 64;

/// The most values of a body. One of a byte takes the mock about a hundred, and no operation that
/// is called by a scanner takes a tenth of it.
const MOST_VALUES: usize = 1_000_000;
