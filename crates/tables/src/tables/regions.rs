//! Regions of each account.

crate::table::table! {
    /// A Region as one account sees it.
    regions, RegionRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// ENABLED, ENABLED_BY_DEFAULT, DISABLED, ENABLING, DISABLING; ASSUMED where the list lacks
        /// the Region and the request named it; CONFLICTING where the list tells different
        /// statuses, UNKNOWN where it tells none. A Region with a status of which neither is known
        /// is not read.
        opt_status: String as word,
        /// Whether the scan was asked to read the Region.
        in_scope: bool,
    }
    /// Which Regions are enabled in the account.
    declares REGIONS per Account;
    subject "account-region" by region;
}
