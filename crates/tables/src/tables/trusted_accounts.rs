//! Accounts that the configuration file of the scan trusts.

crate::table::table! {
    /// An account that the configuration file of the scan trusts with something.
    trusted_accounts, TrustedAccountRow {
        /// What it is trusted with: access (it may be given access to resources of the organisation
        /// and receive their events, and its keys may encrypt them), layers (it may publish layers
        /// that functions use), images (its registry may have images that functions run).
        trusted_with: String as word,
        /// The account's id.
        trusted_account_id: String as word,
    }
    /// The configuration file of the scan.
    declares CONFIGURATION per Organization;
}
