//! IAM roles.

crate::table::table! {
    /// An IAM role.
    roles, RoleRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The role's name.
        role_name: String as id,
        /// Its path.
        path: String as id,
        /// Its unique id (`AROA…`).
        role_id: String as word,
        /// When it was created, RFC 3339 in UTC.
        created_at: Option<String> as word,
        /// When it was last used within AWS's tracking period, RFC 3339 in UTC.
        last_used_at: Option<String> as word,
        /// For how many days it has not been used on the scan's as-of date: since its last use within
        /// AWS's tracking period or, without one, since its creation; absent if neither is known.
        unused_days: Option<i64>,
        /// The Region in which it was last used.
        last_used_region: Option<String> as word,
        /// The ARN of its permissions boundary.
        permissions_boundary_arn: Option<String> as id,
        /// The number of attached managed policies.
        attached_policy_count: i64,
        /// The number of inline policies.
        inline_policy_count: i64,
        /// Whether its trust policy allows the Lambda service to assume it; absent if the trust
        /// policy could not be read.
        trusts_lambda: Option<bool>,
        /// The principals that its trust policy names, comma-separated.
        trusted_principals: String,
        /// The principals other than Lambda that may assume it, comma-separated; empty if there are
        /// none; absent if the trust policy could not be read.
        other_trusted_principals: Option<String>,
        /// Its privilege according to its policies, its permissions boundary and the organisation's
        /// service control policies: limited, near-administrator, administrator; unknown if one of
        /// its own policies could not be read and the others do not show more.
        privilege: String as word,
        /// The patterns of actions that an administrator is denied, comma-separated; it can grant
        /// them to itself, since it may write its own policies.
        excepted_actions: Option<String>,
        /// Why it has near-administrator access, comma-separated: all-but-some,
        /// all-under-conditions, full-iam, self-escalation.
        near_administrator_reasons: String as word,
        /// Its privilege escalation paths, by their ids in the catalogue of pathfinding.cloud,
        /// comma-separated; paths whose ids begin with lsw- are not in the catalogue.
        /// `role_escalations` shows where each leads.
        escalation_ids: String as word,
        /// The paths that depend on conditions that cannot be decided from policies alone.
        conditional_escalation_ids: String as word,
        /// The access levels that it is granted by action patterns, comma-separated.
        wildcard_action_levels: String as word,
        /// The access levels that it is granted on all resources although they could be limited,
        /// comma-separated.
        wildcard_resource_levels: String as word,
        /// A weight of what its wildcards cover, for sorting roles.
        wildcard_weight: i64,
        /// Why it may be allowed more than these rows show; absent if it is known not to be.
        unknown_allow_reason: Option<String>,
        /// Why it may be allowed less than these rows show; absent if it is known not to be.
        unknown_deny_reason: Option<String>,
        /// Why it may have more escalation paths than `role_escalations` shows; absent if it is
        /// known not to have more.
        more_paths_reason: Option<String>,
    }
    /// The account's IAM roles with their policies.
    declares ROLES per Account;
    subject "role" by role_arn where used;
}
