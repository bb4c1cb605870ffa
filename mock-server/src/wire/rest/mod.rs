//! The REST protocols: parts of inputs and outputs that stand in the URL, in headers, in the status,
//! or make up the whole body.

mod header;
mod request;
mod response;

pub(crate) use request::take;
pub(crate) use response::{headers, success};
