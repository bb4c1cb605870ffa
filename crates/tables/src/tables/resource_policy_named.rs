//! Accounts and organisations that resource-based policies name.

crate::table::table! {
    /// Another account, an organisation or a part of one that a statement of a resource-based
    /// policy allows by name, directly or through an AWS service that calls on its behalf, after
    /// all Deny statements.
    resource_policy_named, ResourcePolicyNamedRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The kind of resource, as in `findings.resource_type`.
        resource_type: String as word,
        /// The resource's ARN; a function's without a qualifier.
        resource_arn: String as id,
        /// The statement, as in `resource_policy_statements.statement_key`.
        statement_key: String,
        /// The account's id, the organisation's id, or the path of a part of an organisation.
        named: String,
        /// Whether it has access only through an AWS service that calls on its behalf.
        by_service: bool,
        /// Whether it is outside this organisation; absent if the organisation could not be read.
        outside: Option<bool>,
        /// For what a function's statement allows it, comma-separated: invoke, url (InvokeFunctionUrl
        /// of a function URL with AuthType AWS_IAM), through-url (InvokeFunction on behalf of such a
        /// URL), control (reading or changing the function); empty for other resources.
        uses: String as word,
    }
    rests_on RESOURCE_POLICIES;
    kinds resource_type;
}
