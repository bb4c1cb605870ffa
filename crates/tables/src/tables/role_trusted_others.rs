//! Principals other than Lambda that roles trust.

crate::table::table! {
    /// A principal other than Lambda that the trust policy of a role allows.
    role_trusted_others, RoleTrustedOtherRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The principal; `everyone but …` for a NotPrincipal.
        principal: String,
        /// The kind of principal: everyone, all-but, aws, federated, service, canonical-user.
        kind: String as word,
        /// Whether it is a principal of the role's own account.
        own_account: bool,
        /// Who can assume the role as this principal, under the statement's conditions and after
        /// all Deny statements, with the values of `resource_policy_statements.exposure`.
        exposure: String as word,
        /// The other accounts, organisations and parts of organisations that can assume the role as
        /// this principal, directly or through an AWS service, comma-separated.
        named: String,
        /// Whether one of them is outside this organisation; absent if the organisation could not
        /// be read.
        outside: Option<bool>,
        /// Whether it stands for Cognito identity pools, and the conditions let them give the role
        /// to users who did not sign in.
        guests: bool,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
}
