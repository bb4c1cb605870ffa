//! Policies of the organisation.

crate::table::table! {
    /// A service control or resource control policy of the organisation. Of a policy type that the
    /// root has not enabled nothing is read: it binds nobody.
    organization_policies, OrganizationPolicyRow {
        /// Its id (`p-…`).
        policy_id: String as id,
        /// Its name, as its owner wrote it.
        name: String,
        /// SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY.
        policy_type: String as word,
        /// Whether AWS made it.
        aws_managed: bool,
        /// What it is for, as its owner wrote it.
        description: Option<String>,
        /// To how many roots, organizational units and accounts it is attached; absent where that
        /// could not be read.
        target_count: Option<i64>,
        /// The document; secrets among the values of its conditions are replaced by `[redacted]`.
        /// Absent where the policy is attached to nothing, which is then not read, or where it
        /// could not be read.
        document: Option<String>,
        /// How many statements the document has; absent where it was not read or not understood.
        statement_count: Option<i64>,
        /// How many of them deny.
        deny_statement_count: Option<i64>,
        /// Why the document is not known, or what in it is not understood.
        problem: Option<String>,
    }
    /// The organisation's service control and resource control policies, and what they are attached
    /// to.
    declares ORGANIZATION_POLICIES per Organization;
}
