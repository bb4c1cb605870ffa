//! Regions of each account.

crate::table::table! {
    /// A Region of one account.
    regions, RegionRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// ENABLED, ENABLED_BY_DEFAULT, DISABLED, ENABLING, DISABLING; ASSUMED if the list lacks
        /// the Region but the request names it; CONFLICTING if the list has different statuses,
        /// UNKNOWN if it has none. A Region whose status shows neither enabled nor disabled is not
        /// read.
        opt_status: String as word,
        /// Whether the scan was asked to read the Region.
        in_scope: bool,
    }
    /// Which Regions are enabled in the account.
    declares REGIONS per Account;
    subject "account-region" by region;
}
