//! IAM roles.

crate::table::table! {
    /// An IAM role.
    roles, RoleRow {
        /// The account.
        account_id: String,
        /// The role's ARN.
        role_arn: String,
        /// The role's name.
        role_name: String,
        /// Its path.
        path: String,
        /// Its unique id (`AROA…`).
        role_id: String,
        /// When it was created, RFC 3339 in UTC.
        created_at: Option<String>,
        /// When it was last used within AWS's tracking period, RFC 3339 in UTC.
        last_used_at: Option<String>,
        /// Where it was last used.
        last_used_region: Option<String>,
        /// The ARN of its permissions boundary.
        permissions_boundary_arn: Option<String>,
        /// How many managed policies are attached.
        attached_policy_count: i64,
        /// How many inline policies it has.
        inline_policy_count: i64,
        /// Whether its trust policy lets the Lambda service assume it; absent where the trust policy could not be read.
        trusts_lambda: Option<bool>,
        /// The principals that its trust policy names, comma-separated.
        trusted_principals: String,
    }
}
