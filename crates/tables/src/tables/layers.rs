//! Layers that accounts publish.

crate::table::table! {
    /// A version of a layer that the account has published.
    layers, LayerRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// The version's ARN.
        layer_version_arn: String,
        /// The layer's name.
        layer_name: String,
        /// The version's number.
        version: i64,
        /// When it was published, ISO 8601.
        created_at: Option<String>,
        /// What it is for, as its owner wrote it.
        description: Option<String>,
        /// The runtimes that it is made for, comma-separated.
        compatible_runtimes: String,
        /// The architectures that it is made for, comma-separated.
        compatible_architectures: String,
        /// Its licence, as its owner wrote it.
        license: Option<String>,
        /// Who may use it by its policy: none, account, accounts, organization, everyone, unknown.
        exposure: String,
        /// Why, in words.
        exposure_reason: String,
        /// Other accounts that it is shared with, comma-separated.
        accounts: String,
    }
}
