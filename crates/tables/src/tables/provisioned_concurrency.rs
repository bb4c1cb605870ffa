//! Provisioned concurrency.

crate::table::table! {
    /// Provisioned concurrency of a version or an alias.
    provisioned_concurrency, ProvisionedConcurrencyRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without the qualifier.
        function_arn: String as id,
        /// The version or alias.
        qualifier: String as id,
        /// The requested number of execution environments.
        requested_executions: Option<i64>,
        /// The allocated number.
        allocated_executions: Option<i64>,
        /// The available number.
        available_executions: Option<i64>,
        /// IN_PROGRESS, READY, FAILED.
        status: Option<String> as word,
    }
    /// Provisioned concurrency of the function's versions and aliases.
    declares PROVISIONED_CONCURRENCY per function;
    refers function_arn to functions.function_arn;
}
