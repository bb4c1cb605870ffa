//! Ways in which a role can get itself more privilege.

crate::table::table! {
    /// A path by which a role can get itself more privilege, worked out of the account's roles and
    /// functions. An administrator needs none, so that there are no rows for one. A path that takes
    /// more permissions than another one that leads as far is left out. `role_escalation_steps` has
    /// the steps one by one.
    role_escalations, RoleEscalationRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The path's id in the catalogue of pathfinding.cloud.
        path_id: String as word,
        /// The path's name there: the actions that it takes.
        path_name: String,
        /// self-escalation, principal-access, new-passrole, existing-passrole.
        category: String as word,
        /// Whether it is open under conditions that policies alone cannot tell.
        conditional: bool,
        /// What it leads to: administrator, near-administrator or unknown for a role with more
        /// privilege, every-permission where the role ends up writing its own policies, user where
        /// an IAM user is given permissions or taken over.
        reached: String as word,
        /// The role with more privilege that it leads to; empty for the others.
        target_role_arn: Option<String> as id,
        /// The shortest way, step by step: paths of the catalogue with the roles that they give and
        /// the statements that allow them.
        steps: String,
        /// How many steps that way has.
        step_count: i64,
        /// Whether a step takes over a resource of a service that is not read, such as an instance
        /// that may run as the role.
        presumed: bool,
        /// How many first steps by this path lead to more privilege.
        ways: i64,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
    refers target_role_arn to roles.role_arn;
}
