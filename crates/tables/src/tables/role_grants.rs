//! What roles may do.

crate::table::table! {
    /// A grant of a role that Lambda may assume: what is left of an Allow of one of its policies
    /// within its permissions boundary and the organisation's service control policies, without
    /// what is denied. A grant may say more than the role may do, never less.
    role_grants, RoleGrantRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The service's prefix; `*` for every service.
        service: String,
        /// The action, or the pattern of actions.
        action: String,
        /// The patterns of actions that are taken out, comma-separated.
        except_actions: String,
        /// The highest access level among its actions: list, read, tagging, write,
        /// permissions-management, unknown.
        access_level: String as word,
        /// All access levels among its actions, comma-separated.
        access_levels: String as word,
        /// How wide its resources are: named, pattern, account, service, all-but, all.
        resource_scope: String as word,
        /// The resources, comma-separated.
        resources: String,
        /// The resources that are taken out, comma-separated.
        except_resources: String,
        /// The keys of the conditions under which it is granted, comma-separated.
        condition_keys: String,
        /// Whether a Deny takes out something that the exceptions do not tell.
        narrowed: bool,
        /// The policy that grants it: the ARN of a managed one, the name of an inline one.
        policy: String,
        /// Where the statement stands in that policy, from 0.
        statement_index: i64,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
}
