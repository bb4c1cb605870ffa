//! Permissions of roles.

crate::table::table! {
    /// A grant of a role: all grants of roles that Lambda may assume, and of other roles those that
    /// let them change or invoke functions. A grant is the part of an Allow in one of its policies that
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
        /// What its actions do beyond their access levels, comma-separated: decrypts, reads-data
        /// (objects, items, records, snapshots), reads-secrets (values of secrets and parameters),
        /// stops-trails (CloudTrail, GuardDuty), stops-recorders (other services that record or
        /// report), deletes-logs, assumes-roles, sends-callbacks and reads-executions (of durable
        /// executions), reads-configuration (environment variables of functions), publishes-layers,
        /// changes-functions (code or configuration of functions that exist),
        /// invokes-functions, writes-logs, creates-log-streams.
        capabilities: String as word,
        /// Those of them that it has on all resources, all of a service, or all of an account, without
        /// a condition that limits the resources further than to an account.
        unlimited_capabilities: String as word,
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
