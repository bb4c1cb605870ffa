//! Functions with a code signing configuration.

crate::table::table! {
    /// A function with a code signing configuration attached.
    code_signing_attachments, CodeSigningAttachmentRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN.
        function_arn: String as id,
        /// The configuration's ARN.
        code_signing_config_arn: String as id,
    }
    rests_on CODE_SIGNING;
    refers function_arn to functions.function_arn;
    refers code_signing_config_arn to code_signing_configs.code_signing_config_arn;
}
