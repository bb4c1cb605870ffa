//! Whom else than Lambda roles let in.

crate::table::table! {
    /// A principal other than Lambda that the trust policy of a role lets in.
    role_trusted_others, RoleTrustedOtherRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The principal.
        principal: String,
    }
}
