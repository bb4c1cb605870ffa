//! Asynchronous invocation settings.

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
        /// The maximum age of an event in seconds.
        maximum_event_age_seconds: Option<i64>,
        /// The maximum number of retries.
        maximum_retry_attempts: Option<i64>,
        /// The on-success destination.
        on_success_destination_arn: Option<String> as id,
        /// Whether that destination is in an account outside this organisation; absent without one,
        /// for a bucket, whose ARN names no account, and if it is unknown.
        on_success_outside: Option<bool>,
        /// The on-failure destination.
        on_failure_destination_arn: Option<String> as id,
        /// Likewise for the on-failure destination.
        on_failure_outside: Option<bool>,
    }
    /// Asynchronous invocation settings of the function, its versions and aliases.
    declares EVENT_INVOKE_CONFIGS per function;
    refers function_arn to functions.function_arn;
}
