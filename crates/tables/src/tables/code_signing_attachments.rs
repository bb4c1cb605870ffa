//! Which functions a code signing configuration holds for.

crate::table::table! {
    /// A function with a code signing configuration attached.
    code_signing_attachments, CodeSigningAttachmentRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// The function's ARN.
        function_arn: String,
        /// The configuration's ARN.
        code_signing_config_arn: String,
    }
}
