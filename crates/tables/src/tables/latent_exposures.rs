//! Exposures that become public when their counterpart is added.

crate::table::table! {
    /// Something that gives everyone access as soon as its counterpart is added: a statement for
    /// function URLs without a matching URL, or a URL without authentication whose policy does not
    /// allow everyone both actions. What is open now is in `resource_policy_statements.door` and
    /// `function_urls.exposure`.
    latent_exposures, LatentExposureRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// The version or alias that the policy and the URL belong to; empty for the function
        /// itself.
        qualifier: String as id,
        /// The statement, as in `resource_policy_statements`; absent for a URL.
        statement_key: Option<String>,
        /// Whether it is a URL without authentication whose policy allows everyone one of the two
        /// actions.
        half_open: bool,
        /// The reason.
        reason: String,
    }
    rests_on FUNCTION_URLS, RESOURCE_POLICIES;
    refers function_arn to functions.function_arn;
}
