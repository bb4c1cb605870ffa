//! Statements of layers' policies.

crate::table::table! {
    /// A statement of the policy of a layer's version.
    layer_policy_statements, LayerPolicyStatementRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The version's ARN.
        layer_version_arn: String as id,
        /// Where the statement stands in the policy, from 0.
        statement_index: i64,
        /// The statement's id.
        sid: Option<String>,
        /// Allow or Deny.
        effect: String as word,
        /// The principals, comma-separated; `*` for everyone.
        principals: String,
        /// The actions, comma-separated; prefixed with `!` for NotAction.
        actions: String,
        /// The condition keys that the statement uses, comma-separated.
        condition_keys: String,
        /// Who the statement lets use the version: none, account, accounts, organization, everyone,
        /// unknown.
        exposure: String as word,
        /// Why, in words.
        exposure_reason: String,
    }
    rests_on LAYERS;
    refers layer_version_arn to layers.layer_version_arn;
}
