//! What only `lambda:GetFunction` tells of a function.

crate::table::table! {
    /// A function's state.
    function_states, FunctionStateRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// The function's ARN.
        function_arn: String,
        /// Pending, Active, Inactive, Failed.
        state: Option<String>,
        /// AWS's code for why.
        state_reason_code: Option<String>,
        /// Successful, Failed, InProgress.
        last_update_status: Option<String>,
        /// The runtime version that it runs on.
        runtime_version_arn: Option<String>,
        /// S3 or ECR.
        repository_type: Option<String>,
        /// For container images: the image with its digest.
        resolved_image_uri: Option<String>,
    }
}
