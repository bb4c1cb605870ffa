//! Runtime update modes of functions.

crate::table::table! {
    /// A function's runtime update mode.
    runtime_management, RuntimeManagementRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN.
        function_arn: String as id,
        /// Auto, FunctionUpdate or Manual.
        update_runtime_on: String as word,
        /// The runtime version that it is pinned to, for Manual.
        runtime_version_arn: Option<String> as id,
    }
    /// Runtime update mode.
    declares RUNTIME_MANAGEMENT per function;
    refers function_arn to functions.function_arn;
}
