//! Lambda's limits of an account in a Region.

crate::table::table! {
    /// An account's Lambda limits and use in a Region.
    account_settings, AccountSettingsRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// How many executions may run at once.
        concurrent_executions: Option<i64>,
        /// How many of them no function has reserved.
        unreserved_concurrent_executions: Option<i64>,
        /// How many bytes of code the account may store.
        total_code_size_limit_bytes: Option<i64>,
        /// How many bytes of code it stores.
        total_code_size_bytes: Option<i64>,
        /// How many functions it has.
        function_count: Option<i64>,
    }
    /// The account's Lambda limits in the Region.
    declares ACCOUNT_SETTINGS per AccountRegion;
}
