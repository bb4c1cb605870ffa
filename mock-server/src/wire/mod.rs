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

/// The maximum nesting depth of structures, lists and maps in bodies whose format has no limit of
/// its own. Models have a depth of up to a dozen.
const MOST_DEPTH: usize = 64;

/// The maximum number of values in a body. A value of one byte takes the mock about a hundred
/// bytes, and no operation that a scanner calls needs a tenth of this number.
const MOST_VALUES: usize = 1_000_000;
