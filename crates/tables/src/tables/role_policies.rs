//! Policies of IAM roles.

crate::table::table! {
    /// A policy of a role: attached, or inline.
    role_policies, RolePolicyRow {
        /// The account.
        account_id: String,
        /// The role's ARN.
        role_arn: String,
        /// `managed` or `inline`.
        kind: String,
        /// The policy's name.
        policy_name: String,
        /// The policy's ARN, for managed ones.
        policy_arn: Option<String>,
    }
}
