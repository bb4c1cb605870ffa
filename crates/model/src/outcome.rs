//! The outcome of reading a fact.

crate::words! {
    /// The outcome of reading one fact of one unit or resource. Only [`Outcome::Ok`] counts as
    /// read.
    Outcome, "outcome" {
        /// Read completely.
        Ok = "ok",
        /// AWS denied access: the caller lacks a permission, or the account cannot be entered.
        Denied = "denied",
        /// The service reported that the requested resource does not exist.
        NotFound = "not_found",
        /// The resource was deleted while the scan ran, so there is nothing left to judge.
        Gone = "gone",
        /// AWS kept throttling until the scan gave up.
        Throttled = "throttled",
        /// Any other failure: the network, an error of the service, an invalid response.
        Failed = "failed",
        /// The Region is not enabled in the account, so there is nothing to read.
        RegionDisabled = "region_disabled",
        /// Skipped intentionally: by the request's scope, or because the account is not active.
        Skipped = "skipped",
    }
}
