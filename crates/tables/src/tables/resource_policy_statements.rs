//! Statements of resource-based policies.

crate::table::table! {
    /// A statement of a resource-based policy: of a function, its versions and aliases, of a layer
    /// version, and of other resources that have such policies.
    resource_policy_statements, ResourcePolicyStatementRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The kind of resource, as in `findings.resource_type`.
        resource_type: String as word,
        /// The resource's ARN; a function's without a qualifier.
        resource_arn: String as id,
        /// The version or alias of a function that the policy belongs to; empty for the function
        /// itself and for other resources.
        qualifier: String as id,
        /// The statement's position in the policy, from 0.
        statement_index: i64,
        /// The statement's id.
        sid: Option<String>,
        /// A key of the statement that does not depend on its position: its id, or a digest of its
        /// text if it has none or another statement has the same; with the qualifier and a slash
        /// before it if there is a qualifier.
        statement_key: String,
        /// Allow or Deny.
        effect: String as word,
        /// The principals, comma-separated; `*` for everyone.
        principals: String,
        /// The actions, comma-separated; prefixed with `!` for NotAction.
        actions: String,
        /// The condition keys that the statement uses, comma-separated.
        condition_keys: String,
        /// Who the statement gives access to, after all Deny statements: none, account, accounts,
        /// organization, service-bounded, service-any-source, everyone, unknown.
        exposure: String as word,
        /// The reason.
        exposure_reason: String,
        /// Who a function's statement allows to invoke it, with the same values as `exposure`; none
        /// for other resources.
        invoke_exposure: String as word,
        /// Who a function's statement allows to read or change the function, with the same values as
        /// `exposure`; none for other resources.
        control_exposure: String as word,
        /// The actions by which it does, as the statement has them, comma-separated; `*` for
        /// NotAction.
        control_actions: String,
        /// The access levels of these actions, comma-separated: list, read, tagging, write,
        /// permissions-management, unknown.
        control_levels: String as word,
        /// Other accounts, organisations and parts of organisations that the statement allows by
        /// name, directly or through an AWS service, comma-separated.
        named: String,
        /// Those of them that are outside this organisation; absent if the organisation could not
        /// be read.
        outside: Option<String>,
        /// How a function's statement allows everyone to invoke it, after all Deny statements:
        /// direct (everyone with an AWS account), url (only through a function URL; `function_urls`
        /// and `latent_exposures` show whether that is open), none, or unknown. Other resources:
        /// none.
        door: String as word,
        /// Who the whole policy gives access to, with the same values as `exposure`.
        policy_exposure: String as word,
        /// The service principal that a function's statement allows to invoke it, if it invokes
        /// asynchronously (s3.amazonaws.com, sns.amazonaws.com, …).
        async_service: Option<String>,
        /// The statement as JSON; condition values that are secrets, or that only the caller should
        /// know, are replaced by `[redacted]`.
        statement: String,
    }
    /// Resource-based policies of the function and of every alias and published version.
    declares RESOURCE_POLICIES per function;
    kinds resource_type;
}
