//! Environment variables: names and facts, never values.

crate::table::table! {
    /// An environment variable of a function's version. Its value is never kept.
    function_environment, FunctionEnvironmentRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// `$LATEST`, or the number of a published version.
        version: String as word,
        /// The variable's name.
        name: String,
        /// Whether the value looks like a secret.
        is_secret: bool,
        /// The rule that took the value for a secret.
        secret_rule: Option<String> as word,
        /// What the rule looks for, in words.
        secret_description: Option<String>,
        /// high, medium or low: how sure the rule is.
        secret_confidence: Option<String> as word,
        /// What the value is where it is no secret but stands for one: secretsmanager, ssm, vault
        /// (kept there), kms, encrypted (unreadable as it is), placeholder.
        reference: Option<String> as word,
    }
    rests_on FUNCTIONS, VERSIONS;
    refers function_arn to functions.function_arn;
}
