//! Reserved concurrency.

crate::table::table! {
    /// A function's reserved concurrency, for each function whose details were read.
    concurrency, ConcurrencyRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN.
        function_arn: String as id,
        /// How many concurrent executions are reserved; absent if none are; 0 means that the
        /// function cannot run.
        reserved_concurrent_executions: Option<i64>,
    }
    rests_on FUNCTION_DETAILS;
    refers function_arn to functions.function_arn;
}
