//! Settings of asynchronous invocation.

crate::table::table! {
    /// The asynchronous invocation settings of a function, a version or an alias.
    event_invoke_configs, EventInvokeConfigRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// The version or alias; `$LATEST` for the function itself.
        qualifier: String as id,
        /// How long an event may wait, in seconds.
        maximum_event_age_seconds: Option<i64>,
        /// How often a failed event is tried again.
        maximum_retry_attempts: Option<i64>,
        /// Where results go.
        on_success_destination_arn: Option<String> as id,
        /// Where events go that failed for good.
        on_failure_destination_arn: Option<String> as id,
    }
    /// Asynchronous invocation settings of the function and its qualifiers.
    declares EVENT_INVOKE_CONFIGS per function;
    refers function_arn to functions.function_arn;
}
