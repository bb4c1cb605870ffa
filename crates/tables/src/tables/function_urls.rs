//! Function URLs.

crate::table::table! {
    /// A function URL.
    function_urls, FunctionUrlRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// The alias that the URL belongs to; empty for the function itself.
        qualifier: String as id,
        /// The URL.
        function_url: String,
        /// NONE or AWS_IAM.
        auth_type: String as word,
        /// BUFFERED or RESPONSE_STREAM.
        invoke_mode: Option<String> as word,
        /// Whether CORS is configured.
        has_cors: bool,
        /// Whether CORS allows every origin; absent if CORS names no origins.
        cors_any_origin: Option<bool>,
        /// Whether CORS allows browsers to send credentials.
        cors_allow_credentials: Option<bool>,
        /// Who can call the URL, by its AuthType and policy together: everyone (with AWS_IAM,
        /// everyone with an AWS account), half (NONE, and everyone is allowed one of the two
        /// required actions), latent (NONE, and everyone is allowed neither), iam, or unknown.
        exposure: String as word,
        /// The reason.
        exposure_reason: String,
    }
    /// Function URLs of the function and its aliases.
    declares FUNCTION_URLS per function;
    refers function_arn to functions.function_arn;
}
