//! What a service declares in addition to its client and its quotas.

/// A service that is read.
#[derive(Debug, Clone, Copy)]
pub struct ReadService {
    /// The service in the names of its operations (`lambda` in `lambda:ListFunctions`).
    pub name: &'static str,
    /// The id under which a custom endpoint is configured (`Lambda`).
    pub endpoint_id: &'static str,
    /// Statements that its sessions need in addition to the one that allows its operations, as
    /// JSON.
    pub statements: &'static [&'static str],
}

/// The ids under which endpoints of the services that are read are configured.
pub fn endpoint_ids() -> Vec<&'static str> {
    let services = crate::services::SERVICES.iter();
    services.map(|service| service.endpoint_id).collect()
}
