//! Policies of the organisation.

crate::table::table! {
    /// A service control or resource control policy of the organisation. Policies of types that are
    /// not enabled in the root have no effect and are not read.
    organization_policies, OrganizationPolicyRow {
        /// Its id (`p-…`).
        policy_id: String as id,
        /// Its name, as written by its owner.
        name: String,
        /// SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY.
        policy_type: String as word,
        /// Whether it is AWS managed.
        aws_managed: bool,
        /// Its description, as written by its owner.
        description: Option<String>,
        /// The number of roots, organizational units and accounts that it is attached to; absent if
        /// that could not be read.
        target_count: Option<i64>,
        /// The document; secrets in the values of conditions are replaced by `[redacted]`. Absent
        /// if the policy is not attached to anything, since it is not read then, or if it could not
        /// be read.
        document: Option<String>,
        /// The number of statements; absent if the document was not read or cannot be parsed.
        statement_count: Option<i64>,
        /// The number of Deny statements.
        deny_statement_count: Option<i64>,
        /// Why the document is unknown, or what in it cannot be parsed.
        problem: Option<String>,
    }
    /// The organisation's service control and resource control policies, and what they are attached
    /// to.
    declares ORGANIZATION_POLICIES per Organization;
}
