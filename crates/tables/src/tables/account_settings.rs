//! Lambda's limits for an account in a Region.

crate::table::table! {
    /// An account's Lambda limits and use in a Region.
    account_settings, AccountSettingsRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// How many executions may run concurrently.
        concurrent_executions: Option<i64>,
        /// How many of them are unreserved.
        unreserved_concurrent_executions: Option<i64>,
        /// The maximum total size of code in bytes.
        total_code_size_limit_bytes: Option<i64>,
        /// The total size of its code in bytes.
        total_code_size_bytes: Option<i64>,
        /// The number of functions.
        function_count: Option<i64>,
    }
    /// The account's Lambda limits in the Region.
    declares ACCOUNT_SETTINGS per AccountRegion;
}
