//! Reserved concurrency.

crate::table::table! {
    /// A function's reserved concurrency, for each function whose details were read.
    concurrency, ConcurrencyRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// The function's ARN.
        function_arn: String,
        /// How many executions are reserved; absent where none are; 0 means that the function cannot run.
        reserved_concurrent_executions: Option<i64>,
    }
}
