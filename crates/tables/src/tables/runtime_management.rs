//! How functions get runtime updates.

crate::table::table! {
    /// A function's runtime update mode.
    runtime_management, RuntimeManagementRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// The function's ARN.
        function_arn: String,
        /// Auto, FunctionUpdate or Manual.
        update_runtime_on: String,
        /// The runtime version that it is pinned to, for Manual.
        runtime_version_arn: Option<String>,
    }
}
