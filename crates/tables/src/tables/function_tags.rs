//! Tags of functions.

crate::table::table! {
    /// A tag of a function.
    function_tags, FunctionTagRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN.
        function_arn: String as id,
        /// The tag's key.
        key: String,
        /// The tag's value; a value that looks like a secret is replaced by `[redacted]`.
        value: String,
    }
    /// The functions' tags. A role may read a function without them.
    declares FUNCTION_TAGS per function;
    rests_on FUNCTION_DETAILS;
    refers function_arn to functions.function_arn;
}
