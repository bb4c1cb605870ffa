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
        /// Where it was last used.
        last_used_region: Option<String> as word,
        /// The ARN of its permissions boundary.
        permissions_boundary_arn: Option<String> as id,
        /// How many managed policies are attached.
        attached_policy_count: i64,
        /// How many inline policies it has.
        inline_policy_count: i64,
        /// Whether its trust policy lets the Lambda service assume it; absent where the trust
        /// policy could not be read.
        trusts_lambda: Option<bool>,
        /// The principals that its trust policy names, comma-separated.
        trusted_principals: String,
        /// Who else than Lambda may assume it, comma-separated; empty where nobody; absent where
        /// the trust policy could not be read.
        other_trusted_principals: Option<String>,
        /// How much it may do by its policies, its permissions boundary and the organisation's
        /// service control policies: limited, near-administrator, administrator; unknown where one
        /// of its own policies could not be read and the others show no more.
        privilege: String as word,
        /// The patterns of actions that an administrator is not allowed, comma-separated: it may
        /// write its own policies, and so give them to itself.
        excepted_actions: Option<String>,
        /// Why it is near to an administrator, comma-separated: all-but-some, all-under-conditions,
        /// full-iam, self-escalation.
        near_administrator_reasons: String as word,
        /// The paths to more privilege that are open to it, by their ids in the catalogue of
        /// pathfinding.cloud, comma-separated; ids that begin with lsw- are of paths that it lacks.
        /// `role_escalations` tells where each leads.
        escalation_ids: String as word,
        /// The paths that are open under conditions that policies alone cannot tell.
        conditional_escalation_ids: String as word,
        /// The access levels of what it is granted by patterns of actions, comma-separated.
        wildcard_action_levels: String as word,
        /// The access levels of what it is granted on all resources though it could be granted on
        /// less, comma-separated.
        wildcard_resource_levels: String as word,
        /// How much its wildcards take in, to sort roles by.
        wildcard_weight: i64,
        /// Why it is not known whether more is allowed than these rows show; absent where that is known.
        unknown_allow_reason: Option<String>,
        /// Why it is not known whether less is allowed than these rows show; absent where that is known.
        unknown_deny_reason: Option<String>,
        /// Why there may be more paths to more privilege than `role_escalations` shows; absent where that
        /// is known.
        more_paths_reason: Option<String>,
    }
    /// The account's IAM roles with their policies.
    declares ROLES per Account;
    subject "role" by role_arn where used;
}
