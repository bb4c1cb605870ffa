//! How reading a fact ended.

crate::words! {
    /// How reading one fact of one unit or resource ended. Only [`Outcome::Ok`] counts as read.
    Outcome, "outcome" {
        /// Read in full.
        Ok = "ok",
        /// AWS refused: the caller lacks a permission, or the account cannot be entered.
        Denied = "denied",
        /// The service said that what was asked for is not there.
        NotFound = "not_found",
        /// The resource was deleted while the scan ran: there is nothing left to judge.
        Gone = "gone",
        /// AWS kept throttling until the attempts ran out.
        Throttled = "throttled",
        /// Any other failure: the network, a fault of the service, an answer that could not be
        /// read.
        Failed = "failed",
        /// The Region is not enabled in the account: there is nothing to read.
        RegionDisabled = "region_disabled",
        /// Left out on purpose: by the request's scope, or because the account is not active.
        Skipped = "skipped",
    }
}
