//! Event source mappings.

crate::table::table! {
    /// An event source mapping: Lambda polls a queue, a stream or a topic and invokes the function
    /// with the records.
    event_source_mappings, EventSourceMappingRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// The version or alias that it invokes; empty for the function itself.
        qualifier: String as id,
        /// The mapping's id.
        uuid: String as word,
        /// The ARN of the queue, stream or cluster; absent for sources without an ARN, such as
        /// self-managed Kafka.
        event_source_arn: Option<String> as id,
        /// Creating, Enabling, Enabled, Disabling, Disabled, Updating, Deleting.
        state: Option<String> as word,
        /// The on-failure destination.
        on_failure_destination_arn: Option<String> as id,
        /// The maximum age of a record in seconds; -1 for no limit.
        maximum_record_age_seconds: Option<i64>,
        /// The maximum number of retries of a failed batch; -1 for no limit.
        maximum_retry_attempts: Option<i64>,
        /// The maximum number of records in one invocation.
        batch_size: Option<i64>,
        /// The customer managed KMS key for its filter criteria.
        kms_key_arn: Option<String> as id,
    }
    /// Event source mappings.
    declares EVENT_SOURCE_MAPPINGS per AccountRegion;
    refers function_arn to functions.function_arn;
}
