//! Queues that functions name.

crate::table::table! {
    /// A queue that a function names as its dead-letter queue or as a destination, in whichever
    /// account it is.
    queues, QueueRow {
        /// The account that owns it.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The queue's ARN.
        queue_arn: String as id,
        /// The queue's name.
        queue_name: String as id,
        /// Whether it is a FIFO queue.
        fifo: bool,
        /// The KMS key that encrypts it, as SQS names it: id, ARN or alias; AWS's own is
        /// `alias/aws/sqs`.
        kms_key_id: Option<String> as id,
        /// Whether SQS encrypts it with a key of its own.
        sqs_managed_sse: Option<bool>,
        /// Where messages go that were received too often.
        redrive_target_arn: Option<String> as id,
        /// For how many seconds messages are kept.
        message_retention_seconds: Option<i64>,
        /// Who may use it by its policy: none, account, accounts, organization, everyone, unknown.
        exposure: String as word,
        /// Why, in words.
        exposure_reason: String,
        /// Other accounts that may use it, comma-separated.
        accounts: String,
    }
    /// Queues that functions name, with their policies.
    declares QUEUES per queue;
    subject "queue" by queue_arn, policies QUEUES;
}
