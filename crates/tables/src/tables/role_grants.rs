//! Permissions of roles.

crate::table::table! {
    /// A grant of a role that Lambda may assume: the part of an Allow in one of its policies that
    /// its permissions boundary and the organisation's service control policies permit, without
    /// what is denied. A grant may contain more than the role may do, never less.
    role_grants, RoleGrantRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The service's prefix; `*` for every service.
        service: String,
        /// The action, or the pattern of actions.
        action: String,
        /// The patterns of excluded actions, comma-separated.
        except_actions: String,
        /// The highest access level among its actions: list, read, tagging, write,
        /// permissions-management, unknown.
        access_level: String as word,
        /// All access levels among its actions, comma-separated.
        access_levels: String as word,
        /// The access levels, comma-separated, of those of its actions that are granted on all
        /// resources, or all of their service, although a policy could limit them to some; empty if
        /// there are none, or if a condition limits the resources.
        unlimited_levels: String as word,
        /// The scope of its resources: named, pattern, account, service, all-but, all.
        resource_scope: String as word,
        /// The resources, comma-separated.
        resources: String,
        /// The excluded resources, comma-separated.
        except_resources: String,
        /// The condition keys of the grant, comma-separated.
        condition_keys: String,
        /// Whether a Deny excludes something that the exceptions do not contain.
        narrowed: bool,
        /// The policy that grants it: the ARN of a managed policy, or the name of an inline policy.
        policy: String,
        /// The statement's position in that policy, from 0.
        statement_index: i64,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
}
