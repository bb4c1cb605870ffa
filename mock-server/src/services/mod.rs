//! The services: one module each, behaviour only. Protocols, validation and errors on the wire are the engine's.

use crate::call::Handler;

pub mod account;
pub mod iam;
pub mod lambda;
pub mod organizations;
pub mod sts;

/// Finds the handler of an operation; `service` is the SigV4 signing name.
pub fn handler(service: &str, operation: &str) -> Option<Handler> {
    match service {
        "account" => account::handler(operation),
        "iam" => iam::handler(operation),
        "lambda" => lambda::handler(operation),
        "organizations" => organizations::handler(operation),
        "sts" => sts::handler(operation),
        _ => None,
    }
}
