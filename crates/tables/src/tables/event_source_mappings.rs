//! Event source mappings.

crate::table::table! {
    /// An event source mapping: Lambda polls a queue, a stream or a topic and invokes the function
    /// with what it finds.
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
        /// The ARN of the queue, stream or cluster; absent for sources that have none, such as
        /// self-managed Kafka.
        event_source_arn: Option<String> as id,
        /// Creating, Enabling, Enabled, Disabling, Disabled, Updating, Deleting.
        state: Option<String> as word,
        /// Where records go that failed for good.
        on_failure_destination_arn: Option<String> as id,
        /// How old a record may become, in seconds; -1 for no limit.
        maximum_record_age_seconds: Option<i64>,
        /// How often a failed batch is tried again; -1 for no limit.
        maximum_retry_attempts: Option<i64>,
        /// The most records in one invocation.
        batch_size: Option<i64>,
        /// The customer managed KMS key for its filter criteria.
        kms_key_arn: Option<String> as id,
    }
    /// Event source mappings.
    declares EVENT_SOURCE_MAPPINGS per AccountRegion;
    refers function_arn to functions.function_arn;
}
