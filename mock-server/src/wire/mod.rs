//! AWS's protocols: a request becomes an operation's input, an answer becomes a response, each by
//! the operation's shapes.

mod answer;
mod json;
mod query;
mod request;
mod response;
mod time;
mod unknown;
mod validate;
mod xml;

pub(crate) use answer::check_answer;
pub(crate) use query::parameter;
pub(crate) use request::{Parsed, RawRequest, parse};
pub(crate) use response::{RawResponse, Reply};
pub(crate) use time::{iso8601, parse_iso8601};
pub(crate) use unknown::{operation_of, refuse};
pub(crate) use validate::{Pattern, check_size, hash_set, validate};
