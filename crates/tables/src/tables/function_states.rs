//! What only `lambda:GetFunction` returns about a function.

crate::table::table! {
    /// A function's state.
    function_states, FunctionStateRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN.
        function_arn: String as id,
        /// Pending, Active, Inactive, Failed.
        state: Option<String> as word,
        /// AWS's code for the reason of the state.
        state_reason_code: Option<String> as word,
        /// Successful, Failed, InProgress.
        last_update_status: Option<String> as word,
        /// The runtime version that it uses.
        runtime_version_arn: Option<String> as id,
        /// S3 or ECR.
        repository_type: Option<String> as word,
        /// For container images: the image with its digest.
        resolved_image_uri: Option<String>,
        /// The account whose registry the image comes from; absent for other packages.
        image_account_id: Option<String> as word,
        /// Whether that account is outside this organisation; absent without an image, and if that is
        /// unknown.
        image_outside: Option<bool>,
    }
    /// What only `lambda:GetFunction` returns: state, reserved concurrency.
    declares FUNCTION_DETAILS per function;
    refers function_arn to functions.function_arn;
}
