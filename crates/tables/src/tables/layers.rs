//! Layers that accounts publish.

crate::table::table! {
    /// A version of a layer that the account has published.
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
        /// What it is for, as its owner wrote it.
        description: Option<String>,
        /// The runtimes that it is made for, comma-separated.
        compatible_runtimes: String as word,
        /// The architectures that it is made for, comma-separated.
        compatible_architectures: String as word,
        /// Its licence, as its owner wrote it.
        license: Option<String>,
        /// Who may use it by its policy: none, account, accounts, organization, everyone, unknown.
        exposure: String as word,
        /// Why, in words.
        exposure_reason: String,
        /// Other accounts that it is shared with, comma-separated.
        accounts: String,
    }
    /// Layers that the account publishes, with the policies of their versions.
    declares LAYERS per AccountRegion;
    subject "published-layer" by layer_version_arn, policies LAYERS;
}
