//! Settings of asynchronous invocation.

crate::table::table! {
    /// The asynchronous invocation settings of a function, a version or an alias.
    event_invoke_configs, EventInvokeConfigRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// The function's ARN, without a qualifier.
        function_arn: String,
        /// The version or alias; `$LATEST` for the function itself.
        qualifier: String,
        /// How long an event may wait, in seconds.
        maximum_event_age_seconds: Option<i64>,
        /// How often a failed event is tried again.
        maximum_retry_attempts: Option<i64>,
        /// Where results go.
        on_success_destination_arn: Option<String>,
        /// Where events go that failed for good.
        on_failure_destination_arn: Option<String>,
    }
}
