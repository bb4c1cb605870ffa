//! The REST protocols: inputs and outputs with members in the URL, in headers, in the status, or as
//! the whole body.

mod header;
mod request;
mod response;

pub(crate) use request::take;
pub(crate) use response::{headers, success};
