//! Code signing configurations.

crate::table::table! {
    /// A code signing configuration.
    code_signing_configs, CodeSigningConfigRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// Its ARN.
        code_signing_config_arn: String as id,
        /// Warn or Enforce: what happens when a package without a valid signature is deployed.
        untrusted_artifact_on_deployment: String as word,
        /// The number of allowed signing profile versions.
        allowed_publisher_count: i64,
        /// When it was last changed, as AWS writes it.
        last_modified: Option<String> as word,
    }
    /// Code signing configurations and the functions that they are attached to.
    declares CODE_SIGNING per AccountRegion;
}
