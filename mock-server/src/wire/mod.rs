//! AWS's protocols: a request becomes an operation's input, an answer becomes a response, each by the operation's shapes.

mod json;
mod query;
mod request;
mod response;
mod time;
mod validate;
mod xml;

pub(crate) use request::{Parsed, RawRequest, parse};
pub(crate) use response::{RawResponse, error, success};
pub(crate) use time::{iso8601, parse_iso8601};
pub(crate) use validate::validate;
