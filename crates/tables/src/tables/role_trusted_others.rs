//! Whom else than Lambda roles let in.

crate::table::table! {
    /// A principal other than Lambda that the trust policy of a role lets in.
    role_trusted_others, RoleTrustedOtherRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The principal; `everyone but …` for a NotPrincipal.
        principal: String,
        /// Of what kind it is: everyone, all-but, aws, federated, service, canonical-user.
        kind: String as word,
        /// Whether it is a principal of the role's own account.
        own_account: bool,
        /// Who gets in by it under the statement's conditions and after all Deny statements, in the
        /// words of `resource_policy_statements`.
        exposure: String as word,
        /// The other accounts, organisations and parts of organisations that get in by it,
        /// themselves or by an AWS service, comma-separated.
        named: String,
        /// Whether one of those is outside of this organisation; absent where the organisation
        /// could not be read.
        outside: Option<bool>,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
}
