//! What policies of the organisation are attached to.

crate::table::table! {
    /// A place that a policy of the organisation is attached to.
    policy_targets, PolicyTargetRow {
        /// The policy's id (`p-…`).
        policy_id: String as id,
        /// The id of the root (`r-…`), organizational unit (`ou-…`) or account.
        target_id: String as id,
        /// ROOT, ORGANIZATIONAL_UNIT or ACCOUNT.
        target_type: String as word,
    }
    rests_on ORGANIZATION_POLICIES;
    refers policy_id to organization_policies.policy_id;
}
