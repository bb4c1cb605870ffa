//! Where events go that were handled asynchronously.

crate::table::table! {
    /// Where a function sends events of asynchronous invocations that failed, or the results of
    /// those that succeeded.
    failure_targets, FailureTargetRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// The qualifier that it is set for; `$LATEST` for the function itself.
        qualifier: String as id,
        /// dead-letter, on-failure or on-success.
        purpose: String as word,
        /// The target's ARN.
        target_arn: String as id,
        /// sqs, sns, lambda, events, s3 or other.
        target_service: String as word,
        /// The target, where it is an SQS queue.
        queue_arn: Option<String> as id,
        /// Whether its name is that of a FIFO queue or topic.
        fifo: bool,
        /// The role that sends.
        role_arn: String as id,
        /// Whether the role may send: allowed, denied, gone (the queue does not exist), unknown.
        send: String as word,
        /// Why, in words; unknown also where the role, the queue or the organisation's policies were not
        /// read.
        send_reason: String,
        /// Whether the key that encrypts the queue lets the role use it: none (no key needs a
        /// permission), denied (it is the AWS managed key of another account), unknown.
        key: String as word,
    }
    /// Where the account's functions send events that failed, and whether their roles may.
    declares FAILURE_TARGETS per Account;
    rests_on FUNCTIONS, EVENT_INVOKE_CONFIGS;
    refers function_arn to functions.function_arn;
    refers queue_arn to queues.queue_arn;
}
