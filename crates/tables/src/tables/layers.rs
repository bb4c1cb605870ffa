//! Layers that accounts publish.

crate::table::table! {
    /// A layer version that the account has published.
    layers, LayerRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The version's ARN.
        layer_version_arn: String as id,
        /// The layer's name.
        layer_name: String as id,
        /// The version's number.
        version: i64,
        /// When it was published, ISO 8601.
        created_at: Option<String> as word,
        /// Its description, as written by its owner.
        description: Option<String>,
        /// The compatible runtimes, comma-separated.
        compatible_runtimes: String as word,
        /// The compatible architectures, comma-separated.
        compatible_architectures: String as word,
        /// Its licence, as written by its owner.
        license: Option<String>,
        /// Who may use it according to its policy: none, account, accounts, organization, everyone,
        /// unknown.
        exposure: String as word,
        /// The reason.
        exposure_reason: String,
        /// Other accounts that it is shared with, comma-separated.
        accounts: String,
    }
    /// Layers that the account publishes, with the policies of their versions.
    declares LAYERS per AccountRegion;
    subject "published-layer" by layer_version_arn, policies LAYERS;
}
