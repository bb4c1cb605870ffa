//! Policies of IAM roles.

crate::table::table! {
    /// A policy of a role: attached, or inline.
    role_policies, RolePolicyRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// `managed` or `inline`.
        kind: String as word,
        /// The policy's name.
        policy_name: String,
        /// The policy's ARN, for managed ones.
        policy_arn: Option<String> as id,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
}
