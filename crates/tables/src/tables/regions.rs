//! Regions of each account.

crate::table::table! {
    /// A Region as one account sees it.
    regions, RegionRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// ENABLED, ENABLED_BY_DEFAULT, DISABLED, ENABLING, DISABLING; ASSUMED where the list could not be read and the request named the Region.
        opt_status: String,
        /// Whether the scan was asked to read the Region.
        in_scope: bool,
    }
}
