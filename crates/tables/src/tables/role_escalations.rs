//! Privilege escalation paths of roles.

crate::table::table! {
    /// A path by which a role can escalate its privileges, derived from the account's roles and
    /// functions. An administrator needs none, so there are no rows for administrators. A path that
    /// needs more permissions than another one with the same result is left out.
    /// `role_escalation_steps` has the individual steps.
    role_escalations, RoleEscalationRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The path's id in the catalogue of pathfinding.cloud.
        path_id: String as word,
        /// The path's name there: the actions that it uses.
        path_name: String,
        /// self-escalation, principal-access, new-passrole, existing-passrole.
        category: String as word,
        /// Whether it depends on conditions that cannot be decided from policies alone.
        conditional: bool,
        /// What it leads to: administrator, near-administrator or unknown for a role with more
        /// privilege, every-permission if the role becomes able to write its own policies, user if
        /// an IAM user is given permissions or taken over.
        reached: String as word,
        /// The role with more privilege that it leads to, if it leads to a role.
        target_role_arn: Option<String> as id,
        /// The shortest way, step by step: paths of the catalogue with the roles that they lead to
        /// and the statements that allow them.
        steps: String,
        /// The number of steps of that way.
        step_count: i64,
        /// Whether a step takes over a resource of a service that the scan does not read, such as
        /// an EC2 instance that may run as the role.
        presumed: bool,
        /// The number of different first steps by this path that lead to more privilege.
        ways: i64,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
    refers target_role_arn to roles.role_arn;
}
