//! Tags of functions.

crate::table::table! {
    /// A tag of a function.
    function_tags, FunctionTagRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// The function's ARN.
        function_arn: String,
        /// The tag's key.
        key: String,
        /// The tag's value; a value that looks like a secret is replaced by `[redacted]`.
        value: String,
    }
}
