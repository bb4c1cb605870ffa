//! Environment variables: names and properties, never values.

crate::table::table! {
    /// An environment variable of a function's version. Its value is never stored.
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
        /// The rule that recognised the secret.
        secret_rule: Option<String> as word,
        /// What the rule looks for.
        secret_description: Option<String>,
        /// The confidence of the rule: high, medium or low.
        secret_confidence: Option<String> as word,
        /// The kind of value if it stands for a secret without containing it: secretsmanager, ssm,
        /// vault (stored there), kms, encrypted (not readable as it is), placeholder.
        reference: Option<String> as word,
        /// For a variable that makes the runtime load code, or send its traffic through a host: the
        /// kind of its value: layer (a path below /opt), package (below /var/task), runtime (another
        /// path of the image that AWS provides), temporary (below /tmp), other-path, aws-host,
        /// local-host, other-host, options (options that load nothing); absent for other variables.
        injection: Option<String> as word,
    }
    rests_on FUNCTIONS, VERSIONS;
    refers function_arn to functions.function_arn;
}
